import { join, resolve } from 'node:path';

/**
 * Every setting of the server: the environment variable that carries it, what it means, its default and how it is read. This
 * file alone reads the environment; README's table is printed from `settings` (scripts/config-table.ts).
 */
export interface Setting<T> {
  readonly variable: string;
  readonly meaning: string;
  /** As one would write it in the environment; null where the value is absent or follows from other settings. */
  readonly fallback: string | null;
  /** What the table shows where `fallback` is null. */
  readonly shown?: string;
  /** Throws a TypeError whose message completes "PORT must be …". */
  readonly parse: (text: string) => T;
}

const setting = <T>(variable: string, meaning: string, fallback: string, parse: (text: string) => T): Setting<T> =>
  Object.freeze({ variable, meaning, fallback, parse });

const optional = <T>(variable: string, meaning: string, shown: string, parse: (text: string) => T): Setting<T | null> =>
  Object.freeze({ variable, meaning, fallback: null, shown, parse });

const KiB = 1024;
const MiB = 1024 * KiB;

export const settings = Object.freeze({
  port: setting('PORT', 'TCP port; 0 takes a free one', '8080', integer(0, 65_535)),
  host: setting('HOST', 'Address to listen on; 0.0.0.0 for every interface', '127.0.0.1', text),
  baseUrl: optional(
    'BASE_URL',
    'How clients reach the server, without `/fhir`; every link and `fullUrl` begins with it',
    '`http://HOST:PORT`',
    httpUrl,
  ),
  dataDir: setting(
    'DATA_DIR',
    'Where the embedded database, the demo and the keycode pepper live',
    './data',
    directory,
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    'PostgreSQL 15 or newer, `postgres://user:password@host/database` or `postgres:///database?host=/socket/directory`',
    'none: PostgreSQL 18 is started in `DATA_DIR`',
    databaseUrl,
  ),
  poolSize: setting('POOL_SIZE', 'Database connections of one process', '10', integer(1, 500)),
  statementTimeoutMs: setting(
    'STATEMENT_TIMEOUT_MS',
    'Longest that one database statement may run, in milliseconds',
    '5000',
    integer(100, 600_000),
  ),
  timeZone: setting('TIME_ZONE', 'IANA time zone in which a date without a time is a day', 'Asia/Tokyo', timeZone),
  updateCreate: setting(
    'UPDATE_CREATE',
    'Whether PUT may create a resource under an id that the client chose',
    'false',
    flag,
  ),
  maxBodyBytes: setting(
    'MAX_BODY_BYTES',
    'Largest request body, after decompression',
    String(16 * MiB),
    integer(KiB, 256 * MiB),
  ),
  maxBundleEntries: setting(
    'MAX_BUNDLE_ENTRIES',
    'Most entries of a batch or transaction',
    '1000',
    integer(1, 100_000),
  ),
  maxDepth: setting('MAX_DEPTH', 'Deepest nesting of a JSON body', '64', integer(8, 512)),
  maxCount: setting('MAX_COUNT', 'Largest page that `_count` may ask for', '1000', integer(1, 10_000)),
  tokenSeconds: setting(
    'TOKEN_SECONDS',
    'Life of an access token; SMART Backend Services allows 300 s',
    '300',
    integer(10, 300),
  ),
  keycodeSecretChars: setting(
    'KEYCODE_SECRET_CHARS',
    'Secret characters of a new keycode: 9 (45 bits) or 13 (65 bits)',
    '9',
    oneOf(9, 13),
  ),
  keycodePepperFile: optional(
    'KEYCODE_PEPPER_FILE',
    'Secret that keycodes are hashed with, kept outside the database; made on first use',
    '`DATA_DIR/keycode.pepper`',
    directory,
  ),
  trustDir: optional(
    'TRUST_DIR',
    'What signatures of letters are trusted by: `trust.json` and the certificates it names (docs/trust.md)',
    '`DATA_DIR/trust`',
    directory,
  ),
  language: setting(
    'LANG',
    'Language of what `tasuki trust` prints: Japanese where it begins with `ja`, else English',
    'en',
    language,
  ),
  logLevel: setting(
    'LOG_LEVEL',
    'Least level that is logged: debug, info, warn or error',
    'info',
    oneOf('debug', 'info', 'warn', 'error'),
  ),
});

type Settings = typeof settings;
type Read = { readonly [K in keyof Settings]: Settings[K] extends Setting<infer T> ? T : never };

/** The settings as read. `baseUrl` has no slash at its end. */
export type Config = Readonly<
  Omit<Read, 'baseUrl' | 'keycodePepperFile' | 'trustDir'> & {
    baseUrl: string;
    keycodePepperFile: string;
    trustDir: string;
    /** Whether BASE_URL was given; where it was not, the base URL follows the port that was taken. */
    baseUrlGiven: boolean;
  }
>;

/** A setting that cannot be used; its message names the variable, says what it must be, and never repeats a secret. */
export class ConfigError extends Error {}

/** Reads every setting. An empty variable counts as absent, as in a compose file. Throws ConfigError. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const entries = Object.entries(settings) as [string, Setting<unknown>][];
  const read = Object.fromEntries(entries.map(([name, one]) => [name, value(one, env)])) as unknown as Read;
  return Object.freeze({
    ...read,
    baseUrl: read.baseUrl ?? originOf(read.host, read.port),
    baseUrlGiven: read.baseUrl !== null,
    keycodePepperFile: read.keycodePepperFile ?? join(read.dataDir, 'keycode.pepper'),
    trustDir: read.trustDir ?? join(read.dataDir, 'trust'),
  });
}

/** The settings once the server listens: with PORT=0 the port, and with it the base URL, are known only then. */
export function listeningOn(config: Config, port: number): Config {
  return Object.freeze({
    ...config,
    port,
    baseUrl: config.baseUrlGiven ? config.baseUrl : originOf(config.host, port),
  });
}

function value<T>(one: Setting<T>, env: Readonly<Record<string, string | undefined>>): T | null {
  const given = env[one.variable]?.trim() || one.fallback;
  if (given === null) return null;
  try {
    return one.parse(given);
  } catch (error) {
    if (error instanceof TypeError) throw new ConfigError(`${one.variable} must be ${error.message}`);
    throw error;
  }
}

/** A server that listens everywhere, or on no name, is reached at home under the loopback address. */
function originOf(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}${port === 80 ? '' : `:${port}`}`;
}

function integer(least: number, most: number): (text: string) => number {
  return (given) => {
    const number = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new TypeError(`a whole number from ${least} to ${most}, not "${given}"`);
    return number;
  };
}

function oneOf<T extends string | number>(...values: readonly T[]): (text: string) => T {
  return (given) => {
    const found = values.find((one) => String(one) === given);
    if (found === undefined) throw new TypeError(`one of ${values.join(', ')}, not "${given}"`);
    return found;
  };
}

function flag(given: string): boolean {
  if (['true', '1', 'on', 'yes'].includes(given.toLowerCase())) return true;
  if (['false', '0', 'off', 'no'].includes(given.toLowerCase())) return false;
  throw new TypeError(`true or false, not "${given}"`);
}

function text(given: string): string {
  if (/\s/.test(given)) throw new TypeError(`a name or an address without blanks, not "${given}"`);
  return given;
}

function directory(given: string): string {
  if (given.includes('\0')) throw new TypeError('a path');
  return resolve(given);
}

function httpUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('an http or https URL');
  if (url.search || url.hash || url.username || url.password)
    throw new TypeError('a URL without user, query and fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function databaseUrl(given: string): string {
  if (!/^postgres(ql)?:\/\//.test(given)) throw new TypeError('a URL that begins with postgres:// or postgresql://');
  return given;
}

/** A POSIX locale such as `ja_JP.UTF-8`. */
function language(given: string): 'ja' | 'en' {
  return /^ja(?![a-z])/i.test(given) ? 'ja' : 'en';
}

function timeZone(given: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    throw new TypeError(`an IANA time zone such as Asia/Tokyo, not "${given}"`);
  }
}

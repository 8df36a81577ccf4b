import { join } from 'node:path';
import { adminSettings } from './config/admin.ts';
import { contractSettings } from './config/contract.ts';
import { erasureSettings } from './config/erasure.ts';
import { maintenanceSettings } from './config/maintenance.ts';
import { networkSettings } from './config/network.ts';
import { oauthSettings } from './config/oauth.ts';
import { databaseUrl, directory, flag, httpUrl, integer, language, oneOf, text, timeZone } from './config/parse.ts';
import { peopleSettings } from './config/people.ts';
import { optional, type Setting, setting } from './config/setting.ts';

export type { Subnet } from './config/parse.ts';
export type { Setting } from './config/setting.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * Every setting of the server: the environment variable that carries it, what it means, its default and how it is read. This
 * file alone reads the environment; README's table is printed from `settings` (scripts/config-table.ts).
 */
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
    'Where the embedded database, the demo and the secrets of keycodes and accounts live',
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
  ...contractSettings,
  ...erasureSettings,
  ...adminSettings,
  ...maintenanceSettings,
  ...networkSettings,
  ...oauthSettings,
  ...peopleSettings,
  auditAnchorFile: optional(
    'AUDIT_ANCHOR_FILE',
    'Where the chain of the audit is anchored outside of the database; best on a disk to which it can only be added (docs/audit.md)',
    '`DATA_DIR/audit-anchors.jsonl`',
    directory,
  ),
  auditRetention: setting(
    'AUDIT_RETENTION',
    'Years for which the audit is kept; whole months that are older are dropped; 0 keeps it for good',
    '5',
    integer(0, 100),
  ),
  accessReportNames: setting(
    'ACCESS_REPORT_NAMES',
    'Whether the access report for a patient names the people who acted, besides institution and role',
    'false',
    flag,
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
  Omit<Read, 'baseUrl' | 'keycodePepperFile' | 'identitySecretFile' | 'trustDir' | 'auditAnchorFile'> & {
    baseUrl: string;
    keycodePepperFile: string;
    identitySecretFile: string;
    trustDir: string;
    auditAnchorFile: string;
    /** Where the last known notices of the status page are kept. */
    statusFile: string;
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
  checkTogether(read);
  return Object.freeze({
    ...read,
    baseUrl: read.baseUrl ?? originOf(read.host, read.port, read.tlsCertFile !== null),
    baseUrlGiven: read.baseUrl !== null,
    identitySecretFile: read.identitySecretFile ?? join(read.dataDir, 'identity.secret'),
    keycodePepperFile: read.keycodePepperFile ?? join(read.dataDir, 'keycode.pepper'),
    statusFile: join(read.dataDir, 'status.json'),
    trustDir: read.trustDir ?? join(read.dataDir, 'trust'),
    auditAnchorFile: read.auditAnchorFile ?? join(read.dataDir, 'audit-anchors.jsonl'),
  });
}

/** The settings once the server listens: with PORT=0 the port, and with it the base URL, are known only then. */
export function listeningOn(config: Config, port: number): Config {
  return Object.freeze({
    ...config,
    port,
    baseUrl: config.baseUrlGiven ? config.baseUrl : originOf(config.host, port, config.tlsCertFile !== null),
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
function originOf(host: string, port: number, tls: boolean): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}${port === (tls ? 443 : 80) ? '' : `:${port}`}`;
}

/** What is no mistake by itself, but with the others. */
function checkTogether(read: Read): void {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile, tlsClientCrlFile, trustedProxies } = read;
  if ((tlsCertFile === null) !== (tlsKeyFile === null))
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE must be given together');
  if (tlsClientCaFile === null && (tlsClientCrlFile !== null || read.tlsClientCrlUrls.length > 0))
    throw new ConfigError('TLS_CLIENT_CA_FILE must be given where revocation lists are');
  if (read.proxyCertificateHeader === 'none') return;
  if (trustedProxies.length === 0)
    throw new ConfigError(
      'TRUSTED_PROXIES must be given where PROXY_CERTIFICATE_HEADER is: the header of anybody else is not believed',
    );
  if (tlsClientCaFile === null)
    throw new ConfigError(
      'TLS_CLIENT_CA_FILE must be given where PROXY_CERTIFICATE_HEADER is: the certificate is verified here too',
    );
}

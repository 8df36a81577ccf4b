import { parseArgs } from 'node:util';
import type { Language } from './language.ts';
import { UsageError } from './usage.ts';

/** Where the key is. */
export type KeyPlace =
  | { readonly kind: 'card'; readonly library: string; readonly token?: string }
  | { readonly kind: 'pkcs12'; readonly file: string };

/** How the letters are signed. */
export interface Signing {
  readonly key: KeyPlace;
  /** SHA-256 in hex. */
  readonly certificate?: string;
  /** A file; asked for without. */
  readonly secret?: string;
  readonly authority: { readonly url: string; readonly user?: string; readonly secret?: string };
  /** Files or addresses. */
  readonly crls: readonly string[];
  readonly reason?: string;
  readonly location?: string;
  /** A file or a folder. */
  readonly save?: string;
  /** Of the only letter that may be signed, in hex. */
  readonly sha256?: string;
}

export interface Options {
  /** `Type/id`. */
  readonly letters: readonly string[];
  readonly server: string;
  /** Files: one of them. */
  readonly access: { readonly client: string } | { readonly accessToken: string };
  /** Where to put the letters unsigned, or how to sign them. */
  readonly task: { readonly get: string } | Signing;
}

const TEXT = { type: 'string' } as const;

const KNOWN = {
  server: TEXT,
  client: TEXT,
  'access-token': TEXT,
  card: TEXT,
  token: TEXT,
  pkcs12: TEXT,
  certificate: TEXT,
  secret: TEXT,
  tsa: TEXT,
  'tsa-user': TEXT,
  'tsa-secret': TEXT,
  crl: { type: 'string', multiple: true },
  reason: TEXT,
  location: TEXT,
  get: TEXT,
  sha256: TEXT,
  save: TEXT,
  lang: TEXT,
  help: { type: 'boolean' },
} as const;

/** The language that is asked for, also where all else is wrong; Japanese without. */
export function languageOf(args: readonly string[]): Language {
  const { values } = parseArgs({ args: [...args], strict: false, options: { lang: TEXT } });
  return values.lang === 'en' ? 'en' : 'ja';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals: letters } = parse(args);
  if (values.help) return 'help';
  if (values.lang !== undefined && !/^(?:ja|en)$/.test(values.lang)) throw wrongValue('lang', 'ja | en');
  if (letters.length === 0)
    throw new UsageError({
      ja: '署名する文書（Task/… など）を指定してください。',
      en: 'Name the letter, such as Task/…',
    });
  const server = required(values, 'server');
  const given = { letters, server, access: oneOf(values, 'client', 'access-token') };
  const access = given.access.name === 'client' ? { client: given.access.value } : { accessToken: given.access.value };
  if (values.get !== undefined) return { letters, server, access, task: { get: values.get } };
  return { letters, server, access, task: signing(values, letters) };
}

type Values = ReturnType<typeof parse>['values'];

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: KNOWN });
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError({ ja: `オプションが正しくありません: ${message}`, en: message });
  }
}

function signing(values: Values, letters: readonly string[]): Signing {
  const { name, value } = oneOf(values, 'card', 'pkcs12');
  const key: KeyPlace =
    name === 'card'
      ? { kind: 'card', library: value, ...optional('token', values.token) }
      : { kind: 'pkcs12', file: value };
  if (values.sha256 !== undefined && letters.length > 1) throw wrongValue('sha256', 'Task/…');
  return {
    key,
    authority: {
      url: required(values, 'tsa'),
      ...optional('user', values['tsa-user']),
      ...optional('secret', values['tsa-secret']),
    },
    crls: values.crl ?? [],
    ...optional('certificate', hex(values, 'certificate')),
    ...optional('sha256', hex(values, 'sha256')),
    ...optional('secret', values.secret),
    ...optional('reason', values.reason),
    ...optional('location', values.location),
    ...optional('save', values.save),
  };
}

const optional = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [name in Name]?: string };

function required(values: Values, name: 'server' | 'tsa'): string {
  const value = values[name];
  if (value === undefined) throw new UsageError({ ja: `--${name} を指定してください。`, en: `--${name} is needed.` });
  return value;
}

function oneOf<A extends keyof Values, B extends keyof Values>(
  values: Values,
  first: A,
  second: B,
): { name: A | B; value: string } {
  const [a, b] = [values[first], values[second]];
  if ((a === undefined) === (b === undefined))
    throw new UsageError({
      ja: `--${first} または --${second} のどちらか一つを指定してください。`,
      en: `One of --${first} and --${second} is needed.`,
    });
  return a === undefined ? { name: second, value: String(b) } : { name: first, value: String(a) };
}

/** SHA-256 as people write it: with colons, in upper case. */
function hex(values: Values, name: 'certificate' | 'sha256'): string | undefined {
  const value = values[name]?.replaceAll(/[:\s]/g, '').toLowerCase();
  if (value !== undefined && !/^[0-9a-f]{64}$/.test(value)) throw wrongValue(name, 'SHA-256 (64 × 0-9 a-f)');
  return value;
}

const wrongValue = (name: string, expected: string): UsageError =>
  new UsageError({ ja: `--${name} の値が正しくありません: ${expected}`, en: `--${name} takes ${expected}.` });

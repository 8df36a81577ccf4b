#!/usr/bin/env node
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { askAuthority } from './authority.ts';
import { openCard } from './card.ts';
import { openPkcs12 } from './pkcs12.ts';
import { ask } from './prompt.ts';
import { accessToken, type Client, LetterServer, type Submission } from './server.ts';
import { signLetter } from './sign-letter.ts';
import type { SigningKey } from './signing-key.ts';
import { explain, type Language, USAGE, WORDS } from './words.ts';

/** The options, as they are on the command line. */
function options(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      server: text,
      client: text,
      'access-token': text,
      card: text,
      token: text,
      pkcs12: text,
      certificate: text,
      secret: text,
      tsa: text,
      'tsa-user': text,
      'tsa-secret': text,
      crl: { type: 'string', multiple: true },
      reason: text,
      location: text,
      save: text,
      lang: text,
      help: { type: 'boolean' },
    },
  });
  return { ...values, letters: positionals };
}

type Options = ReturnType<typeof options>;

/** Signs each letter that is named, and says of each what the server found. Exit code 0: all are valid; 1: not; 2: it could not be tried. */
export async function main(args: readonly string[]): Promise<number> {
  let language: Language = 'ja';
  try {
    const given = options(args);
    language = given.lang === 'en' ? 'en' : 'ja';
    if (given.help || given.letters.length === 0) {
      console.log(USAGE[language]);
      return given.help ? 0 : 2;
    }
    const server = await serverOf(given, language);
    const key = await keyOf(given, language);
    try {
      const { subject } = new X509Certificate(key.certificate);
      console.log(WORDS.signer[language], subject.replaceAll('\n', ', '));
      let valid = true;
      for (const letter of given.letters) {
        const { result } = await signOne(letter, given, server, key, language);
        valid &&= result === 'VALID';
      }
      return valid ? 0 : 1;
    } finally {
      key.close();
    }
  } catch (error) {
    console.error(explain(error, language));
    return 2;
  }
}

async function signOne(
  letter: string,
  given: Options,
  server: LetterServer,
  key: SigningKey,
  language: Language,
): Promise<Submission> {
  console.log(WORDS.downloading[language], letter);
  const { task, sha256, pdf } = await server.issue(letter);
  console.log(WORDS.received[language], sha256);
  console.log(WORDS.signing[language]);
  const url = required(given, 'tsa');
  const user = given['tsa-user'];
  const password =
    user === undefined ? undefined : await secret(given['tsa-secret'], WORDS.authorityPassword[language]);
  const authority = { url, ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
  const signed = await signLetter({
    pdf,
    key,
    timestamp: (request) => askAuthority(authority, request),
    crls: await Promise.all((given.crl ?? []).map(bytesOf)),
    now: Date.now(),
    ...(given.reason !== undefined && { reason: given.reason }),
    ...(given.location !== undefined && { location: given.location }),
  });
  if (given.save !== undefined) {
    writeFileSync(given.save, signed);
    console.log(WORDS.saved[language], given.save);
  }
  console.log(WORDS.uploading[language]);
  const submission = await server.submit(task, signed);
  console.log(WORDS.result[language], submission.result, submission.summary);
  for (const { status, text } of submission.checks) console.log(`  ${MARKS[status] ?? '?'} ${text}`);
  return submission;
}

const MARKS: Readonly<Record<string, string>> = Object.freeze({
  passed: '○',
  noted: '○',
  failed: '×',
  undecided: '△',
  skipped: '－',
});

async function serverOf(given: Options, language: Language): Promise<LetterServer> {
  const base = required(given, 'server');
  if (given['access-token'] !== undefined)
    return new LetterServer(base, readFileSync(given['access-token'], 'utf8').trim(), language);
  const client = JSON.parse(readFileSync(required(given, 'client'), 'utf8')) as Client;
  return new LetterServer(base, await accessToken(client), language);
}

async function keyOf(given: Options, language: Language): Promise<SigningKey> {
  if (given.pkcs12 !== undefined)
    return openPkcs12(readFileSync(given.pkcs12), await secret(given.secret, WORDS.password[language]));
  const library = required(given, 'card');
  return openCard({
    library,
    pin: await secret(given.secret, WORDS.pin[language]),
    ...(given.token !== undefined && { token: given.token }),
    ...(given.certificate !== undefined && { certificate: given.certificate.replaceAll(':', '').toLowerCase() }),
  });
}

/** From a file, or from the keyboard: never from the command line, where other processes see it. */
const secret = async (file: string | undefined, question: string): Promise<string> =>
  file === undefined ? ask(question) : readFileSync(file, 'utf8').replace(/\r?\n$/, '');

async function bytesOf(place: string): Promise<Uint8Array> {
  if (!/^https?:/.test(place)) return readFileSync(place);
  const response = await fetch(place, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${place}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function required(given: Options, name: 'server' | 'client' | 'card' | 'tsa'): string {
  const value = given[name];
  if (value === undefined) throw new TypeError(`--${name} is needed; see --help`);
  return value;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

#!/usr/bin/env node
import { PdfError } from '../pdf/findings.ts';
import { displayName, readCertificate } from '../pki/certificate.ts';
import { accessTokens } from './access-token.ts';
import { type AuthorityOptions, askAuthority } from './authority.ts';
import { openCard } from './card.ts';
import {
  readBytes,
  readClient,
  readLine,
  readRevocationList,
  readToken,
  saveFile,
  savingPlaces,
} from './given-files.ts';
import { isPlain } from './http.ts';
import type { Language } from './language.ts';
import { languageOf, type Options, parseOptions, type Signing } from './options.ts';
import { openPkcs12 } from './pkcs12.ts';
import { ask } from './prompt.ts';
import { LetterServer, ServerError, type Submission } from './server.ts';
import { signLetter } from './sign-letter.ts';
import { fingerprint, type SigningKey } from './signing-key.ts';
import { USAGE, UsageError } from './usage.ts';
import { explain, printable, WORDS } from './words.ts';

/** Signs each letter that is named, and says of each what the server found. Exit code 0: all are valid; 1: not all; 2: some could not be tried. */
export async function main(args: readonly string[]): Promise<number> {
  const language = languageOf(args);
  try {
    const options = parseOptions(args);
    if (options === 'help') {
      console.log(USAGE[language]);
      return 0;
    }
    const { task } = options;
    return await ('get' in task ? getLetters(options, task.get, language) : signLetters(options, task, language));
  } catch (error) {
    console.error(explain(error, language));
    return 2;
  }
}

async function getLetters(options: Options, get: string, language: Language): Promise<number> {
  const places = savingPlaces(get, options.letters);
  const server = await serverOf(options, language);
  return each(options.letters, language, async (letter) => {
    const { pdf } = await issued(server, letter, language);
    save(places.get(letter), pdf, language);
    return 0;
  });
}

async function signLetters(options: Options, signing: Signing, language: Language): Promise<number> {
  const places = signing.save === undefined ? undefined : savingPlaces(signing.save, options.letters);
  const crls = await Promise.all(signing.crls.map(readRevocationList));
  const server = await serverOf(options, language);
  const key = await keyOf(signing, language);
  try {
    const name = displayName(readCertificate(key.certificate));
    console.log(WORDS.signer[language], printable(name), `SHA-256 ${fingerprint(key.certificate)}`);
    const authority = await authorityOf(signing, language);
    return await each(options.letters, language, async (letter) => {
      const { task, pdf, sha256 } = await issued(server, letter, language);
      if (signing.sha256 !== undefined && signing.sha256 !== sha256)
        throw new UsageError({
          ja: `指定された文書ではありません: ${sha256}`,
          en: `Not the letter that was named: ${sha256}`,
        });
      if (await server.isSigned(task)) throw new ServerError(`${task} is of a letter that is validly signed already`);
      console.log(WORDS.signing[language]);
      const signed = await signLetter({
        pdf,
        key,
        crls,
        timestamp: (request) => askAuthority(authority, request),
        now: Date.now(),
        ...(signing.reason !== undefined && { reason: signing.reason }),
        ...(signing.location !== undefined && { location: signing.location }),
      });
      save(places?.get(letter), signed, language);
      console.log(WORDS.uploading[language]);
      return said(await server.submit(task, signed), language);
    });
  } finally {
    key.close();
  }
}

/** The worst exit code of all. What is one letter's fault does not keep the others from being tried; a card's or an authority's does. */
async function each(
  letters: readonly string[],
  language: Language,
  work: (letter: string) => Promise<number>,
): Promise<number> {
  let worst = 0;
  for (const letter of letters) {
    try {
      worst = Math.max(worst, await work(letter));
    } catch (error) {
      if (!(error instanceof ServerError || error instanceof PdfError)) throw error;
      console.error(printable(letter), explain(error, language));
      worst = 2;
    }
  }
  return worst;
}

async function issued(server: LetterServer, letter: string, language: Language) {
  console.log(WORDS.downloading[language], printable(letter));
  const found = await server.issue(letter);
  console.log(WORDS.received[language], found.sha256);
  return found;
}

function save(place: string | undefined, bytes: Uint8Array, language: Language): void {
  if (place === undefined) return;
  saveFile(place, bytes);
  console.log(WORDS.saved[language], place);
}

function said({ result, summary, checks }: Submission, language: Language): number {
  console.log(WORDS.result[language], result, printable(summary));
  for (const { status, text } of checks) console.log(`  ${MARKS[status] ?? '?'} ${printable(text)}`);
  return result === 'VALID' ? 0 : 1;
}

const MARKS: Readonly<Record<string, string>> = Object.freeze({
  passed: '○',
  noted: '○',
  failed: '×',
  undecided: '△',
  skipped: '－',
});

async function serverOf({ server, access }: Options, language: Language): Promise<LetterServer> {
  warnIfPlain(server, language);
  if ('accessToken' in access) return new LetterServer(server, readToken(access.accessToken), language);
  const tokens = accessTokens(readClient(access.client));
  // Whether there is a way in is to be known before the PIN is asked for.
  await tokens();
  return new LetterServer(server, tokens, language);
}

async function keyOf({ key, certificate, secret }: Signing, language: Language): Promise<SigningKey> {
  if (key.kind === 'pkcs12') {
    const file = readBytes(key.file);
    return openPkcs12(file, await secretOf(secret, WORDS.password[language]), certificate);
  }
  const { library, token } = key;
  const pin = await secretOf(secret, WORDS.pin[language]);
  return openCard({
    library,
    pin,
    ...(token !== undefined && { token }),
    ...(certificate !== undefined && { certificate }),
  });
}

async function authorityOf({ authority }: Signing, language: Language): Promise<AuthorityOptions> {
  const { url, user, secret } = authority;
  if (user === undefined) return { url };
  warnIfPlain(url, language);
  return { url, user, password: await secretOf(secret, WORDS.authorityPassword[language]) };
}

/** From a file, or from the keyboard: never from the command line, where other processes see it. */
const secretOf = async (file: string | undefined, question: string): Promise<string> =>
  file === undefined ? ask(question) : readLine(file);

function warnIfPlain(url: string, language: Language): void {
  if (isPlain(url)) console.error(WORDS.plain[language], new URL(url).origin);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

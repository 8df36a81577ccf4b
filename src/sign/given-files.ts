/** The files that are named on the command line: what is wrong with them is said in words, and never what is in them. */
import { accessSync, constants, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readCrl } from '../pki/crl.ts';
import { DerError } from '../pki/der.ts';
import type { Client } from './access-token.ts';
import { ExchangeError, exchange } from './http.ts';
import { UsageError } from './usage.ts';

const MOST_CRL = 32 * 1024 * 1024;

/** @throws UsageError */
export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw unusable(path, { ja: 'ファイルを読めません', en: 'The file cannot be read' }, codeOf(error));
  }
}

/** Without what editors add: a byte order mark, the last line's end. @throws UsageError */
export const readLine = (path: string): string =>
  Buffer.from(readBytes(path))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n$/, '');

/** RFC 6750 §2.1: what stands in a header must not be two lines. @throws UsageError */
export function readToken(path: string): string {
  const token = readLine(path).trim();
  if (/^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token;
  throw unusable(path, { ja: 'アクセストークンではありません', en: 'It is not an access token' });
}

/** @throws UsageError */
export function readClient(path: string): Client {
  const client = parsed(path) as Partial<Client> | null;
  const missing = (['clientId', 'tokenUrl', 'scope'] as const).filter((name) => typeof client?.[name] !== 'string');
  const names = [
    ...missing,
    ...(typeof client?.privateKeyJwk === 'object' && client.privateKeyJwk ? [] : ['privateKeyJwk']),
  ];
  if (names.length > 0)
    throw unusable(
      path,
      { ja: 'クライアントの情報が足りません', en: 'It lacks what a client needs' },
      names.join(', '),
    );
  return client as Client;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readLine(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // What JSON.parse says quotes the text, and there is a key in it.
    throw unusable(path, { ja: 'JSON として読めません', en: 'It is not JSON' });
  }
}

/** DER, from a file or an address, in DER or PEM. @throws UsageError */
export async function readRevocationList(place: string): Promise<Uint8Array> {
  const bytes = /^https?:/.test(place) ? await fetched(place) : readBytes(place);
  const pem = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/.exec(Buffer.from(bytes).toString('latin1'));
  const der = bytes[0] !== 0x30 && pem?.[1] !== undefined ? new Uint8Array(Buffer.from(pem[1], 'base64')) : bytes;
  try {
    return readCrl(der) && der;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw unusable(place, { ja: '失効リストではありません', en: 'It is not a revocation list' }, error.message);
  }
}

async function fetched(url: string): Promise<Uint8Array> {
  const words = { ja: '失効リストを取得できません', en: 'The revocation list cannot be fetched' };
  try {
    const { ok, status, bytes } = await exchange(url, { method: 'GET', most: MOST_CRL, timeout: 30_000 });
    if (ok) return bytes;
    throw unusable(url, words, String(status));
  } catch (error) {
    throw error instanceof ExchangeError ? unusable(url, words, error.message) : error;
  }
}

/**
 * Where to save each letter: the file itself, or in a folder a file for each. Tried before anything is signed, as what is signed cannot be
 * had again for nothing. @throws UsageError
 */
export function savingPlaces(place: string, letters: readonly string[]): ReadonlyMap<string, string> {
  const path = resolve(place);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const words = { ja: 'ここには保存できません', en: 'Nothing can be saved there' };
  if (!isFolder && letters.length > 1)
    throw unusable(place, {
      ja: '文書が複数あるときはフォルダーを指定してください',
      en: 'For several letters name a folder',
    });
  try {
    accessSync(isFolder ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw unusable(place, words, codeOf(error));
  }
  const name = (letter: string) => `${letter.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}.pdf`;
  return new Map(letters.map((letter) => [letter, isFolder ? join(path, name(letter)) : path]));
}

/** @throws UsageError */
export function saveFile(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (error) {
    throw unusable(path, { ja: 'ファイルに書けません', en: 'The file cannot be written' }, codeOf(error));
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? (error as Error).message;

const unusable = (place: string, { ja, en }: { ja: string; en: string }, detail?: string): UsageError => {
  const more = detail === undefined ? '' : ` (${detail})`;
  return new UsageError({ ja: `${ja}: ${place}${more}`, en: `${en}: ${place}${more}` });
};

import type { JsonWebKey } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { accessTokens } from '../sign/access-token.ts';
import type { Common } from './arguments.ts';
import { addressOf } from './fhir.ts';
import { discover, type Kept, refreshed } from './oauth.ts';
import { UsageError } from './refusal.ts';
import { inTurn } from './turn.ts';

/** The public client that every server has for this command line. */
export const CLIENT_ID = 'tasuki-admin';

export interface Places {
  /** ADMIN_DIR; null: below the home directory. */
  readonly adminDir: string | null;
  /** Where the demo keeps the keys of its clients. */
  readonly dataDir: string;
}

const directory = ({ adminDir }: Places) => adminDir ?? join(homedir(), '.config', 'tasuki');
const file = (places: Places) => join(directory(places), 'admin.json');

export async function readKept(places: Places): Promise<Kept | undefined> {
  try {
    return JSON.parse(await readFile(file(places), 'utf8')) as Kept;
  } catch {
    return undefined;
  }
}

/** Mode 600, whole or not at all. */
export async function keep(places: Places, kept: Kept): Promise<void> {
  await mkdir(directory(places), { recursive: true, mode: 0o700 });
  const draft = `${file(places)}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  await writeFile(draft, `${JSON.stringify(kept)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, file(places));
}

export const forget = (places: Places): Promise<void> => rm(file(places), { force: true });

/** Whom to speak to, and with which token. */
export interface Credentials {
  readonly server: string;
  token(): Promise<string>;
}

interface KeyFile {
  readonly clients?: Readonly<Record<string, { clientId: string; privateKeyJwk: JsonWebKey & { kid?: string } }>>;
  readonly baseUrl?: string;
}

/** A system's key where one is named, else the login that is kept. @throws UsageError */
export async function credentials(common: Common, places: Places): Promise<Credentials> {
  return common.key === undefined ? ofPerson(common, places) : ofSystem(common, common.key);
}

/** SMART Backend Services: with a private JWK, or a file of the demo, in which the client is named by what it is (`operator`). */
async function ofSystem({ server, client }: Common, key: string): Promise<Credentials> {
  let given: KeyFile & JsonWebKey & { kid?: string };
  try {
    given = JSON.parse(await readFile(key, 'utf8'));
    if (typeof given !== 'object' || given === null) throw new SyntaxError();
  } catch (error) {
    // What a parser says of a text quotes it, and this one is a private key.
    const why = error instanceof SyntaxError ? { ja: 'JSON ではありません', en: 'it is not JSON' } : undefined;
    throw new UsageError({
      ja: `鍵のファイルを読めません: ${why?.ja ?? (error as Error).message}`,
      en: `The key cannot be read: ${why?.en ?? (error as Error).message}`,
    });
  }
  const of = given.clients?.[client ?? 'operator'];
  const clientId = given.clients ? of?.clientId : client;
  const privateKeyJwk = given.clients ? of?.privateKeyJwk : given;
  if (clientId === undefined || privateKeyJwk === undefined)
    throw new UsageError({ ja: '--client でクライアントを指定してください', en: '--client must name the client' });
  const base = server ?? given.baseUrl;
  if (base === undefined)
    throw new UsageError({ ja: '--server でサーバーを指定してください', en: '--server must name the server' });
  const address = addressOf(base);
  let tokens: (() => Promise<string>) | undefined;
  return {
    server: address,
    token: async () => {
      tokens ??= accessTokens({
        clientId,
        privateKeyJwk,
        tokenUrl: (await discover(address)).token,
        scope: 'system/*.cruds',
      });
      return tokens();
    },
  };
}

const SPARE_MS = 30_000;

async function ofPerson({ server, client }: Common, places: Places): Promise<Credentials> {
  if (client !== undefined) throw new UsageError({ ja: '--client には --key が必要です', en: '--client needs --key' });
  const kept = await readKept(places);
  if (!kept) throw nobody();
  if (server !== undefined && addressOf(server) !== kept.server)
    throw new UsageError({
      ja: `${kept.server} にログインしています。${server} には改めてログインしてください`,
      en: `You are logged in at ${kept.server}; log in at ${server} first`,
    });
  let current = kept;
  return {
    server: addressOf(kept.server),
    token: async () => {
      if (!isGood(current)) current = await renewed(places, current);
      return current.accessToken;
    },
  };
}

const isGood = ({ expiresAt }: Kept): boolean => Date.now() < expiresAt - SPARE_MS;

/**
 * What is kept, renewed. One process after the other: a refresh token is good once, and who used it a second time would look like a
 * thief and end the login.
 */
function renewed(places: Places, held: Kept): Promise<Kept> {
  return inTurn(`${file(places)}.turn`, async () => {
    const kept = await readKept(places);
    if (kept?.server !== held.server) throw nobody();
    if (isGood(kept)) return kept;
    const fresh = await refreshed(kept, CLIENT_ID);
    await keep(places, fresh);
    return fresh;
  });
}

const nobody = () =>
  new UsageError({
    ja: 'ログインしていません: tasuki admin --server URL login',
    en: 'Nobody is logged in: tasuki admin --server URL login',
  });

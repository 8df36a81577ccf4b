import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { importJWK, type JWK, SignJWT } from 'jose';
import {
  Callers,
  mountIdentity,
  registerClient,
  SigningKeys,
  type TokenIssued,
  type TokenRefused,
} from '../../src/identity/index.ts';
import { Secret } from '../../src/identity/secret.ts';
import type { Database } from '../../src/store/database.ts';
import { Keys } from '../../src/store/keys.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

/** A key pair of a client, as JWKs with a kid. */
export interface KeyPair {
  readonly alg: 'ES384' | 'RS384';
  readonly kid: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

export function keyPair(alg: 'ES384' | 'RS384', kid: string = randomUUID()): KeyPair {
  const pair =
    alg === 'ES384'
      ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = (key: typeof pair.publicKey): JWK => ({ ...(key.export({ format: 'jwk' }) as JWK), kid });
  return { alg, kid, privateJwk: jwk(pair.privateKey), publicJwk: jwk(pair.publicKey) };
}

/** One server process: its own pool, its own application. */
export interface Process {
  readonly database: Database;
  readonly callers: Callers;
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly issued: TokenIssued[];
  readonly refused: TokenRefused[];
  readonly failed: unknown[];
  close(): Promise<void>;
}

/** `baseUrl`: what the server calls itself, where that is not the address it listens on. */
export async function startProcess(
  database: Database,
  options: { baseUrl?: string; tokenSeconds?: number; issued?: (event: TokenIssued) => Promise<void> } = {},
): Promise<Process> {
  const [issued, refused, failed]: [TokenIssued[], TokenRefused[], unknown[]] = [[], [], []];
  const app = express();
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const now = Date.now;
    const secret = new Secret('test', Buffer.alloc(32, 7));
    const secrets = { newest: async () => secret, of: async () => secret };
    mountIdentity(app, {
      database,
      keys: new Keys('a secret that is only good enough for tests'),
      signingKeys: new SigningKeys({ database, secrets, now, log: () => undefined }),
      sessionOf: async () => null,
      keysByUrl: () => Promise.reject(new Error('no keys by URL here')),
      understands: (_type, query) => query.startsWith('category='),
      baseUrl: options.baseUrl ?? address,
      ...(options.tokenSeconds !== undefined && { tokenSeconds: options.tokenSeconds }),
      issued: options.issued ?? (async (event) => void issued.push(event)),
      refused: (event) => void refused.push(event),
      failed: (error) => void failed.push(error),
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    database,
    callers: new Callers(database),
    baseUrl: address,
    tokenUrl: `${options.baseUrl ?? address}/oauth/token`,
    issued,
    refused,
    failed,
    close,
  };
}

export const HOSPITAL = { rid: 1n, id: 'hospital', kind: 'cooperating-hospital' };
export const HOSPITAL2 = { rid: 2n, id: 'hospital2', kind: 'cooperating-hospital' };
export const CLINIC = { rid: 11n, id: 'clinic', kind: 'medical' };
export const CARE = { rid: 12n, id: 'careagency', kind: 'care' };

export async function addInstitutions(
  database: Database,
  institutions: readonly { rid: bigint; id: string; kind: string }[],
): Promise<void> {
  for (const { rid, id, kind } of institutions) {
    await database.query('INSERT INTO institution (rid, id, kind, name, services) VALUES ($1, $2, $3, $2, 63)', [
      rid,
      id,
      kind,
    ]);
  }
}

export interface Client {
  readonly clientId: string;
  readonly key: KeyPair;
}

export async function addClient(
  database: Database,
  organization: bigint,
  { scope = 'system/*.cruds', alg = 'ES384' as 'ES384' | 'RS384' } = {},
): Promise<Client> {
  const key = keyPair(alg);
  const { clientId } = await registerClient(database, {
    organization,
    name: 'A system',
    jwks: { keys: [key.publicJwk] },
    scope,
  });
  return { clientId, key };
}

export interface AssertionChanges {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly key?: JWK;
  /** Seconds from now. */
  readonly expires?: number;
}

/** A client assertion that is right in every point but those that are changed; undefined removes a member. */
export async function assertion(client: Client, audience: string, changes: AssertionChanges = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: client.key.alg, kid: client.key.kid, typ: 'JWT', ...changes.header };
  const claims = {
    iss: client.clientId,
    sub: client.clientId,
    aud: audience,
    jti: randomUUID(),
    exp: now + (changes.expires ?? 240),
    ...changes.claims,
  };
  const key = await importJWK(changes.key ?? client.key.privateJwk, header.alg);
  return new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader(JSON.parse(JSON.stringify(header)))
    .sign(key);
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function requestToken(
  process: Pick<Process, 'baseUrl'>,
  clientAssertion: string,
  form: Record<string, string | undefined> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const fields = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
    scope: 'system/*.rs',
    ...form,
  };
  const body = new URLSearchParams(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
  const response = await fetch(`${process.baseUrl}/oauth/token`, { method: 'POST', body, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** A fresh token of the client. */
export async function tokenOf(process: Process, client: Client, scope = 'system/*.cruds'): Promise<string> {
  const answer = await requestToken(process, await assertion(client, process.tokenUrl), { scope });
  if (answer.status !== 200) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
  return String(answer.body.access_token);
}

/** The answer to a request of the client, right in every point but what `form` changes. */
export async function ask(
  process: Process,
  client: Client,
  form: Record<string, string | undefined> = {},
): Promise<Answer> {
  return requestToken(process, await assertion(client, process.tokenUrl), form);
}

/** The one answer to every client that is not let in. */
export function expectInvalidClient(answer: Answer): void {
  expect(answer.body).toEqual({ error: 'invalid_client', error_description: 'client authentication failed' });
  expect(answer.status).toBe(401);
}

/** Four institutions, one process, and a client each of the hospital (ES384, all scopes) and the clinic (RS384, some). */
export interface World {
  readonly clone: Clone;
  readonly database: Database;
  readonly process: Process;
  readonly hospital: Client;
  readonly clinic: Client;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const clone = await cloneDatabase();
  const database = await clone.open();
  await addInstitutions(database, [HOSPITAL, HOSPITAL2, CLINIC, CARE]);
  const process = await startProcess(database);
  const hospital = await addClient(database, HOSPITAL.rid);
  const scope = 'system/Patient.rs system/Appointment.cruds';
  const clinic = await addClient(database, CLINIC.rid, { scope, alg: 'RS384' });
  const close = async () => {
    await process.close();
    await clone.drop();
  };
  return { clone, database, process, hospital, clinic, close };
}

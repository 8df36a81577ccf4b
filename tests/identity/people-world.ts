import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import * as oidc from 'openid-client';
import { tokenHash } from '../../src/identity/callers.ts';
import {
  type AppRegistration,
  browserSessions,
  type Identity,
  mountIdentity,
  registerApp,
  SigningKeys,
  type TokenIssued,
  type TokenRefused,
} from '../../src/identity/index.ts';
import type { Asked } from '../../src/identity/interactions.ts';
import type { LoggedIn } from '../../src/identity/logged-in.ts';
import { Secret } from '../../src/identity/secret.ts';
import type { Database } from '../../src/store/database.ts';
import { Keys } from '../../src/store/keys.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { addInstitutions, CLINIC, HOSPITAL, HOSPITAL2 } from './world.ts';

export const OPERATOR = { rid: 99n, id: 'operator', kind: 'operator' };
export const REDIRECT = 'https://app.example/callback';
export const keys = new Keys('a secret that is only good enough for tests');

/** What the person says on the pages: by default yes to everything, and no patient. */
export interface Says {
  readonly scopes?: readonly string[];
  readonly patient?: string;
  readonly remember?: boolean;
  readonly refuses?: boolean;
  /** Logs in anew first. */
  readonly logsIn?: LoginMade;
}

/** A login as the tables have it. The token goes into the cookie. */
export interface LoginMade {
  readonly person: string;
  readonly session: string;
  readonly token: string;
}

export interface PeopleProcess {
  readonly baseUrl: string;
  readonly identity: Identity;
  readonly issued: TokenIssued[];
  readonly refused: TokenRefused[];
  readonly failed: unknown[];
  /** What was asked last. */
  asked: Asked | null;
  says: Says;
  close(): Promise<void>;
}

/** One server process with pages that answer at once, by `says`. */
export async function startPeopleProcess(database: Database, baseUrl?: string): Promise<PeopleProcess> {
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const secret = new Secret('test', Buffer.alloc(32, 7));
  const [issued, refused, failed]: [TokenIssued[], TokenRefused[], unknown[]] = [[], [], []];
  const base = baseUrl ?? address;
  const identity = mountIdentity(app, {
    database,
    keys,
    signingKeys: new SigningKeys({
      database,
      secrets: { newest: async () => secret, of: async () => secret },
      now: Date.now,
      log: () => undefined,
    }),
    baseUrl: base,
    sessionOf: browserSessions({ session: (token) => sessionOf(database, token) as never }, base),
    keysByUrl: () => Promise.reject(new Error('no keys by URL here')),
    understands: (_type, query) => query.startsWith('category='),
    issued: async (event) => void issued.push(event),
    refused: (event) => void refused.push(event),
    failed: (error) => void failed.push(error),
  });
  const process: PeopleProcess = {
    baseUrl: address,
    identity,
    issued,
    refused,
    failed,
    asked: null,
    says: {},
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  app.get('/interaction/:uid', async (request, response) => {
    try {
      const { interactions } = identity;
      process.asked = await interactions.details(request, response);
      const { refuses, logsIn, scopes, patient, remember = false } = process.says;
      if (refuses) return await interactions.refuse(request, response);
      if (logsIn) response.append('Set-Cookie', `tasuki_session=${logsIn.token}; Path=/`);
      const token = logsIn?.token ?? cookieOf(request);
      const session = token === undefined ? null : await sessionOf(database, token);
      if (!session || !process.asked) return void response.status(403).send('nobody');
      const allowed = { session, scopes: scopes ?? process.asked.scopes, remember, ...(patient && { patient }) };
      await interactions.finish(request, response, allowed);
    } catch (error) {
      response.status((error as { status?: number }).status ?? 500).send(String(error));
    }
  });
  return process;
}

const cookieOf = (request: IncomingMessage) => /tasuki_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];

async function sessionOf(database: Database, token: string): Promise<LoggedIn | null> {
  const { rows } = await database.query<{ id: string; person: string; strong: boolean; at: number }>(
    `SELECT id::text AS id, person::text AS person, strong, extract(epoch FROM authenticated_at)::float8 * 1000 AS at FROM session
     WHERE hash = $1 AND idle_at > now() AND expires_at > now()`,
    [tokenHash(token)],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    id: row.id,
    account: { id: row.person },
    steps: [],
    strong: row.strong,
    authenticatedAt: row.at,
    amr: ['pwd', 'otp', 'mfa'],
  };
}

export interface PeopleWorld {
  readonly clone: Clone;
  readonly database: Database;
  readonly process: PeopleProcess;
  /** Two people of the hospital and one of the clinic. */
  readonly physician: string;
  readonly clerk: string;
  readonly other: string;
  /** A public app of the hospital. */
  readonly app: string;
  close(): Promise<void>;
}

export const SCOPE =
  'openid profile fhirUser launch launch/patient online_access offline_access user/*.cruds patient/*.cruds';

export async function openPeopleWorld(): Promise<PeopleWorld> {
  const clone = await cloneDatabase();
  const database = await clone.open();
  await addInstitutions(database, [HOSPITAL, HOSPITAL2, CLINIC, OPERATOR]);
  const process = await startPeopleProcess(database);
  const physician = await addPerson(database, HOSPITAL.rid, 'physician');
  const clerk = await addPerson(database, HOSPITAL.rid, 'clerk');
  const other = await addPerson(database, CLINIC.rid, 'physician');
  const app = await addApp(database);
  const close = async () => {
    await process.close();
    await clone.drop();
  };
  return { clone, database, process, physician, clerk, other, app, close };
}

export async function addPerson(database: Database, institution: bigint, ...roles: string[]): Promise<string> {
  const id = randomUUID();
  const practitioner = `practitioner-${id.slice(0, 8)}`;
  await database.query(
    `INSERT INTO person (id, institution, login, name, practitioner, practitioner_id, roles, created_at, reviewed_at, password_long)
     VALUES ($1, $2, $3, 'みなと 花子', $4, $5, $6::text[], now(), now(), false)`,
    [id, institution, id, keys.rid('Practitioner', practitioner), practitioner, `{${roles.join(',')}}`],
  );
  return id;
}

/** A session as a complete login leaves it. */
export async function addSession(database: Database, person: string, minutesAgo = 0): Promise<LoginMade> {
  const [session, token] = [randomUUID(), randomBytes(32).toString('base64url')];
  await database.query(
    `INSERT INTO session (id, hash, person, person_generation, institution_generation, created_at, seen_at, idle_at, expires_at,
       authenticated_at, strong, amr, address, agent)
     SELECT $1, $2, p.id, p.generation, i.generation, now(), now(), now() + interval '15 minutes', now() + interval '12 hours',
       now() - make_interval(mins => $4), true, '{pwd,otp,mfa}', '127.0.0.1', 'a test'
     FROM person p JOIN institution i ON i.rid = p.institution WHERE p.id = $3`,
    [session, tokenHash(token), person, minutesAgo],
  );
  return { person, session, token };
}

export async function addApp(database: Database, more: Partial<AppRegistration> = {}): Promise<string> {
  const { clientId } = await registerApp(database, {
    organization: HOSPITAL.rid,
    name: 'An app',
    redirectUris: [REDIRECT],
    scope: SCOPE,
    understands: (_type, query) => query.startsWith('category='),
    ...more,
  });
  return clientId;
}

/** A browser that keeps cookies by path, as far as these tests need it, and follows redirects within the server. */
export class Browser {
  readonly #jar = new Map<string, { readonly value: string; readonly path: string }>();

  logIn({ token }: LoginMade): void {
    this.#jar.set('tasuki_session', { value: token, path: '/' });
  }

  get cookies(): ReadonlyMap<string, { readonly value: string; readonly path: string }> {
    return this.#jar;
  }

  /** The last answer: one that is no redirect, or redirects away from the server, whose address is then `url`. */
  async open(
    url: string,
    init: RequestInit = {},
  ): Promise<{ status: number; url: URL; text: string; headers: Headers }> {
    const { origin } = new URL(url);
    let next = url;
    let options: RequestInit = init;
    for (let hops = 0; hops < 10; hops++) {
      const { pathname } = new URL(next);
      const cookie = [...this.#jar]
        .filter(([, { path }]) => pathname.startsWith(path))
        .map(([name, { value }]) => `${name}=${value}`)
        .join('; ');
      const response = await fetch(next, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
      for (const line of response.headers.getSetCookie()) this.#keep(line);
      const location = response.headers.get('location');
      const to = location === null ? undefined : new URL(location, next);
      if (!to || to.origin !== origin) {
        return {
          status: response.status,
          url: to ?? new URL(next),
          text: await response.text(),
          headers: response.headers,
        };
      }
      next = to.href;
      options = {};
    }
    throw new Error('too many redirects');
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const [name = '', value = ''] = pair.split('=');
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.#jar.delete(name);
    else this.#jar.set(name, { value, path });
  }
}

/** openid-client, as an app uses it. */
export async function clientOf(
  process: Pick<PeopleProcess, 'baseUrl'>,
  clientId: string,
  auth: oidc.ClientAuth = oidc.None(),
): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(process.baseUrl), clientId, undefined, auth, { execute: [oidc.allowInsecureRequests] });
}

export interface Flow {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly url: URL;
}

/** An authorization request of SMART, right in every point but what is changed; undefined leaves a parameter out. */
export async function begin(
  config: oidc.Configuration,
  process: Pick<PeopleProcess, 'baseUrl'>,
  changes: Record<string, string | undefined> = {},
): Promise<Flow> {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const parameters: Record<string, string | undefined> = {
    redirect_uri: REDIRECT,
    scope: 'openid fhirUser user/Patient.rs',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    aud: `${process.baseUrl}/fhir`,
    state,
    nonce,
    ...changes,
  };
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined);
  return { verifier, state, nonce, url: oidc.buildAuthorizationUrl(config, Object.fromEntries(given)) };
}

/** The tokens that follow from what the browser was sent back with. */
export const exchange = (config: oidc.Configuration, { verifier, state, nonce }: Flow, callback: URL) =>
  oidc.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });

/** The whole way of a person who is logged in. */
export async function authorize(
  world: Pick<PeopleWorld, 'database' | 'process' | 'app'>,
  person: string,
  changes: Record<string, string | undefined> = {},
  says: Says = {},
) {
  const { database, process, app } = world;
  process.says = says;
  const login = await addSession(database, person);
  const browser = new Browser();
  browser.logIn(login);
  const config = await clientOf(process, app);
  const flow = await begin(config, process, changes);
  const { url } = await browser.open(flow.url.href);
  const tokens = await exchange(config, flow, url);
  return { browser, config, flow, login, tokens, callback: url };
}

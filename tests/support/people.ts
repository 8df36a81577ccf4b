import { randomBytes, randomUUID } from 'node:crypto';
import { TOTP } from 'otpauth';
import type { PersonRole } from '../../src/access/roles.ts';
import { tokenHash } from '../../src/identity/callers.ts';
import {
  DEFAULT_POLICY,
  type Enrolled,
  type Login,
  openIdentitySecrets,
  People,
  type PeoplePolicy,
} from '../../src/identity/people/index.ts';
import { insertGrant } from '../../src/store/authorization.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { insertClient } from '../../src/store/identity.ts';
import { Keys } from '../../src/store/keys.ts';
import { readSecrets } from '../../src/store/secret.ts';
import { insertPersonToken } from '../../src/store/token.ts';
import type { Body, Member, Reply } from './network.ts';
import type { RunningServer } from './server.ts';

/** A person with an account who is logged in, and speaks to one server process with tokens of their own. */
export interface SignedUp {
  /** Id of the account. */
  readonly id: string;
  /** `Practitioner/[id]`, `PractitionerRole/[id]` and `Organization/[id]` */
  readonly practitioner: string;
  readonly practitionerRole: string;
  readonly organization: string;
  readonly login: string;
  readonly password: string;
  readonly recoveryCodes: readonly string[];
  /** Of a complete session, as it stands in the cookie. */
  readonly sessionToken: string;
  /** What the authenticator shows, now unless told otherwise. */
  totp(at?: number): string;
  /** A new access token, of the person's session. */
  token(): Promise<string>;
  send(method: string, path: string, body?: Body, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  post(path: string, body: Body, headers?: Readonly<Record<string, string>>): Promise<Reply>;
}

export interface SignUpOptions {
  readonly login?: string;
  readonly name?: string;
  /** Most that the tokens may; `user/*.cruds` unless told otherwise. */
  readonly scope?: string;
  /** Who invites; the operator unless told otherwise. */
  readonly by?: Pick<Member, 'post'>;
}

/** The people of one server: what the pages do is done here by People itself, on the server's database and with its secrets. */
export interface Crowd {
  readonly people: People;
  readonly database: Database;
  /** Invites over FHIR, accepts, sets up an authenticator. */
  signUp(
    institution: Pick<Member, 'organization'>,
    roles: readonly PersonRole[],
    options?: SignUpOptions,
  ): Promise<SignedUp>;
  close(): Promise<void>;
}

/** A password that nothing speaks against. */
export const PASSWORD = 'Kawasemi no 3 wa tobu';

const HERE = { address: '127.0.0.1', agent: '' };

export async function openCrowd(
  server: RunningServer,
  operator: Pick<Member, 'post'>,
  { policy = {}, now = Date.now }: { readonly policy?: Partial<PeoplePolicy>; readonly now?: () => number } = {},
): Promise<Crowd> {
  const database = await openDatabase(
    { databaseUrl: server.database?.url ?? null, dataDir: server.dataDir, poolSize: 4, statementTimeoutMs: 5000 },
    () => undefined,
  );
  const secrets = await openIdentitySecrets(server.identitySecretFile, database, new Date(now()));
  const people = new People({
    database,
    now,
    policy: { ...DEFAULT_POLICY, ...policy },
    secrets,
    baseUrl: server.baseUrl,
  });
  const client = `app-${randomUUID()}`;
  const keys = new Keys((await readSecrets(database)).get('keys') ?? '');
  const app = {
    id: client,
    institution: keys.rid('Organization', 'operator'),
    name: 'An app',
    scope: 'user/*.cruds',
    kind: 'app',
    authMethod: 'none',
    redirectUris: ['http://127.0.0.1/'],
  } as const;
  if (!(await insertClient(database, app))) throw new Error('the operator is not registered');
  return {
    people,
    database,
    signUp: async ({ organization }, roles, options = {}) => {
      const login = options.login ?? `person.${randomBytes(4).toString('hex')}`;
      const reply = await (options.by ?? operator).post(`${organization}/$invite`, {
        resourceType: 'Parameters',
        parameter: [
          { name: 'login', valueString: login },
          { name: 'name', valueString: options.name ?? '高橋 みどり' },
          ...roles.map((role) => ({ name: 'role', valueCode: role })),
        ],
      });
      if (reply.status !== 200) throw new Error(`$invite answered ${reply.status} ${reply.text}`);
      const given = (name: string) => reply.body.parameter.find((one: { name: string }) => one.name === name);
      const { sessionToken, recoveryCodes, account, totp } = await accept(people, given('code').valueString, now);
      const token = async () => {
        const session = await people.session(sessionToken);
        const value = session && (await issue(database, client, account.id, session.id, options.scope ?? app.scope));
        if (!value) throw new Error(`${login} gets no token any more`);
        return value;
      };
      const send: SignedUp['send'] = async (method, path, body, headers = {}) =>
        request(server, headers.authorization ?? `Bearer ${await token()}`, method, path, body, headers);
      return {
        id: account.id,
        practitioner: given('practitioner').valueReference.reference,
        practitionerRole: given('practitionerRole').valueReference.reference,
        organization,
        login,
        password: PASSWORD,
        recoveryCodes,
        sessionToken,
        totp: (at = now()) => totp(at),
        token,
        send,
        get: (path, headers) => send('GET', path, undefined, headers),
        post: (path, body, headers) => send('POST', path, body, headers),
      };
    },
    close: () => database.close(),
  };
}

async function accept(people: People, code: string, now: () => number) {
  const accepted = (await people.acceptInvitation(code, PASSWORD, HERE)) as Login;
  const seed = await people.beginTotp(accepted.sessionToken);
  const app = new TOTP({ secret: seed?.secret ?? '', algorithm: 'SHA1', digits: 6, period: 30 });
  const totp = (at: number) => app.generate({ timestamp: at });
  const enrolled = (await people.confirmTotp(accepted.sessionToken, totp(now()))) as Enrolled;
  return { ...enrolled, totp };
}

/** An access token as the token endpoint gives it out at the end of an authorization. */
async function issue(
  database: Database,
  client: string,
  person: string,
  session: string,
  scope: string,
): Promise<string | null> {
  const [id, token] = [randomUUID(), randomBytes(32).toString('base64url')];
  const grant = {
    id,
    client,
    person,
    session,
    offlineSeconds: null,
    institution: null,
    patient: null,
    scope,
    oidcScope: '',
  };
  if (!(await insertGrant(database, grant))) return null;
  const stored = await insertPersonToken(database, { hash: tokenHash(token), grant: id, scope, seconds: 900 });
  return stored ? token : null;
}

async function request(
  server: Pick<RunningServer, 'port'>,
  authorization: string,
  method: string,
  path: string,
  body: Body | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(`http://127.0.0.1:${server.port}/fhir${path && `/${path}`}`, {
    method,
    headers: {
      authorization,
      ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: Reply['body'];
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  return { status: response.status, headers: response.headers, text, body: parsed };
}

import { importJWK } from 'jose';
import * as oidc from 'openid-client';
import { registerApp, registerClient } from '../../src/identity/index.ts';
import type { PublicJwks } from '../../src/identity/jwks.ts';
import { clientMetadata } from '../../src/identity/metadata.ts';
import { findClient } from '../../src/store/identity.ts';
import { insertToken } from '../../src/store/token.ts';
import {
  addApp,
  addSession,
  Browser,
  begin,
  clientOf,
  exchange,
  openPeopleWorld,
  type PeopleWorld,
  REDIRECT,
  SCOPE,
} from './people-world.ts';
import { assertion, HOSPITAL, keyPair } from './world.ts';

let world: PeopleWorld;
beforeAll(async () => {
  world = await openPeopleWorld();
});
afterAll(() => world.close());
afterEach(() => expect(world.process.failed).toEqual([]));

const app = (more: object) =>
  registerApp(world.database, {
    organization: HOSPITAL.rid,
    name: 'An app',
    redirectUris: [REDIRECT],
    scope: SCOPE,
    ...more,
  });
const refused = expect.objectContaining({ status: 422 });

describe('an app’s address', () => {
  it.each([
    'https://app.example/callback?x=1',
    'https://app.example',
    'http://127.0.0.1/back',
    'http://127.0.0.1:8000/back',
    'http://[::1]/',
    'http://localhost:3000/',
  ])('may be %s', async (uri) => {
    await expect(app({ redirectUris: [uri] })).resolves.toBeDefined();
    await expect(app({ launchUris: [uri] })).resolves.toBeDefined();
  });

  it.each([
    'http://app.example/callback',
    'https://app.example/callback#here',
    'https://app.example/*',
    'https://*.example/',
    'https://user@app.example/',
    'https://user:secret@app.example/',
    'https://localhost/',
    'https://APP.example/',
    'https://app.example/a/../b',
    'https://app.example\\@evil.example/',
    'https://app.example/ a',
    'https://app.example/\u0000',
    'https://app.example/ä',
    'http://127.0.0.1.evil.example/',
    'http://127.1/',
    'javascript:alert(1)',
    'custom.app:/back',
    'data:text/html,x',
    '//app.example/',
    'app.example',
    '',
    `https://app.example/${'x'.repeat(1000)}`,
  ])('may not be %j', async (uri) => {
    await expect(app({ redirectUris: [uri] })).rejects.toEqual(refused);
    await expect(app({ launchUris: [uri] })).rejects.toEqual(refused);
  });

  it('must be there, and not too many', async () => {
    await expect(app({ redirectUris: [] })).rejects.toEqual(refused);
    await expect(app({ redirectUris: undefined })).rejects.toEqual(refused);
    await expect(app({ redirectUris: Array.from({ length: 21 }, (_, i) => `https://a${i}.example/`) })).rejects.toEqual(
      refused,
    );
    await expect(app({ redirectUris: [7] })).rejects.toEqual(refused);
  });
});

describe('an app is refused', () => {
  it.each([
    ['scopes of systems', { scope: 'system/*.rs' }],
    ['scopes that are none', { scope: 'user/Patient.dus' }],
    ['no scopes', { scope: '' }],
    ['a scope with a query that nobody reads', { scope: 'user/Observation.rs?category=x' }],
    ['scopes without end', { scope: 'openid '.repeat(5000).trim() }],
    ['a name with a line break', { name: 'An\napp' }],
    ['an algorithm for ID tokens that there is no key for', { idTokenAlg: 'HS256' }],
    ['keys and a URL of keys', { jwks: { keys: [keyPair('ES384').publicJwk] }, jwksUri: 'https://app.example/jwks' }],
    ['a private key', { jwks: { keys: [keyPair('ES384').privateJwk] } }],
    ['keys at http', { jwksUri: 'http://app.example/jwks' }],
    ['a terminal that there is not', { terminal: 'f3d1c3e0-1111-4222-8333-123456789abc' }],
  ])('with %s', async (_, more) => {
    await expect(app(more)).rejects.toEqual(refused);
  });

  it('with an id that is taken', async () => {
    const { clientId } = await app({});
    await expect(app({ id: clientId })).rejects.toEqual(expect.objectContaining({ status: 409 }));
  });
});

it('a system may not be without keys, nor have the scopes of people', async () => {
  const system = (more: object) =>
    registerClient(world.database, { organization: HOSPITAL.rid, name: 'x', scope: 'system/*.rs', ...more });
  await expect(system({})).rejects.toEqual(refused);
  const jwks = { keys: [keyPair('ES384').publicJwk] };
  await expect(system({ jwks, scope: 'user/*.rs' })).rejects.toEqual(refused);
  await expect(system({ jwks, scope: 'openid system/*.rs' })).rejects.toEqual(refused);
  await expect(system({ jwks })).resolves.toBeDefined();
});

describe('a confidential app', () => {
  it('authenticates by its key, with our issuer as audience as libraries have it, and cannot do without', async () => {
    const key = keyPair('ES384');
    const clientId = await addApp(world.database, { jwks: { keys: [key.publicJwk] } });
    const signing = (await importJWK(key.privateJwk, 'ES384')) as oidc.CryptoKey;
    const config = await clientOf(world.process, clientId, oidc.PrivateKeyJwt({ key: signing, kid: key.kid }));
    const flow = await begin(config, world.process, { scope: 'openid offline_access user/Patient.rs' });
    const browser = new Browser();
    browser.logIn(await addSession(world.database, world.physician));
    world.process.says = {};
    const { url } = await browser.open(flow.url.href);
    const bare = await clientOf(world.process, clientId);
    await expect(exchange(bare, flow, url)).rejects.toMatchObject({ error: 'invalid_client' });
    const tokens = await exchange(config, flow, url);
    await expect(oidc.refreshTokenGrant(bare, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_client',
    });
    expect((await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).access_token).toBeDefined();
  });

  it('uses an assertion once, for whichever of the two audiences it is, and at whichever endpoint', async () => {
    const key = keyPair('ES384');
    const clientId = await addApp(world.database, { jwks: { keys: [key.publicJwk] } });
    const { baseUrl } = world.process;
    const claims = { jti: 'once' };
    const ask = async (path: string, audience: string) => {
      const form = {
        token: 'x',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion({ clientId, key }, audience, { claims }),
      };
      return (await fetch(`${baseUrl}/oauth/${path}`, { method: 'POST', body: new URLSearchParams(form) })).status;
    };
    expect(await ask('introspect', baseUrl)).toBe(200);
    expect(await ask('introspect', `${baseUrl}/oauth/token`)).toBe(401);
    expect(await ask('revoke', baseUrl)).toBe(401);
  });

  it('with keys at a URL has them fetched when it shows an assertion, and not before', async () => {
    const clientId = await addApp(world.database, { jwksUri: 'https://app.example/jwks' });
    const row = await findClient(world.database, clientId);
    if (!row) throw new Error('no such client');
    const asked: unknown[] = [];
    const fetched = async (...of: unknown[]): Promise<PublicJwks> => {
      asked.push(of);
      return { keys: [] };
    };
    expect(await clientMetadata(row, fetched)).toMatchObject({ jwks: { keys: [] } });
    expect(asked).toEqual([]);
    const config = await clientOf(world.process, clientId);
    expect((await new Browser().open((await begin(config, world.process)).url.href)).status).toBe(403);
  });
});

describe('certificates (RFC 8705)', () => {
  const HASH = 'a'.repeat(42);
  const terminal = async (certificate: string, institution = HOSPITAL.rid) => {
    const { rows } = await world.database.query<{ id: string }>(
      `INSERT INTO terminal (id, sha256, institution, name, subject, issuer, serial, certificate, not_before, not_after, registered_at)
       VALUES (gen_random_uuid(), $1, $2, 'x', 'CN=x', 'CN=y', '01', '\\x00', now() - interval '1 day', now() + interval '1 day', now())
       RETURNING id::text AS id`,
      [certificate, institution],
    );
    return rows[0]?.id as string;
  };
  const token = (hash: string, client: string, certificate?: string, bound = false) =>
    insertToken(world.database, { hash, client, scope: 'system/*.rs', seconds: 60, certificate, bound });
  const system = async () =>
    (
      await registerClient(world.database, {
        organization: HOSPITAL.rid,
        name: 'x',
        scope: 'system/*.rs',
        jwks: { keys: [keyPair('ES384').publicJwk] },
      })
    ).clientId;

  it('bind the tokens of an institution that demands terminals, and none are given without', async () => {
    const client = await system();
    const id = await terminal(`${HASH}1`);
    await world.database.query("UPDATE institution SET mtls = 'required' WHERE rid = $1", [HOSPITAL.rid]);
    try {
      expect(await token('without', client)).toBe(false);
      expect(await token('stranger', client, `${HASH}9`)).toBe(false);
      expect(await token('bound', client, `${HASH}1`)).toBe(true);
      const { rows } = await world.database.query<{ certificate: string }>(
        "SELECT certificate FROM access_token WHERE hash = 'bound'",
      );
      expect(rows).toEqual([{ certificate: `${HASH}1` }]);
      await world.database.query('UPDATE terminal SET active = false, retired_at = now() WHERE id = $1', [id]);
      expect(await token('retired', client, `${HASH}1`)).toBe(false);
    } finally {
      await world.database.query("UPDATE institution SET mtls = 'optional' WHERE rid = $1", [HOSPITAL.rid]);
    }
  });

  it('of another institution’s terminal bind nothing', async () => {
    await terminal(`${HASH}2`, 2n);
    expect(await token('foreign', await system(), `${HASH}2`, true)).toBe(false);
    expect(await token('free', await system(), `${HASH}2`)).toBe(true);
  });

  it('are what a client with a terminal is registered by', async () => {
    const id = await terminal(`${HASH}3`);
    const { clientId } = await registerClient(world.database, {
      organization: HOSPITAL.rid,
      name: 'x',
      scope: 'system/*.rs',
      terminal: id,
    });
    const row = () => findClient(world.database, clientId);
    const keys = () => Promise.reject(new Error('none'));
    const found = await row();
    expect(found && (await clientMetadata(found, keys))).toMatchObject({
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: `${HASH}3`,
      tls_client_certificate_bound_access_tokens: true,
    });
    const config = { grant_type: 'client_credentials', scope: 'system/*.rs', client_id: clientId };
    const response = await fetch(`${world.process.baseUrl}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(config),
    });
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ error: 'invalid_client' }),
    ]);
    await world.database.query('UPDATE terminal SET revoked_at = now() WHERE id = $1', [id]);
    const gone = await row();
    expect(gone && (await clientMetadata(gone, keys))).toBeUndefined();
  });
});

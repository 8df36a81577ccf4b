import { createHash, createSecretKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import * as openid from 'openid-client';
import { disableClient } from '../../src/identity/index.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import {
  type Answer,
  addClient,
  addInstitutions,
  assertion,
  CLINIC,
  type Client,
  HOSPITAL,
  keyPair,
  type Process,
  requestToken,
  startProcess,
} from './world.ts';

let clone: Clone;
let database: Database;
let process: Process;
let hospital: Client;
let clinic: Client;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await addInstitutions(database, [HOSPITAL, CLINIC]);
  process = await startProcess(database);
  hospital = await addClient(database, HOSPITAL.rid);
  clinic = await addClient(database, CLINIC.rid, { scope: 'system/Patient.rs system/Appointment.cruds', alg: 'RS384' });
});

afterAll(async () => {
  await process.close();
  await clone.drop();
});

const ask = async (client: Client, form: Record<string, string | undefined> = {}) =>
  requestToken(process, await assertion(client, process.tokenUrl), form);

const expectInvalidClient = (answer: Answer) => {
  expect(answer.body).toEqual({ error: 'invalid_client', error_description: 'client authentication failed' });
  expect(answer.status).toBe(401);
};

describe('a token', () => {
  it('is opaque, lives 300 s at most and is not to be stored by anyone on the way', async () => {
    const { status, headers, body } = await ask(hospital, { scope: 'system/*.cruds' });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'system/*.cruds',
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('is in the database as its hash only', async () => {
    const { body } = await ask(hospital);
    const token = String(body.access_token);
    const { rows } = await database.query<{ row: string }>('SELECT t::text AS row FROM access_token t');
    const text = rows.map(({ row }) => row).join('\n');
    expect(text).toContain(createHash('sha256').update(token).digest('base64url'));
    expect(text).not.toContain(token);
  });

  it('is told to the audit before it is sent, without the token', async () => {
    const { body } = await ask(clinic, { scope: 'system/Patient.r' });
    expect(process.issued.at(-1)).toEqual({ clientId: clinic.clientId, scope: 'system/Patient.r', seconds: 300 });
    expect(JSON.stringify(process.issued)).not.toContain(String(body.access_token));
  });

  it('lives shorter where that is configured', async () => {
    const brief = await startProcess(database, { tokenSeconds: 20 });
    const { body } = await requestToken(brief, await assertion(hospital, brief.tokenUrl));
    expect(body.expires_in).toBe(20);
    const { rows } = await database.query<{ left: number }>(
      'SELECT extract(epoch FROM expires_at - issued_at)::float8 AS left FROM access_token WHERE hash = $1',
      [createHash('sha256').update(String(body.access_token)).digest('base64url')],
    );
    expect(rows).toEqual([{ left: 20 }]);
    await brief.close();
  });

  it.each([0, 301])('of %d seconds cannot be configured', async (tokenSeconds) => {
    await expect(startProcess(database, { tokenSeconds })).rejects.toThrow(RangeError);
  });
});

describe('a third-party client (openid-client)', () => {
  it.each(['ES384', 'RS384'] as const)('gets a token with %s', async (alg) => {
    const client = await addClient(database, HOSPITAL.rid, { alg });
    const algorithm =
      alg === 'ES384' ? { name: 'ECDSA', namedCurve: 'P-384' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' };
    const key = await crypto.subtle.importKey('jwk', client.key.privateJwk as JsonWebKey, algorithm, false, ['sign']);
    const discovered = (await (await fetch(`${process.baseUrl}/fhir/.well-known/smart-configuration`)).json()) as {
      token_endpoint: string;
    };
    const configuration = new openid.Configuration(
      { issuer: process.baseUrl, token_endpoint: discovered.token_endpoint },
      client.clientId,
      {},
      openid.PrivateKeyJwt(
        { key, kid: client.key.kid },
        {
          // SMART names the token URL as audience; the library's default is the issuer.
          [openid.modifyAssertion]: (_header, payload) => {
            payload.aud = discovered.token_endpoint;
          },
        },
      ),
    );
    openid.allowInsecureRequests(configuration);
    const token = await openid.clientCredentialsGrant(configuration, { scope: 'system/Observation.rs' });
    expect(token.scope).toBe('system/Observation.rs');
    expect(await process.callers.callerOf(token.access_token, { requestId: 'r' })).toMatchObject({
      clientId: client.clientId,
    });
  });
});

describe('an assertion is refused with one message', () => {
  const stranger = keyPair('ES384');
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const rs256 = keyPair('RS384').privateJwk;
  const claimsOf = (client: Client) => ({
    iss: client.clientId,
    sub: client.clientId,
    aud: process.tokenUrl,
    jti: randomUUID(),
    exp: Math.floor(Date.now() / 1000) + 60,
  });

  it.each<[string, string, () => Promise<string>]>([
    ['alg none', 'alg mismatch', async () => new UnsecuredJWT(claimsOf(hospital)).encode()],
    [
      'alg HS256 with the public key as secret',
      'alg mismatch',
      async () =>
        new SignJWT(claimsOf(hospital))
          .setProtectedHeader({ alg: 'HS256', kid: hospital.key.kid, typ: 'JWT' })
          .sign(createSecretKey(Buffer.from(JSON.stringify(hospital.key.publicJwk)))),
    ],
    [
      'alg ES256',
      'alg mismatch',
      () => assertion(hospital, process.tokenUrl, { header: { alg: 'ES256' }, key: p256 as never }),
    ],
    ['alg RS256', 'alg mismatch', () => assertion(clinic, process.tokenUrl, { header: { alg: 'RS256' }, key: rs256 })],
    ['exp in an hour', 'more than five minutes ahead', () => assertion(hospital, process.tokenUrl, { expires: 3600 })],
    [
      'exp in six minutes',
      'more than five minutes ahead',
      () => assertion(hospital, process.tokenUrl, { expires: 360 }),
    ],
    ['exp a minute ago', 'jwt expired', () => assertion(hospital, process.tokenUrl, { expires: -60 })],
    ['exp as text', 'invalid exp', () => assertion(hospital, process.tokenUrl, { claims: { exp: '9999999999' } })],
    [
      'no exp',
      'expiration must be specified',
      () => assertion(hospital, process.tokenUrl, { claims: { exp: undefined } }),
    ],
    [
      'nbf in the future',
      'not active yet',
      () => assertion(hospital, process.tokenUrl, { claims: { nbf: Math.floor(Date.now() / 1000) + 120 } }),
    ],
    ['no jti', 'jti', () => assertion(hospital, process.tokenUrl, { claims: { jti: undefined } })],
    [
      'a jti that is an object',
      'invalid jti',
      () => assertion(hospital, process.tokenUrl, { claims: { jti: { a: 1 } } }),
    ],
    [
      'an endless jti',
      'jti is missing or too long',
      () => assertion(hospital, process.tokenUrl, { claims: { jti: 'j'.repeat(2000) } }),
    ],
    ['no aud', 'aud', () => assertion(hospital, process.tokenUrl, { claims: { aud: undefined } })],
    ['aud of another server', 'aud', () => assertion(hospital, 'https://other.example/oauth/token')],
    ['aud of the issuer', 'aud', () => assertion(hospital, process.baseUrl)],
    [
      'aud of the token URL and more',
      'aud is not the token URL alone',
      () => assertion(hospital, process.tokenUrl, { claims: { aud: [process.tokenUrl, 'https://other.example'] } }),
    ],
    ['aud with a slash more', 'aud', () => assertion(hospital, `${process.tokenUrl}/`)],
    ['no iss', 'iss', () => assertion(hospital, process.tokenUrl, { claims: { iss: undefined } })],
    ['iss of another client', 'iss', () => assertion(hospital, process.tokenUrl, { claims: { iss: clinic.clientId } })],
    ['no sub', 'sub', () => assertion(hospital, process.tokenUrl, { claims: { sub: undefined } })],
    ['sub of another client', 'iss', () => assertion(hospital, process.tokenUrl, { claims: { sub: clinic.clientId } })],
    [
      'a sub that is an object',
      'client not found',
      () => assertion(hospital, process.tokenUrl, { claims: { sub: { id: hospital.clientId } } }),
    ],
    ['an unknown client', 'client not found', () => assertion({ ...hospital, clientId: 'nobody' }, process.tokenUrl)],
    [
      'a client id that no database takes',
      'client not found',
      () => assertion({ ...hospital, clientId: 'a\0b' }, process.tokenUrl),
    ],
    [
      'the key of another client',
      'signature verification failed',
      () => assertion(hospital, process.tokenUrl, { key: stranger.privateJwk }),
    ],
    [
      'the key of another client under its own kid',
      'no applicable key',
      () => assertion({ ...hospital, key: stranger }, process.tokenUrl),
    ],
    ['no kid', 'kid is missing', () => assertion(hospital, process.tokenUrl, { header: { kid: undefined } })],
    ['another typ', 'typ is not JWT', () => assertion(hospital, process.tokenUrl, { header: { typ: 'at+jwt' } })],
    [
      'a jku that is not registered',
      'jku is not registered',
      () => assertion(hospital, process.tokenUrl, { header: { jku: 'http://127.0.0.1:1/jwks' } }),
    ],
  ])('%s', async (_name, detail, make) => {
    const issued = process.issued.length;
    expectInvalidClient(await requestToken(process, await make()));
    expect(process.refused.at(-1)?.detail).toContain(detail);
    expect(process.issued).toHaveLength(issued);
    expect(process.failed).toEqual([]);
  });

  it('and the log is told why, without the assertion', async () => {
    const late = await assertion(hospital, process.tokenUrl, { expires: 3600 });
    await requestToken(process, late);
    expect(process.refused.at(-1)).toEqual({
      clientId: hospital.clientId,
      error: 'invalid_client',
      detail: 'client assertion: exp is more than five minutes ahead',
    });
    expect(JSON.stringify(process.refused)).not.toContain(late);
  });

  it('though typ may be missing, and aud may be a list of the one', async () => {
    const bare = await assertion(hospital, process.tokenUrl, {
      header: { typ: undefined },
      claims: { aud: [process.tokenUrl] },
    });
    expect((await requestToken(process, bare)).status).toBe(200);
  });

  it('and an Accept for HTML does not change the form of the answer', async () => {
    const answer = await requestToken(
      process,
      await assertion(hospital, 'https://other.example'),
      {},
      { accept: 'text/html' },
    );
    expectInvalidClient(answer);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
});

describe('a jti', () => {
  it('is good for one use', async () => {
    const used = await assertion(hospital, process.tokenUrl);
    expect((await requestToken(process, used)).status).toBe(200);
    expectInvalidClient(await requestToken(process, used));
  });

  it('is good for one of 20 uses at a time, in two processes', async () => {
    const other = await startProcess(await clone.open(), { baseUrl: process.baseUrl });
    const used = await assertion(hospital, process.tokenUrl);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => requestToken(index % 2 ? process : other, used)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectInvalidClient(answer);
    await other.close();
  });

  it('of one client does not stand in the way of another', async () => {
    const jti = randomUUID();
    for (const client of [hospital, clinic]) {
      const answer = await requestToken(process, await assertion(client, process.tokenUrl, { claims: { jti } }), {
        scope: 'system/Patient.r',
      });
      expect(answer.status).toBe(200);
    }
  });

  it('is kept, as a hash, for as long as its assertion could be sent again, and no longer', async () => {
    await database.query(`INSERT INTO used_assertion VALUES ('old', now() - interval '1 second')`);
    const jti = 'A jti with Ünïcödé \u0000 and all';
    expect((await requestToken(process, await assertion(hospital, process.tokenUrl, { claims: { jti } }))).status).toBe(
      200,
    );
    const { rows } = await database.query<{ hash: string; left: number }>(
      'SELECT hash, extract(epoch FROM expires_at - now())::float8 AS left FROM used_assertion ORDER BY expires_at',
    );
    expect(rows.map(({ hash }) => hash)).not.toContain('old');
    for (const { hash, left } of rows) {
      expect(hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(left).toBeLessThanOrEqual(310);
    }
  });
});

describe('scopes', () => {
  it.each([
    ['system/*.cruds', 'system/Appointment.cruds system/Patient.rs'],
    ['system/*.rs', 'system/Appointment.rs system/Patient.rs'],
    ['system/Patient.cruds', 'system/Patient.rs'],
    ['system/Patient.read', 'system/Patient.rs'],
    ['system/Patient.r system/Observation.rs', 'system/Patient.r'],
    ['system/Patient.r system/Patient.s', 'system/Patient.rs'],
  ])('%s asked for gives %s, as far as the client is registered', async (scope, granted) => {
    const { status, body } = await ask(clinic, { scope });
    expect([status, body.scope]).toEqual([200, granted]);
  });

  it.each([
    ['', 'scope is required'],
    [undefined, 'scope is required'],
    ['system/Patient.dus', 'not a SMART system scope: system/Patient.dus'],
    ['system:Patient.read', 'not a SMART system scope: system:Patient.read'],
    ['system/Patient.rs system/Patient.sr', 'not a SMART system scope: system/Patient.sr'],
    [
      'system/Observation.rs?category=laboratory',
      'not a SMART system scope: system/Observation.rs?category=laboratory',
    ],
    ['user/Patient.rs', 'not a SMART system scope: user/Patient.rs'],
    ['system/Unheard.rs', 'not a SMART system scope: system/Unheard.rs'],
    ['openid', 'not a SMART system scope: openid'],
    [' system/Patient.rs', 'scope contains invalid characters'],
    ['system/Patient.rs  system/Patient.c', 'scope contains invalid characters'],
    ['system/Patient.rs\n', 'scope contains invalid characters'],
    ['system/"Patient".rs', 'scope contains invalid characters'],
    ['system/Observation.rs', 'the client is registered for none of these scopes'],
    ['system/Patient.cud', 'the client is registered for none of these scopes'],
  ])('%j is invalid_scope', async (scope, description) => {
    const issued = process.issued.length;
    const { status, body } = await ask(clinic, { scope });
    expect(body).toEqual({ error: 'invalid_scope', error_description: description });
    expect(status).toBe(400);
    expect(process.issued).toHaveLength(issued);
  });
});

describe('who is shut out', () => {
  const institution = { rid: 99n, id: 'closing', kind: 'medical' };
  let client: Client;

  beforeAll(async () => {
    await addInstitutions(database, [institution]);
    client = await addClient(database, institution.rid);
  });

  it.each([
    ['a suspended institution', 'suspended_at = now()', 'suspended_at = NULL'],
    ['an institution that is not active', 'active = false', 'active = true'],
  ])('%s gets no token, and gets one when it is let in again', async (_name, out, back) => {
    await database.query(`UPDATE institution SET ${out} WHERE rid = $1`, [institution.rid]);
    expectInvalidClient(await ask(client));
    await database.query(`UPDATE institution SET ${back} WHERE rid = $1`, [institution.rid]);
    expect((await ask(client)).status).toBe(200);
  });

  it('a client that was disabled gets no token', async () => {
    expect(await disableClient(database, client.clientId)).toBe(true);
    expectInvalidClient(await ask(client));
  });
});

describe('the endpoint', () => {
  it.each([
    ['another grant', { grant_type: 'authorization_code' }, 400, 'unsupported_grant_type'],
    [
      'a grant with a refresh token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      400,
      'unsupported_grant_type',
    ],
    ['no grant', { grant_type: undefined }, 400, 'invalid_request'],
    ['another kind of assertion', { client_assertion_type: 'urn:example' }, 400, 'invalid_request'],
    ['an assertion that is no JWT', { client_assertion: 'x' }, 400, 'invalid_request'],
    [
      'a secret',
      { client_assertion: undefined, client_assertion_type: undefined, client_id: 'hospital', client_secret: 's' },
      401,
      'invalid_client',
    ],
    [
      'nothing but a client id',
      { client_assertion: undefined, client_assertion_type: undefined, client_id: 'hospital' },
      401,
      'invalid_client',
    ],
  ])('refuses %s', async (_name, form, status, error) => {
    const answer = await ask(hospital, form);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('refuses two values of one parameter', async () => {
    const one = await assertion(hospital, process.tokenUrl);
    const body = new URLSearchParams([
      ['grant_type', 'client_credentials'],
      ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
      ['client_assertion', one],
      ['scope', 'system/Patient.r'],
      ['scope', 'system/*.cruds'],
    ]);
    const response = await fetch(`${process.baseUrl}/oauth/token`, { method: 'POST', body });
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['JSON', 'application/json', '{"grant_type":"client_credentials"}'],
    ['a body without end', 'application/x-www-form-urlencoded', `scope=${'x'.repeat(200_000)}`],
    ['an unknown charset', 'application/x-www-form-urlencoded; charset=no-such', 'grant_type=client_credentials'],
    ['an attack on prototypes', 'application/x-www-form-urlencoded', '__proto__[client_id]=x&constructor.prototype=1'],
    ['nothing', 'application/x-www-form-urlencoded', ''],
  ])('refuses %s', async (_name, type, body) => {
    const response = await fetch(`${process.baseUrl}/oauth/token`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([400, 'invalid_request']);
    expect(process.failed).toEqual([]);
  });

  it('takes POST only', async () => {
    const response = await fetch(`${process.baseUrl}/oauth/token`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });

  it.each([
    '/oauth/auth',
    '/oauth/jwks',
    '/auth',
    '/jwks',
    '/.well-known/openid-configuration',
    '/token/introspection',
    '/session/end',
  ])('is all there is of the provider: no %s', async (path) => {
    expect((await fetch(`${process.baseUrl}${path}`)).status).toBe(404);
  });

  it('knows its own URL from the configuration, whatever Host says', async () => {
    const proxied = await startProcess(database, { baseUrl: 'https://tasuki.example/east' });
    const good = await assertion(hospital, 'https://tasuki.example/east/oauth/token');
    expect((await requestToken(proxied, good)).status).toBe(200);
    expectInvalidClient(await requestToken(proxied, await assertion(hospital, `${proxied.baseUrl}/oauth/token`)));
    await proxied.close();
  });

  it('answers browsers of any origin', async () => {
    const preflight = await fetch(`${process.baseUrl}/oauth/token`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-request-id',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/app\.example)$/);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    const answer = await requestToken(
      process,
      await assertion(hospital, process.tokenUrl),
      {},
      { origin: 'https://app.example' },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/app\.example)$/);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('sends no token that the audit did not take', async () => {
    const full = await startProcess(database, { issued: () => Promise.reject(new Error('the audit is full')) });
    const answer = await requestToken(full, await assertion(hospital, full.tokenUrl));
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ error: 'server_error', error_description: expect.not.stringContaining('audit') });
    expect(full.failed).toEqual([expect.objectContaining({ message: 'the audit is full' })]);
    await full.close();
  });
});

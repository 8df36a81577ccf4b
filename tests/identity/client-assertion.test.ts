import { createSecretKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import {
  assertion,
  type Client,
  expectInvalidClient,
  keyPair,
  openWorld,
  requestToken,
  startProcess,
  type World,
} from './world.ts';

let world: World;
let clone: World['clone'];
let database: World['database'];
let process: World['process'];
let hospital: World['hospital'];
let clinic: World['clinic'];

beforeAll(async () => {
  world = await openWorld();
  ({ clone, database, process, hospital, clinic } = world);
});

afterAll(() => world.close());

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
    [
      'a key that it brings along',
      'signature verification failed',
      () =>
        assertion(hospital, process.tokenUrl, {
          header: { jwk: stranger.publicJwk, x5u: 'http://127.0.0.1:1/cert', x5c: ['AAAA'] },
          key: stranger.privateJwk,
        }),
    ],
    [
      'a kid that is a path',
      'no applicable key',
      () => assertion(hospital, process.tokenUrl, { header: { kid: '../../etc/passwd' } }),
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

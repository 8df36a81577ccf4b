import { createHash } from 'node:crypto';
import { type CryptoKey, importJWK } from 'jose';
import * as openid from 'openid-client';
import { disableClient } from '../../src/identity/index.ts';
import {
  addClient,
  addInstitutions,
  ask,
  assertion,
  type Client,
  expectInvalidClient,
  HOSPITAL,
  openWorld,
  requestToken,
  startProcess,
  type World,
} from './world.ts';

let world: World;
let database: World['database'];
let process: World['process'];
let hospital: World['hospital'];
let clinic: World['clinic'];

beforeAll(async () => {
  world = await openWorld();
  ({ database, process, hospital, clinic } = world);
});

afterAll(() => world.close());

describe('a token', () => {
  it('is opaque, lives 300 s at most and is not to be stored by anyone on the way', async () => {
    const { status, headers, body } = await ask(process, hospital, { scope: 'system/*.cruds' });
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
    const { body } = await ask(process, hospital);
    const token = String(body.access_token);
    const { rows } = await database.query<{ row: string }>('SELECT t::text AS row FROM access_token t');
    const text = rows.map(({ row }) => row).join('\n');
    expect(text).toContain(createHash('sha256').update(token).digest('base64url'));
    expect(text).not.toContain(token);
  });

  it('is told to the audit before it is sent, without the token', async () => {
    const { body } = await ask(process, clinic, { scope: 'system/Patient.r' });
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
    const key = (await importJWK(client.key.privateJwk, alg)) as CryptoKey;
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
    expectInvalidClient(await ask(process, client));
    await database.query(`UPDATE institution SET ${back} WHERE rid = $1`, [institution.rid]);
    expect((await ask(process, client)).status).toBe(200);
  });

  it('a client that was disabled gets no token', async () => {
    expect(await disableClient(database, client.clientId)).toBe(true);
    expectInvalidClient(await ask(process, client));
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { createClient } from '../../../src/demo/backend-client.ts';
import { keyPair, type Member } from '../../support/network.ts';
import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { openWorld, type World } from '../../support/world.ts';
import { all, asked, said, suspension } from './parameters.ts';

/** Where the clinic publishes the keys of its systems. */
let published: object[] = [];
let asks = 0;
const place = createServer((_request, response) => {
  asks++;
  response.setHeader('content-type', 'application/json').setHeader('cache-control', 'max-age=3600');
  response.end(JSON.stringify({ keys: published }));
});
let host: string;
let world: World;
let crowd: Crowd;
let clinic: Member;
let admin: SignedUp;
beforeAll(async () => {
  await new Promise<void>((resolve) => place.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(place.address() as AddressInfo).port}`;
  world = await openWorld({ env: { JWKS_PRIVATE_HOSTS: host } });
  ({ clinic } = world);
  crowd = await openCrowd(world.server, world.network.operator);
  admin = await crowd.signUp(clinic, ['administrator']);
});
afterAll(async () => {
  await crowd.close();
  await world.close();
  place.closeAllConnections();
  await new Promise((resolve) => place.close(resolve));
});

const run = (
  operation: string,
  values: Record<string, unknown>,
  by: Pick<Member, 'post'> = admin,
  of = clinic.organization,
) => by.post(`${of}/$${operation}`, asked(values));
const keysOf = (...pairs: { publicJwk: JWK }[]) => JSON.stringify({ keys: pairs.map(({ publicJwk }) => publicJwk) });
const system = (values: Record<string, unknown> = {}) => ({ name: '電子カルテ', scope: 'system/*.cruds', ...values });
const listed = async (id: string) =>
  all((await admin.get(`${clinic.organization}/$clients`)).body, 'client').find(({ client }) => client === id);
/** Whether a token is to be had with the key. */
const gets = (clientId: string, { privateJwk }: { privateJwk: JWK }) =>
  createClient({ baseUrl: world.server.baseUrl, clientId, privateKeyJwk: privateJwk, scope: 'system/*.rs' })
    .token()
    .then(
      () => true,
      () => false,
    );

describe('a system of the institution', () => {
  it('is registered by its administrator, with its keys', async () => {
    const pair = keyPair();
    const { status, body } = await run(
      'register-client',
      system({ jwks: keysOf(pair), software: 'HIS-X', version: '4.2', issuedTo: '情報室' }),
    );
    expect(status).toBe(200);
    const { clientId } = said(body);
    expect(await gets(clientId, pair)).toBe(true);
    expect(await listed(clientId)).toMatchObject({
      kind: 'system',
      active: true,
      kids: pair.publicJwk.kid,
      name: '電子カルテ',
    });
    const software = all((await admin.get(`${clinic.organization}/$software`)).body, 'software');
    expect(software).toContainEqual(
      expect.objectContaining({ software: 'HIS-X', version: '4.2', issuedTo: '情報室', client: clientId }),
    );
  });

  it('is registered by nobody else but the operator', async () => {
    const values = system({ jwks: keysOf(keyPair()) });
    const nurse = await crowd.signUp(clinic, ['nurse']);
    expect((await run('register-client', values, clinic)).status).toBe(403);
    expect((await run('register-client', values, nurse)).status).toBe(403);
    expect((await run('register-client', values, admin, world.hospital.organization)).status).toBe(404);
    expect((await run('register-client', values, world.network.operator)).status).toBe(200);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['no keys', {}, 400],
    ['two kinds of keys', { jwks: '{}', jwksUrl: 'https://his.example/jwks' }, 422],
    ['a URL that is not https', { jwksUrl: 'http://his.example/jwks' }, 422],
    ['a URL with a password', { jwksUrl: 'https://a:b@his.example/jwks' }, 422],
    ['a scope of people', { jwks: 'KEYS', scope: 'user/*.rs' }, 422],
    ['a scope that does not exist', { jwks: 'KEYS', scope: 'system/Patient.dus' }, 422],
    ['a name of control characters', { jwks: 'KEYS', name: 'a\u0007' }, 422],
    ['software that nobody answers for', { jwks: 'KEYS', software: 'x' }, 400],
  ])('is not registered with %s', async (_, values, status) => {
    const given = values.jwks === 'KEYS' ? { ...values, jwks: keysOf(keyPair()) } : values;
    expect((await run('register-client', system(given))).status).toBe(status);
  });

  it('changes its keys without a gap: old and new are taken together, and then the new one alone', async () => {
    const [first, second] = [keyPair(), keyPair()];
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(first) }))).body);
    expect((await run('update-client', { client: clientId, jwks: keysOf(second) })).status).toBe(200);
    expect([await gets(clientId, first), await gets(clientId, second)]).toEqual([true, true]);
    // The hours are over: by the database's clock, as the old key says itself.
    const { rowCount } = await crowd.database
      .query(
        `UPDATE client SET jwks = jsonb_build_object('keys', (SELECT jsonb_agg(CASE WHEN key ? 'exp' THEN jsonb_set(key, '{exp}', '1') ELSE key END)
         FROM jsonb_array_elements(jwks -> 'keys') AS k (key))) WHERE id = $1`,
        [clientId],
      )
      .then(({ count }) => ({ rowCount: count }));
    expect(rowCount).toBe(1);
    expect([await gets(clientId, first), await gets(clientId, second)]).toEqual([false, true]);
    expect((await listed(clientId)).kids).toBe(second.publicJwk.kid);
  });

  it('changes them at once where the old one was stolen', async () => {
    const [first, second] = [keyPair(), keyPair()];
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(first) }))).body);
    const values = asked({ client: clientId, jwks: keysOf(second) });
    values.parameter.push({ name: 'overlapHours', valueInteger: 0 });
    expect((await admin.post(`${clinic.organization}/$update-client`, values)).status).toBe(200);
    expect([await gets(clientId, first), await gets(clientId, second)]).toEqual([false, true]);
  });

  it('keeps no more than a few old keys, however often it changes them', async () => {
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(keyPair()) }))).body);
    for (let at = 0; at < 14; at++) await run('update-client', { client: clientId, jwks: keysOf(keyPair()) });
    expect((await listed(clientId)).kids.split(' ')).toHaveLength(11);
  });

  it('publishes its keys at a URL, and changes them there', async () => {
    const [first, second] = [keyPair(), keyPair()];
    published = [first.publicJwk];
    const { status, body } = await run('register-client', system({ jwksUrl: `http://${host}/jwks` }));
    expect(status).toBe(200);
    const { clientId } = said(body);
    expect(await gets(clientId, first)).toBe(true);
    const before = asks;
    expect(await gets(clientId, first)).toBe(true);
    expect(asks).toBe(before);
    published = [first.publicJwk, second.publicJwk];
    await run('update-client', { client: clientId, name: 'with news', jwksUrl: `http://${host}/jwks` });
    expect([await gets(clientId, second), await gets(clientId, first)]).toEqual([true, true]);
    // A stolen key is out with the address given again, however long its document was to hold.
    published = [second.publicJwk];
    await run('update-client', { client: clientId, jwksUrl: `http://${host}/jwks` });
    expect([await gets(clientId, second), await gets(clientId, first)]).toEqual([true, false]);
    expect(await listed(clientId)).toMatchObject({ jwksUrl: `http://${host}/jwks`, name: 'with news' });
  });

  it('moves from keys to a URL and back', async () => {
    const [first, second] = [keyPair(), keyPair()];
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(first) }))).body);
    published = [second.publicJwk];
    expect((await run('update-client', { client: clientId, jwksUrl: `http://${host}/other` })).status).toBe(200);
    expect([await gets(clientId, first), await gets(clientId, second)]).toEqual([false, true]);
    expect((await run('update-client', { client: clientId, jwks: keysOf(first) })).status).toBe(200);
    expect(await gets(clientId, first)).toBe(true);
  });

  it('has scopes within what the contract gives', async () => {
    const pair = keyPair();
    await crowd.database.query('UPDATE institution SET services = 2 WHERE id = $1', [
      clinic.organization.slice('Organization/'.length),
    ]);
    try {
      const values = (scope: string) => system({ jwks: keysOf(pair), scope });
      expect((await run('register-client', values('system/Appointment.rs'), world.network.operator)).status).toBe(422);
      const { status, body } = await run(
        'register-client',
        values('system/Patient.rs system/CareTeam.rs'),
        world.network.operator,
      );
      expect(status).toBe(200);
      const { clientId } = said(body);
      const beyond = await run(
        'update-client',
        { client: clientId, scope: 'system/Consent.rs' },
        world.network.operator,
      );
      expect(beyond.status).toBe(422);
      expect(
        (await run('update-client', { client: clientId, scope: 'system/Patient.rs' }, world.network.operator)).status,
      ).toBe(200);
      expect((await listed(clientId)).scope).toBe('system/Patient.rs');
    } finally {
      await crowd.database.query('UPDATE institution SET services = 63 WHERE id = $1', [
        clinic.organization.slice('Organization/'.length),
      ]);
    }
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['nothing', {}, 400],
    ['both kinds of keys', { jwks: keysOf(keyPair()), jwksUrl: 'https://his.example/jwks' }, 422],
    ['keys that are private', { jwks: JSON.stringify({ keys: [keyPair().privateJwk] }) }, 422],
    ['another’s', { client: 'operator', name: 'mine now' }, 404],
    ['one that there is not', { client: 'none', name: 'x' }, 404],
  ])('is not changed by %s', async (_, values, status) => {
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(keyPair()) }))).body);
    expect((await run('update-client', { client: clientId, ...values })).status).toBe(status);
  });

  it('is shut out for good by its administrator', async () => {
    const pair = keyPair();
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(pair) }))).body);
    expect((await admin.post(`${clinic.organization}/$disable-client`, suspension({ client: clientId }))).status).toBe(
      200,
    );
    expect(await gets(clientId, pair)).toBe(false);
    expect((await run('update-client', { client: clientId, jwks: keysOf(pair) })).status).toBe(404);
    expect(await listed(clientId)).toMatchObject({ active: false, disabled: expect.any(String) });
    expect(
      (await admin.post(`${clinic.organization}/$disable-client`, suspension({ client: 'operator' }))).status,
    ).toBe(404);
  });
});

describe('an app', () => {
  const app = (values: Record<string, unknown> = {}) => ({
    name: '服薬アプリ',
    scope: 'openid fhirUser launch/patient patient/*.rs',
    redirectUri: 'https://app.example/back',
    launchUrl: 'https://app.example/launch',
    ...values,
  });

  it('is registered with where it comes back to', async () => {
    const { status, body } = await run('register-app', app());
    expect(status).toBe(200);
    expect(await listed(said(body).clientId)).toMatchObject({
      kind: 'app',
      authMethod: 'none',
      redirectUri: 'https://app.example/back',
      launchUrl: 'https://app.example/launch',
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['nowhere to come back to', { redirectUri: undefined }],
    ['http elsewhere', { redirectUri: 'http://app.example/back' }],
    ['a script', { redirectUri: 'javascript:alert(1)' }],
    ['a fragment', { redirectUri: 'https://app.example/#x' }],
    ['a system’s scope', { scope: 'system/*.rs' }],
  ])('is not registered with %s', async (_, values) => {
    expect((await run('register-app', app(values))).status).toBe(422);
  });
});

describe('software that was issued', () => {
  it('is on the register until it is returned; then what it got in by is shut out', async () => {
    const pair = keyPair();
    const { clientId } = said((await run('register-client', system({ jwks: keysOf(pair) }))).body);
    const { body } = await run('issue-software', { software: '署名ソフト CD-ROM', issuedTo: '院長', client: clientId });
    const { entry } = said(body);
    expect((await run('return-software', { entry, outcome: 'returned', note: 'CD-ROM 返却' })).status).toBe(200);
    expect(await gets(clientId, pair)).toBe(false);
    expect((await run('return-software', { entry, outcome: 'lost' })).status).toBe(200);
    const software = all((await admin.get(`${clinic.organization}/$software`)).body, 'software');
    expect(software.find((one) => one.entry === entry)).toMatchObject({
      outcome: 'returned',
      note: 'CD-ROM 返却',
      returned: expect.any(String),
    });
  });

  it('does not take the operator’s last system along, nor is an app kept for being one of few', async () => {
    const { operator } = world.network;
    const to = (operation: string, body: object) => operator.post(`${operator.organization}/$${operation}`, body);
    const issue = asked({ software: 'x', issuedTo: 'x', client: operator.clientId });
    const { entry } = said((await to('issue-software', issue)).body);
    const back = asked({ entry, outcome: 'lost' });
    expect((await to('return-software', back)).status).toBe(409);
    expect((await to('disable-client', suspension({ client: operator.clientId }))).status).toBe(409);
    expect((await to('disable-client', suspension({ client: 'tasuki-admin' }))).status).toBe(200);
    const software = all((await operator.get(`${operator.organization}/$software`)).body, 'software');
    expect(software.find((one) => one.entry === entry)?.returned).toBeUndefined();
  });

  it.each<[string, string, Record<string, unknown>, number]>([
    ['issue-software', 'a name', { issuedTo: 'x' }, 400],
    ['issue-software', 'somebody', { software: 'x' }, 400],
    ['issue-software', 'a client of the institution', { software: 'x', issuedTo: 'x', client: 'operator' }, 422],
    ['issue-software', 'a terminal', { software: 'x', issuedTo: 'x', terminal: 'x' }, 404],
    ['return-software', 'an entry', { entry: 'x', outcome: 'lost' }, 404],
    ['return-software', 'an outcome', { entry: '00000000-0000-4000-8000-000000000000', outcome: 'eaten' }, 400],
    [
      'return-software',
      'an entry that there is',
      { entry: '00000000-0000-4000-8000-000000000000', outcome: 'lost' },
      404,
    ],
  ])('$%s needs %s', async (operation, _, values, status) => {
    expect((await run(operation, values)).status).toBe(status);
  });
});

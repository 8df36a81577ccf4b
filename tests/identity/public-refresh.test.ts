import { addPerson, authorize, openPeopleWorld, type PeopleWorld } from './people-world.ts';
import { HOSPITAL } from './world.ts';

let world: PeopleWorld;
beforeAll(async () => {
  world = await openPeopleWorld();
});
afterAll(() => world.close());
afterEach(() => expect(world.process.failed).toEqual([]));

const OFFLINE = { scope: 'openid offline_access user/Patient.rs' };
const refresh = async (fields: Record<string, string>, headers: Record<string, string> = {}) => {
  const response = await fetch(`${world.process.baseUrl}/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ grant_type: 'refresh_token', ...fields }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};
const alive = async (token: string) =>
  (await world.process.identity.callers.callerOf(token, { requestId: 'r' })) !== null;

describe('the refresh request of a public app, as SMART has it', () => {
  it('names no client: that is known by the token, which rotates', async () => {
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const first = await refresh({ refresh_token: tokens.refresh_token ?? '' });
    expect(first.status).toBe(200);
    expect(await alive(first.body.access_token ?? '')).toBe(true);
    const second = await refresh({ refresh_token: first.body.refresh_token ?? '' });
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
  });

  it('ends everything when the token was used before', async () => {
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const first = await refresh({ refresh_token: tokens.refresh_token ?? '' });
    const again = await refresh({ refresh_token: tokens.refresh_token ?? '' });
    expect([again.status, again.body.error]).toEqual([400, 'invalid_grant']);
    expect(await alive(first.body.access_token ?? '')).toBe(false);
  });

  it.each(['x', 'A'.repeat(43), '0'.repeat(10_000), 'ü'])(
    'is refused with a token that there is not: %#',
    async (token) => {
      const { status, body } = await refresh({ refresh_token: token });
      expect([status, body.error]).toEqual([400, 'invalid_grant']);
    },
  );

  it('is refused without a token, and with a client that no client can be', async () => {
    expect((await refresh({})).body.error).toBe('invalid_request');
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const other = await refresh({ refresh_token: tokens.refresh_token ?? '', client_id: 'nobody' });
    expect(other.body.error).toBe('invalid_client');
    const basic = await refresh({ refresh_token: tokens.refresh_token ?? '' }, { authorization: 'Basic bm9ib2R5Og==' });
    expect(basic.status).toBeGreaterThanOrEqual(400);
  });
});

describe('the place-holder of its client', () => {
  it('is of no use elsewhere', async () => {
    const client_id = '~of-the-refresh-token';
    for (const fields of [
      { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://app.example/callback', client_id },
      { grant_type: 'client_credentials', scope: 'system/*.rs', client_id },
      { grant_type: 'refresh_token', client_id },
    ])
      expect((await refresh(fields)).status).toBe(400);
    const url = `${world.process.baseUrl}/oauth/authorize?${new URLSearchParams({ client_id, response_type: 'code' })}`;
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });
});

describe('the apps of a person', () => {
  it('are those that may do something now, remembered or not', async () => {
    const person = await addPerson(world.database, HOSPITAL.rid, 'physician');
    const apps = () => world.process.identity.interactions.apps(person);
    expect(await apps()).toEqual([]);
    await authorize(world, person, OFFLINE);
    await authorize(world, person, { scope: 'openid fhirUser user/Patient.rs' });
    const [app, ...others] = await apps();
    expect(others).toEqual([]);
    expect(app).toMatchObject({ client: { id: world.app, name: 'An app' }, at: expect.any(Number) });
    expect(app?.scopes.toSorted()).toEqual(['fhirUser', 'offline_access', 'openid', 'user/Patient.rs']);
    expect(await world.process.identity.interactions.revokeApp(person, world.app)).toBe(true);
    expect(await apps()).toEqual([]);
    expect(await world.process.identity.interactions.revokeApp(person, world.app)).toBe(false);
  });
});

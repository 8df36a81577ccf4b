import * as oidc from 'openid-client';
import {
  addApp,
  addPerson,
  addSession,
  authorize,
  Browser,
  begin,
  clientOf,
  exchange,
  openPeopleWorld,
  type PeopleProcess,
  type PeopleWorld,
  startPeopleProcess,
} from './people-world.ts';
import { addClient, assertion, HOSPITAL, requestToken } from './world.ts';

let world: PeopleWorld;
/** Another process on the same database. */
let second: PeopleProcess;
beforeAll(async () => {
  world = await openPeopleWorld();
  second = await startPeopleProcess(world.database, world.process.baseUrl);
});
afterAll(async () => {
  await second.close();
  await world.close();
});
afterEach(() => expect([...world.process.failed, ...second.failed]).toEqual([]));

const ONLINE = { scope: 'openid fhirUser online_access user/Patient.rs' };
const OFFLINE = { scope: 'openid offline_access user/Patient.rs user/Observation.rs' };
const alive = async (token: string, process = second) =>
  (await process.identity.callers.callerOf(token, { requestId: 'r' })) !== null;
const failing = (error: string) => expect.objectContaining({ error });

describe('a refresh token', () => {
  it('is given for online_access and offline_access, and rotates', async () => {
    const { config, tokens } = await authorize(world, world.physician, ONLINE);
    const first = tokens.refresh_token ?? '';
    const next = await oidc.refreshTokenGrant(config, first);
    expect(next.refresh_token).not.toBe(first);
    expect(next.scope).toBe(tokens.scope);
    expect(next.claims()?.sub).toBe(world.physician);
    expect(await alive(next.access_token)).toBe(true);
    const later = await oidc.refreshTokenGrant(config, next.refresh_token ?? '');
    expect(await alive(later.access_token)).toBe(true);
  });

  it('that is used twice ends all: both refresh tokens and every access token', async () => {
    const { config, tokens } = await authorize(world, world.physician, OFFLINE);
    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(await alive(next.access_token)).toBe(true);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toEqual(failing('invalid_grant'));
    await expect(oidc.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toEqual(failing('invalid_grant'));
    expect([await alive(tokens.access_token), await alive(next.access_token)]).toEqual([false, false]);
  });

  it('that is used in two processes at once is used by one at most, and ends all', async () => {
    const { config, tokens } = await authorize(world, world.physician, OFFLINE);
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '', client_id: world.app };
    const at = ({ baseUrl }: PeopleProcess) =>
      fetch(`${baseUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
    const answers = await Promise.all([world.process, second, world.process, second].map(at));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const answer of answers) {
      const { access_token } = (await answer.json()) as { access_token?: string };
      if (access_token) expect(await alive(access_token)).toBe(false);
    }
    expect(await alive(tokens.access_token)).toBe(false);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toEqual(failing('invalid_grant'));
  });

  it('gives less where less is asked for, and never more', async () => {
    const { config, tokens } = await authorize(world, world.physician, OFFLINE);
    const less = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '', { scope: 'user/Patient.rs' });
    expect(less.scope).toBe('user/Patient.rs');
    const more = oidc.refreshTokenGrant(config, less.refresh_token ?? '', { scope: 'user/*.cruds' });
    await expect(more).rejects.toEqual(failing('invalid_scope'));
  });

  it('is of no use to another app', async () => {
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const other = await clientOf(world.process, await addApp(world.database));
    await expect(oidc.refreshTokenGrant(other, tokens.refresh_token ?? '')).rejects.toEqual(failing('invalid_grant'));
  });

  it('of online_access ends with the session; of offline_access it does not', async () => {
    const online = await authorize(world, world.physician, ONLINE);
    const offline = await authorize(world, world.physician, OFFLINE);
    for (const { login } of [online, offline])
      await world.database.query('DELETE FROM session WHERE id = $1', [login.session]);
    expect(await alive(online.tokens.access_token)).toBe(false);
    const refreshed = oidc.refreshTokenGrant(online.config, online.tokens.refresh_token ?? '');
    await expect(refreshed).rejects.toEqual(failing('invalid_grant'));
    expect(await alive(offline.tokens.access_token)).toBe(true);
    const next = await oidc.refreshTokenGrant(offline.config, offline.tokens.refresh_token ?? '');
    expect(await alive(next.access_token)).toBe(true);
  });
});

describe('a code', () => {
  it('that is used twice ends the tokens that the first use gave', async () => {
    const { config, flow, callback, tokens } = await authorize(world, world.physician, OFFLINE);
    expect(await alive(tokens.access_token)).toBe(true);
    await expect(exchange(config, flow, callback)).rejects.toEqual(failing('invalid_grant'));
    expect(await alive(tokens.access_token)).toBe(false);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toEqual(failing('invalid_grant'));
  });

  it('is of no use without its verifier, with another, to another app or at another address', async () => {
    const config = await clientOf(world.process, world.app);
    const other = await addApp(world.database, {
      redirectUris: ['https://app.example/callback', 'https://app.example/2'],
    });
    const code = async () => {
      const flow = await begin(config, world.process, OFFLINE);
      const browser = new Browser();
      browser.logIn(await addSession(world.database, world.physician));
      world.process.says = {};
      const { url } = await browser.open(flow.url.href);
      return { code: url.searchParams.get('code') ?? '', verifier: flow.verifier };
    };
    const ask = async (changes: Record<string, string | undefined>) => {
      const { code: value, verifier } = await code();
      const form = {
        grant_type: 'authorization_code',
        code: value,
        code_verifier: verifier,
        redirect_uri: 'https://app.example/callback',
        client_id: world.app,
        ...changes,
      };
      const given = Object.entries(form).filter((one): one is [string, string] => one[1] !== undefined);
      const response = await fetch(`${world.process.baseUrl}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams(given),
      });
      return [response.status, ((await response.json()) as { error?: string }).error];
    };
    expect(await ask({})).toEqual([200, undefined]);
    expect(await ask({ code_verifier: undefined })).toEqual([400, 'invalid_grant']);
    expect(await ask({ code_verifier: oidc.randomPKCECodeVerifier() })).toEqual([400, 'invalid_grant']);
    expect(await ask({ client_id: other })).toEqual([400, 'invalid_grant']);
    expect(await ask({ redirect_uri: 'https://app.example/2' })).toEqual([400, 'invalid_grant']);
  });
});

describe('who is shut out', () => {
  const shut = {
    person: (person: string) => world.database.query('UPDATE person SET suspended_at = now() WHERE id = $1', [person]),
    'person, for good': (person: string) =>
      world.database.query('UPDATE person SET active = false WHERE id = $1', [person]),
    institution: () =>
      world.database.query('UPDATE institution SET suspended_at = now() WHERE rid = $1', [HOSPITAL.rid]),
    contract: () => world.database.query('UPDATE institution SET services = 0 WHERE rid = $1', [HOSPITAL.rid]),
    app: (_person: string, app: string) =>
      world.database.query('UPDATE client SET active = false WHERE id = $1', [app]),
  };
  const lift = async (person: string, app: string) => {
    await world.database.query('UPDATE person SET suspended_at = NULL, active = true WHERE id = $1', [person]);
    await world.database.query('UPDATE institution SET suspended_at = NULL, services = 63 WHERE rid = $1', [
      HOSPITAL.rid,
    ]);
    await world.database.query('UPDATE client SET active = true WHERE id = $1', [app]);
  };

  it.each(Object.entries(shut))(
    '%s: the next request on any process is refused, and nothing comes back',
    async (_, act) => {
      const person = await addPerson(world.database, HOSPITAL.rid, 'physician');
      const app = await addApp(world.database);
      const { config, tokens } = await authorize({ ...world, app }, person, OFFLINE);
      const flow = await begin(config, world.process, OFFLINE);
      const browser = new Browser();
      browser.logIn(await addSession(world.database, person));
      world.process.says = {};
      const { url } = await browser.open(flow.url.href);
      expect(await alive(tokens.access_token)).toBe(true);
      await act(person, app);
      expect([await alive(tokens.access_token), await alive(tokens.access_token, world.process)]).toEqual([
        false,
        false,
      ]);
      const refreshed = () => oidc.refreshTokenGrant(config, tokens.refresh_token ?? '').catch(({ error }) => error);
      const exchanged = () => exchange(config, flow, url).catch(({ error }) => error);
      expect(await refreshed()).toMatch(/^invalid_(grant|client)$/);
      expect(await exchanged()).toMatch(/^invalid_(grant|client)$/);
      await lift(person, app);
      expect(await alive(tokens.access_token)).toBe(false);
      expect(await refreshed()).toBe('invalid_grant');
      expect(await exchanged()).toBe('invalid_grant');
    },
  );

  it('roles that are taken away are gone with the next request', async () => {
    const person = await addPerson(world.database, HOSPITAL.rid, 'physician', 'administrator');
    const { tokens } = await authorize(world, person, OFFLINE);
    await world.database.query("UPDATE person SET roles = '{clerk}' WHERE id = $1", [person]);
    const caller = await second.identity.callers.callerOf(tokens.access_token, { requestId: 'r' });
    expect(caller?.person?.roles).toEqual(['clerk']);
  });
});

describe('introspection (RFC 7662)', () => {
  it('says of a token what it is, to its own app', async () => {
    const { config, tokens } = await authorize(world, world.physician, OFFLINE);
    const said = await oidc.tokenIntrospection(config, tokens.access_token);
    expect(said).toMatchObject({
      active: true,
      client_id: world.app,
      sub: world.physician,
      iss: world.process.baseUrl,
      scope: tokens.scope,
      fhirUser: expect.stringContaining('/fhir/Practitioner/'),
    });
    expect(said.exp).toBeGreaterThan(Date.now() / 1000);
    expect(await oidc.tokenIntrospection(config, tokens.refresh_token ?? '')).toMatchObject({ active: true });
  });

  it('tells another app nothing', async () => {
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const other = await clientOf(world.process, await addApp(world.database));
    expect(await oidc.tokenIntrospection(other, tokens.access_token)).toEqual({ active: false });
    expect(await oidc.tokenIntrospection(other, tokens.refresh_token ?? '')).toEqual({ active: false });
  });

  it('tells the operator’s systems of every token', async () => {
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const operator = await addClient(world.database, 99n);
    const own = await assertion(operator, `${world.process.baseUrl}/oauth/token`);
    const fields = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: own,
      token: tokens.access_token,
    };
    const response = await fetch(`${world.process.baseUrl}/oauth/introspect`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
    expect(await response.json()).toMatchObject({ active: true, client_id: world.app });
  });

  it('knows nothing of what was made up', async () => {
    const config = await clientOf(world.process, world.app);
    for (const token of ['x', 'a'.repeat(43), '\u0000', 'x'.repeat(65_000)])
      expect(await oidc.tokenIntrospection(config, token).catch(({ status }) => ({ status }))).not.toMatchObject({
        active: true,
      });
  });
});

describe('revocation (RFC 7009)', () => {
  it('of a refresh token ends all', async () => {
    const { config, tokens } = await authorize(world, world.physician, OFFLINE);
    await oidc.tokenRevocation(config, tokens.refresh_token ?? '');
    expect(await alive(tokens.access_token)).toBe(false);
    await expect(oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toEqual(failing('invalid_grant'));
  });

  it('is for the token’s own app', async () => {
    const { tokens } = await authorize(world, world.physician, OFFLINE);
    const other = await clientOf(world.process, await addApp(world.database));
    await oidc.tokenRevocation(other, tokens.access_token).catch(() => undefined);
    expect(await alive(tokens.access_token)).toBe(true);
  });
});

describe('kinds of client do not mix', () => {
  it('a system gets no code, an app no token of its own', async () => {
    const system = await addClient(world.database, HOSPITAL.rid);
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process, { client_id: system.clientId });
    expect((await new Browser().open(flow.url.href)).status).toBe(400);
    const own = await assertion(system, `${world.process.baseUrl}/oauth/token`);
    expect((await requestToken(world.process, own)).status).toBe(200);
    const fields = { grant_type: 'client_credentials', scope: 'system/*.rs', client_id: world.app };
    const response = await fetch(`${world.process.baseUrl}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
    expect(response.status).toBe(400);
  });
});

it('nothing that was given out is in the tables as it is', async () => {
  const { tokens, callback } = await authorize(world, world.physician, OFFLINE);
  const secrets = [tokens.access_token, tokens.refresh_token ?? '', callback.searchParams.get('code') ?? ''];
  for (const table of [
    'access_token',
    'refresh_token',
    'authorization_code',
    'authorization_grant',
    'interaction',
    'launch',
  ]) {
    const { rows } = await world.database.query<{ text: string }>(`SELECT t::text AS text FROM ${table} t`);
    for (const { text } of rows) for (const secret of secrets) expect(text).not.toContain(secret);
  }
});

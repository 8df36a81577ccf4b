import type { Asked } from '../../src/identity/interactions.ts';
import { addPatientRow } from './people-rows.ts';
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
  type PeopleWorld,
  REDIRECT,
} from './people-world.ts';
import { HOSPITAL } from './world.ts';

let world: PeopleWorld;
beforeAll(async () => {
  world = await openPeopleWorld();
});
afterAll(() => world.close());
afterEach(() => expect(world.process.failed).toEqual([]));

const callerOf = (token: string) => world.process.identity.callers.callerOf(token, { requestId: 'r' });

describe('a person at an app', () => {
  it('is authorized by code and PKCE, and openid-client verifies what it gets', async () => {
    const { tokens, callback } = await authorize(world, world.physician);
    expect(callback.origin + callback.pathname).toBe(REDIRECT);
    expect(callback.searchParams.get('iss')).toBe(world.process.baseUrl);
    expect(tokens.token_type).toBe('bearer');
    expect(tokens.expires_in).toBe(900);
    expect(tokens.scope?.split(' ').sort()).toEqual(['fhirUser', 'openid', 'user/Patient.rs']);
    expect(tokens.refresh_token).toBeUndefined();
    const claims = tokens.claims();
    expect(claims?.sub).toBe(world.physician);
    expect(claims?.fhirUser).toMatch(new RegExp(`^${world.process.baseUrl}/fhir/Practitioner/practitioner-`));
    const caller = await callerOf(tokens.access_token);
    expect(caller).toMatchObject({
      organization: HOSPITAL.rid,
      clientId: world.app,
      person: { id: world.physician, roles: ['physician'], strong: true },
    });
    expect(caller?.scopes).toEqual([
      { context: 'user', type: 'Patient', c: false, r: true, u: false, d: false, s: true },
    ]);
    expect(world.process.issued.at(-1)).toMatchObject({ person: world.physician, institution: HOSPITAL.rid });
  });

  it.each(['RS256', 'ES256', 'ES384'] as const)(
    'gets ID tokens signed with %s where the app asks for it',
    async (alg) => {
      const app = await addApp(world.database, { idTokenAlg: alg });
      const { tokens } = await authorize({ ...world, app }, world.physician);
      const header = JSON.parse(String(Buffer.from(tokens.id_token?.split('.')[0] ?? '', 'base64url')));
      expect(header.alg).toBe(alg);
    },
  );

  it('may come by POST, as SMART has it', async () => {
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process);
    const browser = new Browser();
    world.process.says = {};
    browser.logIn(await addSession(world.database, world.physician));
    const { url } = await browser.open(`${world.process.baseUrl}/oauth/authorize`, {
      method: 'POST',
      body: flow.url.search.slice(1),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect((await exchange(config, flow, url)).access_token).toMatch(/^[\w-]{43}$/);
  });

  it('logs in first where nobody is logged in', async () => {
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process);
    world.process.says = { logsIn: await addSession(world.database, world.clerk) };
    const { url } = await new Browser().open(flow.url.href);
    expect(world.process.asked).toMatchObject({ prompt: 'login', authenticatedSince: null, redirectUri: REDIRECT });
    expect((await exchange(config, flow, url)).claims()?.sub).toBe(world.clerk);
  });

  it('may allow less than was asked for, or nothing', async () => {
    const scope = 'openid user/Patient.rs user/Observation.rs';
    const less = await authorize(world, world.physician, { scope }, { scopes: ['openid', 'user/Patient.rs'] });
    expect(less.tokens.scope).toBe('openid user/Patient.rs');
    const nothing = authorize(world, world.physician, { scope }, { refuses: true });
    await expect(nothing).rejects.toMatchObject({ error: 'access_denied' });
  });

  it('is not asked again for what it let the app have for good, until it takes that back', async () => {
    const person = await addPerson(world.database, HOSPITAL.rid, 'nurse');
    await authorize(world, person, {}, { remember: true });
    expect(world.process.asked).not.toBeNull();
    world.process.asked = null;
    await authorize(world, person, { scope: 'openid user/Patient.r' });
    expect(world.process.asked).toBeNull();
    const { tokens } = await authorize(world, person, { scope: 'openid user/Patient.read' });
    expect(tokens.scope).toBe('openid user/Patient.read');
    expect(world.process.asked).toBeNull();
    await authorize(world, person, { scope: 'openid user/Patient.r user/Observation.r' });
    expect(world.process.asked).not.toBeNull();
    const { interactions } = world.process.identity;
    const session = await addSession(world.database, person);
    const remembered = () =>
      interactions.remembered({ id: session.session, account: { id: person } } as never, world.process.asked as Asked);
    expect(await remembered()).toBe(false);
    await authorize(world, person, { prompt: 'consent' });
    expect([(world.process.asked as Asked | null)?.askAnyway, await remembered()]).toEqual([true, false]);
    expect(await interactions.apps(person)).toMatchObject([{ client: { id: world.app, institutionName: 'hospital' } }]);
    expect(await interactions.revokeApp(person, world.app)).toBe(true);
    expect(await callerOf(tokens.access_token)).toBeNull();
    expect(await interactions.revokeApp(person, world.app)).toBe(false);
    world.process.asked = null;
    await authorize(world, person);
    expect(world.process.asked).not.toBeNull();
  });

  it('cannot use an app of another institution, unless it is the operator’s', async () => {
    await expect(authorize(world, world.other)).rejects.toMatchObject({ error: 'access_denied' });
    const app = await addApp(world.database, { organization: 99n });
    const { tokens } = await authorize({ ...world, app }, world.other);
    expect(await callerOf(tokens.access_token)).toMatchObject({ organizationId: 'clinic', kind: 'medical' });
  });
});

describe('prompt and max_age', () => {
  const from = async (changes: Record<string, string>, login = true) => {
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process, changes);
    const browser = new Browser();
    if (login) browser.logIn(await addSession(world.database, world.physician, 10));
    const answer = await browser.open(flow.url.href);
    return { answer, config, flow };
  };

  it.each([
    ['none', false, 'login_required'],
    ['none', true, 'consent_required'],
  ])('prompt=%s, logged in: %s, is answered with %s', async (prompt, login, error) => {
    const { answer } = await from({ prompt }, login);
    expect(answer.url.searchParams.get('error')).toBe(error);
  });

  it.each([{ prompt: 'login' }, { max_age: '60' }, { max_age: '0' }])(
    '%j needs a proof that is newer',
    async (changes) => {
      world.process.says = {};
      const { answer } = await from(changes);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('newer');
      expect(world.process.asked?.prompt).toBe('login');
      world.process.says = { logsIn: await addSession(world.database, world.physician) };
      const again = await from(changes);
      expect((await exchange(again.config, again.flow, again.answer.url)).claims()?.sub).toBe(world.physician);
    },
  );

  it('max_age=3600 is content with the login there is', async () => {
    world.process.says = {};
    const { answer, config, flow } = await from({ max_age: '3600' });
    const claims = (await exchange(config, flow, answer.url)).claims();
    expect(claims?.auth_time).toBeLessThan(Date.now() / 1000 - 300);
  });
});

describe('an authorization request is refused', () => {
  const ask = async (changes: Record<string, string | undefined>, app = world.app) => {
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process, { client_id: app, ...changes });
    const browser = new Browser();
    browser.logIn(await addSession(world.database, world.physician));
    return browser.open(flow.url.href);
  };

  it.each([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['with a challenge of no method', { code_challenge_method: undefined }, 'invalid_request'],
    ['without aud', { aud: undefined }, 'invalid_request'],
    ['with the aud of another server', { aud: 'https://evil.example/fhir' }, 'invalid_request'],
    ['with an aud that only begins like ours', { aud: 'http://127.0.0.1.evil.example/fhir' }, 'invalid_request'],
    ['with another resource', { resource: 'https://evil.example' }, 'invalid_target'],
    ['for a scope of systems', { scope: 'openid system/Patient.rs' }, 'invalid_scope'],
    ['for v1 with a colon', { scope: 'openid system:Patient.read' }, 'invalid_scope'],
    ['for letters out of order', { scope: 'openid user/Patient.dus' }, 'invalid_scope'],
    ['for a query on every type', { scope: 'openid user/*.cruds?x' }, 'invalid_scope'],
    ['for a chain in a query', { scope: 'openid user/Observation.rs?subject.name=x' }, 'invalid_scope'],
    ['for what nobody knows', { scope: 'openid email' }, 'invalid_scope'],
    ['for nothing', { scope: undefined, nonce: undefined }, 'invalid_scope'],
    ['for the scope launch without a launch', { scope: 'openid launch user/Patient.rs' }, 'invalid_request'],
    ['with a launch that was made up', { launch: 'made-up' }, 'invalid_request'],
    ['for an implicit token', { response_type: 'token' }, 'invalid_request'],
    [
      'with the answer as a form, which would need a script',
      { response_mode: 'form_post' },
      'unsupported_response_mode',
    ],
    ['with the answer in the fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['with the answer as a message', { response_mode: 'web_message' }, 'unsupported_response_mode'],
    ['for a registration of its own', { registration: '{}' }, 'registration_not_supported'],
    ['for a request object', { request: 'e30.e30.' }, 'request_not_supported'],
  ])('%s', async (_, changes, error) => {
    const { url } = await ask(changes);
    expect(url.origin + url.pathname).toBe(REDIRECT);
    expect(url.searchParams.get('error') ?? new URLSearchParams(url.hash.slice(1)).get('error')).toBe(error);
    expect(url.searchParams.get('iss') ?? new URLSearchParams(url.hash.slice(1)).get('iss')).toBe(
      world.process.baseUrl,
    );
  });

  it.each([
    'https://app.example/callback/',
    'https://app.example/callback?x=1',
    'https://app.example/Callback',
    'https://app.example:443/callback',
    'https://APP.example/callback',
    'https://app.example/a/../callback',
    'https://app.example@evil.example/callback',
    'https://evil.example/callback',
    'https://app.example/callback#x',
    'http://app.example/callback',
    '//app.example/callback',
    'javascript:alert(1)',
    '',
  ])('without going to %j', async (redirect_uri) => {
    const { status, url, headers } = await ask({ redirect_uri });
    expect(status).toBe(400);
    expect(url.origin).toBe(world.process.baseUrl);
    expect(headers.get('location')).toBeNull();
  });

  it('for an app that there is not, or that was shut out, without going anywhere', async () => {
    const gone = await addApp(world.database);
    await world.database.query('UPDATE client SET active = false WHERE id = $1', [gone]);
    for (const app of ['unheard-of', gone]) {
      const { status, headers } = await ask({}, app);
      expect([status, headers.get('location')]).toEqual([400, null]);
    }
  });

  it('whatever Host and X-Forwarded headers say', async () => {
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process);
    const response = await fetch(flow.url, {
      redirect: 'manual',
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(response.headers.get('location')).toMatch(new RegExp(`^${world.process.baseUrl}/interaction/`));
    expect(response.headers.getSetCookie().join()).not.toContain('secure');
  });
});

describe('a native app', () => {
  it('takes whatever port is free on the person’s own machine, and is never remembered', async () => {
    const app = await addApp(world.database, { redirectUris: ['http://127.0.0.1/back'] });
    const config = await clientOf(world.process, app);
    const login = await addSession(world.database, world.physician);
    for (const port of [49152, 61111]) {
      const flow = await begin(config, world.process, { redirect_uri: `http://127.0.0.1:${port}/back` });
      const browser = new Browser();
      browser.logIn(login);
      world.process.says = { remember: true };
      world.process.asked = null;
      const { url } = await browser.open(flow.url.href);
      expect(url.port).toBe(String(port));
      expect(world.process.asked).not.toBeNull();
      expect((await exchange(config, flow, url)).access_token).toBeDefined();
    }
    const flow = await begin(config, world.process, { redirect_uri: 'http://127.0.0.1:1/other' });
    expect((await new Browser().open(flow.url.href)).status).toBe(400);
  });
});

describe('a launch', () => {
  const launch = { scope: 'openid launch/patient patient/Observation.rs' };

  it('standalone asks for a patient whom the person may see, and tells the app whom', async () => {
    const patient = await addPatientRow(world.database, HOSPITAL.rid, 'p-1');
    const { tokens } = await authorize(world, world.physician, launch, { patient: 'p-1' });
    expect(tokens.patient).toBe('p-1');
    expect(tokens.need_patient_banner).toBe(true);
    expect(await callerOf(tokens.access_token)).toMatchObject({ patient });
    expect(world.process.asked).toMatchObject({ needsPatient: true, launchPatient: null });
  });

  it('without a patient is none', async () => {
    await expect(authorize(world, world.physician, launch)).rejects.toMatchObject({ error: 'access_denied' });
  });

  it('with a patient whom the person may not see is refused', async () => {
    await addPatientRow(world.database, 2n, 'p-2');
    const config = await clientOf(world.process, world.app);
    const flow = await begin(config, world.process, launch);
    for (const patient of ['p-2', 'p-unknown']) {
      world.process.says = { patient };
      const browser = new Browser();
      browser.logIn(await addSession(world.database, world.physician));
      expect(await browser.open(flow.url.href)).toMatchObject({
        status: 400,
        text: expect.stringContaining('no such patient'),
      });
    }
  });
});

it('the key set has public keys only', async () => {
  const response = await fetch(`${world.process.baseUrl}/oauth/jwks`);
  const { keys: set } = (await response.json()) as { keys: Record<string, unknown>[] };
  expect(set.map(({ alg }) => alg).sort()).toEqual(['ES256', 'ES384', 'RS256']);
  for (const key of set) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
});

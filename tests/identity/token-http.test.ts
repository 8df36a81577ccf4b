import { refuse } from '../../src/http/errors.ts';
import type { Database } from '../../src/store/database.ts';
import { ask, assertion, expectInvalidClient, openWorld, requestToken, startProcess, type World } from './world.ts';

let world: World;
let database: World['database'];
let process: World['process'];
let hospital: World['hospital'];

beforeAll(async () => {
  world = await openWorld();
  ({ database, process, hospital } = world);
});

afterAll(() => world.close());

describe('the endpoint', () => {
  it.each([
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['the grant of apps', { grant_type: 'authorization_code' }, 400, 'invalid_request'],
    ['a grant with a refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_request'],
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
    const answer = await ask(process, hospital, form);
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
    '/auth',
    '/jwks',
    '/.well-known/oauth-authorization-server',
    '/reg',
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

  it('asks to come again when the database cannot serve, which is no defect', async () => {
    const away = { ...database, query: () => Promise.reject(refuse.unavailable('no connection to 10.0.0.7', 5)) };
    const waiting = await startProcess(away as unknown as Database);
    const answer = await requestToken(waiting, await assertion(hospital, waiting.tokenUrl));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.body).toEqual({ error: 'temporarily_unavailable', error_description: 'try again later' });
    expect(waiting.failed).toEqual([]);
    await waiting.close();
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

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { decodeJwt, importJWK, type JWK, SignJWT } from 'jose';
import { loadConfig } from '../../../src/config.ts';
import { formToken } from '../../../src/identity/pages/form.ts';
import { type Server, startServer } from '../../../src/server.ts';
import {
  around,
  certifier,
  DAY,
  Files,
  listOf,
  type Party,
  pemOf,
  pemOfLists,
  serverCa,
  serverFiles,
  shows,
  terminal,
} from '../../http/certificates.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';
import { keyPair, type Member, type Network, openNetwork } from '../../support/network.ts';
import { type Crowd, openCrowd, PASSWORD } from '../../support/people.ts';
import type { RunningServer } from '../../support/server.ts';
import { all, asked, said, suspension } from './parameters.ts';

const root = certifier('Terminal root');
const strange = certifier('Strange root');
const revoked = terminal('Revoked', root);
const files = new Files();
const trust = {
  TLS_CLIENT_CA_FILE: files.write('ca.pem', pemOf(root)),
  TLS_CLIENT_CRL_FILE: files.write('crl.pem', pemOfLists(listOf(root, [revoked]))),
};

/** Two servers on one database: one behind a proxy, one that speaks TLS itself. */
let clone: Clone;
let directory: string;
let proxied: Server;
let direct: Server;
let network: Network;
let clinic: Member;
let other: Member;
beforeAll(async () => {
  clone = await cloneDatabase();
  directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-terminals-`));
  const env = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, DATABASE_URL: clone.url, ...trust };
  const open = (more: Record<string, string>) =>
    startServer(loadConfig({ ...env, ...more }), () => undefined, { jobsWait: true });
  proxied = await open({ TRUSTED_PROXIES: '127.0.0.1', PROXY_CERTIFICATE_HEADER: 'client-cert' });
  direct = await open(serverFiles(files));
  const { port, baseUrl } = proxied.config;
  network = await openNetwork({ port, baseUrl, dataDir: directory, database: clone } as unknown as RunningServer);
  clinic = await network.enrol('medical', 'さくら診療所');
  other = await network.enrol('medical', 'もみじ医院');
});
afterAll(async () => {
  await Promise.all([proxied?.close(), direct?.close()]);
  await clone?.drop();
  rmSync(directory, { recursive: true, force: true });
  files.remove();
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests say by their expectations what a body is
  readonly body: any;
}

/** By its own TLS connection with that certificate, or by the proxy that tells of it. */
type Way =
  | { readonly server: 'direct'; readonly tls: SecureContextOptions }
  | { readonly server: 'proxied'; readonly header?: string };
const byTls = (one?: Party): Way => ({ server: 'direct', tls: one ? shows(one) : {} });
const byProxy = (one?: Party): Way => ({
  server: 'proxied',
  ...(one && { header: `:${Buffer.from(one.certificate.der).toString('base64')}:` }),
});
const WAYS = [
  ['by TLS', byTls],
  ['by a proxy', byProxy],
] as const;
const at = (way: Way) => (way.server === 'direct' ? direct : proxied).config;

function ask(way: Way, method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const { port } = at(way);
  const told = way.server === 'proxied' && way.header ? { 'client-cert': way.header } : {};
  const options = { host: '127.0.0.1', port, method, path, agent: false as const, headers: { ...headers, ...told } };
  return new Promise((resolve, reject) => {
    const sent =
      way.server === 'direct'
        ? tlsRequest({ ...options, ca: serverCa, checkServerIdentity: () => undefined, ...way.tls })
        : plainRequest(options);
    sent.on('error', reject).on('response', async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString();
      resolve({ status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
    });
    sent.end(body);
  });
}

interface System {
  readonly clientId: string;
  readonly privateJwk?: JWK;
}

async function register(of: Member, values: Record<string, unknown> = {}): Promise<System> {
  const { privateJwk, publicJwk } = keyPair();
  const keys = 'terminal' in values ? {} : { jwks: JSON.stringify({ keys: [publicJwk] }) };
  const { status, body } = await network.operator.post(
    `${of.organization}/$register-client`,
    asked({ name: 'A system', scope: 'system/*.cruds', ...keys, ...values }),
  );
  expect(status).toBe(200);
  return { clientId: said(body).clientId, privateJwk };
}

async function token(way: Way, { clientId, privateJwk }: System, scope = 'system/*.rs'): Promise<Answer> {
  const url = `${at(way).baseUrl}/oauth/token`;
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope });
  if (privateJwk) {
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES384', kid: String(privateJwk.kid), typ: 'JWT' })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(url)
      .setExpirationTime('2 min')
      .setJti(randomUUID())
      .sign(await importJWK(privateJwk, 'ES384'));
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    form.set('client_assertion', assertion);
    expect(decodeJwt(assertion).iss).toBe(clientId);
  } else form.set('client_id', clientId);
  return ask(way, 'POST', '/oauth/token', { 'content-type': 'application/x-www-form-urlencoded' }, String(form));
}

const read = async (way: Way, of: Member, value: string) =>
  (await ask(way, 'GET', `/fhir/${of.organization}`, { authorization: `Bearer ${value}` })).status;

const registerTerminal = (of: Member, one: Party, values: Record<string, unknown> = {}) =>
  network.operator.post(
    `${of.organization}/$register-terminal`,
    asked({ certificate: pemOf(one), name: '受付 1', place: '1 階', ...values }),
  );
const requireTerminals = (of: Member, required: boolean) =>
  network.operator.post(`${of.organization}/$require-terminals`, asked({ required }));
const retire = (of: Member, id: string) =>
  network.operator.post(`${of.organization}/$retire-terminal`, suspension({ terminal: id }));

describe('registering a terminal', () => {
  it('keeps what its certificate says', async () => {
    const one = terminal('Reception', root);
    const { status, body } = await registerTerminal(clinic, one);
    expect(status).toBe(200);
    expect(said(body)).toMatchObject({
      subject: expect.stringContaining('Reception'),
      thumbprint: expect.stringMatching(/^[\w-]{43}$/),
    });
    const listed = all((await network.operator.get(`${clinic.organization}/$terminals`)).body, 'terminal');
    expect(listed.find(({ terminal: id }) => id === said(body).terminal)).toMatchObject({
      name: '受付 1',
      place: '1 階',
      active: true,
      thumbprint: said(body).thumbprint,
    });
  });

  it.each<[string, () => Record<string, unknown>, number]>([
    ['of another authority', () => ({ certificate: pemOf(terminal('x', strange)) }), 422],
    ['that is revoked', () => ({ certificate: pemOf(revoked) }), 422],
    ['that has ended', () => ({ certificate: pemOf(terminal('x', root, around(-2 * DAY, -1000))) }), 422],
    ['that is two', () => ({ certificate: pemOf(terminal('x', root), terminal('y', root)) }), 400],
    ['that is none', () => ({ certificate: 'x' }), 400],
    ['that is a key', () => ({ certificate: '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n' }), 400],
    ['that is missing', () => ({ certificate: undefined }), 400],
    ['that is too long', () => ({ certificate: 'x'.repeat(70_000) }), 400],
    ['without a name', () => ({ name: undefined }), 400],
    ['with a name of control characters', () => ({ name: 'a\u0007b' }), 400],
  ])('refuses a certificate %s', async (_, values, status) => {
    expect((await registerTerminal(clinic, terminal('Fresh', root), values())).status).toBe(status);
  });

  it('takes a certificate once, of one institution, for ever', async () => {
    const one = terminal('Once', root);
    const { body } = await registerTerminal(clinic, one);
    expect((await registerTerminal(other, one)).status).toBe(409);
    await retire(clinic, said(body).terminal);
    expect((await registerTerminal(clinic, one)).status).toBe(409);
  });

  it('is for those who look after the institution', async () => {
    const values = asked({ certificate: pemOf(terminal('x', root)), name: 'x' });
    expect((await clinic.post(`${clinic.organization}/$register-terminal`, values)).status).toBe(403);
    expect((await clinic.get(`${clinic.organization}/$terminals`)).status).toBe(403);
  });
});

describe('an institution that is let in at its terminals only', () => {
  let mine: Party;
  let foreign: Party;
  let unregistered: Party;
  let system: System;
  let id: string;
  beforeEach(async () => {
    mine = terminal('Mine', root);
    foreign = terminal('Foreign', root);
    unregistered = terminal('Unregistered', root);
    id = said((await registerTerminal(clinic, mine)).body).terminal;
    await registerTerminal(other, foreign);
    expect((await requireTerminals(clinic, true)).status).toBe(200);
    system = await register(clinic);
  });
  afterEach(() => requireTerminals(clinic, false));

  it.each(WAYS)('gets tokens there, and uses them there (%s)', async (_, by) => {
    const answer = await token(by(mine), system);
    expect(answer.status).toBe(200);
    const value = answer.body.access_token;
    expect(await read(by(mine), clinic, value)).toBe(200);
    expect(await read(by(), clinic, value)).toBe(401);
    expect(await read(by(foreign), clinic, value)).toBe(401);
    expect(await read(by(unregistered), clinic, value)).toBe(401);
    const second = terminal('Second', root);
    await registerTerminal(clinic, second);
    expect(await read(by(second), clinic, value)).toBe(401);
  });

  it.each(WAYS)('gets none elsewhere (%s)', async (_, by) => {
    for (const one of [
      undefined,
      foreign,
      unregistered,
      revoked,
      terminal('Mine', strange),
      terminal('Mine', root, around(-2 * DAY, -1000)),
    ]) {
      const { status, body } = await token(by(one), system);
      expect([status, body.access_token]).toEqual([expect.any(Number), undefined]);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('uses the token of one process with the same certificate on the other', async () => {
    const { body } = await token(byTls(mine), system);
    expect(await read(byProxy(mine), clinic, body.access_token)).toBe(200);
    expect(await read(byProxy(), clinic, body.access_token)).toBe(401);
  });

  it('loses what a retired terminal had, at once and on every process', async () => {
    const { body } = await token(byTls(mine), system);
    expect(await read(byTls(mine), clinic, body.access_token)).toBe(200);
    expect((await retire(clinic, id)).status).toBe(200);
    expect(await read(byTls(mine), clinic, body.access_token)).toBe(401);
    expect(await read(byProxy(mine), clinic, body.access_token)).toBe(401);
    expect((await token(byTls(mine), system)).status).not.toBe(200);
    const { body: standing } = await network.operator.get(`${clinic.organization}/$standing`);
    expect(all(standing, 'event')[0]).toMatchObject({ act: 'retire', reason: 'theft', terminal: id });
  });

  it('loses tokens from before, which are bound to nothing', async () => {
    await requireTerminals(clinic, false);
    const { body } = await token(byTls(), system);
    expect(await read(byTls(), clinic, body.access_token)).toBe(200);
    await requireTerminals(clinic, true);
    expect(await read(byTls(), clinic, body.access_token)).toBe(401);
    expect(await read(byTls(mine), clinic, body.access_token)).toBe(401);
  });

  it('is no matter of another institution', async () => {
    const theirs = await register(other);
    const { body } = await token(byTls(), theirs);
    expect(await read(byTls(), other, body.access_token)).toBe(200);
  });

  it('must have one whose certificate is good', async () => {
    const fresh = await network.enrol('medical', 'あおい医院');
    expect((await requireTerminals(fresh, true)).status).toBe(409);
    expect(said((await network.operator.get(`${fresh.organization}/$terminals`)).body).required).toBe(false);
    expect(
      (await network.operator.post(`${fresh.organization}/$require-terminals`, asked({ required: 'yes' }))).status,
    ).toBe(400);
  });
});

describe('a system that authenticates by the certificate of a terminal', () => {
  it.each(WAYS)('gets its tokens with that one and no other (%s)', async (_, by) => {
    const [mine, second] = [terminal('Machine', root), terminal('Machine 2', root)];
    const id = said((await registerTerminal(clinic, mine)).body).terminal;
    await registerTerminal(clinic, second);
    const { clientId } = await register(clinic, { terminal: id });
    const answer = await token(by(mine), { clientId });
    expect(answer.status).toBe(200);
    expect(await read(by(mine), clinic, answer.body.access_token)).toBe(200);
    expect(await read(by(), clinic, answer.body.access_token)).toBe(401);
    for (const one of [undefined, second, revoked]) expect((await token(by(one), { clientId })).status).not.toBe(200);
    await retire(clinic, id);
    expect((await token(by(mine), { clientId })).status).not.toBe(200);
    expect(await read(by(mine), clinic, answer.body.access_token)).toBe(401);
  });

  it('is not registered with a terminal of others, or none', async () => {
    const theirs = said((await registerTerminal(other, terminal('Theirs', root))).body).terminal;
    for (const id of [theirs, randomUUID(), 'x', `${randomUUID()}'`]) {
      const reply = await network.operator.post(
        `${clinic.organization}/$register-client`,
        asked({ name: 'x', scope: 'system/*.rs', terminal: id }),
      );
      expect(reply.status).toBe(422);
    }
  });
});

describe('the operator', () => {
  it('keeps its last terminal where it demands them: nobody could let it in again', async () => {
    const operator = { organization: 'Organization/operator' } as Member;
    const [one, two] = [terminal('Desk 1', root), terminal('Desk 2', root)];
    const first = said((await registerTerminal(operator, one)).body).terminal;
    const second = said((await registerTerminal(operator, two)).body).terminal;
    const system = await register(operator);
    expect((await requireTerminals(operator, true)).status).toBe(200);
    const way = byTls(two);
    const { body } = await token(way, system, 'system/*.cruds');
    const headers = { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/fhir+json' };
    const at = (operation: string, values: object) =>
      ask(way, 'POST', `/fhir/Organization/operator/$${operation}`, headers, JSON.stringify(values));
    expect((await at('retire-terminal', suspension({ terminal: first }))).status).toBe(200);
    expect((await at('retire-terminal', suspension({ terminal: second }))).status).toBe(409);
    expect((await at('require-terminals', asked({ required: false }))).status).toBe(200);
    expect((await retire(operator, second)).status).toBe(200);
  });
});

describe('a terminal whose certificate is revoked', () => {
  it('is out at once, marked and told once, and stays out when the list loses it', async () => {
    const mine = terminal('Lost', root);
    const id = said((await registerTerminal(clinic, mine)).body).terminal;
    await requireTerminals(clinic, true);
    const system = await register(clinic);
    const { body } = await token(byTls(mine), system);
    expect(await read(byTls(mine), clinic, body.access_token)).toBe(200);
    files.write('crl.pem', pemOfLists(listOf(root, [revoked, mine])));
    await Promise.all([proxied.entrance.refresh(), direct.entrance.refresh()]);
    expect(await read(byTls(mine), clinic, body.access_token)).toBe(401);
    await proxied.jobs.run('revoked-terminals');
    await direct.jobs.run('revoked-terminals');
    const terminals = all((await network.operator.get(`${clinic.organization}/$terminals`)).body, 'terminal');
    expect(terminals.find((one) => one.terminal === id)).toMatchObject({ active: true, revoked: expect.any(String) });
    files.write('crl.pem', pemOfLists(listOf(root, [revoked])));
    await Promise.all([proxied.entrance.refresh(), direct.entrance.refresh()]);
    expect(await read(byTls(mine), clinic, body.access_token)).toBe(401);
    await requireTerminals(clinic, false);
    const told = await clinic.get('Communication?category=terminal-revoked');
    expect(told.body.entry).toHaveLength(1);
    expect(told.body.entry[0].resource.payload[0].contentString).toContain('受付 1');
  });
});

describe('people of an institution that demands its terminals', () => {
  let crowd: Crowd;
  afterAll(() => crowd?.close());
  const page = (way: Way, path: string, cookie: string, form?: Record<string, string>) => {
    const { port } = at(way);
    const told = way.server === 'proxied' && way.header ? { 'client-cert': way.header } : {};
    return fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: 'manual',
      headers: { cookie, ...told },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
  };
  const logIn = (way: Way, login: string) => {
    const browser = 'b'.repeat(43);
    const form = { login, password: PASSWORD, form_token: formToken(browser) };
    return page(way, '/login', `tasuki_browser=${browser}`, form);
  };

  it('log in there, are nobody elsewhere, and accept their invitations there', async () => {
    const { port, baseUrl } = proxied.config;
    const running = { port, baseUrl, dataDir: directory, database: clone } as unknown as RunningServer;
    const identitySecretFile = proxied.config.identitySecretFile as string;
    crowd = await openCrowd({ ...running, identitySecretFile }, network.operator);
    const mine = terminal('Ward', root);
    const theirs = terminal('Not ours', root);
    await registerTerminal(clinic, mine);
    await registerTerminal(other, theirs);
    const nurse = await crowd.signUp(clinic, ['nurse']);
    const invited = await network.operator.post(`${clinic.organization}/$invite`, {
      resourceType: 'Parameters',
      parameter: [
        { name: 'login', valueString: 'late.comer' },
        { name: 'name', valueString: '後藤 おくれ' },
        { name: 'role', valueCode: 'nurse' },
      ],
    });
    const cookie = `tasuki_session=${nurse.sessionToken}`;
    expect((await page(byProxy(), '/account', cookie)).status).toBe(200);
    await requireTerminals(clinic, true);
    const certificate = said((await registerTerminal(clinic, terminal('Desk', root))).body).thumbprint;
    for (const way of [byProxy(), byProxy(theirs)]) {
      const away = await page(way, '/account', cookie);
      expect([away.status, away.headers.get('location')]).toEqual([303, '/login']);
      const refused = await logIn(way, nurse.login);
      expect([refused.status, refused.headers.getSetCookie()]).toEqual([422, []]);
      expect(await refused.text()).toContain('登録した端末だけで利用する機関では');
    }
    expect((await page(byProxy(mine), '/account', cookie)).status).toBe(200);
    expect([(await logIn(byProxy(mine), nurse.login)).status]).toEqual([303]);
    const { code } = said(invited.body);
    const from = { address: '127.0.0.1', agent: '' };
    expect(await crowd.people.acceptInvitation(code, PASSWORD, from)).toBeNull();
    expect(await crowd.people.acceptInvitation(code, PASSWORD, { ...from, certificate })).toHaveProperty(
      'sessionToken',
    );
    await requireTerminals(clinic, false);
    expect((await logIn(byProxy(), nurse.login)).status).toBe(303);
  });
});

describe('what outlasts its request', () => {
  it('ends on the other process when its institution is suspended', async () => {
    const value = await other.token();
    const rid = direct.engine.keys.rid('Organization', other.organization.split('/')[1] as string);
    const { promise, resolve } = Promise.withResolvers<void>();
    const alive = async () => (await read(byProxy(), other, value)) === 200;
    direct.standing.register({ institution: rid, client: other.clientId }, alive, resolve);
    await network.operator.post(`${other.organization}/$suspend`, suspension());
    await promise;
    await network.operator.post(`${other.organization}/$lift`, asked({ text: 'found' }));
  });
});

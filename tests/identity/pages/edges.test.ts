import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { FhirError, refuse } from '../../../src/http/errors.ts';
import { asking, formToken, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  Object.assign(stage.fake, { asked: asking(), broken: undefined, defects: [], steps: [] });
});

const member = () => {
  const browser = stage.browser();
  browser.cookies.set('tasuki_session', stage.fake.begin());
  return browser;
};
const RIGHT = { login: 'sato.hanako', password: 'right' };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

describe('every page', () => {
  it.each([
    ['/', 200],
    ['/login', 303],
    ['/login?lang=en', 303],
    ['/invitation', 200],
    ['/logged-out', 200],
    ['/account', 200],
    ['/password', 200],
    ['/account/nothing', 404],
    ['/logout', 405],
    ['/second-factor?x=%ff', 400],
    ['/terms', 303],
  ])('%s tells browsers to be careful', async (path, status) => {
    const answer = await member().get(path);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-security-policy': POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex, nofollow',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('publickey-credentials-get=(self)'),
    });
    if (status === 303) return;
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).not.toMatch(/<script(?! src="\/assets\/)|<style|\son\w+=|\sstyle=|javascript:/);
    expect(answer.text).toMatch(/^<!doctype html>\n<html lang="ja">/);
    expect(answer.text.match(/<h1>/g)).toHaveLength(1);
  });

  it('is in the language of the browser, and then in the one that was chosen', async () => {
    const browser = stage.browser();
    const lang = async (accept?: string) => {
      const { text, headers } = await browser.get('/login', accept ? { 'accept-language': accept } : {});
      expect(headers.get('content-language')).toBe(/<html lang="(..)"/.exec(text)?.[1]);
      return headers.get('content-language');
    };
    expect(await lang()).toBe('ja');
    expect(await lang('en-GB,en;q=0.9')).toBe('en');
    expect(await lang('fr,ja;q=0.5')).toBe('ja');
    const switched = await browser.get('/login?lang=en&x=//evil.example');
    expect([switched.status, switched.to]).toEqual([303, '/login']);
    expect(await lang('ja')).toBe('en');
    await browser.get('/invitation?lang=ja');
    expect(await lang('en')).toBe('ja');
    expect((await browser.get('/login?lang=fr')).status).toBe(200);
  });

  it('answers HEAD as GET, without the page', async () => {
    const { status, headers, text } = await stage.browser().head('/login');
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(1000);
  });

  it('is for nobody’s search engine', async () => {
    const { text } = await stage.browser().get('/robots.txt');
    expect(text).toBe('User-agent: *\nDisallow: /\n');
  });
});

describe('static files', () => {
  it('are kept for good under the name of their content', async () => {
    const { text } = await stage.browser().get('/login');
    const paths = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1] as string);
    expect(new Set(paths.map((path) => path.replace(/[0-9a-f]{16}/, '#')))).toEqual(
      new Set(['/assets/icon.#.svg', '/assets/tasuki.#.css', '/assets/tasuki.#.js']),
    );
    for (const path of paths) {
      const answer = await stage.browser().get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it.each(['/assets/tasuki.css', '/assets/tasuki.0000000000000000.css', '/assets/..%2Fparts.ts', '/assets/a/b'])(
    'are not there under another name: %s',
    async (path) => {
      expect((await stage.browser().get(path)).status).toBe(404);
    },
  );
});

describe('a form', () => {
  const stale = async (
    send: (fields: Record<string, string>) => Promise<{ status: number; text: string }>,
    token: string,
  ) => {
    const { status, text } = await send({ ...RIGHT, ...(token && { form_token: token }) });
    expect(status).toBe(403);
    expect(text).toContain('この画面は古くなっています');
  };

  it('is taken from a page of ours only', async () => {
    const browser = stage.browser();
    const { form_token: token = '' } = formToken((await browser.get('/login')).text);
    const send = (fields: Record<string, string>) => browser.post('/login', fields);
    await stale(send, '');
    await stale(send, `${token}x`);
    await stale(
      send,
      token.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    );
    await stale((fields) => stage.browser().post('/login', fields), token);
    expect((await send({ ...RIGHT, form_token: token })).to).toBe('/account');
  });

  it('of a session is not proved by what is before it', async () => {
    const browser = member();
    const { form_token: before = '' } = formToken((await browser.get('/invitation')).text);
    const { form_token: within = '' } = formToken((await browser.get('/password')).text);
    expect(before).not.toBe(within);
    await stale((fields) => browser.post('/account/end-others', fields), before);
    expect((await browser.post('/account/end-others', { form_token: within })).status).toBe(303);
    browser.cookies.set('tasuki_session', stage.fake.begin());
    await stale((fields) => browser.post('/account/end-others', fields), within);
  });

  it.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'http://localhost:1' }, 403],
    [{ origin: 'null' }, 303],
    [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, 303],
    [{ origin: 'null', 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{}, 303],
  ])('is held against what the browser says of its origin: %j', async (headers, status) => {
    const browser = stage.browser();
    const token = formToken((await browser.get('/login')).text);
    expect((await browser.post('/login', { ...RIGHT, ...token }, headers as Record<string, string>)).status).toBe(
      status,
    );
  });

  it('is taken from our own origin', async () => {
    const browser = stage.browser();
    const token = formToken((await browser.get('/login')).text);
    const origin = new URL(stage.baseUrl).origin;
    expect((await browser.post('/login', { ...RIGHT, ...token }, { origin })).to).toBe('/account');
  });

  it('has its limits', async () => {
    const browser = stage.browser();
    const token = formToken((await browser.get('/login')).text);
    const large = await browser.post('/login', { ...RIGHT, ...token, x: 'x'.repeat(70_000) });
    expect([large.status, large.text.includes('大きすぎます')]).toEqual([413, true]);
    const json = await browser.post('/login', { ...RIGHT, ...token }, { 'content-type': 'application/json' });
    expect(json.status).toBe(415);
    const zipped = await browser.post('/login', { ...RIGHT, ...token }, { 'content-encoding': 'gzip' });
    expect(zipped.status).toBe(415);
    const plain = await browser.post('/login', { ...RIGHT, ...token, more: 'ignored', login2: 'x' });
    expect(plain.to).toBe('/account');
  });

  it('is refused with U+0000 or what is no UTF-8 in it', async () => {
    for (const body of ['login=%00', 'login=%ff', 'login=%']) {
      const answer = await stage.browser().raw('/login', body);
      expect([answer.status, answer.text.includes('読み取れません')]).toEqual([400, true]);
    }
  });

  it('may hold anything, and never shows what is inside', async () => {
    const browser = stage.browser();
    const token = formToken((await browser.get('/login')).text);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), async (login, password) => {
        const { status, text } = await browser.post('/login', { login, password, ...token });
        expect([400, 422]).toContain(status);
        expect(text).not.toMatch(/<script(?! src="\/assets\/)/);
      }),
      { numRuns: 40 },
    );
  });
});

describe('an error', () => {
  it('says nothing of what is inside, and is reported under a number', async () => {
    const browser = stage.browser();
    stage.fake.broken = new Error('password for user "postgres" at src/store/person.ts');
    const { status, text } = await browser.fill('/login', '/login', RIGHT);
    expect(status).toBe(500);
    expect(text).not.toMatch(/postgres|src\/|Error/);
    expect(text).toMatch(/番号 [0-9a-f-]{36}/);
    expect(stage.fake.defects).toEqual([stage.fake.broken]);
  });

  it('of a database that cannot serve now says to come again', async () => {
    stage.fake.broken = new FhirError(503, refuse.badRequest('busy').issues, { 'Retry-After': '5' });
    const { status, text, headers } = await stage.browser().fill('/login', '/login', RIGHT);
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(text).toContain('しばらくしてから');
    expect(stage.fake.defects).toEqual([]);
  });

  it('of a request that breaks off hurts nobody', async () => {
    const { port } = new URL(stage.baseUrl);
    await new Promise<void>((resolve) => {
      const broken = httpRequest({
        host: '127.0.0.1',
        port,
        path: '/login',
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '100' },
      });
      broken.on('error', () => resolve());
      broken.write('login=', () => broken.destroy());
    });
    expect((await stage.browser().get('/login')).status).toBe(200);
    expect(stage.fake.defects).toEqual([]);
  });
});

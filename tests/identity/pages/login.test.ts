import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.fake.steps = [];
  stage.fake.factors = [];
  stage.fake.broken = undefined;
});

const RIGHT = { login: 'sato.hanako', password: 'right' };

describe('logging in', () => {
  it('goes to the account when nothing more is needed', async () => {
    const browser = stage.browser();
    const answer = await browser.fill('/login', '/login', RIGHT);
    expect([answer.status, answer.to]).toEqual([303, '/account']);
    expect(answer.headers.getSetCookie().find((one) => one.startsWith('tasuki_session='))).toMatch(
      /^tasuki_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const account = await browser.get('/account');
    expect(account.status).toBe(200);
    expect(account.text).toContain('佐藤 花子');
  });

  it.each([
    ['second-factor', '/second-factor'],
    ['change-password', '/password'],
    ['enrol-second-factor', '/enrol'],
    ['accept-terms', '/terms'],
  ] as const)('goes to the step %s, and nowhere else before it is done', async (step, path) => {
    stage.fake.steps = [step];
    const browser = stage.browser();
    expect((await browser.fill('/login', '/login', RIGHT)).to).toBe(path);
    expect((await browser.get(path)).status).toBe(200);
    for (const other of ['/second-factor', '/password', '/enrol', '/terms', '/account'])
      if (other !== path) expect((await browser.get(other)).to).toBe(path);
    for (const other of ['/account/end-others', '/account/recovery-codes'])
      expect((await browser.fill(path, other, {})).to).toBe(path);
  });

  it.each([
    ['a wrong password', { login: 'sato.hanako', password: 'wrong' }],
    ['an unknown login', { login: 'nobody', password: 'right' }],
    ['64 KB', { login: 'x'.repeat(30_000), password: 'y'.repeat(30_000) }],
  ])('says the same of %s', async (_name, fields) => {
    const browser = stage.browser();
    const { status, text } = await browser.fill('/login', '/login', fields);
    expect(status).toBe(422);
    expect(text).toContain('role="alert"');
    expect(text).toContain('ログインできませんでした。');
    expect(text).not.toContain(fields.password);
    expect(browser.cookies.has('tasuki_session')).toBe(false);
  });

  it('ties what is missing to its field', async () => {
    const { status, text } = await stage.browser().fill('/login', '/login', { login: 'sato.hanako' });
    expect(status).toBe(422);
    expect(text).toMatch(/<title>エラー: /);
    expect(text).toMatch(/id="password-error" role="alert">入力してください/);
    expect(text).toMatch(/<input id="password"[^>]*aria-describedby="password-error" aria-invalid="true"/);
    expect(text).toMatch(/<input id="login"[^>]*value="sato.hanako"/);
    expect(text).not.toMatch(/<input id="login"[^>]*aria-invalid/);
  });

  it('tells the account where it came from', async () => {
    stage.fake.from = [];
    const browser = stage.browser();
    const page = await browser.get('/login');
    const token = /form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    await browser.post('/login', { ...RIGHT, form_token: token }, { 'user-agent': 'x'.repeat(4000) });
    expect(stage.fake.from).toEqual([{ address: '127.0.0.1', agent: 'x'.repeat(400) }]);
  });

  it('ends the session that was there before', async () => {
    const browser = stage.browser();
    const before = stage.fake.begin({ steps: ['second-factor'] });
    browser.cookies.set('tasuki_session', before);
    await browser.fill('/login', '/login', RIGHT);
    expect(stage.fake.sessions.has(before)).toBe(false);
    expect(browser.cookies.get('tasuki_session')).not.toBe(before);
  });

  it('goes past the login where one is complete', async () => {
    const browser = stage.browser();
    browser.cookies.set('tasuki_session', stage.fake.begin());
    expect((await browser.get('/login')).to).toBe('/account');
  });
});

describe('a session that is over', () => {
  it('leads to the login, which says so once', async () => {
    const browser = stage.browser();
    const token = stage.fake.begin();
    browser.cookies.set('tasuki_session', token);
    stage.fake.sessions.delete(token);
    const away = await browser.get('/account');
    expect([away.status, away.to]).toEqual([303, '/login']);
    expect((await browser.get('/login')).text).toContain('ログアウトしました。もう一度ログイン');
    expect((await browser.get('/login')).text).not.toContain('もう一度ログイン');
    expect((await browser.get('/account')).to).toBe('/login');
  });
});

describe('logging out', () => {
  it('ends the session and takes the cookie away', async () => {
    const browser = stage.browser();
    const token = stage.fake.begin();
    browser.cookies.set('tasuki_session', token);
    const answer = await browser.fill('/account', '/logout', {});
    expect(answer.to).toBe('/logged-out');
    expect(stage.fake.sessions.has(token)).toBe(false);
    expect(browser.cookies.has('tasuki_session')).toBe(false);
    expect((await browser.get('/logged-out')).status).toBe(200);
  });

  it('is not done by a link', async () => {
    const browser = stage.browser();
    browser.cookies.set('tasuki_session', stage.fake.begin());
    const { status, headers } = await browser.get('/logout');
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
  });
});

describe('the second factor', () => {
  const begun = () => {
    const browser = stage.browser();
    stage.fake.steps = ['second-factor', 'accept-terms'];
    stage.fake.factors = (['totp', 'passkey', 'recovery'] as const).map((kind) => ({
      id: kind,
      kind,
      name: '',
      createdAt: 0,
      usedAt: null,
    }));
    browser.cookies.set('tasuki_session', stage.fake.begin());
    return browser;
  };

  it.each([
    ['a code', { code: '123456' }],
    ['a code in two groups', { code: '123 456' }],
    ['a code in wide digits', { code: '１２３４５６' }],
    ['a recovery code', { recovery: 'abcd-efgh' }],
    ['a passkey', { response: '{"id":"good"}' }],
  ])('is %s; the cookie is a new one then', async (_name, fields) => {
    const browser = begun();
    const before = browser.cookies.get('tasuki_session');
    expect((await browser.fill('/second-factor', '/second-factor', fields)).to).toBe('/terms');
    expect(browser.cookies.get('tasuki_session')).not.toBe(before);
    expect((await browser.get('/terms')).status).toBe(200);
  });

  it.each([
    [{ code: '654321' }, 'code-error'],
    [{ code: '' }, 'code-error'],
    [{ code: '1'.repeat(60_000) }, 'code-error'],
    [{ recovery: 'no' }, 'recovery-error'],
    [{ response: '{"id":"bad"}' }, 'class="alert"'],
    [{ response: 'no json' }, 'class="alert"'],
    [{ response: '[]' }, 'class="alert"'],
    [{ response: 'null' }, 'class="alert"'],
    [{ response: '"text"' }, 'class="alert"'],
  ])('says what is wrong with %j', async (fields, said) => {
    const browser = begun();
    const { status, text } = await browser.fill('/second-factor', '/second-factor', fields);
    expect(status).toBe(422);
    expect(text).toContain(said);
    if (said === 'recovery-error') expect(text).toMatch(/<details open>/);
  });

  it('offers only what the person has', async () => {
    const browser = begun();
    const all = (await browser.get('/second-factor')).text;
    for (const part of ['name="code"', 'data-passkey="get"', 'name="recovery"']) expect(all).toContain(part);
    expect(all).toMatch(/webauthn\.[0-9a-f]{16}\.js/);
    stage.fake.factors = stage.fake.factors.filter(({ kind }) => kind === 'totp');
    browser.cookies.set('tasuki_session', stage.fake.begin());
    const few = (await browser.get('/second-factor')).text;
    expect(few).toContain('name="code"');
    expect(few).not.toMatch(/data-passkey|name="recovery"|webauthn/);
  });

  it('starts over when the session did not outlive the failures', async () => {
    const browser = begun();
    const { text } = await browser.get('/second-factor');
    const token = /form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const { people } = stage.parts;
    const { verifyTotp } = people;
    people.verifyTotp = async (session) => {
      stage.fake.sessions.delete(session);
      return null;
    };
    const answer = await browser.post('/second-factor', { code: '654321', form_token: token });
    people.verifyTotp = verifyTotp;
    expect(answer.to).toBe('/login');
    expect(browser.cookies.has('tasuki_session')).toBe(false);
  });
});

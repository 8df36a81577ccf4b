import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  Object.assign(stage.fake, { steps: [], factors: [], stale: false, accepted: [] });
});

const at = (...steps: typeof stage.fake.steps) => {
  const browser = stage.browser();
  browser.cookies.set('tasuki_session', stage.fake.begin({ steps, stale: stage.fake.stale }));
  return browser;
};

describe('setting up a second factor', () => {
  it('shows a QR code without style or script in it, and the key as text', async () => {
    const { text } = await at('enrol-second-factor').get('/enrol');
    const svg = /<svg[\s\S]*?<\/svg>/.exec(text)?.[0] ?? '';
    expect(svg).toMatch(/^<svg role="img" aria-label="[^"]+" viewBox="0 0 (\d+) \1"/);
    expect(svg).not.toMatch(/style|script/);
    expect(text).toContain('JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP');
    expect(text).toContain(
      'href="otpauth://totp/Tasuki:sato.hanako?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&amp;issuer=Tasuki"',
    );
  });

  it('shows recovery codes once, and then goes on', async () => {
    const browser = at('enrol-second-factor', 'accept-terms');
    const before = browser.cookies.get('tasuki_session');
    const { status, text } = await browser.fill('/enrol', '/enrol/totp', { code: '123 456' });
    expect(status).toBe(200);
    expect(text.match(/<li><code>/g)).toHaveLength(10);
    expect(text).toContain('href="/terms"');
    expect(browser.cookies.get('tasuki_session')).not.toBe(before);
    expect((await browser.get('/enrol')).to).toBe('/terms');
  });

  it('goes on at once where there were recovery codes already', async () => {
    const answer = await at('enrol-second-factor').fill('/enrol', '/enrol/passkey', {
      response: '{"id":"good"}',
      name: 'Key',
    });
    expect(answer.to).toBe('/account');
  });

  it.each([
    ['/enrol/totp', { code: '000000' }, 'code-error'],
    ['/enrol/passkey', { response: '{"id":"bad"}', name: '鍵' }, 'class="alert"'],
    ['/enrol/passkey', { response: '', name: '鍵' }, 'class="alert"'],
  ])('says at %s what is wrong with %j', async (path, fields, said) => {
    const { status, text } = await at('enrol-second-factor').fill('/enrol', path, fields);
    expect(status).toBe(422);
    expect(text).toContain(said);
  });

  it('asks who one is before more is added, where that was long ago', async () => {
    stage.fake.stale = true;
    stage.fake.factors = [{ id: 'a', kind: 'totp', name: '', createdAt: 0, usedAt: null }];
    const browser = at();
    expect((await browser.get('/enrol')).to).toBe('/second-factor?for=enrol');
    const done = await browser.fill('/second-factor?for=enrol', '/second-factor', { code: '123456', for: 'enrol' });
    expect(done.to).toBe('/enrol');
    expect((await browser.get('/enrol')).status).toBe(200);
  });

  it('asks for the password instead where there is no second factor', async () => {
    stage.fake.stale = true;
    const browser = at();
    expect((await browser.get('/second-factor?for=account')).text).toMatch(/autocomplete="current-password"/);
    expect((await browser.fill('/second-factor', '/second-factor', { password: 'wrong' })).status).toBe(422);
    const done = await browser.fill('/second-factor', '/second-factor', { password: 'right', for: 'account' });
    expect(done.to).toBe('/account');
  });

  it.each(['https://evil.example', '//evil.example', 'constructor', '__proto__', ''])(
    'goes nowhere that it is told: %j',
    async (purpose) => {
      const browser = at();
      expect((await browser.fill('/second-factor', '/second-factor', { password: 'right', for: purpose })).to).toBe(
        '/account',
      );
    },
  );
});

describe('changing the password', () => {
  it('needs the current one when nothing forces it', async () => {
    const browser = at();
    const missing = await browser.fill('/password', '/password', { next: 'long enough', again: 'long enough' });
    expect(missing.text).toContain('current-error');
    const wrong = await browser.fill('/password', '/password', {
      current: 'no',
      next: 'long enough',
      again: 'long enough',
    });
    expect([wrong.status, wrong.text.includes('今のパスワードが違います')]).toEqual([422, true]);
    const done = await browser.fill('/password', '/password', {
      current: 'right',
      next: 'long enough',
      again: 'long enough',
    });
    expect(done.to).toBe('/account?done=password');
    expect((await browser.get('/account?done=password')).text).toContain('パスワードを変更しました');
  });

  it('does not ask for it when it is the step of a login', async () => {
    const browser = at('change-password', 'enrol-second-factor');
    expect((await browser.get('/password')).text).not.toContain('name="current"');
    expect((await browser.fill('/password', '/password', { next: 'long enough', again: 'long enough' })).to).toBe(
      '/enrol',
    );
  });

  it.each([
    [{ next: '', again: '' }, 'next-error'],
    [{ next: 'long enough', again: 'long enouhg' }, 'again-error'],
    [{ next: 'short', again: 'short' }, 'よく使われるパスワード'],
  ])('says what is wrong with %j', async (fields, said) => {
    const { status, text } = await at('change-password').fill('/password', '/password', fields);
    expect(status).toBe(422);
    expect(text).toContain(said);
    if (fields.next) expect(text).not.toContain(`value="${fields.next}"`);
  });

  it('tells password managers whose and which passwords they are', async () => {
    const { text } = await at().get('/password');
    expect([...text.matchAll(/autocomplete="([^"]+)"/g)].map((found) => found[1])).toEqual([
      'username',
      'current-password',
      'new-password',
      'new-password',
    ]);
    expect(text).toContain('value="sato.hanako" autocomplete="username" readonly hidden');
  });
});

describe('an invitation', () => {
  it('is opened by its code, and the first password logs in', async () => {
    const browser = stage.browser();
    stage.fake.steps = ['enrol-second-factor'];
    expect((await browser.get('/invitation')).text).toContain('data-fragment="code"');
    const opened = await browser.fill('/invitation', '/invitation', { code: ' INV\nITED ' });
    expect(opened.status).toBe(200);
    expect(opened.text).toContain('さくら診療所から佐藤 花子さんへの招待です。');
    expect(opened.text).toContain('name="code" value="INVITED"');
    const accepted = await browser.fill('/invitation', '/invitation/accept', {
      code: 'INVITED',
      next: 'long enough',
      again: 'long enough',
    });
    expect(accepted.to).toBe('/enrol');
    expect(browser.cookies.has('tasuki_session')).toBe(true);
  });

  it.each(['', 'OTHER', 'x'.repeat(60_000)])('says the same of a code that is none: %#', async (code) => {
    const browser = stage.browser();
    for (const path of ['/invitation', '/invitation/accept']) {
      const { status, text } = await browser.fill('/invitation', path, {
        code,
        next: 'long enough',
        again: 'long enough',
      });
      expect(status).toBe(422);
      expect(text).toContain('この招待コードは使えません');
    }
  });

  it('keeps the code in the form when the password will not do', async () => {
    const fields = { code: 'INVITED', next: 'short', again: 'short' };
    const { status, text } = await stage.browser().fill('/invitation', '/invitation/accept', fields);
    expect(status).toBe(422);
    expect(text).toContain('next-error');
    expect(text).toContain('name="code" value="INVITED"');
  });

  it('has another language at an address that is a page', async () => {
    const { text } = await stage
      .browser()
      .fill('/invitation', '/invitation/accept', { code: 'INVITED', next: 'a', again: 'b' });
    expect(text).toContain('href="/invitation?lang=en"');
  });
});

describe('new terms', () => {
  it('are shown as text, accepted by version, and then the login goes on', async () => {
    const browser = at('accept-terms');
    const { text } = await browser.get('/terms');
    expect(text).toContain('第2条 &lt;b&gt;定義&lt;/b&gt;');
    expect((await browser.fill('/terms', '/terms', { version: '3' })).to).toBe('/account');
    expect(stage.fake.accepted).toEqual(['3']);
  });

  it('are shown again when there is a newer version by then', async () => {
    const browser = at('accept-terms');
    expect((await browser.fill('/terms', '/terms', { version: '2' })).to).toBe('/terms');
    expect(stage.fake.accepted).toEqual([]);
  });
});

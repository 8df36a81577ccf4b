import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  const { now } = stage.fake;
  const own = stage.fake.session().id;
  Object.assign(stage.fake, {
    stale: false,
    factors: [
      { id: 'f1', kind: 'totp', name: '', createdAt: now, usedAt: now },
      { id: 'f2', kind: 'passkey', name: '<b>鍵</b>', createdAt: now, usedAt: null },
      { id: 'f3', kind: 'recovery', name: '', createdAt: now, usedAt: null, left: 8 },
    ],
    listed: [
      { id: 's2', createdAt: now, seenAt: now, address: '203.0.113.9', agent: 'Safari, iPhone', strong: true },
      { id: own, createdAt: now - 1, seenAt: now - 1, address: '203.0.113.7', agent: 'Chrome, Windows', strong: true },
      { id: 's3', createdAt: now, seenAt: now - 5, address: '', agent: '', strong: true },
    ],
  });
});

const member = () => {
  const browser = stage.browser();
  browser.cookies.set('tasuki_session', stage.fake.begin());
  return browser;
};

describe('the account', () => {
  it('shows when the person was last here, and what failed since', async () => {
    const { text } = await member().get('/account');
    expect(text).toContain('2026年11月22日 14:05');
    expect(text).toContain('その後、ログインの失敗が 2 回ありました。');
    expect(text).toContain('医師、機関の管理者');
    expect(text).toContain('さくら診療所');
  });

  it('lists sessions, this one first and without a way to end it', async () => {
    const { text } = await member().get('/account');
    const list = /id="sessions"[\s\S]*?<\/section>/.exec(text)?.[0] ?? '';
    expect([...list.matchAll(/<b>([^<]+)<\/b>/g)].map((found) => found[1])).toEqual([
      'Chrome, Windows',
      'Safari, iPhone',
      '端末',
    ]);
    expect(list.match(/この端末/g)).toHaveLength(1);
    expect([...list.matchAll(/name="session" value="([^"]+)"/g)].map((found) => found[1])).toEqual(['s2', 's3']);
  });

  it('ends another session, and all others', async () => {
    const browser = member();
    expect((await browser.fill('/account', '/account/end-session', { session: 's2' })).to).toBe('/account?done=ended');
    expect((await browser.fill('/account', '/account/end-session', { session: 's2' })).to).toBe('/account?done=gone');
    expect((await browser.fill('/account', '/account/end-others', {})).to).toBe('/account?done=ended');
    expect(stage.fake.listed.map(({ id }) => id)).toEqual([stage.fake.session().id]);
    expect((await browser.get('/account')).text).not.toContain('/account/end-others');
  });

  it('lists second factors and removes one', async () => {
    const browser = member();
    const { text } = await browser.get('/account');
    expect(text).toContain('パスキー「&lt;b&gt;鍵&lt;/b&gt;」');
    expect(text).toContain('残り 8 個');
    expect((await browser.fill('/account', '/account/remove-factor', { factor: 'f2' })).to).toBe(
      '/account?done=removed',
    );
    expect((await browser.fill('/account', '/account/remove-factor', { factor: '' })).to).toBe('/account?done=unknown');
    stage.fake.factors.splice(1);
    expect((await browser.fill('/account', '/account/remove-factor', { factor: 'f1' })).to).toBe('/account?done=last');
    expect((await browser.get('/account?done=last')).text).toMatch(/class="alert" role="alert"/);
  });

  it('asks for a proof first where the last is old', async () => {
    stage.fake.stale = true;
    const browser = member();
    expect((await browser.fill('/account', '/account/remove-factor', { factor: 'f2' })).to).toBe(
      '/second-factor?for=account',
    );
    expect((await browser.fill('/account', '/account/recovery-codes', {})).to).toBe('/second-factor?for=account');
  });

  it('makes new recovery codes', async () => {
    const { status, text } = await member().fill('/account', '/account/recovery-codes', {});
    expect(status).toBe(200);
    expect(text.match(/<li><code>/g)).toHaveLength(10);
    expect(text).toContain('以前のコードは使えません');
  });

  it('says in plain words what apps may do, and takes it back', async () => {
    const browser = member();
    const { text } = await browser.get('/account');
    expect(text).toContain('成長曲線');
    expect(text).toContain('この患者さんの検査結果・観察を見る');
    expect((await browser.fill('/account', '/account/revoke-app', { app: 'growth' })).to).toBe('/account?done=revoked');
    expect((await browser.fill('/account', '/account/revoke-app', { app: 'other' })).to).toBe('/account?done=gone');
  });

  it.each(['constructor', '__proto__', '<script>', 'toString'])('says nothing for ?done=%s', async (done) => {
    const { status, text } = await member().get(`/account?done=${encodeURIComponent(done)}`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/class="(notice|alert)"/);
    expect(text).not.toContain('<script>');
  });
});

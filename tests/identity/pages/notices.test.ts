import { longNotice, message, withdrawnNotice } from './notices.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => Object.assign(stage.fake, { notices: [longNotice], read: [] }));

const member = () => {
  const browser = stage.browser();
  browser.cookies.set('tasuki_session', stage.fake.begin());
  return browser;
};
const shown = async (language = 'ja', path = '/notices') =>
  (await member().get(path, { 'accept-language': language })).text;

describe('the page of notices', () => {
  it('shows in the language of the reader what a notice says, when it takes effect, and why it was corrected', async () => {
    const [japanese, english] = [await shown(), await shown('en')];
    for (const text of [
      '臨時&lt;b&gt;メンテナンス',
      '一段目です。<br>改行です。',
      '2026年12月2日 0:00',
      'サービスは停止します',
      '訂正: 日付',
      '未読',
    ])
      expect(japanese).toContain(text);
    for (const text of [
      'Maintenance &lt;i&gt;',
      '<div lang="en">',
      '&lt;script&gt;',
      'does not answer',
      'Mark as read',
    ])
      expect(english).toContain(text);
    expect(japanese).not.toContain('First');
    expect(english).not.toMatch(/一段目|alert\(1\)<\/script>/);
  });

  it('says that one was withdrawn and why, and asks nobody to read it', async () => {
    stage.fake.notices = [withdrawnNotice];
    const text = await shown();
    expect(text).toContain('取り下げられました<br>理由: 誤りがあったため &lt;取り下げ&gt;');
    expect(text).not.toMatch(/既読にする|未読|サービスは停止します/);
    expect(await shown('en')).toContain('This notice is in Japanese only.');
  });

  it('names what the service tells the institution alone', async () => {
    stage.fake.notices = [message('contract'), message('standing')];
    const text = await shown('en');
    for (const one of ['About your contract', 'About a suspension', 'About contract.', 'read 2 November 2026'])
      expect(text).toContain(one);
  });

  it('goes on to earlier ones, and back to where one was marked as read', async () => {
    stage.fake.notices = Array.from({ length: 45 }, (_, i) => ({
      ...longNotice,
      id: `n${i}`,
      title: { ja: `第${i}号`, en: null },
    }));
    const first = await shown();
    expect(first).toContain('href="/notices?after=n19"');
    const second = await shown('ja', '/notices?after=n19');
    expect([second.includes('第20号'), second.includes('第19号'), second.includes('after=n39')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await shown('ja', '/notices?after=n39')).not.toContain('以前のお知らせ');
    const marked = await member().fill('/notices?after=n19', '/notices/read', { notice: 'n20', after: 'n19' });
    expect([marked.status, marked.to, stage.fake.read]).toEqual([303, '/notices?done=read&after=n19', ['n20']]);
    expect(await shown('ja', marked.to as string)).toContain('既読にしました。');
  });

  it('is for who is logged in wholly, and marks nothing for another site or what is not there', async () => {
    expect((await stage.browser().get('/notices')).to).toBe('/login');
    const halfway = stage.browser();
    halfway.cookies.set('tasuki_session', stage.fake.begin({ steps: ['second-factor'] }));
    expect((await halfway.get('/notices')).to).toBe('/second-factor');
    expect((await member().post('/notices/read', { notice: 'n1' })).status).toBe(403);
    const gone = await member().fill('/notices', '/notices/read', { notice: 'x' });
    expect([gone.to, stage.fake.read]).toEqual(['/notices?done=gone', []]);
    stage.fake.notices = null;
    expect(await shown()).toContain('権限がありません');
    stage.fake.notices = [];
    expect(await shown()).toContain('お知らせはありません');
  });

  it('is found from the account', async () => {
    expect((await member().get('/account')).text).toContain('href="/notices"');
  });
});

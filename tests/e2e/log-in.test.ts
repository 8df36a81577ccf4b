import type { CDPSession, Page } from 'playwright-core';
import { withBrowser } from './chromium.ts';
import {
  codeAt,
  enterPassword,
  logIn,
  openStage,
  PASSWORD,
  type Person,
  press,
  type Stage,
  settleIn,
} from './stage.ts';

withBrowser('a person in a browser', () => {
  let stage: Stage;
  let person: Person;
  beforeAll(async () => {
    stage = await openStage();
    person = await settleIn(stage, await stage.window());
  });
  afterAll(() => stage?.close());

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor();

  it('accepts the invitation, sets up an app, logs out and in again', async () => {
    expect(person.recoveryCodes).toHaveLength(10);
    const page = await stage.window();
    await page.goto('/account');
    await heading(page, 'ログイン');
    await logIn(stage, page, person);
    await heading(page, 'アカウント');
    expect(new URL(page.url()).pathname).toBe('/account');
    await page.getByRole('banner').getByRole('button', { name: 'ログアウト' }).click();
    await heading(page, 'ログアウトしました');
    await page.goto('/account');
    await heading(page, 'ログイン');
  });

  it('leaves the code of the invitation in no address', async () => {
    const page = await stage.window();
    const addresses: string[] = [];
    page.on('request', (request) => void addresses.push(request.url()));
    const { code } = await stage.invite('渡辺 健');
    await page.goto(`/invitation#${code}`);
    await page.getByText('渡辺 健さんへの招待です').waitFor();
    expect(addresses.filter((url) => url.includes(code) && !url.includes('#'))).toEqual([]);
    expect(page.url()).not.toContain(code);
  });

  it('is told the same whatever is wrong', async () => {
    const page = await stage.window();
    await page.goto('/login');
    for (const wrong of [
      { login: person.login, password: 'Hototogisu naku' },
      { login: 'nobody', password: PASSWORD },
    ]) {
      await enterPassword(page, wrong);
      expect(await page.getByRole('alert').innerText()).toMatch(/^ログインできませんでした。/);
      expect(await page.title()).toMatch(/^エラー: /);
      expect(await page.getByLabel('パスワード').inputValue()).toBe('');
    }
    expect(await page.getByLabel('パスワード').evaluate((input) => input === document.activeElement)).toBe(true);
  });

  it('gets in with a recovery code, once', async () => {
    const [code = ''] = person.recoveryCodes;
    const enter = async () => {
      const page = await stage.window();
      await page.goto('/login');
      await enterPassword(page, person);
      await page.getByText('リカバリーコードを使う').click();
      await page.getByLabel('リカバリーコード', { exact: true }).fill(code);
      await page.locator('details').getByRole('button', { name: '確認する' }).click();
      return page;
    };
    const first = await enter();
    await heading(first, 'アカウント');
    await first.getByText('残り 9 個').waitFor();
    const second = await enter();
    await second.getByText('このリカバリーコードは使えません。').waitFor();
  });

  it('is logged out after a quarter of an hour without doing anything', async () => {
    const page = await stage.window();
    await page.goto('/login');
    await logIn(stage, page, person);
    await heading(page, 'アカウント');
    stage.later(14);
    await page.reload();
    await heading(page, 'アカウント');
    stage.later(16);
    await page.getByRole('link', { name: 'パスワードを変更する' }).click();
    await heading(page, 'ログイン');
    await page.getByRole('status').getByText('操作のない時間が続いたか').waitFor();
  });

  it('sees where else they are logged in, and ends it', async () => {
    const [here, there] = [await stage.window(), await stage.window()];
    await here.goto('/login');
    await logIn(stage, here, person);
    await heading(here, 'アカウント');
    await there.goto('/login');
    await logIn(stage, there, person);
    await heading(there, 'アカウント');
    await here.reload();
    expect(await here.getByText('この端末', { exact: true }).count()).toBe(1);
    await here.getByRole('button', { name: 'ほかの端末をすべてログアウトさせる' }).click();
    await here.getByRole('status').getByText('ログアウトさせました。').waitFor();
    await there.reload();
    await heading(there, 'ログイン');
  });

  it('changes the language, and keeps it', async () => {
    const page = await stage.window();
    await page.goto('/login');
    expect(await page.getAttribute('html', 'lang')).toBe('ja');
    await page.getByRole('link', { name: 'English' }).click();
    await heading(page, 'Log in');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.goto('/invitation');
    await heading(page, 'Accept an invitation');
    const english = await stage.window({ locale: 'en-GB' });
    await english.goto('/');
    expect(await english.getAttribute('html', 'lang')).toBe('en');
  });

  it('needs no mouse', async () => {
    const page = await stage.window();
    await page.goto('/login');
    const { keyboard } = page;
    await keyboard.type(person.login);
    await keyboard.press('Tab');
    await keyboard.type(person.password);
    await keyboard.press('Enter');
    await heading(page, '本人確認');
    stage.later(1);
    await keyboard.type(codeAt(person.secret, stage.now()));
    await keyboard.press('Enter');
    await heading(page, 'アカウント');
    await keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('#main');
    await keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('needs no script but for passkeys', async () => {
    const page = await stage.window({ javaScriptEnabled: false });
    await page.goto('/login');
    await logIn(stage, page, person);
    await heading(page, 'アカウント');
    await page.getByRole('link', { name: '認証アプリかパスキーを追加する' }).click();
    await page.getByText('パスキーを使うには、JavaScript を有効にしてください。').waitFor();
    expect(await page.getByRole('button', { name: 'パスキーを作る' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'コピー' }).count()).toBe(0);
  });

  describe('with a passkey', () => {
    let page: Page;
    let devtools: CDPSession;
    let authenticatorId: string;
    beforeAll(async () => {
      page = await stage.window();
      devtools = await page.context().newCDPSession(page);
      await devtools.send('WebAuthn.enable');
      ({ authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      }));
    });

    it('registers it, and logs in with it', async () => {
      await page.goto('/login');
      await logIn(stage, page, person);
      await page.getByRole('link', { name: '認証アプリかパスキーを追加する' }).click();
      await page.getByLabel('パスキーの名前').fill('受付のパソコン');
      await press(page, 'パスキーを作る');
      await heading(page, 'アカウント');
      await page.locator('b', { hasText: 'パスキー「受付のパソコン」' }).waitFor();
      const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
      expect(credentials.map(({ rpId }) => rpId)).toEqual(['localhost']);
      await page.getByRole('banner').getByRole('button', { name: 'ログアウト' }).click();
      await page.getByRole('link', { name: 'もう一度ログインする' }).click();
      await enterPassword(page, person);
      await press(page, 'パスキーを使う');
      await heading(page, 'アカウント');
    });

    it('is told when it cannot be used, and can try again', async () => {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
      const other = page;
      await other.getByRole('banner').getByRole('button', { name: 'ログアウト' }).click();
      await other.getByRole('link', { name: 'もう一度ログインする' }).click();
      await enterPassword(other, person);
      await press(other, 'パスキーを使う');
      await other.getByRole('alert').getByText('取り消されたか、時間が過ぎました。').waitFor();
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
      await press(other, 'パスキーを使う');
      await heading(other, 'アカウント');
    });
  });
});

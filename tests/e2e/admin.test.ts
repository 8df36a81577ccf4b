import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ensureOperator } from '../../src/identity/index.ts';
import { withBrowser } from './chromium.ts';
import { openStage, press, type Stage, settleIn } from './stage.ts';

withBrowser('the command line of an administrator', () => {
  let stage: Stage;
  let page: Page;
  let directory: string;
  let file: string;
  beforeAll(async () => {
    stage = await openStage();
    directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-admin-`));
    file = join(directory, 'admin.json');
    await ensureOperator(stage.server.database, {
      rid: stage.server.engine.keys.rid('Organization', 'operator'),
      name: '運営者',
      clientId: 'operator',
      jwk: { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid: 'a' },
    });
    page = await stage.window();
    await settleIn(stage, page, '鈴木 管理', ['administrator']);
  });
  afterAll(async () => {
    await stage?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const started = (args: readonly string[]): ChildProcess & { readonly ended: Promise<number>; said(): string } => {
    const env = {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.TASUKI_TEST_COMPILED,
      ADMIN_DIR: directory,
      LANG: 'ja_JP.UTF-8',
    };
    const child = spawn(process.execPath, ['src/main.ts', 'admin', ...args], { env });
    const written: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (more: Buffer) => void written.push(more));
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
    return Object.assign(child, { ended, said: () => String(Buffer.concat(written)) });
  };
  const tasuki = async (...args: string[]) => {
    const child = started(args);
    return { code: await child.ended, said: child.said() };
  };
  const kept = () => JSON.parse(readFileSync(file, 'utf8'));
  /** The address that the command line prints. */
  const address = (child: ReturnType<typeof started>) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const [url] = /http:\S+\/oauth\/\S+/.exec(child.said()) ?? [];
        if (url) resolve(url);
      };
      child.stdout?.on('data', look);
      void child.ended.then(() => reject(new Error(child.said())));
      look();
    });

  it('logs in through the browser, renews its tokens, and logs out for good', async () => {
    expect(await tasuki('people', stage.hospital.organization)).toMatchObject({ code: 2 });
    const login = started(['--server', stage.baseUrl, 'login']);
    await page.goto(await address(login));
    await press(page, '許可する');
    await page.getByText('ログインしました。この画面を閉じて').waitFor();
    expect([await login.ended, login.said()]).toEqual([0, expect.stringContaining('ログインしました')]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(login.said()).not.toContain(kept().accessToken);

    const people = await tasuki('people', stage.hospital.organization);
    expect(people).toEqual({ code: 0, said: expect.stringContaining('鈴木 管理') });

    const before = kept();
    writeFileSync(file, JSON.stringify({ ...before, expiresAt: 0 }), { mode: 0o600 });
    expect(await tasuki('people', stage.hospital.organization)).toMatchObject({ code: 0 });
    const after = kept();
    expect(after.accessToken).not.toBe(before.accessToken);
    expect(after.refreshToken).not.toBe(before.refreshToken);

    // Several at once renew it once: a refresh token that is used twice would end the login.
    writeFileSync(file, JSON.stringify({ ...after, expiresAt: 0 }), { mode: 0o600 });
    const atOnce = Array.from({ length: 4 }, () => tasuki('people', stage.hospital.organization));
    expect((await Promise.all(atOnce)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await tasuki('people', stage.hospital.organization)).toMatchObject({ code: 0 });
    expect(readdirSync(directory)).toEqual(['admin.json']);

    const last = kept();
    expect(await tasuki('logout')).toMatchObject({ code: 0 });
    expect(() => kept()).toThrow('ENOENT');
    writeFileSync(file, JSON.stringify(last), { mode: 0o600 });
    expect(await tasuki('people', stage.hospital.organization)).toMatchObject({ code: 1 });
    writeFileSync(file, JSON.stringify({ ...last, expiresAt: 0 }), { mode: 0o600 });
    expect(await tasuki('people', stage.hospital.organization)).toMatchObject({ code: 1 });
  });

  it('says so when the person does not allow it, and keeps nothing', async () => {
    rmSync(file, { force: true });
    const login = started(['--server', stage.baseUrl, 'login']);
    await page.goto(await address(login));
    await press(page, '許可しない');
    await page.getByText('ログインできませんでした').waitFor();
    expect(await login.ended).toBe(1);
    expect(() => kept()).toThrow('ENOENT');
  });
});

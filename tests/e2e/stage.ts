import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { PersonRole } from '../../src/access/roles.ts';
import { loadConfig } from '../../src/config.ts';
import { type Server, startServer } from '../../src/server.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { type Member, type Network, openNetwork } from '../support/network.ts';
import type { RunningServer } from '../support/server.ts';
import { launch } from './chromium.ts';

/** A password that nothing speaks against. */
export const PASSWORD = 'Kawasemi no 3 wa tobu';

/** A server in this process, a browser, and people. */
export interface Stage {
  readonly server: Server;
  readonly baseUrl: string;
  readonly network: Network;
  readonly hospital: Member;
  readonly browser: Browser;
  /** Lets time go by for the server, in minutes. */
  later(minutes: number): void;
  /** The server's clock, epoch milliseconds. */
  now(): number;
  /** A browser window of its own, in Japanese unless told otherwise. */
  window(options?: BrowserContextOptions): Promise<Page>;
  /** An account that waits for its person: login and the code of the invitation. */
  invite(name?: string, roles?: readonly PersonRole[]): Promise<{ login: string; code: string }>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const clone: Clone = await cloneDatabase();
  const directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-e2e-`));
  const port = await freePort();
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const config = loadConfig({
    HOST: '127.0.0.1',
    PORT: String(port),
    // A name, for passkeys belong to one; browsers take the loopback interface for secure.
    BASE_URL: `http://localhost:${port}`,
    DATA_DIR: directory,
    DATABASE_URL: clone.url,
  });
  const server = await startServer(config, () => undefined, { jobsWait: true, now });
  const { baseUrl } = server.config;
  const running = { port, baseUrl: `http://127.0.0.1:${port}`, dataDir: directory, database: clone };
  const network = await openNetwork(running as unknown as RunningServer);
  const hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
  const browser = await launch();
  const contexts: BrowserContext[] = [];
  return {
    server,
    baseUrl,
    network,
    hospital,
    browser,
    now,
    later: (minutes) => {
      ahead += minutes * 60_000;
    },
    window: async (options = {}) => {
      const context = await browser.newContext({ baseURL: baseUrl, locale: 'ja-JP', ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      return page;
    },
    invite: (name = '高橋 みどり', roles = ['nurse']) => invite(network, hospital, name, roles),
    close: async () => {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
      await server.close();
      await clone.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

let invited = 0;

/** As the operator invites an institution's first people. */
async function invite({ operator }: Network, hospital: Member, name: string, roles: readonly PersonRole[]) {
  const login = `person.${++invited}`;
  const { status, body, text } = await operator.post(`${hospital.organization}/$invite`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'login', valueString: login },
      { name: 'name', valueString: name },
      ...roles.map((role) => ({ name: 'role', valueCode: role })),
    ],
  });
  if (status !== 200) throw new Error(`$invite answered ${status} ${text}`);
  const { valueString: code } = body.parameter.find((one: { name: string }) => one.name === 'code');
  return { login, code: String(code) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What an authenticator app with this key shows at a time. */
export const codeAt = (secret: string, at: number): string =>
  new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 }).generate({ timestamp: at });

/** The button with this name within the page's own content. */
export const press = (page: Page, name: string) =>
  page.getByRole('main').getByRole('button', { name, exact: true }).click();

/** Somebody who has accepted the invitation and has an authenticator app. */
export interface Person {
  readonly login: string;
  readonly password: string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** From the invitation's link to the account page, as a person does it. */
export async function settleIn(
  stage: Stage,
  page: Page,
  name?: string,
  roles?: readonly PersonRole[],
): Promise<Person> {
  const { login, code } = await stage.invite(name, roles);
  await page.goto(`/invitation#${code}`);
  await page.getByLabel('新しいパスワード', { exact: true }).fill(PASSWORD);
  await page.getByLabel('新しいパスワード（確認のためもう一度）').fill(PASSWORD);
  await press(page, 'アカウントを始める');
  const secret = (await page.locator('#secret').innerText()).replaceAll(' ', '');
  await page.getByLabel('アプリに表示された 6 桁のコード').fill(codeAt(secret, stage.now()));
  await press(page, '認証アプリを登録する');
  await page.getByRole('heading', { name: 'リカバリーコード' }).waitFor();
  const recoveryCodes = await page.locator('#codes code').allInnerTexts();
  await page.getByRole('link', { name: '保管しました。次へ' }).click();
  await page.getByRole('heading', { name: 'アカウント', level: 1 }).waitFor();
  return { login, password: PASSWORD, secret, recoveryCodes };
}

/** The first step of a login. */
export async function enterPassword(
  page: Page,
  { login, password }: Pick<Person, 'login' | 'password'>,
): Promise<void> {
  await page.getByLabel('ログイン ID').fill(login);
  await page.getByLabel('パスワード').fill(password);
  await press(page, 'ログイン');
}

/** Both steps of a login; a code serves once, so time goes by before it. */
export async function logIn(stage: Stage, page: Page, person: Person): Promise<void> {
  await enterPassword(page, person);
  stage.later(1);
  await page.getByLabel('認証コード（6 桁）').fill(codeAt(person.secret, stage.now()));
  await press(page, '確認する');
}

import type { Browser, Page } from 'playwright-core';
import type { LoginStep } from '../../src/identity/people/index.ts';
import { longNotice, withdrawnNotice } from '../identity/pages/notices.ts';
import { asking, openStage, type Stage } from '../identity/pages/stage.ts';
import { showsFocus, stumblingBlocks } from './accessible.ts';
import { launch, withBrowser } from './chromium.ts';

type Done = (page: Page) => Promise<void>;
const press: Done = (page) => page.getByRole('main').locator('form button:not([type=button])').first().click();

/** Every page, with the steps that its session still needs (null: without one) and what is done on it. */
const PAGES: readonly (readonly [path: string, steps: readonly LoginStep[] | null, done?: Done])[] = [
  ['/', null],
  ['/login', null],
  [
    '/login',
    null,
    async (page) => {
      await page.locator('#login').fill('sato.hanako');
      await page.locator('#password').fill('wrong');
      await press(page);
    },
  ],
  ['/interaction/u/login', null],
  ['/second-factor', ['second-factor']],
  [
    '/second-factor',
    ['second-factor'],
    async (page) => {
      await page.locator('#code').fill('000000');
      await press(page);
    },
  ],
  ['/enrol', ['enrol-second-factor']],
  [
    '/enrol',
    ['enrol-second-factor'],
    async (page) => {
      await page.locator('#code').fill('123456');
      await press(page);
      await page.locator('#codes').waitFor();
    },
  ],
  ['/password', []],
  [
    '/password',
    ['change-password'],
    async (page) => {
      await page.locator('#next').fill('short');
      await page.locator('#again').fill('short');
      await press(page);
    },
  ],
  ['/invitation', null],
  ['/invitation#INVITED', null, (page) => page.locator('#next').waitFor()],
  ['/terms', ['accept-terms']],
  ['/account?done=last', []],
  ['/notices?done=read', []],
  [
    '/interaction/u/patient',
    [],
    async (page) => {
      await page.locator('#name').fill('田中');
      await press(page);
      await page.locator('#found').waitFor();
    },
  ],
  ['/interaction/u/consent', []],
  ['/logged-out', null],
  ['/account/nothing', null],
];

withBrowser('pages for everybody', () => {
  let stage: Stage;
  let browser: Browser;
  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(), launch()]);
    const { fake } = stage;
    fake.factors = (['totp', 'passkey', 'recovery'] as const).map((kind) => ({
      id: kind,
      kind,
      name: '自分のパソコン',
      createdAt: fake.now,
      usedAt: null,
      left: 9,
    }));
    fake.notices = [withdrawnNotice, longNotice];
    fake.patients = [
      { id: 'p1', name: '田中 一郎', kana: 'タナカ イチロウ', sex: 'male', birthDate: '1951-03-12', number: '0001234' },
    ];
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  it.each([
    ['ja-JP', 1280, 'light'],
    ['en-GB', 320, 'dark'],
  ] as const)('in %s, %i px wide, %s: nothing to stumble over', async (locale, width, colorScheme) => {
    const context = await browser.newContext({
      baseURL: stage.baseUrl,
      locale,
      colorScheme,
      viewport: { width, height: 800 },
    });
    const complaints: string[] = [];
    const page = await context.newPage();
    page.on('console', (message) => {
      if (!/status of 4\d\d/.test(message.text())) complaints.push(`${page.url()}: the browser says ${message.text()}`);
    });
    for (const [path, steps, done] of PAGES) {
      const { fake } = stage;
      fake.asked = asking({
        needsPatient: path.includes('patient'),
        launchPatient: path.includes('consent') ? 'p1' : null,
      });
      await context.clearCookies();
      if (steps)
        await context.addCookies([{ name: 'tasuki_session', value: fake.begin({ steps }), url: stage.baseUrl }]);
      await page.goto('about:blank');
      await page.goto(path);
      await done?.(page);
      await page.waitForLoadState('load');
      complaints.push(...(await stumblingBlocks(page)).map((one) => `${path}: ${one}`));
      await page.keyboard.press('Tab');
      if (!(await showsFocus(page))) complaints.push(`${path}: the focus cannot be seen`);
    }
    await context.close();
    expect(complaints).toEqual([]);
  });
});

import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is: the variable CHROMIUM, or a usual place; undefined where there is none. */
export const CHROMIUM: string | undefined = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => {
  try {
    if (path) accessSync(path, constants.X_OK);
    return Boolean(path);
  } catch {
    return false;
  }
});

/** `describe` where there is a browser; otherwise the tests are reported as skipped, and why. */
export const withBrowser = (name: string, tests: () => void): void =>
  CHROMIUM
    ? describe(name, tests)
    : describe.skip(`${name} (there is no Chromium: install it, or say where it is in CHROMIUM)`, tests);

/** A browser without a profile of its own, that asks nobody but the loopback interface for anything. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM as string,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP localhost 127.0.0.1, EXCLUDE 127.0.0.1',
    ],
  });

import { account } from './texts/account.ts';
import { say, type Visit } from './visit.ts';

type Names = readonly (readonly [pattern: RegExp, name: string])[];

/** The first that fits counts: most browsers name others that they are like. */
const BROWSERS: Names = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const SYSTEMS: Names = [
  [/\b(?:iPhone|iPod)\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

const named = (names: Names, agent: string): string | undefined => names.find(([pattern]) => pattern.test(agent))?.[1];

/** A browser in words, by its User-Agent: `Chrome（Windows）`. */
export function browserOf(visit: Pick<Visit, 'language'>, agent: string): string {
  return say(visit, account.browser, {
    browser: named(BROWSERS, agent) ?? say(visit, account.otherBrowser),
    system: named(SYSTEMS, agent) ?? say(visit, account.otherSystem),
  });
}

import { isIP } from 'node:net';

/**
 * What counts as one place that logs in: an IPv4 address, or the first 64 bits of an IPv6 address, which one household or office has to
 * itself. Anything else is one place too.
 */
export function placeOf(address: string): string {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (isIP(plain) === 4) return plain;
  if (isIP(plain) !== 6) return 'unknown';
  const [front = '', back] = (plain.split('%')[0] as string).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const given = groups(front);
  const first = back === undefined ? given : [...given, ...Array(8).fill('0')];
  return `${first
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** An address as it may be shown and stored: the address itself, if it is one. */
export const addressOf = (address: string): string => (isIP(address) === 0 ? 'unknown' : address);

/** First match wins: many browsers say that they are others too. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ (Mobile\/\w+ )?Safari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\b(Macintosh|Mac OS X)\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A device in plain words, made of words of ours alone: `Firefox, Windows`; empty where nothing is known. */
export function deviceOf(userAgent: string): string {
  const text = userAgent.slice(0, 512);
  const find = (list: typeof BROWSERS) => list.find(([pattern]) => pattern.test(text))?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter((word) => word !== undefined).join(', ');
}

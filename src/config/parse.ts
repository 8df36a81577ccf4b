import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** How settings are read from text. Each throws a TypeError whose message completes "PORT must be …". */

export function integer(least: number, most: number): (text: string) => number {
  return (given) => {
    const number = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new TypeError(`a whole number from ${least} to ${most}, not "${given}"`);
    return number;
  };
}

export function oneOf<T extends string | number>(...values: readonly T[]): (text: string) => T {
  return (given) => {
    const found = values.find((one) => String(one) === given);
    if (found === undefined) throw new TypeError(`one of ${values.join(', ')}, not "${given}"`);
    return found;
  };
}

export function flag(given: string): boolean {
  if (['true', '1', 'on', 'yes'].includes(given.toLowerCase())) return true;
  if (['false', '0', 'off', 'no'].includes(given.toLowerCase())) return false;
  throw new TypeError(`true or false, not "${given}"`);
}

export function text(given: string): string {
  if (/\s/.test(given)) throw new TypeError(`a name or an address without blanks, not "${given}"`);
  return given;
}

export function directory(given: string): string {
  if (given.includes('\0')) throw new TypeError('a path');
  return resolve(given);
}

export function httpUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('an http or https URL');
  if (url.search || url.hash || url.username || url.password)
    throw new TypeError('a URL without user, query and fragment');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Items between commas or blanks; `-` alone is none. */
const items = (given: string): readonly string[] =>
  given === '-' ? [] : given.split(/[\s,]+/).filter((one) => one !== '');

export function urls(given: string): readonly string[] {
  const list = items(given);
  if (!list.every((one) => /^https?:\/\//.test(one) && URL.canParse(one)))
    throw new TypeError('http or https URLs, or -');
  return Object.freeze(list);
}

export function hosts(given: string): readonly string[] {
  const list = items(given).map((one) => one.toLowerCase());
  const wrong = list.find((one) => !URL.canParse(`http://${one}/`) || new URL(`http://${one}/`).host !== one);
  if (wrong !== undefined)
    throw new TypeError(`names or addresses, each with its port where it has one, not "${wrong}"`);
  return Object.freeze(list);
}

/** An address and how many bits of it count. */
export type Subnet = readonly [address: string, prefix: number];

export function subnets(given: string): readonly Subnet[] {
  return Object.freeze(
    items(given).map((one): Subnet => {
      const [address = '', prefix, ...more] = one.split('/');
      const most = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
      const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
      if (address.includes('%') || more.length > 0 || bits < 1 || bits > most)
        throw new TypeError(`addresses, or subnets with a prefix of 1 bit or more, not "${one}"`);
      return Object.freeze([address, bits]) as Subnet;
    }),
  );
}

export function databaseUrl(given: string): string {
  if (!/^postgres(ql)?:\/\//.test(given)) throw new TypeError('a URL that begins with postgres:// or postgresql://');
  return given;
}

/** A POSIX locale such as `ja_JP.UTF-8`. */
export function language(given: string): 'ja' | 'en' {
  return /^ja(?![a-z])/i.test(given) ? 'ja' : 'en';
}

export function timeZone(given: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    throw new TypeError(`an IANA time zone such as Asia/Tokyo, not "${given}"`);
  }
}

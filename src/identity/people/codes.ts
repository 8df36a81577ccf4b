import { hash, randomBytes, randomInt } from 'node:crypto';

/** Crockford's alphabet: no letter that looks like a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const GROUP = 4;

/** A code for people to type: so many random characters of 5 bits each, in groups of four. */
export function newCode(characters: number): string {
  const text = Array.from({ length: characters }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return text.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join('-') ?? '';
}

/**
 * What was typed, as it was given out but for the groups: any width and case, O for 0, I and L for 1, with spaces, hyphens and dashes of any
 * kind. Undefined where it cannot be a code of that many characters.
 */
export function readCode(typed: string, characters: number): string | undefined {
  if (typed.length > 8 * characters) return undefined;
  const text = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Pd}\u2212\u30FC]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return text.length === characters && [...text].every((character) => ALPHABET.includes(character)) ? text : undefined;
}

/** 120 bits: nobody finds one by trying. */
export const INVITATION = 24;

/** 60 bits, tried against one account only and throttled. */
export const RECOVERY = 12;

/** 256 random bits, base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url');

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** What a table may hold of a token or an invitation: SHA-256, base64url. Undefined for what cannot be a token of ours. */
export const hashOfToken = (token: string): string | undefined => (TOKEN.test(token) ? hashOf(token) : undefined);

export const hashOf = (text: string): string => hash('sha256', text, 'base64url');

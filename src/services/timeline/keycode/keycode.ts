import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { type FhirError, refuse } from '../../../http/errors.ts';

/** Crockford's base 32: no I, L, O and U. A character's place is its value. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LOCATOR_LENGTH = 6;

/** Random characters of the secret: 45 bits on a card of 16 characters, 65 bits on one of 20. */
export type SecretChars = 9 | 13;
const WELL_FORMED = new RegExp(`^[${ALPHABET}]{6}(?:[${ALPHABET}]{9}|[${ALPHABET}]{13})[${ALPHABET}]$`);

/** Far more than a card with every dash and space that a person may type; NFKC makes at most 18 of one. */
const LONGEST_INPUT = 100;

/** U+2010–2015 hyphens and dashes, U+2212 minus, U+30FC and U+FF70 long-vowel marks: what stands for a hyphen on some keyboard. */
const SEPARATORS = /[-\u2010-\u2015\u2212\u30fc\uff70 ]/g;

/**
 * A keycode in plain text: `LLLL-LLSS-SSSS-SSSK`, six characters of locator, nine (or thirteen) of secret, one check character.
 * It does not show itself: printed, logged or serialised it is `[keycode]`. Only `print()` and `message()` give it away.
 */
/** The one answer to every keycode that is not accepted, whatever the reason, to the byte. */
export const notAccepted = (): FhirError =>
  refuse.badRequest(
    'The keycode was not accepted: check failed. Compare it, and the birth date or number, with what the patient gave you',
    undefined,
    'security',
  );

export class Keycode {
  /** Finds the row; random, unique, not secret. */
  readonly locator: string;
  readonly #text: string;

  private constructor(text: string) {
    this.locator = text.slice(0, LOCATOR_LENGTH);
    this.#text = text;
  }

  /** A new one from the system's generator. Each character is five bits of one random byte, so that none is more frequent. */
  static generate(secretChars: SecretChars): Keycode {
    const values = randomBytes(LOCATOR_LENGTH + secretChars).map((byte) => byte & 31);
    const body = Array.from(values, (value) => ALPHABET[value]).join('');
    return new Keycode(body + checkCharacter(body));
  }

  /**
   * What a person typed or scanned, in whatever width, case and grouping. Throws 400 for anything that is not well-formed or does
   * not check, so that a slip of the finger costs neither an attempt nor a hash. The input is not repeated in the error.
   */
  static parse(input: string): Keycode {
    const text = normalise(input);
    if (!WELL_FORMED.test(text) || checkCharacter(text.slice(0, -1)) !== text.at(-1)) {
      throw notAccepted();
    }
    return new Keycode(text);
  }

  /** As it is printed on the card: groups of four. */
  print(): string {
    return this.#text.replace(/(.{4})(?=.)/g, '$1-');
  }

  /** Locator and secret without the check character: what is hashed. */
  message(): string {
    return this.#text.slice(0, -1);
  }

  toString(): string {
    return '[keycode]';
  }

  toJSON(): string {
    return '[keycode]';
  }

  [inspect.custom](): string {
    return '[keycode]';
  }
}

/** Full width to ASCII (NFKC), ASCII letters to upper case, O to 0, I and L to 1, separators and spaces away; all else stays. */
export function normalise(input: string): string {
  if (input.length > LONGEST_INPUT) return '';
  return input
    .normalize('NFKC')
    .replace(SEPARATORS, '')
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}

/**
 * K = Σ aⁱ⁺¹·cᵢ over GF(32) with a = 2 and the polynomial x⁵+x²+1, by Horner's rule from the last character. The weights are distinct
 * and none is 0 or 1, so every substitution of one character and every exchange of two, the check character included, is found.
 */
export function checkCharacter(body: string): string {
  let sum = 0;
  for (let i = body.length - 1; i >= 0; i--) sum = timesTwo(sum ^ ALPHABET.indexOf(body.charAt(i)));
  return ALPHABET.charAt(sum);
}

function timesTwo(value: number): number {
  return value & 16 ? (value << 1) ^ 0b100101 : value << 1;
}

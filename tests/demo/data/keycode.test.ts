import fc from 'fast-check';
import { checkCharacter, fullWidth, guessedKeycode } from '../../../src/demo/data/keycode.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const characters = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{15}$/);
const grouped = (text: string) => text.match(/.{4}/g)!.join('-');
const keycodes = characters.map((fifteen) => grouped(fifteen + checkCharacter(fifteen)));

describe('the check character of a keycode', () => {
  it('is zero for zeros, and the powers of 2 in GF(32) for a single 1', () => {
    expect(checkCharacter('000000000000000')).toBe('0');
    // x⁵ = x² + 1: 2, 4, 8, 16, 5, 10, 20, 13, 26, 17, 7, 14, 28, 29, 31
    const powers = [2, 4, 8, 16, 5, 10, 20, 13, 26, 17, 7, 14, 28, 29, 31];
    for (const [i, power] of powers.entries()) {
      expect(checkCharacter(`${'0'.repeat(i)}1${'0'.repeat(14 - i)}`)).toBe(ALPHABET[power]);
    }
  });

  it('changes with any single character and with any swap of two different ones', () => {
    const place = fc.nat(14);
    fc.assert(
      fc.property(characters, place, place, fc.constantFrom(...ALPHABET), (code, one, two, other) => {
        const put = (text: string, at: number, character: string) => text.slice(0, at) + character + text.slice(at + 1);
        if (code[one] !== other) expect(checkCharacter(put(code, one, other))).not.toBe(checkCharacter(code));
        if (code[one] !== code[two]) {
          const swapped = put(put(code, one, code[two]!), two, code[one]!);
          expect(checkCharacter(swapped)).not.toBe(checkCharacter(code));
        }
      }),
    );
  });
});

describe('a guessed keycode', () => {
  it('is right in form, begins like the card and is another', () => {
    fc.assert(
      fc.property(keycodes, (keycode) => {
        const guess = guessedKeycode(keycode);
        expect(guess).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
        expect(guess.slice(0, 7)).toBe(keycode.slice(0, 7));
        expect(guess).not.toBe(keycode);
        const plain = guess.replaceAll('-', '');
        expect(checkCharacter(plain.slice(0, 15))).toBe(plain[15]);
      }),
    );
  });
});

describe('a keycode typed full-width', () => {
  it('has no ASCII left, and becomes itself again under NFKC but for the long-vowel marks', () => {
    fc.assert(
      fc.property(keycodes, (keycode) => {
        const typed = fullWidth(keycode);
        expect([...typed].every((character) => character.codePointAt(0)! > 0x7f)).toBe(true);
        expect(typed.normalize('NFKC').replaceAll('ー', '-')).toBe(keycode);
      }),
    );
  });
});

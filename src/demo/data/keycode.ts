/** The characters of a keycode `LLLL-LLSS-SSSS-SSSK`, in the order of their values: Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Check character over GF(32) with x⁵ + x² + 1 and generator 2: the sum of 2^(i+1) times the value of character i. It is there
 * for typing errors and keeps nothing secret.
 */
export function checkCharacter(characters: string): string {
  let sum = 0;
  let factor = 1;
  for (const character of characters) {
    factor = double(factor);
    sum ^= times(factor, ALPHABET.indexOf(character));
  }
  return ALPHABET[sum]!;
}

const double = (value: number) => (value << 1) ^ (value & 0b10000 ? 0b100101 : 0);

function times(one: number, other: number): number {
  let product = 0;
  for (let bits = other, power = one; bits > 0; bits >>= 1, power = double(power)) if (bits & 1) product ^= power;
  return product;
}

/** Another keycode for the same card, right in form: what somebody might guess who saw the beginning of a card. */
export function guessedKeycode(keycode: string): string {
  const characters = keycode.replaceAll('-', '');
  const last = characters.length - 2;
  const other = ALPHABET[(ALPHABET.indexOf(characters[last]!) + 1) % ALPHABET.length]!;
  const guess = characters.slice(0, last) + other;
  return (guess + checkCharacter(guess)).match(/.{4}/g)!.join('-');
}

/** The keycode as a Japanese keyboard may give it: full-width, with long-vowel marks for hyphens. */
export function fullWidth(keycode: string): string {
  return keycode
    .replaceAll(/[0-9A-Z]/g, (character) => String.fromCodePoint(character.codePointAt(0)! + 0xfee0))
    .replaceAll('-', 'ー');
}

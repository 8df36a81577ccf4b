import { inspect } from 'node:util';
import fc from 'fast-check';
import { FhirError } from '../../../../src/http/errors.ts';
import { checkCharacter, Keycode, normalise } from '../../../../src/services/timeline/keycode/keycode.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretChars = fc.constantFrom(9 as const, 13 as const);
const character = fc.constantFrom(...ALPHABET);
/** Whole plain texts, checked, without groups. */
const plain = secretChars.chain((chars) =>
  fc.array(character, { minLength: 6 + chars, maxLength: 6 + chars }).map((body) => {
    const text = body.join('');
    return text + checkCharacter(text);
  }),
);
const printed = (text: string) => Keycode.parse(text).print();

/** The refusal of something that is not a keycode. */
function refusal(input: string): FhirError {
  try {
    Keycode.parse(input);
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error(`accepted ${input}`);
}
const accepted = (input: string): boolean => {
  try {
    Keycode.parse(input);
    return true;
  } catch {
    return false;
  }
};

describe('the form of a keycode', () => {
  it('is four groups of four, or five', () => {
    expect(Keycode.generate(9).print()).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(Keycode.generate(13).print()).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
  });

  it('begins with the locator; the message is all but the check character', () => {
    const keycode = Keycode.parse(`ABCDEF012345678${checkCharacter('ABCDEF012345678')}`);
    expect(keycode.locator).toBe('ABCDEF');
    expect(keycode.message()).toBe('ABCDEF012345678');
  });

  it('is what was printed: parse ∘ print = id', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const keycode = Keycode.parse(text);
        expect(normalise(keycode.print())).toBe(text);
        expect(Keycode.parse(keycode.print()).message()).toBe(keycode.message());
      }),
    );
  });

  it('uses every character of the alphabet about equally often', () => {
    const counts = new Map<string, number>();
    const keycodes = 4_000;
    for (let i = 0; i < keycodes; i++) {
      for (const letter of Keycode.generate(13).message()) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = (keycodes * 19) / 32;
    const chiSquared = ALPHABET.split('').reduce(
      (sum, letter) => sum + ((counts.get(letter) ?? 0) - expected) ** 2 / expected,
      0,
    );
    expect(counts.size).toBe(32);
    // 31 degrees of freedom: exceeded once in 10¹² runs.
    expect(chiSquared).toBeLessThan(125);
  });

  it('is never made twice', () => {
    const made = new Set(Array.from({ length: 2_000 }, () => Keycode.generate(9).print()));
    expect(made.size).toBe(2_000);
  });
});

describe('the check character', () => {
  /** The definition itself, K = Σ aⁱ⁺¹·cᵢ, multiplied the long way. */
  const multiply = (a: number, b: number): number => {
    let product = 0;
    for (let bit = 0; bit < 5; bit++) if ((b >> bit) & 1) product ^= a << bit;
    for (let bit = 9; bit >= 5; bit--) if ((product >> bit) & 1) product ^= 0b100101 << (bit - 5);
    return product;
  };
  const byDefinition = (body: string): string => {
    let power = 1;
    let sum = 0;
    for (const letter of body) {
      power = multiply(power, 2);
      sum ^= multiply(power, ALPHABET.indexOf(letter));
    }
    return ALPHABET[sum]!;
  };

  it('is the sum that the design defines', () => {
    fc.assert(fc.property(plain, (text) => text.at(-1) === byDefinition(text.slice(0, -1))));
  });

  it.each([
    ['000000000000000', '0'],
    ['100000000000000', '2'],
    ['010000000000000', '4'],
    ['000010000000000', '5'],
    ['000000000000001', 'Z'],
    ['ZZZZZZZZZZZZZZZ', 'N'],
  ])('of %s is %s', (body, check) => {
    expect(byDefinition(body)).toBe(check);
    expect(checkCharacter(body)).toBe(check);
  });

  it('finds every substitution of one character', () => {
    const sample = fc.sample(plain, { numRuns: 40, seed: 1 });
    let tried = 0;
    for (const text of sample) {
      for (let i = 0; i < text.length; i++) {
        for (const letter of ALPHABET) {
          if (letter === text[i]) continue;
          tried += 1;
          if (accepted(text.slice(0, i) + letter + text.slice(i + 1)))
            throw new Error(`missed ${letter} at ${i} of ${text}`);
        }
      }
    }
    expect(tried).toBeGreaterThan(40 * 16 * 30);
  });

  it('finds every exchange of two characters, next to each other or not', () => {
    const sample = fc.sample(plain, { numRuns: 200, seed: 2 });
    let tried = 0;
    for (const text of sample) {
      for (let i = 0; i < text.length; i++) {
        for (let j = i + 1; j < text.length; j++) {
          if (text[i] === text[j]) continue;
          tried += 1;
          const exchanged = text.slice(0, i) + text[j] + text.slice(i + 1, j) + text[i] + text.slice(j + 1);
          if (accepted(exchanged)) throw new Error(`missed ${i} and ${j} of ${text}`);
        }
      }
    }
    expect(tried).toBeGreaterThan(200 * 100);
  });
});

describe('what a person types', () => {
  const text = '7G2QH8ZK3MX01RT';
  const whole = text + checkCharacter(text);
  const groups = printed(whole);
  const wide = (value: string) => value.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

  it.each([
    ['as printed', groups],
    ['without groups', whole],
    ['in lower case', groups.toLowerCase()],
    ['in full width', wide(groups)],
    ['in full width and lower case', wide(groups.toLowerCase())],
    ['with ideographic spaces', groups.replaceAll('-', '\u3000')],
    ['with no-break spaces', groups.replaceAll('-', '\u00a0')],
    ['with spaces around everything', [...` ${groups} `].join(' ')],
    ['with O for 0', groups.replaceAll('0', 'O')],
    ['with o for 0', groups.replaceAll('0', 'o')],
    ['with I for 1', groups.replaceAll('1', 'I')],
    ['with l for 1', groups.replaceAll('1', 'l')],
    ['with L for 1 in full width', groups.replaceAll('1', '\uff2c')],
    ...[0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x30fc, 0xff70, 0xff0d, 0xfe63, 0xfe58].map(
      (dash): [string, string] => [
        `with U+${dash.toString(16).toUpperCase()} between the groups`,
        groups.replaceAll('-', String.fromCharCode(dash)),
      ],
    ),
  ])('is read %s', (_, input) => {
    expect(normalise(input)).toBe(whole);
    expect(Keycode.parse(input).print()).toBe(groups);
  });

  it('is read in any mixture of these', () => {
    const disguise = (letter: string) => {
      const forms = [letter, letter.toLowerCase(), wide(letter), wide(letter.toLowerCase())];
      if (letter === '0') forms.push('O', 'o', wide('O'), wide('o'));
      if (letter === '1') forms.push('I', 'i', 'L', 'l', wide('I'), wide('l'));
      return fc.constantFrom(...forms);
    };
    const separator = fc.constantFrom(
      '',
      '',
      '',
      '-',
      ' ',
      '\u3000',
      '\u2010',
      '\u2015',
      '\u2212',
      '\u30fc',
      '\uff70',
      '\uff0d',
    );
    const typed = plain.chain((code) =>
      fc
        .tuple(...[...code].map((letter) => fc.tuple(disguise(letter), separator)))
        .map((parts) => ({ code, input: parts.flat().join('') })),
    );
    fc.assert(
      fc.property(
        typed,
        ({ code, input }) => normalise(input) === code && Keycode.parse(input).print() === printed(code),
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['only dashes', '----'],
    ['one character less', whole.slice(1)],
    ['one character more', `${whole}0`],
    ['a length between the two cards', `${whole}00`],
    ['the check character of another', text + ALPHABET[(ALPHABET.indexOf(whole.at(-1)!) + 1) % 32]],
    ['a U', `U${whole.slice(1)}`],
    ['a full stop', groups.replace('-', '.')],
    ['an underscore', groups.replace('-', '_')],
    ['a slash', groups.replace('-', '/')],
    ['a tab', groups.replace('-', '\t')],
    ['a line break', `${groups}\n`],
    ['a soft hyphen', groups.replace('-', '\u00ad')],
    ['a wave dash', groups.replace('-', '\u301c')],
    ['a zero-width space', groups.replace('-', '\u200b')],
    ['a NUL', `${groups}\u0000`],
    ['a kanji one for a dash', groups.replace('-', '\u4e00')],
    ['a Turkish dotless i for 1', groups.replaceAll('1', '\u0131')],
    ['a Cyrillic letter', groups.replace(/[A-Z]/, '\u0410')],
    ['a combining mark', `${groups}\u0301`],
    ['a lone surrogate', `${groups}\ud800`],
    ['more than anyone types', `${groups}${' '.repeat(200)}`],
    ['a text that grows when it is normalised', '\ufdfa'.repeat(100)],
  ])('is refused with %s', (_, input) => {
    const error = refusal(input);
    expect(error.status).toBe(400);
    expect(error.issues).toEqual(refusal('').issues);
    expect(error.message).toContain('check failed');
  });

  it('is refused, not crashed on, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (input) => {
        if (accepted(input)) return;
        expect(refusal(input).issues[0]?.code).toBe('security');
      }),
    );
  });
});

describe('a keycode shows itself to nobody', () => {
  it('printed, inspected, serialised or put into a text', () => {
    const keycode = Keycode.generate(9);
    const views = [
      String(keycode),
      `${keycode}`,
      JSON.stringify({ keycode }),
      inspect({ keycode }, { depth: 5, showHidden: true }),
    ];
    for (const view of views) {
      expect(view).toContain('[keycode]');
      expect(normalise(view)).not.toContain(keycode.message().slice(6));
    }
    expect(Object.keys(keycode)).toEqual(['locator']);
  });

  it('in the refusal of a wrong one', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const wrong = text.slice(0, -1) + ALPHABET[(ALPHABET.indexOf(text.at(-1)!) + 1) % 32];
        const error = refusal(wrong);
        expect(`${error.stack}${JSON.stringify(error.issues)}${inspect(error)}`).not.toContain(wrong);
      }),
    );
  });
});

import fc from 'fast-check';
import { Characters } from '../../../../src/pdf/characters.ts';
import { readTypeface } from '../../../../src/pdf/font.ts';

const typeface = readTypeface();
const print = (text: string) => {
  const characters = new Characters(typeface);
  return { text: characters.printable(text), notes: characters.unprintable };
};

describe('characters that a letter can print', () => {
  it.each([
    '髙橋 﨑山 濵田 德永 彅 邉 齋',
    'ﾊﾟﾙｽｵｷｼﾒｰﾀ',
    '① ㈱ ㎎ ℃ ± ≧ ′ ½',
    'Ａ１　字',
    'é ü',
    '神と神',
    '葛\u{e0100}',
  ])('leaves %s as it is', (text) => {
    expect(print(text)).toEqual({ text, notes: [] });
  });

  it.each([
    ['a\r\nb\rc\u2028d\te', 'a\nb\nc\nd　e'],
    ['か\u3099は\u309a', 'がぱ'],
    ['e\u0301', 'é'],
  ])('writes %j as %j', (text, expected) => {
    expect(print(text)).toEqual({ text: expected, notes: [] });
  });

  it('marks what the typeface does not have, each with its number', () => {
    expect(print('𠮷田と𠮷野🏥')).toEqual({
      text: '〓[1]田と〓[1]野〓[2]',
      notes: [
        { name: 'U+20BB7', number: 1, hint: '吉' },
        { name: 'U+1F3E5', number: 2 },
      ],
    });
  });

  it.each([
    ['👩‍⚕️', '〓[1]', 'U+1F469 U+200D U+2695 U+FE0F'],
    ['\ud800', '〓[1]', 'U+D800'],
    ['\u0007', '〓[1]', 'U+0007'],
    ['\ue000', '〓[1]', 'U+E000'],
    ['⅐', '〓[1]', 'U+2150'],
  ])('marks %j whole', (text, expected, name) => {
    expect(print(text)).toEqual({ text: expected, notes: [{ name, number: 1 }] });
  });

  it('writes out what means the same, and says so', () => {
    expect(print('SpO₂ 10⁻⁵ 10² ㎍')).toEqual({
      text: 'SpO2 10^−5 10² μg',
      notes: [
        { name: 'U+207B U+2075', shown: '^−5' },
        { name: 'U+2082', shown: '2' },
        { name: 'U+338D', shown: 'μg' },
      ],
    });
  });

  it('leaves out what nobody sees, and says so', () => {
    expect(print('a\u200bb\u202ec\ufeff 葛\u{e0107}')).toEqual({
      text: 'abc 葛',
      notes: [{ name: 'U+200B' }, { name: 'U+202E' }, { name: 'U+FEFF' }, { name: 'U+845B U+E0107' }],
    });
  });

  it('yields only what both fonts have a glyph for, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (given) => {
        const { text } = print(given);
        const points = Array.from(text).filter((sign, i, all) => {
          const variation = sign.codePointAt(0)!;
          return sign !== '\n' && !(i > 0 && typeface.has(all[i - 1]!.codePointAt(0)!, variation));
        });
        expect(points.filter((sign) => !typeface.has(sign.codePointAt(0)!))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('accounts for each character: printed, or noted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('亜', '𠮷', '\u200b', '🏥', 'ｶ', '₂', '葛\u{e0107}'), { maxLength: 20 }),
        (signs) => {
          const { text, notes } = print(signs.join(''));
          const missing = new Set(signs.filter((sign) => !['亜', 'ｶ'].includes(sign)));
          expect(notes.length).toBe(missing.size);
          expect(text.split('〓').length - 1).toBe(signs.filter((sign) => sign === '𠮷' || sign === '🏥').length);
        },
      ),
    );
  });
});

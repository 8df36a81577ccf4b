import fc from 'fast-check';
import { Budget, Syntax } from '../../src/pdf/syntax.ts';
import { dateString, decodeText, parseDate, textString } from '../../src/pdf/text.ts';

function back(token: string): string {
  const bytes = Buffer.from(token, 'latin1');
  const value = new Syntax(bytes, 0, bytes.length, new Budget()).value();
  if (value.kind !== 'string') throw new Error('no string');
  return decodeText(value.bytes);
}

describe('text strings (ISO 32000-1 §7.9.2.2)', () => {
  it.each([
    ['plain words', '(plain words)'],
    ['a (b) \\c', '(a \\(b\\) \\\\c)'],
    ['', '()'],
    ['診療', '<FEFF8A3A7642>'],
    ['髙﨑', '<FEFF9AD9FA11>'],
    ['𠮷', '<FEFFD842DFB7>'],
    ['a\nb', '<FEFF0061000A0062>'],
  ])('%j', (text, token) => {
    expect(textString(text)).toBe(token);
    expect(back(token)).toBe(text);
  });

  it('come back as they were written', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => back(textString(text)) === text));
  });

  it('of a lone surrogate are well formed', () => {
    expect(back(textString('a\ud800'))).toBe('a\ufffd');
  });

  it('are read in UTF-8 and in Latin-1 too', () => {
    expect(decodeText(Buffer.from('\ufeff医師', 'utf8'))).toBe('医師');
    expect(decodeText(Buffer.from('caf\xe9', 'latin1'))).toBe('café');
  });
});

describe('dates (ISO 32000-1 §7.9.4)', () => {
  it.each([
    ["D:20260401120000+09'00'", Date.UTC(2026, 3, 1, 3)],
    ["D:20260401120000+09'00", Date.UTC(2026, 3, 1, 3)],
    ['D:20260401120000Z', Date.UTC(2026, 3, 1, 12)],
    ["D:20260401120000Z00'00'", Date.UTC(2026, 3, 1, 12)],
    ["D:20260401120000-03'30'", Date.UTC(2026, 3, 1, 15, 30)],
    ['D:2026', Date.UTC(2026, 0, 1)],
    ['D:20260431', undefined],
    ['D:20261301', undefined],
    ['D:20260401250000Z', undefined],
    ['20260401', undefined],
    ['D:2026-04-01', undefined],
  ])('%s', (text, time) => {
    expect(parseDate(text)).toBe(time);
  });

  it('come back as they were written, to the second', () => {
    const day = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(day, (date) => {
        const time = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseDate(dateString(time).slice(1, -1))).toBe(time);
      }),
    );
  });
});

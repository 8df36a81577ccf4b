import fc from 'fast-check';
import { fold } from '../../../src/fhir/indexing/fold.ts';
import { KANJI_VARIANTS } from '../../../src/fhir/indexing/kanji.ts';

describe('the folding of strings', () => {
  test.each([
    ['width, kana and voicing marks', ['ﾔﾏﾀﾞ', 'ヤマダ', 'やまだ', 'やまた', 'ﾔﾏﾀﾞ']],
    ['spaces, wide and narrow', ['ヤマダ　タロウ', 'ヤマダ タロウ', 'やまだたろう', 'ﾔﾏﾀﾞ ﾀﾛｳ', ' ヤマダ\tタロウ ']],
    ['old and new forms of kanji', ['髙橋', '高橋', '髙 橋']],
    ['compatibility ideographs', ['\uFA11田', '崎田', '嵜田']],
    ['variants of 辺', ['渡邊', '渡邉', '渡辺', '渡邊\u{E0100}']],
    ['variants of 斉', ['齋藤', '齊藤', '斎藤', '斉藤']],
    ['a kanji beyond the first plane', ['𠮷野家', '吉野家']],
    ['ideographic variation sequences', ['辻\u{E0101}', '辻', '辻\uFE00']],
    ['compatibility ideographs with a decomposition', ['\uFA19崎', '神崎', '神﨑']],
    ['repetition marks', ['佐々木', '佐佐木']],
    ['repetition marks of kana', ['いすゞ', 'イスヾ', 'いすず', 'いすす']],
    ['ヶ between kanji', ['霞ヶ関', '霞ケ関', '霞が関', '霞か関', '霞ヵ関']],
    ['small kana', ['キョウコ', 'きょうこ', 'ｷﾖｳｺ', 'きようこ']],
    ['the long-vowel sign', ['ローラ', 'ろーら', 'ﾛｰﾗ', 'ろら']],
    ['middle dots and hyphens', ['ジョン・スミス', 'じょんすみす', 'ジョン＝スミス'.replace('＝', '-'), 'ｼﾞｮﾝ･ｽﾐｽ']],
    ['numbers of an address', ['１−２−３', '1-2-3', '１－２－３', '1‐2‐3', '1ー2ー3', '1〜2~3']],
    ['case', ['SMITH', 'smith', 'Ｓｍｉｔｈ']],
    ['accents', ['Müller', 'MULLER', 'Mu\u0308ller']],
    ['letters without a decomposition', ['Straße', 'STRASSE', 'strasse']],
    ['Danish', ['Søren Kierkegård', 'soren kierkegard']],
    ['Greek sigma', ['ΟΔΟΣ', 'οδος', 'οδοσ']],
    ['Turkish', ['İstanbul', 'istanbul', 'ıstanbul']],
    ['ligatures and circled numbers', ['ﬁle①', 'file1']],
    ['Korean, whole and in parts', ['김', '\u1100\u1175\u11B7']],
    ['invisible characters', ['a\u200Bb\u00AD', 'ab']],
  ])('is blind to %s', (_, texts) => {
    expect(new Set(texts.map(fold))).toEqual(new Set([fold(texts[0] as string)]));
    expect(fold(texts[0] as string)).not.toBe('');
  });

  test.each([
    ['山田', '山口'],
    ['はし', 'はな'],
    ['た', 'な'],
    ['太', '大'],
    ['1', '2'],
    ['A+', 'A'],
    ['<5', '5'],
    ['田中', '中田'],
  ])('keeps %s and %s apart', (a, b) => {
    expect(fold(a)).not.toBe(fold(b));
  });

  it('is nothing for text without letters or digits', () => {
    for (const text of ['', ' ', '　', '・', 'ー', '--', '。、', '\u3099']) expect(fold(text)).toBe('');
  });

  it('changes nothing when it is done again', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), japanese);
    fc.assert(
      fc.property(anything, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same for a text in any Unicode normalization form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), japanese), (text) => {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) expect(fold(text.normalize(form))).toBe(fold(text));
      }),
    );
  });

  it('keeps the beginning of what it folds, so that a prefix finds the whole', () => {
    const names = fc.array(fc.constantFrom(...'山田太郎髙橋渡邊ﾔﾏﾀﾛヤマタロウやまたろう Smith'), { maxLength: 12 });
    fc.assert(
      fc.property(names, names, (first, rest) => {
        expect(fold([...first, ...rest].join('')).startsWith(fold(first.join('')))).toBe(true);
      }),
    );
  });

  it('leaves lone surrogates and private characters alone', () => {
    expect(fold('\uD842')).toBe('\uD842');
    expect(fold('\uE000')).toBe('\uE000');
  });
});

const japanese = fc.string({
  unit: fc.constantFrom(
    ...'ヤマダタロウやまだたろうﾔﾏﾀﾞﾀﾛｳ゛゜ーｰ々ゝゞヽヾ髙高橋渡邊邉辺齋藤ヶケが関ぁァッょ０１aA　・\u3099\u309a\uFA11\uFA19',
  ),
});

describe('the table of kanji forms', () => {
  it('leads in one step to a form that is not itself a variant', () => {
    for (const [variant, form] of KANJI_VARIANTS) {
      expect({ variant, again: KANJI_VARIANTS.get(form) }).toEqual({ variant, again: undefined });
      expect(variant).not.toBe(form);
    }
  });

  it('holds only characters that survive normalization, as it is applied after it', () => {
    for (const pair of KANJI_VARIANTS) for (const one of pair) expect(one.normalize('NFKD')).toBe(one);
  });

  it('has those that the field names', () => {
    for (const pair of ['髙高', '﨑崎', '邉辺', '邊辺', '齋斉', '齊斉', '斎斉', '濵浜', '澤沢', '廣広', '𠮷吉']) {
      const [variant = '', form] = [...pair];
      expect([variant, KANJI_VARIANTS.get(variant)]).toEqual([variant, form]);
    }
  });
});

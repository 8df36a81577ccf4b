import fc from 'fast-check';
import { PASSWORD_PROBLEMS, type PasswordProblem, passwordProblemText } from '../../../src/identity/people/index.ts';
import { isGuessable } from '../../../src/identity/people/passwords/guessable.ts';
import { folded, normalPassword } from '../../../src/identity/people/passwords/normal.ts';
import { judge } from '../../../src/identity/people/passwords/rules.ts';

const chooser = {
  login: 'm.takahashi@sakura.example',
  name: '高橋 みどり',
  institutionName: '医療法人 さくら診療所',
  hasFactor: true,
};

describe('what is wrong with a password', () => {
  it.each<[string, readonly PasswordProblem[]]>([
    ['', ['short']],
    ['Xk7#qP2', ['short']],
    ['password', ['common']],
    ['PassWord', ['common']],
    ['P@ssw0rd', ['common']],
    ['password2026!', ['common']],
    ['!!sunshine!!', ['common']],
    ['trustno1trustno1', ['common']],
    ['qwertyuiop[]', ['common']],
    ['asdfghjkl;:qwertyuiop', ['common']],
    ['1qaz2wsx3edc4rfv', ['common']],
    ['abcdefghijklmnop', ['common']],
    ['あいうえおかきくけこ'.repeat(2), ['common']],
    ['1234567890123', ['common']],
    ['zzzzzzzzzzzzz', ['common']],
    ['ｐａｓｓｗｏｒｄ', ['common']],
    ['hana-Takahashi-7', ['contextual']],
    ['ihsahakat kobune 5', ['contextual']],
    ['みどりいろの夜明け7', ['contextual']],
    ['ミドリイロノ夜明け7', ['contextual']],
    ['ﾐﾄﾞﾘｲﾛﾉ夜明け7', ['contextual']],
    ['さくら診療所の朝もや', ['contextual']],
    ['umi to sAKuRa no kaze', ['contextual']],
    ['watashi no TASUKI 9', ['contextual']],
    ['kyou mo iksat iku', []],
    ['ikusat no mizuumi', ['contextual']],
    ['takahas.hi mizuumi', ['contextual']],
    ['高橋さんの湖', ['short', 'contextual']],
    ['line\nbreak and more', ['unusable']],
    ['nul\u0000 and more of it', ['unusable']],
    ['zero\u200Bwidth and more', ['unusable']],
    ['\uD800 half a character', ['unusable']],
    ['correct horse battery staple', []],
    ['Kawasemi no 3 wa tobu', []],
    ['雨上がりの坂道で虹を見た', []],
    ['🦆🌊🍙🌸 mizu-7', []],
    ['x'.repeat(1000), ['long']],
  ])('%j: %j', async (text, problems) => {
    expect((await judge(text, chooser)).problems ?? []).toEqual(problems);
  });

  it('is the length, in characters as people count them', async () => {
    const text = (length: number) => [...'いろはにほへとちりぬるをわかよたれそつねならむ'].slice(0, length).join('');
    const problems = async (length: number, hasFactor: boolean) =>
      (await judge(text(length), { ...chooser, hasFactor })).problems ?? [];
    expect(await problems(7, true)).toEqual(['short']);
    expect(await problems(8, true)).toEqual([]);
    expect(await problems(8, false)).toEqual(['short-without-factor']);
    expect(await problems(12, false)).toEqual(['short-without-factor']);
    expect(await problems(13, false)).toEqual([]);
    const long = (length: number) =>
      Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('');
    expect((await judge(long(128), chooser)).problems).toBeUndefined();
    expect((await judge(long(129), chooser)).problems).toEqual(['long']);
  });

  it('is said in both languages', () => {
    for (const problem of PASSWORD_PROBLEMS) {
      expect(passwordProblemText(problem, 'ja')).toMatch(/。$/);
      expect(passwordProblemText(problem, 'en')).toMatch(/^[\x20-\x7e]+\.$/);
    }
  });
});

describe('the form in which a password is hashed', () => {
  it('is the same for the same text, composed or not, with any space', () => {
    expect(normalPassword('\u304B\u3099')).toBe('\u304C');
    expect(normalPassword('a\u3000b\u00A0c')).toBe('a b c');
  });

  it('keeps width and case, as RFC 8265 has it', () => {
    expect(normalPassword('Ａa')).toBe('Ａa');
    expect(normalPassword('ｶ')).toBe('ｶ');
  });

  it('does not change any more, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const normal = normalPassword(text);
        return normal === undefined || normalPassword(normal) === normal;
      }),
    );
  });

  it('is none for anything with a control character or half of a pair', () => {
    const bad = fc.constantFrom(
      '\u0000',
      '\u0007',
      '\u001b',
      '\u007f',
      '\u0085',
      '\u200b',
      '\u2060',
      '\ufeff',
      '\udc00',
      '\uffff',
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), bad, fc.string({ maxLength: 20 }), (before, character, after) => {
        return normalPassword(`${before}${character}${after}`) === undefined;
      }),
    );
  });
});

describe('words', () => {
  it('are compared without width, case, kana and signs', () => {
    expect(folded('Ｔａｓｕ-ＫＩ')).toBe('tasuki');
    expect(folded('サクラ・ｻｸﾗ さくら')).toBe('さくらさくらさくら');
  });

  it('fold once and for all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => folded(folded(text)) === folded(text)),
    );
  });

  it('of a person are found in every password, in whatever is around them', async () => {
    const around = fc.string({ unit: fc.constantFrom(...'アイウxyz79 -_!海山'), minLength: 6, maxLength: 20 });
    const word = fc.constantFrom(
      'takahashi',
      'TAKAHASHI',
      'さくら診療所',
      'サクラ診療所',
      'みどり',
      '高橋',
      'ihsahakat',
      'りどみ',
      'tasuki',
    );
    await fc.assert(
      fc.asyncProperty(around, word, around, async (before, name, after) => {
        const { problems } = await judge(`${before}${name}${after}`, chooser);
        return problems?.includes('contextual') ?? false;
      }),
    );
  });
});

describe('what is easily guessed', () => {
  it('is any repetition', async () => {
    const piece = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(piece, fc.integer({ min: 2, max: 6 }), (text, times) => isGuessable(text.repeat(times))),
    );
  });

  it('is not what a generator makes', async () => {
    const unit = fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789-_#%');
    const random = fc.string({ unit, minLength: 16, maxLength: 24 }).filter((text) => new Set(text).size > 9);
    await fc.assert(fc.asyncProperty(random, async (text) => !(await isGuessable(text))));
  });
});

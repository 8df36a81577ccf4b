import { KANJI_VARIANTS } from './kanji.ts';

/**
 * The folding of strings for search (R4 §3.1.1.4.8 asks for case and accents; JP Core's guide on string search for width,
 * kana, voicing marks and kanji forms). Only the index and the search value are folded; what is stored and sent is never changed.
 *
 *  ﾔﾏﾀﾞ ヤマダ やまだ → やまた      髙橋 → 高橋      Müller → muller      佐々木 → 佐佐木      霞ヶ関 霞が関 → 霞か関
 */
export function fold(text: string): string {
  if (SIMPLE.test(text)) return text.toLowerCase().replace(SIMPLE_DROPPED, '');
  if (text.length > 64) return foldWide(text);
  const known = seen.get(text);
  if (known !== undefined) return known;
  const folded = foldWide(text);
  if (seen.size >= 5000) seen.clear();
  seen.set(text, folded);
  return folded;
}

/** Displays and names come again and again. */
const seen = new Map<string, string>();

function foldWide(text: string): string {
  return text
    .normalize('NFKC')
    .replace(KE_AS_KA, 'か')
    .toLowerCase()
    .normalize('NFKD')
    .replace(DROPPED, '')
    .replace(SPECIAL, (character) => {
      const kana = character.charCodeAt(0);
      if (kana >= 0x30a1 && kana <= 0x30f6) {
        const hiragana = String.fromCharCode(kana - 0x60);
        return LETTERS.get(hiragana) ?? hiragana;
      }
      return LETTERS.get(character) ?? KANJI_VARIANTS.get(character) ?? character;
    })
    .replace(REPEATED, (_, letter: string, marks: string) => letter.repeat(marks.length + 1))
    .normalize('NFC');
}

/** Most strings of a record are plain ASCII: no normalisation can change them but case. */
const SIMPLE = /^[ -~]*$/;
const SIMPLE_DROPPED = /[\s!"#%&'()*,\-./:;?@[\\\]_{}~`^]+/g;

/** ヶ, and ケ between kanji, is read か or が: 霞ヶ関, 鎌ケ谷. */
const KE_AS_KA = /ヶ|(?<=\p{Script=Han})ケ(?=\p{Script=Han})/gu;

/** Marks (accents, ゙ ゚, variation selectors), spaces, punctuation, invisible characters, and the long-vowel sign. */
const DROPPED = /[\p{M}\p{Z}\s\p{P}\p{Cc}\p{Cf}\p{Sk}~−ー]+/gu;

/** Small kana are written large in old half-width data; letters without a decomposition. */
const LETTERS: ReadonlyMap<string, string> = new Map(
  'ぁあ ぃい ぅう ぇえ ぉお っつ ゃや ゅゆ ょよ ゎわ ゕか ゖけ ヽゝ ßss ςσ æae œoe øo đd ðd þth łl ıi'
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.slice(1)]),
);

const SPECIAL = new RegExp(
  `[\\u30a1-\\u30f6${[...LETTERS.keys()].join('')}${[...KANJI_VARIANTS.keys()].join('')}]`,
  'gu',
);

/** 々 and ゝ repeat the character before them. */
const REPEATED = /(\p{L})([々ゝ]+)/gu;

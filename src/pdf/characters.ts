import type { Typeface } from './font.ts';

/** A character that the letter cannot print, and how the text shows that. */
export interface Unprintable {
  /** `U+20BB7`, or a sequence `U+845B U+E0102`. */
  readonly name: string;
  /** The number behind 〓 in the text. */
  readonly number?: number;
  /** What prints in its place and means the same. Without this and a number it has no shape of its own and was left out. */
  readonly shown?: string;
  /** A common form of the same character, as a hint. */
  readonly hint?: string;
}

/** White space that the typeface has no glyph for, and what prints in its place. */
const SPACES: Readonly<Record<string, string>> = Object.freeze({
  '\t': '　',
  '\u2028': '\n',
  '\u2029': '\n',
  '\u0085': '\n',
});

/** Common forms of characters of names that few typefaces have. */
const HINTS: Readonly<Record<string, string>> = Object.freeze({ 𠮷: '吉', 𡈽: '土', 𣘺: '橋', 𠮟: '叱', 𥔎: '崎' });

/** Signs that print as another of the same shape. */
const LOOKS: Readonly<Record<string, string>> = Object.freeze({
  '\u2012': '–',
  '\u223c': '～',
  '✔': '✓',
  '✕': '×',
  '✖': '×',
});

/** A power, whole: `10⁻⁵` prints as `10^−5`, never as 10−5. */
const RAISED = /[\u2070\u2071\u2074-\u207f\u00b9\u00b2\u00b3]+/g;
const LOWERED = /^[\u2080-\u208e]$/;

const SELECTOR = /^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u;
/** Soft hyphens, zero-width joiners and spaces, directional marks, byte-order marks: what no reader sees. */
const INVISIBLE = /^\p{Default_Ignorable_Code_Point}$/u;
/** A base with combining marks that are no selectors. Compatibility ideographs stay out of NFC's way. */
const CLUSTER = /[^\p{M}\p{Cn}\uf900-\ufaff\u{2f800}-\u{2fa1f}][\u0300-\u036f\u3099\u309a]+/gu;
const SEGMENTS = new Intl.Segmenter('ja', { granularity: 'grapheme' });

/**
 * Makes texts printable in one typeface, so that nothing is lost without a sign. A character without a glyph prints as what means the
 * same, if there is such (a lowered figure as a figure, ㎍ as μg), else as 〓 with a number; one that is invisible by nature is left
 * out. All these are in `unprintable`, which the letter lists at its end, and the document that is attached has the text as it was.
 * Decomposed kana and Latin letters are composed where a composed glyph exists; no other normalisation is made, since that changes
 * kanji of names.
 */
export class Characters {
  readonly #typeface: Typeface;
  readonly #found = new Map<string, Unprintable>();
  #numbers = 0;

  constructor(typeface: Typeface) {
    this.#typeface = typeface;
  }

  get unprintable(): readonly Unprintable[] {
    return [...this.#found.values()];
  }

  printable(text: string): string {
    const composed = text
      .replaceAll(/\r\n?/g, '\n')
      .replaceAll(CLUSTER, (cluster) => this.#composed(cluster))
      .replaceAll(RAISED, (power) => this.#power(power));
    if (this.#plain(composed)) return composed;
    return Array.from(SEGMENTS.segment(composed), ({ segment }) => this.#grapheme(segment)).join('');
  }

  #plain(text: string): boolean {
    for (const sign of text) if (sign !== '\n' && !this.#typeface.has(sign.codePointAt(0)!)) return false;
    return !/\p{M}|\p{Default_Ignorable_Code_Point}/u.test(text);
  }

  #composed(cluster: string): string {
    const composed = cluster.normalize('NFC');
    const [only, second] = composed;
    return only && second === undefined && this.#typeface.has(only.codePointAt(0)!) ? composed : cluster;
  }

  #power(raised: string): string {
    if (this.#has(raised)) return raised;
    return this.#rewrite(raised, `^${raised.normalize('NFKC')}`);
  }

  /** What means the same as a character without a glyph. A figure or fraction would run into those beside it, so it is none of that. */
  #same(point: string): string | undefined {
    const same = LOOKS[point] ?? point.normalize('NFKC');
    if (same === point || !this.#has(same) || (/[\p{Nd}\u2044]/u.test(same) && !LOWERED.test(point))) return undefined;
    return this.#rewrite(point, same);
  }

  #has(text: string): boolean {
    return [...text].every((sign) => this.#typeface.has(sign.codePointAt(0)!));
  }

  #rewrite(sign: string, shown: string): string {
    this.#note(sign, { shown });
    return shown;
  }

  /** One sign of the text, of one or more code points: printed whole, or marked whole. */
  #grapheme(segment: string): string {
    const points = Array.from(segment);
    const [base, next] = points;
    if (points.length === 2 && SELECTOR.test(next!)) return this.#variation(base!, next!);
    const visible = points.filter((point) => !INVISIBLE.test(point));
    if (visible.length === 0) {
      for (const point of points) this.#note(point);
      return '';
    }
    if (points.length > 1 && !visible.every((point) => this.#shown(point) !== undefined)) return this.#mark(segment);
    return points
      .map((point) => (INVISIBLE.test(point) ? this.#omit(point) : (this.#shown(point) ?? this.#mark(point))))
      .join('');
  }

  /** A kanji in a certain form: in its usual form with the selector noted, where the typeface does not have that form. */
  #variation(base: string, selector: string): string {
    const shown = this.#shown(base);
    if (this.#typeface.has(base.codePointAt(0)!, selector.codePointAt(0)!)) return base + selector;
    if (shown === undefined) return this.#mark(base + selector);
    this.#note(base + selector);
    return shown;
  }

  #shown(point: string): string | undefined {
    if (point === '\n') return point;
    return SPACES[point] ?? (this.#typeface.has(point.codePointAt(0)!) ? point : this.#same(point));
  }

  #omit(point: string): string {
    this.#note(point);
    return '';
  }

  #mark(sign: string): string {
    const { number } = this.#found.get(sign) ?? this.#note(sign, { number: ++this.#numbers, ...hint(sign) });
    return `〓[${number}]`;
  }

  #note(sign: string, how: Omit<Unprintable, 'name'> = {}): Unprintable {
    const name = Array.from(sign, (point) => `U+${point.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
    const noted = { name: name.join(' '), ...how };
    this.#found.set(sign, noted);
    return noted;
  }
}

const hint = (sign: string) => (HINTS[sign] === undefined ? {} : { hint: HINTS[sign] });

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** BIZ UDPGothic, a typeface for readability by many people (SIL Open Font License 1.1), as the files of its package. */
export interface Typeface {
  readonly regular: Buffer;
  readonly bold: Buffer;
  /** Whether both have a glyph for the character, or for the character in that variation (IVS). */
  has(codePoint: number, variation?: number): boolean;
}

export function readTypeface(): Typeface {
  const read = (path: string) =>
    readFileSync(createRequire(import.meta.url).resolve(`@expo-google-fonts/biz-udpgothic/${path}`));
  const regular = read('400Regular/BIZUDPGothic_400Regular.ttf');
  const bold = read('700Bold/BIZUDPGothic_700Bold.ttf');
  const [first, second] = [new CharacterMap(regular), new CharacterMap(bold)];
  return { regular, bold, has: (point, variation) => first.has(point, variation) && second.has(point, variation) };
}

/** Table `cmap` of an OpenType font: its subtables of formats 12 (all of Unicode) and 14 (variation sequences). */
class CharacterMap {
  readonly #points = new Set<number>();
  /** Selector → the characters that it varies, with or without a glyph of their own for it. */
  readonly #variations = new Map<number, Set<number>>();

  /** @throws Error for a font without Unicode characters in format 12 */
  constructor(font: Buffer) {
    const start = table(font, 'cmap');
    const count = font.readUInt16BE(start + 2);
    for (let record = start + 4; record < start + 4 + count * 8; record += 8) {
      const subtable = start + font.readUInt32BE(record + 4);
      const format = font.readUInt16BE(subtable);
      if (format === 12) this.#readGroups(font, subtable);
      if (format === 14) this.#readVariations(font, subtable);
    }
    if (this.#points.size === 0) throw new Error('The font has no cmap of format 12');
  }

  has(point: number, variation?: number): boolean {
    return variation === undefined ? this.#points.has(point) : (this.#variations.get(variation)?.has(point) ?? false);
  }

  #readGroups(font: Buffer, subtable: number): void {
    const groups = font.readUInt32BE(subtable + 12);
    for (let at = subtable + 16; at < subtable + 16 + groups * 12; at += 12) {
      const [first, last, glyph] = [font.readUInt32BE(at), font.readUInt32BE(at + 4), font.readUInt32BE(at + 8)];
      for (let point = first; point <= last; point++) if (glyph + point - first !== 0) this.#points.add(point);
    }
  }

  #readVariations(font: Buffer, subtable: number): void {
    const records = font.readUInt32BE(subtable + 6);
    for (let at = subtable + 10; at < subtable + 10 + records * 11; at += 11) {
      const points = new Set<number>();
      const [usual, special] = [font.readUInt32BE(at + 3), font.readUInt32BE(at + 7)];
      if (usual) this.#readRanges(font, subtable + usual, points);
      if (special) {
        const count = font.readUInt32BE(subtable + special);
        for (let i = 0; i < count; i++) points.add(font.readUIntBE(subtable + special + 4 + i * 5, 3));
      }
      this.#variations.set(font.readUIntBE(at, 3), points);
    }
  }

  #readRanges(font: Buffer, start: number, points: Set<number>): void {
    const count = font.readUInt32BE(start);
    for (let i = 0; i < count; i++) {
      const first = font.readUIntBE(start + 4 + i * 4, 3);
      const more = font.readUInt8(start + 7 + i * 4);
      for (let point = first; point <= first + more; point++) points.add(point);
    }
  }
}

/** Offset of a table of an OpenType font. */
function table(font: Buffer, tag: string): number {
  const count = font.readUInt16BE(4);
  for (let record = 12; record < 12 + count * 16; record += 16) {
    if (font.toString('latin1', record, record + 4) === tag) return font.readUInt32BE(record + 8);
  }
  throw new Error(`The font has no table ${tag}`);
}

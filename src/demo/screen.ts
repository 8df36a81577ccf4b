/**
 * Columns that a terminal gives to a text: two for East Asian wide characters (Unicode TR11, cut down to what the demo prints),
 * one for all others.
 */
export function columns(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0)!) ? 2 : 1;
  return width;
}

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];
const isWide = (point: number) => WIDE.some(([low, high]) => point >= low && point <= high);

/** The text filled up with spaces to that many columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

/** A table with aligned columns, its heading underlined. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heading.map((cell, i) => Math.max(columns(cell), ...rows.map((row) => columns(row[i] ?? ''))));
  const line = (row: readonly string[]) =>
    widths
      .map((width, i) => padded(row[i] ?? '', width))
      .join('  ')
      .trimEnd();
  return [line(heading), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)];
}

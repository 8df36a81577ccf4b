import { PdfError } from './findings.ts';
import type { Syntax } from './syntax.ts';
import type { PdfDictionary } from './values.ts';

/** ISO 32000-1 §7.5.4: `nnnnnnnnnn ggggg n` and two bytes of end of line. */
export const ENTRY_LENGTH = 20;

const ENTRY = /^(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)$/;

const MOST_ENTRIES = 200_000;

export interface XrefEntry {
  readonly number: number;
  readonly offset: number;
  readonly generation: number;
  readonly inUse: boolean;
}

/** From `xref` to `%%EOF`. */
export interface XrefSection {
  readonly offset: number;
  readonly entries: readonly XrefEntry[];
  readonly trailer: PdfDictionary;
  /** What follows the keyword startxref. */
  readonly startxref: number;
  /** After `%%EOF`. */
  readonly eof: number;
  /** After the end of line that follows it, if there is one. */
  readonly end: number;
}

/** Reads a classical cross-reference section with its trailer (ISO 32000-1 §7.5.4 and §7.5.5). */
export function readXrefSection(syntax: Syntax): XrefSection {
  const offset = syntax.at;
  syntax.keyword('xref');
  syntax.endOfLine();
  const entries: XrefEntry[] = [];
  while (!syntax.looksAt('trailer')) readSubsection(syntax, entries);
  syntax.keyword('trailer');
  syntax.space();
  const trailer = syntax.dictionary();
  syntax.space();
  syntax.keyword('startxref');
  syntax.space();
  const startxref = syntax.natural();
  syntax.endOfLine();
  if (!syntax.looksAt('%%EOF')) syntax.fail('%%EOF expected');
  syntax.at += '%%EOF'.length;
  const eof = syntax.at;
  if (syntax.peek() === 0x0d || syntax.peek() === 0x0a) syntax.endOfLine();
  return { offset, entries, trailer, startxref, eof, end: syntax.at };
}

function readSubsection(syntax: Syntax, entries: XrefEntry[]): void {
  const first = syntax.natural();
  if (syntax.peek() !== 0x20) syntax.fail('space expected');
  syntax.at++;
  const count = syntax.natural();
  if (syntax.peek() === 0x20) syntax.at++;
  syntax.endOfLine();
  if (entries.length + count > MOST_ENTRIES)
    throw new PdfError('TOO_MANY_OBJECTS', `more than ${MOST_ENTRIES} entries`);
  if (count * ENTRY_LENGTH > syntax.end - syntax.at) {
    throw new PdfError('XREF_MISMATCH', `${count} entries at ${syntax.at} do not fit into the file`);
  }
  for (let i = 0; i < count; i++) entries.push(readEntry(syntax, first + i));
}

function readEntry(syntax: Syntax, number: number): XrefEntry {
  const found = ENTRY.exec(syntax.text(syntax.at, syntax.at + ENTRY_LENGTH));
  if (!found) syntax.fail('cross-reference entry expected');
  syntax.at += ENTRY_LENGTH;
  return { number, offset: Number(found[1]), generation: Number(found[2]), inUse: found[3] === 'n' };
}

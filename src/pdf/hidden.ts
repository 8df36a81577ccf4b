import { PdfError } from './findings.ts';
import { isSpace } from './lexer.ts';
import type { Revision } from './revisions.ts';

/**
 * Refuses an update in whose strings or streams stands what a reader that repairs files by searching them would take for an object, a
 * table or an end. A reader that follows the tables never sees it; the two must not differ.
 */
export function refuseHidden(bytes: Uint8Array, revision: Revision): void {
  const start = revision.start;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, revision.end - start);
  const once = (word: string) => {
    const at = text.indexOf(word);
    return at >= 0 && text.indexOf(word, at + 1) < 0;
  };
  for (const word of ['startxref', 'trailer', '%%EOF']) {
    if (!once(word)) throw new PdfError('HIDDEN_OBJECT', `${word} more than once between ${start} and ${revision.end}`);
  }
  if (text.includes('%PDF-')) throw new PdfError('HIDDEN_OBJECT', `a second header after ${start}`);
  const known = { obj: 0, endobj: 0, endstream: 0 };
  for (let at = text.indexOf('obj'); at >= 0; at = text.indexOf('obj', at + 3)) if (isHeader(text, at)) known.obj++;
  for (const word of ['endobj', 'endstream'] as const) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) known[word]++;
  }
  const streams = [...revision.objects.values()].filter(({ stream }) => stream).length;
  const { size } = revision.objects;
  if (known.obj !== size || known.endobj !== size || known.endstream !== streams) {
    throw new PdfError('HIDDEN_OBJECT', `an object inside a string or a stream after ${start}`);
  }
}

/** `n g obj`, by its last digits: looks back no further than the white space before them. */
function isHeader(text: Buffer, at: number): boolean {
  let i = at - 1;
  if (!isSpace(text[i]) && !isDigit(text[i])) return false;
  while (isSpace(text[i])) i--;
  if (!isDigit(text[i])) return false;
  for (let digits = 0; digits < 5 && isDigit(text[i]); digits++) i--;
  if (!isSpace(text[i])) return false;
  while (isSpace(text[i])) i--;
  return isDigit(text[i]);
}

const isDigit = (c: number | undefined): boolean => c !== undefined && c >= 0x30 && c <= 0x39;

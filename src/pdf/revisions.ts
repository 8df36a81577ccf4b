import { PdfError } from './findings.ts';
import { Budget, Syntax } from './syntax.ts';
import { get, integerOf, nameOf, type PdfObject, type PdfReference, same } from './values.ts';
import { readXrefSection, type XrefSection } from './xref.ts';

/**
 * A file as what it is: a first revision and updates appended to it (ISO 32000-1 §7.5.6), read forwards from the first byte to the
 * last. That leaves nothing unread, so what a reader finds that follows startxref and /Prev backwards, or one that scans for objects,
 * is what is found here: each update's objects stand side by side, its table lists each of them once and at its place, and its
 * startxref, its /Prev and the end of the file are the only ones that they can be.
 */
export interface Revision {
  readonly start: number;
  /** After the end of line behind `%%EOF`, if there is one. */
  readonly end: number;
  readonly objects: ReadonlyMap<number, PdfObject>;
  readonly xref: XrefSection;
}

export interface Revisions {
  readonly list: readonly Revision[];
  /** Why reading did not reach the end of the file. */
  readonly error?: PdfError;
  /** Where the revision begins that could not be read; the length of the file when all was. */
  readonly readTo: number;
}

/** A file of ten years has some twenty updates. */
const MOST_REVISIONS = 64;

export function readRevisions(bytes: Uint8Array): Revisions {
  const budget = new Budget();
  const list: Revision[] = [];
  let readTo = 0;
  try {
    while (readTo < bytes.length) {
      if (list.length === MOST_REVISIONS) {
        throw new PdfError('TOO_MANY_REVISIONS', `more than ${MOST_REVISIONS} revisions`);
      }
      const revision = readRevision(bytes, readTo, list.at(-1), budget);
      list.push(revision);
      readTo = revision.end;
    }
  } catch (error) {
    if (error instanceof PdfError) return { list, error, readTo };
    throw error;
  }
  return { list, readTo };
}

function readRevision(bytes: Uint8Array, start: number, before: Revision | undefined, budget: Budget): Revision {
  const syntax = new Syntax(bytes, start, bytes.length, budget);
  if (before) refuseLooseEnd(bytes, before);
  else readHeader(syntax);
  const objects = new Map<number, PdfObject>();
  for (syntax.space(); !syntax.looksAt('xref'); syntax.space()) {
    if (syntax.looksAt('startxref')) refuseMissingTable(objects, syntax.at);
    const object = syntax.object();
    refuseForeign(object, start === 0 && objects.size === 0);
    if (objects.has(object.number)) throw new PdfError('DUPLICATE_OBJECT', `${object.number} again at ${object.start}`);
    objects.set(object.number, object);
  }
  const xref = readXrefSection(syntax);
  checkTable(objects, xref, before);
  checkTrailer(xref, before);
  return { start, end: xref.end, objects, xref };
}

/** `%PDF-1.n`, and the comment of high bytes that says that the file is binary (ISO 32000-1 §7.5.2). */
function readHeader(syntax: Syntax): void {
  if (!/^%PDF-[12]\.\d$/.test(Buffer.from(syntax.bytes.subarray(0, 8)).toString('latin1')))
    syntax.fail('header expected');
  syntax.at = 8;
  syntax.endOfLine();
  if (syntax.peek() !== 0x25) return;
  syntax.at++;
  for (let i = 0; i < 16 && syntax.peek() >= 0x80; i++) syntax.at++;
  syntax.endOfLine();
}

/** Bytes behind the last end of file that are no update at all. */
function refuseLooseEnd(bytes: Uint8Array, { end: start, xref }: Revision): void {
  const rest = Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  if (xref.eof === start || !rest.includes('startxref'))
    throw new PdfError('APPENDED_BYTES', `${rest.length} bytes that are no update at ${start}`);
}

function refuseMissingTable(objects: ReadonlyMap<number, PdfObject>, at: number): never {
  for (const object of objects.values()) {
    if (nameOf(get(object.value, 'Type')) === 'XRef') throw new PdfError('FOREIGN_XREF_STREAM', `at ${object.start}`);
  }
  throw new PdfError('MALFORMED', `no cross-reference table before ${at}`);
}

function refuseForeign({ value, start }: PdfObject, first: boolean): void {
  const type = nameOf(get(value, 'Type'));
  if (first && get(value, 'Linearized')) throw new PdfError('FOREIGN_LINEARIZED', `at ${start}`);
  if (type === 'ObjStm') throw new PdfError('FOREIGN_OBJECT_STREAM', `at ${start}`);
  if (type === 'XRef') throw new PdfError('FOREIGN_XREF_STREAM', `at ${start}`);
}

/** The table lists every object of its revision once and at its place, and nothing else; an update frees nothing. */
function checkTable(objects: ReadonlyMap<number, PdfObject>, xref: XrefSection, before: Revision | undefined): void {
  const listed = new Set<number>();
  for (const { number, offset, generation, inUse } of xref.entries) {
    if (listed.has(number)) throw new PdfError('XREF_DUPLICATE', `object ${number} is listed twice`);
    listed.add(number);
    const object = objects.get(number);
    if (inUse) {
      if (number === 0 || object?.start !== offset) {
        throw new PdfError('XREF_MISMATCH', `object ${number} is not at ${offset}`);
      }
      if (generation !== 0 || object.generation !== 0) throw new PdfError('GENERATION', `object ${number} is not of 0`);
    } else if (object || (before && (number !== 0 || offset !== 0 || generation !== 65_535))) {
      throw new PdfError('FREED_OBJECT', `object ${number} is freed`);
    }
  }
  for (const { number, start } of objects.values()) {
    if (!listed.has(number)) throw new PdfError('ORPHAN_OBJECT', `object ${number} at ${start} is not listed`);
  }
}

const TRAILER_KEYS: ReadonlySet<string> = new Set(['Size', 'Prev', 'Root', 'Info', 'ID']);

/** ISO 32000-1 §7.5.5: an update's trailer is that of the revision before but for /Size, /Prev and the second half of /ID (§14.4). */
function checkTrailer(xref: XrefSection, before: Revision | undefined): void {
  const { trailer } = xref;
  if (get(trailer, 'Encrypt')) throw new PdfError('FOREIGN_ENCRYPTED', `/Encrypt at ${trailer.start}`);
  if (get(trailer, 'XRefStm')) throw new PdfError('FOREIGN_HYBRID', `/XRefStm at ${trailer.start}`);
  if (xref.startxref !== xref.offset) {
    throw new PdfError('STARTXREF', `startxref ${xref.startxref}, but the table is at ${xref.offset}`);
  }
  if (rootOf(xref) === undefined) throw new PdfError('ROOT_CHANGED', `no /Root at ${trailer.start}`);
  const size = integerOf(get(trailer, 'Size'));
  const highest = xref.entries.reduce((most, { number }) => Math.max(most, number), 0);
  if (!before) {
    if (get(trailer, 'Prev')) throw new PdfError('PREV', 'the first revision names one before it');
    if (size !== highest + 1) throw new PdfError('SIZE', `/Size is not ${highest + 1}`);
    return;
  }
  const old = before.xref.trailer;
  const expected = Math.max(sizeOf(before), highest + 1);
  if (integerOf(get(trailer, 'Prev')) !== before.xref.offset) {
    throw new PdfError('PREV', `/Prev is not ${before.xref.offset}`);
  }
  if (size !== expected) throw new PdfError('SIZE', `/Size is not ${expected}`);
  if (!same(get(trailer, 'Root'), get(old, 'Root'))) throw new PdfError('ROOT_CHANGED', 'another /Root');
  for (const key of new Set([...trailer.entries.keys(), ...old.entries.keys()])) {
    if (key !== 'Prev' && (!TRAILER_KEYS.has(key) || !get(trailer, key) || !get(old, key))) {
      throw new PdfError('TRAILER_KEY', `the trailer at ${trailer.start} has other keys than the one before`);
    }
  }
  if (!same(get(trailer, 'Info'), get(old, 'Info'))) throw new PdfError('INFO_CHANGED', 'another /Info');
  if (!sameIdentity(xref, before.xref)) throw new PdfError('ID_CHANGED', 'another /ID');
}

/** The two halves of /ID: the first stays for ever, the second changes with each update. */
export function identityOf({ trailer }: XrefSection): readonly [Uint8Array, Uint8Array] | undefined {
  const id = get(trailer, 'ID');
  if (id?.kind !== 'array' || id.items.length !== 2) return undefined;
  const [first, second] = id.items;
  return first?.kind === 'string' && second?.kind === 'string' ? [first.bytes, second.bytes] : undefined;
}

function sameIdentity(xref: XrefSection, before: XrefSection): boolean {
  const [now, then] = [identityOf(xref), identityOf(before)];
  if (!now || !then) return !get(xref.trailer, 'ID') && !get(before.trailer, 'ID');
  return Buffer.compare(now[0], then[0]) === 0;
}

export const sizeOf = ({ xref }: Revision): number => integerOf(get(xref.trailer, 'Size')) ?? 0;

export function rootOf({ trailer }: XrefSection): PdfReference | undefined {
  const root = get(trailer, 'Root');
  return root?.kind === 'reference' ? root : undefined;
}

import { FINDING_STATUS, type FindingCode } from './findings.ts';
import { identityOf, type Revision, type Revisions, readRevisions } from './revisions.ts';
import { purposeOf } from './signature.ts';
import { get, type PdfValue, within } from './values.ts';

/** How a file begins, compared with what was issued. */
export interface Beginning {
  readonly code: FindingCode;
  readonly detail: string;
  /** How many of the revisions are what was signed upon; 0 when that cannot be told. */
  readonly revisions: number;
}

/** Compares byte by byte, and where that fails, tells another document from the same document written anew by some other program. */
export function compareIssued(bytes: Uint8Array, issued: Uint8Array | undefined, read: Revisions): Beginning {
  const revisions = Math.min(read.list.length, 1);
  if (!issued) return { code: 'NO_ISSUED_DOCUMENT', detail: 'nothing to compare with', revisions };
  const length = Math.min(bytes.length, issued.length);
  const equal = Buffer.compare(bytes.subarray(0, length), issued.subarray(0, length)) === 0;
  if (equal && bytes.length < issued.length) {
    return { code: 'TRUNCATED', detail: `${bytes.length} of ${issued.length} issued bytes`, revisions: 0 };
  }
  if (equal) {
    const last = read.list.findIndex(({ end, xref }) => end === issued.length || xref.eof === issued.length);
    return { code: 'OK', detail: `${issued.length} bytes`, revisions: last + 1 };
  }
  if (isRewritten(read, issued)) {
    return { code: 'FOREIGN_REWRITTEN', detail: 'the document was written anew by another program', revisions };
  }
  return { code: 'WRONG_DOCUMENT', detail: 'the file does not begin with the issued bytes', revisions };
}

/** By its form, by a signature in its first revision, or by /ID: a rewriting program keeps the first half only (ISO 32000-1 §14.4). */
function isRewritten(read: Revisions, issued: Uint8Array): boolean {
  const [first] = read.list;
  if (!first) return read.error !== undefined && isForeign(read.error.code);
  if (holdsSignature(first)) return true;
  const now = identityOf(first.xref);
  const [original] = readRevisions(issued).list;
  const then = original && identityOf(original.xref);
  return !!now && !!then && Buffer.compare(now[0], then[0]) === 0 && Buffer.compare(now[1], then[1]) !== 0;
}

export const isForeign = (code: FindingCode): boolean =>
  code.startsWith('FOREIGN_') && FINDING_STATUS[code] === 'undecided';

export function holdsSignature(revision: Revision): boolean {
  return revision.objects
    .values()
    .some(({ value }) => within(value).some((part) => isSignature(part) && purposeOf(part) === 'signature'));
}

/** A signature dictionary of whatever kind, also one that a reader might take for one. */
export const isSignature = (value: PdfValue): boolean =>
  value.kind === 'dictionary' && (value.entries.has('ByteRange') || isSignatureType(get(value, 'Type')));

const isSignatureType = (type: PdfValue | undefined): boolean =>
  type?.kind === 'name' && (type.value === 'Sig' || type.value === 'DocTimeStamp');

/** How many signature dictionaries there are in the revision, and how many signature fields. */
export function countSignatures(revision: Revision): { readonly values: number; readonly fields: number } {
  let values = 0;
  let fields = 0;
  for (const { value } of revision.objects.values()) {
    for (const part of within(value)) {
      if (isSignature(part)) values++;
      const type = get(part, 'FT');
      if (type?.kind === 'name' && type.value === 'Sig') fields++;
    }
  }
  return { values, fields };
}

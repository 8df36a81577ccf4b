import type { ByteRange } from './examination.ts';
import { type FindingCode, PdfError } from './findings.ts';
import { parseDate } from './text.ts';
import type { Update } from './update.ts';
import { get, integerOf, nameOf, type PdfDictionary, type PdfValue, within } from './values.ts';

/** What a signature dictionary (ISO 32000-1 §12.8.1) says of the bytes that are signed. */
export interface SignatureValue {
  readonly contents: Uint8Array;
  readonly byteRange: ByteRange;
  readonly coveredEnd: number;
  readonly subFilter: string;
  readonly signingTime?: number;
}

const BYTE_RANGE = /^\[ *(0|[1-9]\d{0,9}) +(0|[1-9]\d{0,9}) +(0|[1-9]\d{0,9}) +(0|[1-9]\d{0,9}) *\]$/;

/**
 * The byte range and what lies in its gap. The range is written at its place in plain decimal numbers, begins with the file, and leaves
 * out exactly the hexadecimal string that is the dictionary's own /Contents, at the place where it was read. Throws.
 */
export function readSignatureValue(bytes: Uint8Array, dictionary: PdfDictionary): SignatureValue {
  const byteRange = readByteRange(bytes, get(dictionary, 'ByteRange'));
  const contents = get(dictionary, 'Contents');
  if (contents?.kind !== 'string') throw new PdfError('CONTENTS_FORM', '/Contents is no direct string');
  checkHexadecimal(bytes.subarray(contents.start, contents.end), contents.start);
  const [first, before, after, rest] = byteRange;
  if (first !== 0) throw new PdfError('BYTE_RANGE_START', `the range begins at ${first}`);
  if (before !== contents.start || after !== contents.end) {
    throw new PdfError(
      'BYTE_RANGE_GAP',
      `the gap is ${before} to ${after}, but /Contents is at ${contents.start} to ${contents.end}`,
    );
  }
  if (after + rest > bytes.length) throw new PdfError('BYTE_RANGE_END', 'the range ends behind the file');
  const time = get(dictionary, 'M');
  const signingTime = time?.kind === 'string' ? parseDate(Buffer.from(time.bytes).toString('latin1')) : undefined;
  return {
    contents: contents.bytes,
    byteRange,
    coveredEnd: after + rest,
    subFilter: nameOf(get(dictionary, 'SubFilter')) ?? '',
    ...(signingTime !== undefined && { signingTime }),
  };
}

function readByteRange(bytes: Uint8Array, value: PdfValue | undefined): ByteRange {
  const text =
    value?.kind === 'array' && value.end - value.start <= 128
      ? Buffer.from(bytes.subarray(value.start, value.end)).toString('latin1')
      : '';
  const found = BYTE_RANGE.exec(text);
  if (!found) throw new PdfError('BYTE_RANGE_FORM', '/ByteRange is not four plain numbers at its place');
  return [Number(found[1]), Number(found[2]), Number(found[3]), Number(found[4])];
}

/** `<` and `>`, between them an even number of digits and nothing else, in capitals or in small letters but not in both. */
function checkHexadecimal(token: Uint8Array, at: number): void {
  const text = Buffer.from(token.buffer, token.byteOffset, token.length).toString('latin1');
  const digits = text.slice(1, -1);
  const even = digits.length > 0 && digits.length % 2 === 0 && text.startsWith('<') && text.endsWith('>');
  // Looks for what is no digit: a loop over millions of digits would remember each as a place to go back to.
  if (!even || (/[^\dA-F]/.test(digits) && /[^\da-f]/.test(digits))) {
    throw new PdfError('CONTENTS_FORM', `/Contents at ${at} is not written in plain hexadecimal`);
  }
}

/** The two parts that are hashed, in order; views, not copies. */
export function signedBytes(bytes: Uint8Array, [first, before, after, rest]: ByteRange): readonly Uint8Array[] {
  return [bytes.subarray(first, first + before), bytes.subarray(after, after + rest)];
}

type Test = (value: PdfValue) => boolean;

const text: Test = ({ kind }) => kind === 'string';
const integer: Test = (value) => integerOf(value) !== undefined;
const name: Test = ({ kind }) => kind === 'name';
const direct: Test = (value) => !within(value).some(({ kind }) => kind === 'reference');

const KNOWN: Readonly<Record<string, Test>> = Object.freeze({
  Type: name,
  Filter: name,
  SubFilter: name,
  Contents: text,
  ByteRange: () => true,
  M: text,
  Name: text,
  Reason: text,
  Location: text,
  ContactInfo: text,
  V: integer,
  R: integer,
  Prop_Build: direct,
  Prop_AuthTime: integer,
  Prop_AuthType: name,
});

const OBJECTIONS: Readonly<Record<string, FindingCode>> = Object.freeze({
  Reference: 'FOREIGN_PERMISSIONS',
  Changes: 'FOREIGN_PERMISSIONS',
});

export type SignaturePurpose = 'signature' | 'timestamp';

const PURPOSES: Readonly<Record<SignaturePurpose, { readonly type: string; readonly subFilters: readonly string[] }>> =
  Object.freeze({
    signature: { type: 'Sig', subFilters: ['adbe.pkcs7.detached', 'ETSI.CAdES.detached'] },
    timestamp: { type: 'DocTimeStamp', subFilters: ['ETSI.RFC3161'] },
  });

/** What the dictionary is for, by its /SubFilter (ETSI EN 319 142-1 §5.4.3). */
export function purposeOf(dictionary: PdfValue): SignaturePurpose | undefined {
  const subFilter = nameOf(get(dictionary, 'SubFilter')) ?? '';
  if (PURPOSES.signature.subFilters.includes(subFilter)) return 'signature';
  return PURPOSES.timestamp.subFilters.includes(subFilter) ? 'timestamp' : undefined;
}

/** Known keys only, and nothing in them that is kept elsewhere. */
export function checkSignatureDictionary(update: Update, dictionary: PdfDictionary): SignaturePurpose {
  const purpose = purposeOf(dictionary);
  if (!purpose) throw new PdfError('SUBFILTER', 'neither a detached signature nor a time-stamp');
  const type = get(dictionary, 'Type');
  if (nameOf(type) !== PURPOSES[purpose].type && (type || purpose === 'timestamp')) {
    throw new PdfError('SIGNATURE_DICTIONARY', `/Type is not /${PURPOSES[purpose].type}`);
  }
  if (!get(dictionary, 'Filter')) throw new PdfError('SIGNATURE_DICTIONARY', '/Filter is missing');
  for (const [key, value] of dictionary.entries) {
    const test = Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined;
    if (test?.(value)) continue;
    if (test) throw new PdfError('SIGNATURE_DICTIONARY', `a value at ${value.start} is not what its key says`);
    const code = (Object.hasOwn(OBJECTIONS, key) && OBJECTIONS[key]) || 'FOREIGN_KEY';
    update.report('signature-field', code, `a key of the signature is not known at ${value.start}`);
  }
  return purpose;
}

/** The range ends where the update ends; an end of line behind its `%%EOF` may be left out. */
export function checkCoverage(update: Update, { coveredEnd }: SignatureValue): void {
  const { end, xref } = update.revision;
  if (coveredEnd !== end && coveredEnd !== xref.eof) {
    throw new PdfError('BYTE_RANGE_END', `the range ends at ${coveredEnd}, the update at ${end}`);
  }
}

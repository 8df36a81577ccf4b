import { Appendix } from './append.ts';
import type { ByteRange, SignatureSubFilter } from './examination.ts';
import { PdfError } from './findings.ts';
import { dateString, decodeText, textString } from './text.ts';
import { pagesOf } from './update.ts';
import { get, type PdfDictionary, type PdfValue } from './values.ts';

export interface SignatureOptions {
  /** Partial name of the field: without a full stop, and not yet in use. */
  readonly fieldName: string;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  /** Epoch milliseconds. */
  readonly signingTime?: number;
  readonly subFilter: SignatureSubFilter;
  /** Bytes to keep free for the signature value; 16,384 unless told. */
  readonly contentsSize?: number;
}

export interface PreparedSignature {
  /** The whole file, the signature value still zeros. */
  readonly bytes: Uint8Array;
  readonly byteRange: ByteRange;
  /** Of the first hex digit. */
  readonly contentsOffset: number;
  /** Bytes that have room. */
  readonly contentsSize: number;
}

const CONTENTS_SIZE = 16_384;

/** Printed, and not to be moved. */
const PRINT = 4;
const LOCKED = 128;

/** Signatures exist, and the file may only be appended to. */
const SIGNATURE_FLAGS = 3;

/** Longest `[0 a b c]` of numbers of ten digits. */
const BYTE_RANGE_LENGTH = 36;

/** ETSI EN 319 142-1 §5.6: its own extensions of PDF 1.7 are named in the catalog. */
const EXTENSIONS = '<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 2 >> >>';

/**
 * Appends an update with an invisible signature field on the first page, its value to be filled in. The widget has no area, and so needs
 * no appearance in PDF/A (ISO 19005-3 §6.3.3); nothing on the page changes. Throws PdfError for a file that cannot be updated.
 */
export function prepareSignature(pdf: Uint8Array, options: SignatureOptions): PreparedSignature {
  const { name, reason, location, signingTime } = options;
  const texts = Object.entries({ Name: name, Reason: reason, Location: location }).flatMap(([key, text]) =>
    text === undefined ? [] : [`/${key} ${textString(text)}`],
  );
  if (signingTime !== undefined) texts.push(`/M ${dateString(signingTime)}`);
  return prepare(pdf, '/Type /Sig', options.subFilter, options.fieldName, texts, options.contentsSize);
}

/** As `prepareSignature`, for a time-stamp token over the whole file (ETSI EN 319 142-1 §5.4.3). */
export function prepareDocumentTimestamp(
  pdf: Uint8Array,
  options: { readonly contentsSize?: number } = {},
): PreparedSignature {
  return prepare(pdf, '/Type /DocTimeStamp', 'ETSI.RFC3161', undefined, [], options.contentsSize);
}

function prepare(
  pdf: Uint8Array,
  type: string,
  subFilter: string,
  fieldName: string | undefined,
  texts: readonly string[],
  contentsSize = CONTENTS_SIZE,
): PreparedSignature {
  const appendix = new Appendix(pdf);
  const head = `<<\n${type}\n/Filter /Adobe.PPKLite\n/SubFilter /${subFilter}\n/ByteRange `;
  const middle = '\n/Contents <';
  const tail = ['>', ...texts, '>>'].join('\n');
  const slot = ' '.repeat(BYTE_RANGE_LENGTH);
  const value = appendix.add(head, slot, middle, '0'.repeat(2 * contentsSize), tail);
  addField(appendix, value, fieldName);
  const { bytes, bodies } = appendix.finish();
  const rangeOffset = bodies.get(value)! + head.length;
  const contentsOffset = rangeOffset + slot.length + middle.length;
  const before = contentsOffset - 1;
  const after = contentsOffset + 2 * contentsSize + 1;
  const byteRange: ByteRange = [0, before, after, bytes.length - after];
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(`[${byteRange.join(' ')}]`, rangeOffset, 'latin1');
  return { bytes, byteRange, contentsOffset, contentsSize };
}

function addField(appendix: Appendix, value: number, wanted: string | undefined): void {
  const { catalog, root } = appendix;
  const form = appendix.resolve(get(catalog, 'AcroForm'));
  if (get(form, 'XFA') || get(form, 'NeedAppearances'))
    throw new PdfError('FORM_DYNAMIC', 'the form is not a plain one');
  const fields = itemsOf(appendix, get(form, 'Fields'));
  const name = freeName(appendix, fields, wanted);
  const [page] = pagesOf(appendix.objects, root);
  const dictionary = page === undefined ? undefined : appendix.objects.get(page)?.value;
  if (page === undefined || dictionary?.kind !== 'dictionary') throw new PdfError('MALFORMED', 'no page');
  const widget = appendix.add(
    [
      '<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig',
      `/T ${textString(name)}`,
      `/V ${value} 0 R`,
      `/F ${PRINT | LOCKED}`,
      '/Rect [0 0 0 0]',
      `/P ${page} 0 R\n>>`,
    ].join('\n'),
  );
  const list = (items: readonly PdfValue[]) =>
    `[${[...items.map((item) => appendix.raw(item)), `${widget} 0 R`].join(' ')}]`;
  const annotations = list(itemsOf(appendix, get(dictionary, 'Annots')));
  appendix.set(page, appendix.rewritten(dictionary, { Annots: annotations }));
  setForm(appendix, form?.kind === 'dictionary' ? form : undefined, {
    Fields: list(fields),
    SigFlags: String(SIGNATURE_FLAGS),
  });
}

/** The form where it stands, or a new object of its own. */
function setForm(appendix: Appendix, form: PdfDictionary | undefined, changes: Readonly<Record<string, string>>): void {
  const { catalog, root } = appendix;
  const place = get(catalog, 'AcroForm');
  const extensions = get(catalog, 'Extensions') ? {} : { Extensions: EXTENSIONS };
  const written = form ? appendix.rewritten(form, changes) : undefined;
  if (written && place?.kind === 'reference') {
    appendix.set(place.number, written);
    if (!get(catalog, 'Extensions')) appendix.set(root.number, appendix.rewritten(catalog, extensions));
    return;
  }
  const now = written ?? `${appendix.add(entries(changes))} 0 R`;
  appendix.set(root.number, appendix.rewritten(catalog, { AcroForm: now, ...extensions }));
}

const entries = (values: Readonly<Record<string, string>>): string =>
  `<<\n${Object.entries(values)
    .map(([key, value]) => `/${key} ${value}`)
    .join('\n')}\n>>`;

function itemsOf(appendix: Appendix, value: PdfValue | undefined): readonly PdfValue[] {
  const array = appendix.resolve(value);
  return array?.kind === 'array' ? array.items : [];
}

function freeName(appendix: Appendix, fields: readonly PdfValue[], wanted: string | undefined): string {
  const taken = new Set<string>();
  for (const field of fields) {
    const name = get(appendix.resolve(field), 'T');
    if (name?.kind === 'string') taken.add(decodeText(name.bytes));
  }
  if (wanted !== undefined) {
    if (wanted === '' || wanted.includes('.') || taken.has(wanted)) {
      throw new PdfError('FIELD_MALFORMED', 'the name of the field is empty, has a full stop or is in use');
    }
    return wanted;
  }
  let number = 1;
  while (taken.has(`DocumentTimestamp${number}`)) number++;
  return `DocumentTimestamp${number}`;
}

/** The file with the DER signature value (or time-stamp token) in its place. Throws PdfError when it is longer than what was kept free. */
export function fillContents(prepared: PreparedSignature, der: Uint8Array): Uint8Array {
  if (der.length > prepared.contentsSize) {
    throw new PdfError('CONTENTS_FORM', `${der.length} bytes, but room for ${prepared.contentsSize}`);
  }
  const bytes = Buffer.from(prepared.bytes);
  bytes.write(Buffer.from(der).toString('hex').toUpperCase(), prepared.contentsOffset, 'latin1');
  return bytes;
}

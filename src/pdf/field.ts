import { FINDING_STATUS, type FindingCode, PdfError } from './findings.ts';
import { decodeStream } from './stream.ts';
import { decodeText } from './text.ts';
import type { Update } from './update.ts';
import {
  get,
  integerOf,
  nameOf,
  type PdfDictionary,
  type PdfObject,
  type PdfReference,
  type PdfValue,
} from './values.ts';

/** A signature field with its widget (ISO 32000-1 §12.7.4.5 and §12.5.6.19); usually both are one dictionary. */
export interface SignatureField {
  readonly name: string;
  readonly widget: PdfReference;
  /** /P of the widget. */
  readonly page: PdfValue | undefined;
  /** The signature dictionary. */
  readonly value: PdfObject;
}

type Test = (value: PdfValue) => boolean;

const text: Test = ({ kind }) => kind === 'string';
const integer: Test = (value) => integerOf(value) !== undefined;
const named =
  (name: string): Test =>
  (value) =>
    nameOf(value) === name;
const reference: Test = ({ kind }) => kind === 'reference';

const FIELD: Readonly<Record<string, Test>> = Object.freeze({
  FT: named('Sig'),
  T: text,
  TU: text,
  TM: text,
  V: reference,
  Ff: integer,
});

const WIDGET: Readonly<Record<string, Test>> = Object.freeze({
  Type: named('Annot'),
  Subtype: named('Widget'),
  Rect: ({ kind }) => kind === 'array',
  P: reference,
  F: integer,
  M: text,
  NM: text,
  AP: ({ kind }) => kind === 'dictionary',
});

const OBJECTIONS: Readonly<Record<string, FindingCode>> = Object.freeze({
  A: 'ACTION_ADDED',
  AA: 'ACTION_ADDED',
  MK: 'VISIBLE_APPEARANCE',
  BS: 'VISIBLE_APPEARANCE',
  Border: 'VISIBLE_APPEARANCE',
  C: 'VISIBLE_APPEARANCE',
  Lock: 'FOREIGN_PERMISSIONS',
  SV: 'FOREIGN_PERMISSIONS',
});

/** The field that the update adds: new, of known keys only, with nothing to see. Throws. */
export function checkField(update: Update, added: PdfReference): SignatureField {
  const field = dictionaryOf(update, added);
  const name = get(field, 'T');
  const kids = get(field, 'Kids');
  const value = get(field, 'V');
  if (nameOf(get(field, 'FT')) !== 'Sig') throw new PdfError('FIELD_MALFORMED', 'the added field is for no signature');
  if (name?.kind !== 'string' || name.bytes.length === 0) throw new PdfError('FIELD_MALFORMED', '/T is missing');
  if (value?.kind !== 'reference') throw new PdfError('FIELD_MALFORMED', '/V is no reference');
  if (!kids) {
    refuseUnknown(update, field, { ...FIELD, ...WIDGET });
    update.step('increment', () => checkInvisible(update, field));
    return { name: decodeText(name.bytes), widget: added, page: get(field, 'P'), value: signatureOf(update, value) };
  }
  const kid = kids.kind === 'array' && kids.items.length === 1 ? kids.items[0] : undefined;
  if (kid?.kind !== 'reference') throw new PdfError('FIELD_MALFORMED', '/Kids is not one widget');
  refuseUnknown(update, field, { ...FIELD, Kids: () => true });
  const widget = dictionaryOf(update, kid);
  const parent: Test = (value) => value.kind === 'reference' && value.number === added.number;
  if (!get(widget, 'Parent')) throw new PdfError('FIELD_MALFORMED', 'the widget has no /Parent');
  refuseUnknown(update, widget, { ...WIDGET, Parent: parent });
  update.step('increment', () => checkInvisible(update, widget));
  return { name: decodeText(name.bytes), widget: kid, page: get(widget, 'P'), value: signatureOf(update, value) };
}

function dictionaryOf(update: Update, reference: PdfReference): PdfDictionary {
  const object = update.object(reference, undefined, 'FIELD_MALFORMED');
  if (object.value.kind !== 'dictionary' || object.stream) {
    throw new PdfError('FIELD_MALFORMED', `object ${reference.number} is no dictionary`);
  }
  return object.value;
}

function signatureOf(update: Update, reference: PdfReference): PdfObject {
  const object = update.object(reference, undefined, 'SIGNATURE_DICTIONARY');
  if (object.value.kind !== 'dictionary' || object.stream) {
    throw new PdfError('SIGNATURE_DICTIONARY', `object ${reference.number} is no dictionary`);
  }
  return object;
}

type Known = Readonly<Record<string, Test>>;

/** A key that is not in the table, or whose value is not what it should be, is reported where that proves nothing, else thrown. */
function refuseUnknown(update: Update, dictionary: PdfDictionary, known: Known): void {
  for (const [key, value] of dictionary.entries) {
    const test = Object.hasOwn(known, key) ? known[key] : undefined;
    if (test?.(value)) continue;
    const objection = Object.hasOwn(OBJECTIONS, key) ? OBJECTIONS[key] : undefined;
    const code = objection ?? (test ? 'FIELD_MALFORMED' : 'FOREIGN_KEY');
    const detail = `a key of the field or its widget is not accepted at ${value.start}`;
    if (FINDING_STATUS[code] !== 'undecided') throw new PdfError(code, detail);
    update.report('increment', code, detail);
  }
}

const HIDDEN = 2;

/**
 * A widget with an area could cover words of the letter with others, so it has none, or is hidden; and an appearance, when there is one,
 * draws nothing. PDF/A wants none where /Rect has no area (ISO 19005-3 §6.3.3).
 */
function checkInvisible(update: Update, widget: PdfDictionary): void {
  if (nameOf(get(widget, 'Subtype')) !== 'Widget') throw new PdfError('FIELD_MALFORMED', 'the field has no widget');
  const rect = get(widget, 'Rect');
  const corners =
    rect?.kind === 'array' ? rect.items.flatMap((item) => (item.kind === 'number' ? [item.value] : [])) : [];
  if (rect?.kind !== 'array' || corners.length !== 4 || rect.items.length !== 4) {
    throw new PdfError('FIELD_MALFORMED', '/Rect is not four numbers');
  }
  const appearance = get(widget, 'AP');
  if (appearance) checkEmpty(update, appearance);
  const hidden = ((integerOf(get(widget, 'F')) ?? 0) & HIDDEN) !== 0;
  if (!hidden && (corners[0] !== corners[2] || corners[1] !== corners[3])) {
    throw new PdfError('VISIBLE_APPEARANCE', 'the widget has an area on the page');
  }
}

const FORM: Readonly<Record<string, Test>> = Object.freeze({
  Type: named('XObject'),
  Subtype: named('Form'),
  FormType: integer,
  BBox: ({ kind }) => kind === 'array',
  Matrix: ({ kind }) => kind === 'array',
  Length: integer,
  Filter: named('FlateDecode'),
  Resources: (value) =>
    value.kind === 'dictionary' && [...value.entries].every(([key, { kind }]) => key === 'ProcSet' && kind === 'array'),
});

/** Operators that draw nothing. */
const NOTHING_DRAWN = /^(?:[\s qQ]|% ?DSBlank)*$/;
const LONGEST_NOTHING = 256;

function checkEmpty(update: Update, appearance: PdfValue): void {
  const normal = get(appearance, 'N');
  const only = appearance.kind === 'dictionary' && appearance.entries.size === 1;
  if (!only || normal?.kind !== 'reference')
    throw new PdfError('VISIBLE_APPEARANCE', 'an appearance of several states');
  const object = update.object(normal, undefined, 'VISIBLE_APPEARANCE');
  const { value } = object;
  const known =
    value.kind === 'dictionary' &&
    [...value.entries].every(([key, item]) => Object.hasOwn(FORM, key) && FORM[key]!(item));
  if (!known || !object.stream) throw new PdfError('VISIBLE_APPEARANCE', 'an appearance with more than its frame');
  const drawn = decodeStream(update.bytes, object, LONGEST_NOTHING, 'VISIBLE_APPEARANCE');
  if (!NOTHING_DRAWN.test(Buffer.from(drawn).toString('latin1'))) {
    throw new PdfError('VISIBLE_APPEARANCE', 'an appearance that draws');
  }
}

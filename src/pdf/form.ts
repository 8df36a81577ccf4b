import type { Catalogs } from './catalog.ts';
import { FINDING_STATUS, type FindingCode, PdfError } from './findings.ts';
import type { Update } from './update.ts';
import { get, integerOf, type PdfArray, type PdfDictionary, type PdfReference, type PdfValue, same } from './values.ts';

const OBJECTIONS: Readonly<Record<string, FindingCode>> = Object.freeze({
  XFA: 'FORM_DYNAMIC',
  NeedAppearances: 'FORM_DYNAMIC',
  CO: 'FORM_DYNAMIC',
  DA: 'FOREIGN_KEY',
  DR: 'FOREIGN_KEY',
  Q: 'FOREIGN_KEY',
});

/** Signatures exist, and the file may only be appended to (ISO 32000-1 table 219). */
const SIGNATURES_EXIST = 1;
const APPEND_ONLY = 2;

/** The interactive form (ISO 32000-1 §12.7.2): the one field that the update adds to it, or none. */
export function checkForm(update: Update, { old, now }: Catalogs): PdfReference | undefined {
  const before = dictionary(update.before(get(old, 'AcroForm')));
  const after = dictionary(update.follow(get(now, 'AcroForm'), get(old, 'AcroForm'), 'FORM_CHANGED'));
  if (!after) {
    if (before) throw new PdfError('FORM_CHANGED', '/AcroForm is gone');
    return undefined;
  }
  for (const key of new Set([...(before?.entries.keys() ?? []), ...after.entries.keys()])) {
    const value = get(after, key);
    if (key === 'XFA' || key === 'NeedAppearances') throw new PdfError('FORM_DYNAMIC', `/${key} in the form`);
    if (key === 'Fields' || key === 'SigFlags' || same(value, get(before, key))) continue;
    const code = (Object.hasOwn(OBJECTIONS, key) && OBJECTIONS[key]) || 'FORM_CHANGED';
    const detail = 'the form has more than /Fields and /SigFlags';
    if (FINDING_STATUS[code] !== 'undecided') throw new PdfError(code, detail);
    update.report('increment', code, detail);
  }
  const fields = array(update.follow(get(after, 'Fields'), get(before, 'Fields'), 'FORM_CHANGED'));
  const added = addedTo(array(update.before(get(before, 'Fields'))), fields, 'FORM_CHANGED');
  if (added && integerOf(get(after, 'SigFlags')) !== (SIGNATURES_EXIST | APPEND_ONLY)) {
    update.report('increment', 'FOREIGN_KEY', '/SigFlags is not 3');
  }
  if (!added && !same(get(after, 'SigFlags'), get(before, 'SigFlags'))) {
    throw new PdfError('FORM_CHANGED', 'another /SigFlags');
  }
  return added;
}

function dictionary(value: PdfValue | undefined): PdfDictionary | undefined {
  if (value === undefined || value.kind === 'dictionary') return value;
  throw new PdfError('FORM_CHANGED', '/AcroForm is no dictionary');
}

function array(value: PdfValue | undefined): PdfArray | undefined {
  if (value === undefined || value.kind === 'array') return value;
  throw new PdfError('FORM_CHANGED', '/Fields is no array');
}

/** The one reference more that `now` has at its end; all before it are as they were. Throws `code`. */
export function addedTo(
  old: PdfArray | undefined,
  now: PdfArray | undefined,
  code: FindingCode,
): PdfReference | undefined {
  const before = old?.items ?? [];
  const after = now?.items ?? [];
  const kept = before.every((item, i) => same(item, after[i]));
  const added = after[before.length];
  if (!kept || after.length > before.length + 1 || (added && added.kind !== 'reference')) {
    throw new PdfError(code, 'more than one reference was added, or an old one changed');
  }
  return added;
}

/** The page that shows the widget: only its /Annots may change, by the widget. Without one, the field is on no page. */
export function checkPages(update: Update, widget: PdfReference | undefined, isWidgetOf: PdfValue | undefined): void {
  let shown: number | undefined;
  for (const number of update.revision.objects.keys()) {
    if (!update.pages.has(number)) continue;
    checkPage(update, number, widget);
    if (shown !== undefined) throw new PdfError('PAGE_CHANGED', `pages ${shown} and ${number} are both replaced`);
    shown = number;
  }
  if (isWidgetOf === undefined) return;
  const page = isWidgetOf.kind === 'reference' ? isWidgetOf.number : -1;
  if (!update.pages.has(page) || (shown !== undefined && shown !== page)) {
    throw new PdfError('ANNOTATIONS_CHANGED', 'the widget names another page');
  }
}

function checkPage(update: Update, number: number, widget: PdfReference | undefined): void {
  const old = update.old.get(number)?.value;
  const now = update.page(number)?.value;
  if (old?.kind !== 'dictionary' || now?.kind !== 'dictionary') {
    throw new PdfError('PAGE_CHANGED', `page ${number} is no dictionary`);
  }
  for (const key of new Set([...old.entries.keys(), ...now.entries.keys()])) {
    if (key !== 'Annots' && !same(get(old, key), get(now, key))) {
      throw new PdfError('PAGE_CHANGED', `page ${number} has more changed than its annotations`);
    }
  }
  const before = update.before(get(old, 'Annots'));
  const after = update.follow(get(now, 'Annots'), get(old, 'Annots'), 'ANNOTATIONS_CHANGED');
  if ((before && before.kind !== 'array') || (after && after.kind !== 'array')) {
    throw new PdfError('ANNOTATIONS_CHANGED', `the annotations of page ${number} are no array`);
  }
  const added = addedTo(before, after, 'ANNOTATIONS_CHANGED');
  if (added && !same(added, widget)) {
    throw new PdfError('ANNOTATIONS_CHANGED', `page ${number} has another annotation than the signature's`);
  }
}

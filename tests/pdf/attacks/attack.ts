import { catalog, type Draft, FIELD, FORM, page, signedBy, stream, updated } from '../draft.ts';
import { TINY } from '../letters.ts';

/** One way to make a file say what was not signed, or to hide that; and what has to be found. */
export interface Attack {
  readonly name: string;
  /** As `check CODE`. */
  readonly found: string;
  readonly make: (issued: Buffer) => Buffer;
}

export type Change = (draft: Draft) => void;

export const inSigning = (name: string, found: string, change: Change): Attack => ({
  name,
  found,
  make: (issued) => signedBy(issued, change),
});

export const afterSigning = (name: string, code: string, change: Change): Attack => ({
  name,
  found: `after-signature ${code}`,
  make: (issued) => updated(signedBy(issued), change),
});

export const EVIL = stream('BT /F1 12 Tf 72 720 Td (Warfarin 20 mg) Tj ET');
export const evilPage = (content: number) => page(`/Annots [${FIELD} 0 R]`, content);
export const put = (number: number, body: string) => (draft: Draft) => void draft.objects.set(number, body);
export const edit = (number: number, make: (body: string) => string) => (draft: Draft) =>
  void draft.objects.set(number, make(draft.objects.get(number) ?? ''));
export const setting = (values: Partial<Draft>) => (draft: Draft) => void Object.assign(draft, values);
export const offsetOf = (pdf: Buffer, words: string) => pdf.indexOf(words);

export const inCatalog = (more: string) => put(TINY.catalog, catalog(`/AcroForm ${FORM} 0 R ${more}`));

import { TINY } from './letters.ts';

/**
 * An update to the small letter that can be wrong in every way. It begins as the one that a signing program appends, and the attack
 * changes what it likes of it before it is written.
 */
export interface Draft {
  /** Bodies by object number, latin-1; written in this order. */
  objects: Map<number, string>;
  /** Written as they are, among the objects, without entry in the table. */
  loose: string;
  entries: (entries: Entry[]) => Entry[];
  /** The whole cross-reference section without trailer, when it is not to be made from the entries. */
  table: ((entries: Entry[]) => string) | undefined;
  trailer: Map<string, string>;
  beforeStartxref: string;
  startxref: (offset: number) => number | string;
  end: string;
  /** The token, given what would be right. */
  byteRange: (range: readonly [number, number, number, number]) => string;
}

export interface Entry {
  number: number;
  offset: number;
  generation: number;
  type: 'n' | 'f';
}

export const SIGNATURE = TINY.size;
export const FIELD = TINY.size + 1;
export const FORM = TINY.size + 2;
/** The first number that is still free in a signing update. */
export const FREE = TINY.size + 3;

const SLOT = '?'.repeat(60);
export const CONTENTS = `<${'30030201AB'.padEnd(128, '0')}>`;
/** Digits that are written in place of CONTENTS: who signs the drafts in earnest needs more. */
export const room = { digits: CONTENTS.length - 2 };
export const emptyContents = (): string => `<${CONTENTS.slice(1, -1).padEnd(room.digits, '0')}>`;

export const catalog = (more = `/AcroForm ${FORM} 0 R`): string => `<< /Type /Catalog /Pages 2 0 R ${more} >>`;
export const page = (annots = `/Annots [${FIELD} 0 R]`, content = 5, more = ''): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.28 841.89] /Contents ${content} 0 R /Resources << /Font << /F1 7 0 R >> >> ${annots} ${more} >>`;
export const field = (more = '', rect = '0 0 0 0'): string =>
  `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Doctor) /V ${SIGNATURE} 0 R /F 132 /Rect [${rect}] /P 3 0 R ${more} >>`;
export const form = (more = '', fields = `${FIELD} 0 R`): string => `<< /Fields [${fields}] /SigFlags 3 ${more} >>`;
export const signature = (more = '', contents = CONTENTS, subFilter = 'ETSI.CAdES.detached'): string =>
  `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /${subFilter} /ByteRange ${SLOT} /Contents ${contents} /M (D:20260401120000+09'00') ${more} >>`;
export const stream = (data: string, more = ''): string =>
  `<< /Length ${data.length} ${more} >>\nstream\n${data}\nendstream`;

const startxrefOf = (pdf: Buffer): number => Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(pdf.toString('latin1'))![1]);
const sizeOf = (pdf: Buffer): number => Number([...pdf.toString('latin1').matchAll(/\/Size (\d+)/g)].at(-1)![1]);
const idOf = (pdf: Buffer): string => /\/ID \[(<\w+>)/.exec(pdf.toString('latin1'))![1]!;

/** The update that a signing program appends to the small letter, changed. */
export function signedBy(pdf: Buffer, change: (draft: Draft) => void = () => undefined): Buffer {
  return updated(pdf, (draft) => {
    draft.objects.set(TINY.catalog, catalog());
    draft.objects.set(TINY.page, page());
    draft.objects.set(SIGNATURE, signature());
    draft.objects.set(FIELD, field());
    draft.objects.set(FORM, form());
    change(draft);
  });
}

/** An update of nothing, changed. */
export function updated(pdf: Buffer, change: (draft: Draft) => void): Buffer {
  const draft: Draft = {
    objects: new Map(),
    loose: '',
    entries: (entries) => entries,
    table: undefined,
    trailer: new Map([
      ['Size', String(sizeOf(pdf))],
      ['Prev', String(startxrefOf(pdf))],
      ['Root', '1 0 R'],
      ['Info', '8 0 R'],
      ['ID', `[${idOf(pdf)} <00112233445566778899AABBCCDDEEFF>]`],
    ]),
    beforeStartxref: '',
    startxref: (offset) => offset,
    end: '%%EOF\n',
    byteRange: (range) => `[${range.join(' ')}]`,
  };
  const untouched = draft.trailer.get('Size');
  change(draft);
  const highest = Math.max(sizeOf(pdf), ...[...draft.objects.keys()].map((number) => number + 1));
  if (draft.trailer.get('Size') === untouched) draft.trailer.set('Size', String(highest));
  return written(pdf, draft);
}

function written(pdf: Buffer, draft: Draft): Buffer {
  let text = '';
  const entries: Entry[] = [];
  for (const [number, body] of draft.objects) {
    entries.push({ number, offset: pdf.length + text.length, generation: 0, type: 'n' });
    text += `${number} 0 obj\n${body.replaceAll(CONTENTS, emptyContents())}\nendobj\n`;
  }
  text += draft.loose;
  const offset = pdf.length + text.length;
  const listed = draft.entries(entries.sort((a, b) => a.number - b.number));
  text += draft.table ? draft.table(listed) : tableOf(listed);
  const trailer = [...draft.trailer].map(([key, value]) => `/${key} ${value}`).join(' ');
  text += `trailer\n<< ${trailer} >>\n${draft.beforeStartxref}startxref\n${draft.startxref(offset)}\n${draft.end}`;
  return Buffer.concat([pdf, Buffer.from(withByteRange(text, pdf.length, draft), 'latin1')]);
}

function withByteRange(text: string, before: number, draft: Draft): string {
  const slot = text.indexOf(SLOT);
  if (slot < 0) return text;
  const start = text.indexOf('<', text.indexOf('/Contents', slot));
  const end = text.indexOf('>', start) + 1;
  const range = [0, before + start, before + end, text.length - end] as const;
  const token = draft.byteRange(range).padEnd(SLOT.length);
  return text.replace(SLOT, () => token).replaceAll(SLOT, '[0 1 2 3]'.padEnd(SLOT.length));
}

export function tableOf(entries: readonly Entry[]): string {
  return `xref\n${entries
    .map(({ number, offset, generation, type }) => {
      const row = `${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} ${type} \n`;
      return `${number} 1\n${row}`;
    })
    .join('')}`;
}

import { createHash } from 'node:crypto';
import { PdfError } from './findings.ts';
import { identityOf, type Revision, readRevisions, rootOf, sizeOf } from './revisions.ts';
import type { Objects } from './update.ts';
import { get, type PdfDictionary, type PdfObject, type PdfReference, type PdfValue } from './values.ts';
import { ENTRY_LENGTH } from './xref.ts';

/** What an object is made of: latin-1 text, and bytes of streams. */
type Body = readonly (string | Uint8Array)[];

export interface Appended {
  readonly bytes: Uint8Array;
  /** Where the body of each object begins, behind `n 0 obj` and its end of line. */
  readonly bodies: ReadonlyMap<number, number>;
}

/**
 * An incremental update in the making (ISO 32000-1 §7.5.6): objects appended to a file whose bytes stay as they are, and a classical
 * cross-reference table of them. The same file and the same objects give the same bytes.
 */
export class Appendix {
  readonly objects: Objects;
  readonly root: PdfReference;
  readonly catalog: PdfDictionary;
  readonly #pdf: Uint8Array;
  readonly #last: Revision;
  readonly #bodies = new Map<number, Body>();
  #next: number;

  /** Throws PdfError for a file that this room cannot read: with cross-reference streams, for example. */
  constructor(pdf: Uint8Array) {
    const { list, error } = readRevisions(pdf);
    const last = list.at(-1);
    const root = last && rootOf(last.xref);
    if (error) throw error;
    if (!last || !root) throw new PdfError('MALFORMED', 'no PDF file');
    const objects = new Map<number, PdfObject>();
    for (const revision of list) for (const [number, object] of revision.objects) objects.set(number, object);
    const catalog = objects.get(root.number)?.value;
    if (catalog?.kind !== 'dictionary') throw new PdfError('MALFORMED', 'no catalog');
    this.objects = objects;
    this.root = root;
    this.catalog = catalog;
    this.#pdf = pdf;
    this.#last = last;
    this.#next = sizeOf(last);
  }

  resolve(value: PdfValue | undefined): PdfValue | undefined {
    return value?.kind === 'reference' ? this.objects.get(value.number)?.value : value;
  }

  get pdf(): Uint8Array {
    return this.#pdf;
  }

  /** The value as it is written in the file. */
  raw({ start, end }: PdfValue): string {
    return Buffer.from(this.#pdf.subarray(start, end)).toString('latin1');
  }

  /** A number for an object that is added later by `set`. */
  reserve(): number {
    return this.#next++;
  }

  set(number: number, ...body: Body): void {
    this.#bodies.set(number, body);
  }

  add(...body: Body): number {
    const number = this.reserve();
    this.set(number, ...body);
    return number;
  }

  addStream(data: Uint8Array): number {
    return this.add(`<<\n/Length ${data.length}\n>>\nstream\n`, data, '\nendstream');
  }

  /** The dictionary with those entries set; all others as they are written. */
  rewritten(dictionary: PdfDictionary, changes: Readonly<Record<string, string>>): string {
    const lines: string[] = [];
    for (const [key, value] of dictionary.entries) {
      lines.push(`${nameToken(key)} ${Object.hasOwn(changes, key) ? changes[key] : this.raw(value)}`);
    }
    for (const [key, value] of Object.entries(changes)) {
      if (!dictionary.entries.has(key)) lines.push(`${nameToken(key)} ${value}`);
    }
    return `<<\n${lines.join('\n')}\n>>`;
  }

  finish(): Appended {
    const parts: Uint8Array[] = [];
    let at = this.#pdf.length;
    const write = (part: string | Uint8Array) => {
      const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
      parts.push(bytes);
      at += bytes.length;
    };
    if (![0x0a, 0x0d].includes(this.#pdf.at(-1) ?? 0)) write('\n');
    const offsets = new Map<number, number>();
    const bodies = new Map<number, number>();
    const numbers = [...this.#bodies.keys()].sort((a, b) => a - b);
    for (const number of numbers) {
      offsets.set(number, at);
      write(`${number} 0 obj\n`);
      bodies.set(number, at);
      for (const part of this.#bodies.get(number)!) write(part);
      write('\nendobj\n');
    }
    const startxref = at;
    write(`xref\n${subsections(numbers, offsets)}`);
    write(`trailer\n${this.#trailer(parts)}\nstartxref\n${startxref}\n%%EOF\n`);
    return { bytes: Buffer.concat([this.#pdf, ...parts]), bodies };
  }

  #trailer(parts: readonly Uint8Array[]): string {
    const { xref } = this.#last;
    const info = get(xref.trailer, 'Info');
    const lines = [`/Size ${this.#next}`, `/Prev ${xref.offset}`, `/Root ${this.raw(get(xref.trailer, 'Root')!)}`];
    if (info) lines.push(`/Info ${this.raw(info)}`);
    const identity = identityOf(xref);
    if (identity) {
      const hash = createHash('sha256').update(this.#pdf);
      for (const part of parts) hash.update(part);
      const hex = (bytes: Uint8Array) => `<${Buffer.from(bytes).toString('hex').toUpperCase()}>`;
      lines.push(`/ID [${hex(identity[0])} ${hex(hash.digest().subarray(0, 16))}]`);
    }
    return `<<\n${lines.join('\n')}\n>>`;
  }
}

function subsections(numbers: readonly number[], offsets: ReadonlyMap<number, number>): string {
  let text = '';
  for (let i = 0; i < numbers.length; ) {
    let end = i + 1;
    while (numbers[end] === numbers[i]! + end - i) end++;
    text += `${numbers[i]} ${end - i}\n`;
    for (; i < end; i++)
      text += `${String(offsets.get(numbers[i]!)).padStart(10, '0')} 00000 n`.padEnd(ENTRY_LENGTH - 1).concat('\n');
  }
  return text;
}

/** A name token; what is no regular character becomes #xx (ISO 32000-1 §7.3.5). */
export function nameToken(name: string): string {
  const escaped = name.replace(
    /[^!-~]|[#()<>[\]{}/%]/g,
    (c) => `#${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `/${escaped}`;
}

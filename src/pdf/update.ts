import { type FindingCode, type PdfCheck, PdfError } from './findings.ts';
import type { Revision } from './revisions.ts';
import { get, nameOf, type PdfObject, type PdfReference, type PdfValue } from './values.ts';

/** Objects in force, by number. */
export type Objects = ReadonlyMap<number, PdfObject>;

export type Report = (check: PdfCheck, code: FindingCode, detail: string) => void;

/**
 * One update as it is examined. Each step follows the references that have a place in a signature, a DSS or a time-stamp; what none of
 * them came to in the end has no business in the update.
 */
export class Update {
  readonly bytes: Uint8Array;
  readonly revision: Revision;
  /** As they were before it. */
  readonly old: Objects;
  /** /Size before it: numbers from here on are new. */
  readonly size: number;
  readonly root: PdfReference;
  /** Leaves of the page tree of the first revision; no update may change the tree. */
  readonly pages: ReadonlySet<number>;
  readonly #report: Report;
  #reported = false;
  readonly #accounted = new Set<number>();

  constructor(context: Pick<Update, 'bytes' | 'revision' | 'old' | 'size' | 'root' | 'pages'>, report: Report) {
    this.bytes = context.bytes;
    this.revision = context.revision;
    this.old = context.old;
    this.size = context.size;
    this.root = context.root;
    this.pages = context.pages;
    this.#report = report;
  }

  report(check: PdfCheck, code: FindingCode, detail: string): void {
    this.#reported = true;
    this.#report(check, code, detail);
  }

  get reported(): boolean {
    return this.#reported;
  }

  /** As the value was before the update: what it refers to. */
  before(value: PdfValue | undefined): PdfValue | undefined {
    return value?.kind === 'reference' ? this.old.get(value.number)?.value : value;
  }

  /** Makes one step; what it throws is one finding. */
  step<T>(check: PdfCheck, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof PdfError)) throw error;
      this.report(check, error.code, error.message);
      return undefined;
    }
  }

  /**
   * What the value is after the update, where `old` stood in the same place before. An object of the update may be new, or the one that
   * stood there; anything else would put an object to another use. Throws `code`.
   */
  follow(value: PdfValue | undefined, old: PdfValue | undefined, code: FindingCode): PdfValue | undefined {
    return value?.kind === 'reference' ? this.object(value, old, code).value : value;
  }

  /** As `follow`, for what has to be an object of its own. */
  object(value: PdfReference, old: PdfValue | undefined, code: FindingCode): PdfObject {
    const { number, generation } = value;
    const inPlace = old?.kind === 'reference' && old.number === number;
    const added = this.revision.objects.get(number);
    if (generation !== 0) throw new PdfError('GENERATION', `reference to ${number} ${generation}`);
    if (added && (inPlace || !this.old.has(number))) {
      this.#accounted.add(number);
      return added;
    }
    const kept = added ? undefined : this.old.get(number);
    if (!inPlace || !kept) throw new PdfError(code, `object ${number} is put to another use`);
    return kept;
  }

  /** The page as it is after the update, when the update holds one of that number. */
  page(number: number): PdfObject | undefined {
    if (!this.pages.has(number)) return undefined;
    const page = this.revision.objects.get(number);
    if (page) this.#accounted.add(number);
    return page;
  }

  isNew(number: number): boolean {
    return this.revision.objects.has(number) && !this.old.has(number);
  }

  /** Reports the objects that no step came to, the first of each kind. */
  refuseRest(): void {
    const found = new Map<FindingCode, string>();
    for (const { number, start } of this.revision.objects.values()) {
      const code = this.#objection(number);
      if (code && !found.has(code)) found.set(code, `object ${number} at ${start}`);
    }
    for (const [code, detail] of found) this.report('increment', code, detail);
  }

  #objection(number: number): FindingCode | undefined {
    if (this.old.has(number)) {
      if (this.#accounted.has(number)) return undefined;
      return this.#isMetadata(number) ? 'FOREIGN_METADATA' : 'CONTENT_CHANGED';
    }
    if (number < this.size) return 'REUSED_NUMBER';
    // When a step gave up, it is not known what it would have come to; the finding is there already.
    return this.#accounted.has(number) || this.#reported ? undefined : 'UNREFERENCED_OBJECT';
  }

  #isMetadata(number: number): boolean {
    const info = get(this.revision.xref.trailer, 'Info');
    const metadata = get(this.old.get(this.root.number)?.value, 'Metadata');
    return [info, metadata].some((place) => place?.kind === 'reference' && place.number === number);
  }
}

/** The leaves of the page tree (ISO 32000-1 §7.7.3), first page first; throws where it is no tree. */
export function pagesOf(objects: Objects, root: PdfReference): ReadonlySet<number> {
  const pages = new Set<number>();
  const seen = new Set<number>();
  const open: (PdfValue | undefined)[] = [get(objects.get(root.number)?.value, 'Pages')];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.kind !== 'reference' || seen.has(node.number)) throw new PdfError('MALFORMED', 'the page tree is no tree');
    seen.add(node.number);
    const value = objects.get(node.number)?.value;
    const kids = get(value, 'Kids');
    if (nameOf(get(value, 'Type')) === 'Page') pages.add(node.number);
    else if (kids?.kind === 'array') for (const kid of kids.items.toReversed()) open.push(kid);
    else throw new PdfError('MALFORMED', `node ${node.number} of the page tree is none`);
  }
  return pages;
}

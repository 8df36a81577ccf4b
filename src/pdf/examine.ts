import type { DocumentTimestamp, Examination, RevisionExtent, SecurityStore, SignatureFound } from './examination.ts';
import { examineUpdate } from './examine-update.ts';
import { FINDING_STATUS, type Finding, type FindingCode, PDF_CHECKS, type PdfCheck } from './findings.ts';
import { compareIssued, countSignatures, holdsSignature, isForeign } from './issued.ts';
import { type Revision, type Revisions, readRevisions, rootOf, sizeOf } from './revisions.ts';
import { searchSignature } from './search.ts';
import { SecurityStores } from './stores.ts';
import { pagesOf, Update } from './update.ts';
import type { PdfObject, PdfReference } from './values.ts';

export type {
  ByteRange,
  DocumentTimestamp,
  Examination,
  RevisionExtent,
  SecurityStore,
  SignatureFound,
  SignatureSubFilter,
} from './examination.ts';
export { signedBytes } from './signature.ts';

/**
 * Everything about the structure of a signed file that believing its signature needs (ISO 32000-1 §7.5 and §12.8, ETSI EN 319 142-1).
 * What may have been done to a file is a short list and all else is a finding. Never throws for what is in the bytes; the time it takes
 * grows with their number and no faster.
 */
export function examine(bytes: Uint8Array, issued: Uint8Array | undefined): Examination {
  return new Examiner(bytes, issued).examine();
}

class Examiner {
  readonly #bytes: Uint8Array;
  readonly #issued: Uint8Array | undefined;
  readonly #read: Revisions;
  readonly #findings: Finding[] = [];
  readonly #reached = new Set<PdfCheck>();
  readonly #extents: RevisionExtent[] = [];
  readonly #timestamps: DocumentTimestamp[] = [];
  readonly #dss: SecurityStore[] = [];
  readonly #stores = new SecurityStores();
  readonly #fieldNames = new Set<string>();
  #signature: SignatureFound | undefined;

  constructor(bytes: Uint8Array, issued: Uint8Array | undefined) {
    this.#bytes = bytes;
    this.#issued = issued;
    this.#read = readRevisions(bytes);
  }

  examine(): Examination {
    const beginning = compareIssued(this.#bytes, this.#issued, this.#read);
    if (beginning.code === 'OK') this.#reached.add('issued-bytes');
    else this.#report('issued-bytes', beginning.code, beginning.detail);
    this.#examineRevisions(beginning.revisions);
    const { list, error, readTo } = this.#read;
    for (const { start, end } of list.slice(this.#extents.length)) this.#extents.push({ start, end, kind: 'other' });
    if (error) this.#extents.push({ start: readTo, end: this.#bytes.length, kind: 'other' });
    const signature = this.#signature ?? searchSignature(this.#bytes);
    return {
      findings: this.#concluded(),
      ...(signature && { signature }),
      documentTimestamps: this.#timestamps,
      dss: this.#dss,
      revisions: this.#extents,
    };
  }

  #report(check: PdfCheck, code: FindingCode, detail: string): void {
    if (this.#findings.some((known) => known.check === check && known.code === code)) return;
    this.#findings.push({ check, code, status: FINDING_STATUS[code], detail });
  }

  #examineRevisions(signedUpon: number): void {
    const { list, error } = this.#read;
    const base = list.slice(0, signedUpon);
    const root = base[0] && rootOf(base[0].xref);
    if (!root) {
      const foreign = error && isForeign(error.code) ? error.code : 'FOREIGN_UNREADABLE';
      this.#report('increment', foreign, error?.message ?? 'the issued document does not end where a revision ends');
      return;
    }
    const objects = new Map<number, PdfObject>();
    for (const { start, end, objects: added } of base) {
      for (const [number, object] of added) objects.set(number, object);
      this.#extents.push({ start, end, kind: 'issued' });
    }
    const updates = list.slice(signedUpon);
    if (base.some(holdsSignature) && !updates.some(holdsSignature)) {
      this.#report('increment', 'FOREIGN_REWRITTEN', 'the signature was written together with the document');
      return;
    }
    if (base.some((revision) => countSignatures(revision).values > 0)) {
      this.#report('signature-field', 'SEVERAL_SIGNATURES', 'a signature in what was to be signed');
    }
    this.#examineUpdates(updates, objects, root, sizeOf(base.at(-1)!));
  }

  #examineUpdates(
    updates: readonly Revision[],
    objects: Map<number, PdfObject>,
    root: PdfReference,
    size: number,
  ): void {
    const { error } = this.#read;
    const signing = updates.findIndex(holdsSignature);
    if (error) this.#report(updates.length === 0 ? 'increment' : 'after-signature', error.code, error.message);
    if (signing < 0 && !(error && updates.length === 0)) {
      this.#report('signature-field', 'NO_SIGNATURE', 'no update holds a signature');
    }
    if (signing > 0) this.#report('increment', 'FOREIGN_UPDATE', 'an update before that of the signature');
    const pages = this.#pages(objects, root);
    for (const [i, revision] of updates.entries()) {
      if (i < signing || signing < 0) this.#extents.push({ start: revision.start, end: revision.end, kind: 'other' });
      else this.#examineUpdate(revision, { objects, root, pages, size }, i === signing);
      for (const [number, object] of revision.objects) objects.set(number, object);
      size = sizeOf(revision);
    }
    if (signing >= 0) this.#reached.add('after-signature');
  }

  #pages(objects: Map<number, PdfObject>, root: PdfReference): ReadonlySet<number> {
    try {
      return pagesOf(objects, root);
    } catch {
      this.#report('increment', 'FOREIGN_UNREADABLE', 'the pages of the issued document cannot be found');
      return new Set();
    }
  }

  #examineUpdate(
    revision: Revision,
    before: { objects: Map<number, PdfObject>; root: PdfReference; pages: ReadonlySet<number>; size: number },
    signing: boolean,
  ): void {
    const { start, end } = revision;
    const update = new Update(
      { bytes: this.#bytes, revision, old: before.objects, root: before.root, pages: before.pages, size: before.size },
      (check, code, detail) => this.#report(signing ? check : 'after-signature', code, detail),
    );
    const found = examineUpdate(update, signing, this.#stores, this.#fieldNames);
    for (const check of found.reached) if (signing) this.#reached.add(check);
    if (found.store) this.#dss.push(found.store);
    if (signing) this.#signature = found.signature;
    if (!signing && holdsSignature(revision)) {
      this.#report('signature-field', 'SEVERAL_SIGNATURES', `another signature in the update at ${start}`);
    }
    if (found.timestamp) this.#timestamps.push(found.timestamp);
    const kind = signing ? 'signature' : found.timestamp ? 'timestamp' : found.store ? 'dss' : 'other';
    this.#extents.push({ start, end, kind });
  }

  /** What was found, in the order of the checks; `OK` where a check was made and nothing was found. */
  #concluded(): readonly Finding[] {
    return PDF_CHECKS.flatMap((check) => {
      const found = this.#findings.filter((finding) => finding.check === check);
      if (found.length > 0) return found;
      const code = this.#reached.has(check) ? 'OK' : 'NOT_REACHED';
      return [{ check, code, status: FINDING_STATUS[code], detail: '' }];
    });
  }
}

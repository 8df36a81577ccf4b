import type { Access } from '../../access/access.ts';
import { chainedRows } from '../../store/audit-chain.ts';
import { type ChainedRow, MonthDigests, RowSet, type Seal, type SealedMonth } from '../../store/audit-encoding.ts';
import { ERASE } from '../../store/audit-erasure.ts';
import { lastDropped } from '../../store/audit-partitions.ts';
import type { Queryable } from '../../store/database.ts';
import { DROP } from '../retention.ts';
import type { Findings } from './findings.ts';

/** A row that says what was blanked. */
interface Erasure {
  readonly tx: bigint;
  readonly said: string;
}

/** Reads the rows of seals and compares; counts what was blanked, and remembers the rows that say so. */
export class RowCheck {
  readonly #access: Access;
  readonly #database: Queryable;
  readonly #findings: Findings;
  /** Months before this one were dropped, by what the database says. */
  dropped: string | undefined;
  /** Id of the row that must say so, and what it says once it was met. */
  record: { readonly id: string; detail?: string; at?: number } | undefined;
  rows = 0;
  readonly blanked = new Map<string, RowSet>();
  readonly erasures = new Map<string, Erasure>();

  static async begin(access: Access, database: Queryable, findings: Findings): Promise<RowCheck> {
    const check = new RowCheck(access, database, findings);
    await check.#readDropped();
    return check;
  }

  private constructor(access: Access, database: Queryable, findings: Findings) {
    this.#access = access;
    this.#database = database;
    this.#findings = findings;
  }

  /** Rows of seals that follow one upon the other and are sound in themselves. */
  async check(seals: readonly Seal[]): Promise<void> {
    const [first, last] = [seals[0], seals.at(-1)];
    if (!first || !last) return;
    const expected = seals.reduce((sum, seal) => sum + rowsOf(seal), 0);
    const most = expected + 1;
    const rows = await chainedRows(this.#access, this.#database, { after: first.fromTx, upTo: last.toTx, most });
    if (rows.length === most && seals.length > 1) {
      for (const seal of seals) await this.check([seal]);
      return;
    }
    let at = 0;
    for (const seal of seals) {
      const digests = new MonthDigests();
      for (let row = rows[at]; row && BigInt(row.tx) <= seal.toTx; row = rows[++at]) {
        digests.add(row);
        this.note(row);
      }
      await this.#compare(seal, digests);
    }
  }

  /** Takes note of a row, sealed or not yet. */
  note(row: ChainedRow): void {
    this.rows++;
    if (row.erasedBy !== null) {
      const set = this.blanked.get(row.erasedBy) ?? new RowSet();
      set.add(row.id);
      this.blanked.set(row.erasedBy, set);
    }
    if (row.interaction === ERASE && row.detail !== null)
      this.erasures.set(row.id, { tx: BigInt(row.tx), said: row.detail });
    if (this.record?.id === row.id && row.interaction === DROP && row.detail !== null)
      this.record = { id: row.id, detail: row.detail, at: Number(row.at) * 1000 };
  }

  async #compare(seal: Seal, digests: MonthDigests): Promise<void> {
    const found = new Map(digests.end().map((month) => [month.month, month]));
    const all = [...new Set([...seal.months.map(({ month }) => month), ...found.keys()])].sort();
    let sealed = this.#kept(seal);
    const differ = () => all.filter((month) => !same(sealed.get(month), found.get(month)));
    let differing = differ();
    const rows = (of: ReadonlyMap<string, SealedMonth>) =>
      differing.reduce((n, one) => n + (of.get(one)?.rows ?? 0), 0);
    if (rows(found) < rows(sealed) && (await this.#readDropped())) {
      sealed = this.#kept(seal);
      differing = differ();
    }
    const [month] = differing;
    if (month === undefined && digests.broken === 0) return;
    const difference = rows(found) - rows(sealed);
    const kind = difference < 0 ? 'row-removed' : difference > 0 ? 'row-inserted' : 'row-changed';
    const detail = `${rows(sealed)} rows were sealed in what differs, ${rows(found)} are there`;
    this.#findings.problem(kind, {
      day: seal.day,
      seal: String(seal.number),
      ...(month !== undefined && { month }),
      detail,
    });
  }

  /** Months may be dropped while they are being verified. Whether that is so. */
  async #readDropped(): Promise<boolean> {
    const last = await lastDropped(this.#access, this.#database);
    if (last?.before === this.dropped) return false;
    this.dropped = last?.before;
    this.record = last && { id: last.record };
    return true;
  }

  /** The months of a seal that were not dropped. */
  #kept({ months }: Seal): ReadonlyMap<string, SealedMonth> {
    const from = this.dropped?.slice(0, 7) ?? '';
    return new Map(months.filter(({ month }) => month >= from).map((month) => [month.month, month]));
  }
}

const same = (sealed: SealedMonth | undefined, found: SealedMonth | undefined): boolean =>
  sealed === undefined || found === undefined
    ? sealed === found
    : sealed.rows === found.rows && sealed.digest.equals(found.digest);

export const rowsOf = (seal: Seal): number => seal.months.reduce((sum, { rows }) => sum + rows, 0);

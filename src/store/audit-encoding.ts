import { createHash, type Hash, hash } from 'node:crypto';

/**
 * The bytes over which the audit is hashed. docs/audit.md says the same for whoever verifies it without this program. A field is its text in
 * UTF-8 behind the number of its bytes (32 bits, big-endian); NULL is a number of bytes that no field has.
 */

/** A row as the chain sees it: numbers and times as the text that PostgreSQL prints. */
export interface ChainedRow {
  readonly tx: string;
  readonly id: string;
  /** Seconds since 1970 with six decimals. */
  readonly at: string;
  readonly interaction: string;
  readonly organization: string | null;
  readonly person: string | null;
  readonly client: string | null;
  readonly purpose: string | null;
  readonly patient: string | null;
  readonly type: string | null;
  readonly resource: string | null;
  readonly version: string | null;
  readonly outcome: string;
  readonly salt: string | null;
  readonly resourceId: string | null;
  readonly request: string | null;
  readonly detail: string | null;
  readonly commitment: Buffer | null;
  readonly erasedBy: string | null;
}

export type Private = Pick<ChainedRow, 'resourceId' | 'request' | 'detail'>;

/** What is committed to in the row, in this order; `commitment` stands for the rest. */
const PUBLIC = [
  'tx',
  'id',
  'at',
  'interaction',
  'organization',
  'person',
  'client',
  'purpose',
  'patient',
  'type',
  'resource',
  'version',
  'outcome',
] as const satisfies readonly (keyof ChainedRow)[];
const PRIVATE = ['resourceId', 'request', 'detail'] as const satisfies readonly (keyof Private)[];

const NONE = 0xff_ff_ff_ff;

/** Fields one behind the other. */
export function fields(list: readonly (string | null)[]): Buffer {
  let size = 0;
  for (const text of list) size += 4 + (text === null ? 0 : Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of list) {
    const length = text === null ? 0 : bytes.write(text, at + 4);
    bytes.writeUInt32BE(text === null ? NONE : length, at);
    at += 4 + length;
  }
  return bytes;
}

const COMMITMENT = Buffer.from('tasuki audit private 1\n');

const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * Stands for the columns of a row that may name people. Who knows the salt can show what they held; once the salt is gone, nobody can find out
 * by trying.
 *
 * @param salt  UUID
 */
export function commitmentTo(salt: string, row: Private): Buffer {
  const bytes = Buffer.from(salt.replaceAll('-', ''), 'hex');
  return hash(
    'sha256',
    Buffer.concat([COMMITMENT, bytes, fields([row.resourceId, row.request, row.detail])]),
    'buffer',
  );
}

/** The bytes of a row; undefined for one that is neither whole nor erased, which no statement of ours leaves behind. */
export function rowBytes(row: ChainedRow): Buffer | undefined {
  const { salt, commitment, erasedBy } = row;
  const whole = erasedBy === null && salt !== null && commitment === null;
  const erased =
    erasedBy !== null && salt === null && commitment !== null && PRIVATE.every((name) => row[name] === null);
  if (!whole && !erased) return undefined;
  const proof = whole ? commitmentTo(salt, row) : (commitment as Buffer);
  return Buffer.concat([fields(PUBLIC.map((name) => row[name])), proof]);
}

/** The rows of one month in one seal. */
export interface SealedMonth {
  /** `2026-11`, by UTC. */
  readonly month: string;
  readonly rows: number;
  readonly digest: Buffer;
}

/** Collects rows, in the order of (tx, id), by the month of their time. */
export class MonthDigests {
  readonly #months = new Map<string, { rows: number; hash: Hash }>();
  #day = Number.NaN;
  #month = '';
  /** Rows that are neither whole nor erased. */
  broken = 0;

  add(row: ChainedRow): void {
    // Rows come in the order of time, nearly: the month is worked out once a day.
    const day = Math.floor(Number(row.at) / 86_400);
    if (day !== this.#day) [this.#day, this.#month] = [day, monthOf(row.at)];
    const month = this.#month;
    const known = this.#months.get(month) ?? { rows: 0, hash: createHash('sha256').update('tasuki audit rows 1\n') };
    const bytes = rowBytes(row);
    if (bytes) known.hash.update(bytes);
    else this.broken++;
    known.rows++;
    this.#months.set(month, known);
  }

  /** Ascending. Ends the collection. */
  end(): readonly SealedMonth[] {
    return [...this.#months]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([month, { rows, hash }]) => ({ month, rows, digest: hash.digest() }));
  }
}

/** The month, by UTC, of seconds since 1970 as text; `never` for what is no date. */
export function monthOf(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? 'never' : date.toISOString().replace(/-\d\dT.*/, '');
}

export interface Seal {
  readonly number: bigint;
  /** `2026-11-23`. */
  readonly day: string;
  /** Epoch milliseconds. */
  readonly sealedAt: number;
  readonly fromTx: bigint;
  readonly toTx: bigint;
  readonly months: readonly SealedMonth[];
  readonly previous: Buffer;
  readonly hash: Buffer;
}

export function sealHash(seal: Omit<Seal, 'hash'>): Buffer {
  const { number, day, sealedAt, fromTx, toTx, months, previous } = seal;
  const parts = months.flatMap(({ month, rows, digest }) => [month, String(rows), digest.toString('hex')]);
  const list = [String(number), day, String(sealedAt), String(fromTx), String(toTx), ...parts];
  return sha256('tasuki audit seal 1\n', previous, fields(list));
}

export interface Day {
  readonly number: number;
  /** `2026-11-23`. */
  readonly day: string;
  readonly firstSeal: bigint;
  readonly lastSeal: bigint;
  readonly rows: bigint;
  /** Epoch milliseconds. */
  readonly closedAt: number;
  readonly hash: Buffer;
}

/** @param last  hash of the day's last seal */
export function dayHash(day: Omit<Day, 'hash'>, last: Buffer): Buffer {
  const { number, day: date, firstSeal, lastSeal, rows, closedAt } = day;
  const list = [number, date, firstSeal, lastSeal, rows, closedAt].map(String);
  return sha256('tasuki audit day 1\n', last, fields(list));
}

/** What the first seal follows. */
export const GENESIS = Buffer.alloc(32);

/** Stands for a set of rows, in whatever order they come: how many, and the sum of the hashes of their ids, modulo 2^256. */
export class RowSet {
  rows = 0;
  #sum = 0n;

  /** @param id  UUID */
  add(id: string): void {
    this.rows++;
    const hash = sha256('tasuki audit erased 1\n', Buffer.from(id.replaceAll('-', ''), 'hex'));
    this.#sum = (this.#sum + BigInt(`0x${hash.toString('hex')}`)) % 2n ** 256n;
  }

  /** As the row that says so has it for its detail: `12 rows, sum 0f…`. */
  toString(): string {
    return `${this.rows} rows, sum ${this.#sum.toString(16).padStart(64, '0')}`;
  }
}

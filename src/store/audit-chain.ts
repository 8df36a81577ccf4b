import type { Access } from '../access/access.ts';
import type { ChainedRow, Day, Seal } from './audit-encoding.ts';
import type { Database, Queryable, Transaction } from './database.ts';
import { bigints } from './sql.ts';
import { lockNames } from './write.ts';

/** The chain of seals over the audit: what is read for it, and its own tables. */

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('the chain of the audit needs the Access of the system');
}

/** Advisory lock of whoever seals. */
const SEALING = 0x6175646974_01n;

/** Of `audit a`, as ChainedRow has them. */
export const CHAINED_COLUMNS = `a.tx::text, a.id::text, extract(epoch FROM a.at)::text AS at, a.interaction, a.organization::text, a.person::text, a.client, a.purpose,
  a.patient::text, a.type, a.resource::text, a.version::text, a.outcome::text, a.salt::text, a.resource_id AS "resourceId", a.request, a.detail,
  a.commitment, a.erased_by::text AS "erasedBy"`;

/** Rows of the transactions after one and up to another, in the order of the chain; `most` of them at most. */
export async function chainedRows(
  access: Access,
  database: Queryable,
  { after, upTo, most }: { readonly after: bigint; readonly upTo: bigint; readonly most: number },
): Promise<readonly ChainedRow[]> {
  bySystem(access);
  const { rows } = await database.query<ChainedRow>(
    `SELECT ${CHAINED_COLUMNS} FROM audit a WHERE a.tx > $1::bigint AND a.tx <= $2::bigint ORDER BY a.tx, a.id LIMIT $3::int`,
    [after, upTo, most],
  );
  return rows;
}

/** Every transaction below `horizon` has ended; none has `next` yet or more. In numbers of the audit. */
export interface Clock {
  readonly horizon: bigint;
  readonly next: bigint;
}

export async function readClock(access: Access, database: Queryable): Promise<Clock> {
  bySystem(access);
  const { rows } = await database.query<Clock>(
    `SELECT pg_snapshot_xmin(s)::text::bigint + shift AS horizon, pg_snapshot_xmax(s)::text::bigint + shift AS next
     FROM audit_clock, pg_current_snapshot() AS s`,
  );
  const [clock] = rows;
  if (!clock) throw new Error('audit_clock is empty');
  return clock;
}

/** So far apart are transactions that are not sealed yet from the last that is; a number beyond was made up. */
const BACKLOG = 2n ** 40n;

/**
 * After a restore into another cluster transaction ids begin anew: moves the numbers of the audit on, so that they go on above those that
 * are there. Nothing may write into the audit meanwhile but other starts, which wait. Returns by how much; 0 is the rule.
 */
export async function mendClock(access: Access, database: Pick<Database, 'transaction'>): Promise<bigint> {
  bySystem(access);
  return database.transaction(async (transaction) => {
    await lockNames(access, transaction, [SEALING]);
    // In one snapshot: what it shows has a number below its own next.
    const { rows } = await transaction.query<{ top: bigint; next: bigint; shift: bigint }>(
      `WITH head AS (SELECT coalesce(max(to_tx), 0) AS tx FROM audit_seal)
       SELECT greatest((SELECT tx FROM head), (SELECT max(a.tx) FROM audit a WHERE a.tx <= (SELECT tx FROM head) + $1::bigint)) AS top,
         pg_snapshot_xmax(pg_current_snapshot())::text::bigint + shift AS next, shift
       FROM audit_clock`,
      [BACKLOG],
    );
    const { top, next, shift } = rows[0] as { top: bigint; next: bigint; shift: bigint };
    if (top < next) return 0n;
    const more = top - next + 1n;
    await transaction.query('UPDATE audit_clock SET shift = $1::bigint', [shift + more]);
    await transaction.script(
      `ALTER TABLE audit ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint + ${shift + more}`,
    );
    return more;
  });
}

/** Runs one step of the chain: of all processes one at a time. */
export function inChain<T>(
  access: Access,
  database: Pick<Database, 'transaction'>,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  bySystem(access);
  return database.transaction(async (transaction) => {
    await lockNames(access, transaction, [SEALING]);
    return work(transaction);
  });
}

const SEAL = `number, day, sealed_at AS "sealedAt", from_tx AS "fromTx", to_tx AS "toTx", months, counts, digests, previous, hash`;

type SealRecord = Omit<Seal, 'months'> & {
  readonly months: readonly string[];
  readonly counts: readonly bigint[];
  readonly digests: readonly Buffer[];
};

function sealOf({ months, counts, digests, ...seal }: SealRecord): Seal {
  const parts = months.map((month, i) => ({ month, rows: Number(counts[i]), digest: digests[i] ?? Buffer.alloc(0) }));
  return { ...seal, months: parts };
}

/** In the order of their numbers, after one. */
export async function readSeals(
  access: Access,
  database: Queryable,
  { after, most }: { readonly after: bigint; readonly most: number },
): Promise<readonly Seal[]> {
  bySystem(access);
  const { rows } = await database.query<SealRecord>(
    `SELECT ${SEAL} FROM audit_seal WHERE number > $1::bigint ORDER BY number LIMIT $2::int`,
    [after, most],
  );
  return rows.map(sealOf);
}

export async function lastSeal(access: Access, database: Queryable): Promise<Seal | undefined> {
  bySystem(access);
  const { rows } = await database.query<SealRecord>(`SELECT ${SEAL} FROM audit_seal ORDER BY number DESC LIMIT 1`);
  return rows[0] && sealOf(rows[0]);
}

export async function insertSeal(access: Access, transaction: Queryable, seal: Seal): Promise<void> {
  bySystem(access);
  await transaction.query(
    `INSERT INTO audit_seal (number, day, sealed_at, from_tx, to_tx, months, counts, digests, previous, hash)
     VALUES ($1::bigint, $2::date, $3::timestamptz, $4::bigint, $5::bigint, $6::text[], $7::bigint[], $8::bytea[], $9::bytea, $10::bytea)`,
    [
      seal.number,
      seal.day,
      new Date(seal.sealedAt),
      seal.fromTx,
      seal.toTx,
      seal.months.map(({ month }) => month),
      bigints(seal.months.map(({ rows }) => BigInt(rows))),
      seal.months.map(({ digest }) => digest),
      seal.previous,
      seal.hash,
    ],
  );
}

/** The number of a transaction, some `rows` rows on from another: those up to it are sealed together. */
export async function somewhatOn(
  access: Access,
  database: Queryable,
  { after, below, rows: wanted }: { readonly after: bigint; readonly below: bigint; readonly rows: number },
): Promise<bigint> {
  bySystem(access);
  const { rows } = await database.query<{ tx: bigint }>(
    'SELECT tx FROM audit WHERE tx > $1::bigint AND tx < $2::bigint ORDER BY tx OFFSET $3::int LIMIT 1',
    [after, below, wanted - 1],
  );
  return rows[0]?.tx ?? below - 1n;
}

export interface ClosedDay extends Day {
  readonly anchoredAt: number | null;
  readonly token: Buffer | null;
}

const DAY = `number, day, first_seal AS "firstSeal", last_seal AS "lastSeal", rows, closed_at AS "closedAt", hash, anchored_at AS "anchoredAt", token`;

export async function readDays(access: Access, database: Queryable): Promise<readonly ClosedDay[]> {
  bySystem(access);
  return (await database.query<ClosedDay>(`SELECT ${DAY} FROM audit_day ORDER BY number`)).rows;
}

export async function lastDay(access: Access, database: Queryable): Promise<ClosedDay | undefined> {
  bySystem(access);
  return (await database.query<ClosedDay>(`SELECT ${DAY} FROM audit_day ORDER BY number DESC LIMIT 1`)).rows[0];
}

/** How many rows the seals after one have. */
export async function sealedSince(access: Access, database: Queryable, after: bigint): Promise<bigint> {
  bySystem(access);
  const { rows } = await database.query<{ rows: bigint }>(
    'SELECT coalesce(sum(n), 0)::bigint AS rows FROM audit_seal, unnest(counts) AS n WHERE number > $1::bigint',
    [after],
  );
  return rows[0]?.rows ?? 0n;
}

export async function insertDay(access: Access, transaction: Queryable, day: Day): Promise<void> {
  bySystem(access);
  await transaction.query(
    `INSERT INTO audit_day (number, day, first_seal, last_seal, rows, closed_at, hash)
     VALUES ($1::int, $2::date, $3::bigint, $4::bigint, $5::bigint, $6::timestamptz, $7::bytea)`,
    [day.number, day.day, day.firstSeal, day.lastSeal, day.rows, new Date(day.closedAt), day.hash],
  );
}

/** Days whose anchor is not written yet, and those that have no time-stamp, in order. */
export async function daysWithout(
  access: Access,
  database: Queryable,
  what: 'anchor' | 'token',
  most: number,
): Promise<readonly ClosedDay[]> {
  bySystem(access);
  const missing = what === 'anchor' ? 'anchored_at IS NULL' : 'token IS NULL AND anchored_at IS NOT NULL';
  const { rows } = await database.query<ClosedDay>(
    `SELECT ${DAY} FROM audit_day WHERE ${missing} ORDER BY number LIMIT $1::int`,
    [most],
  );
  return rows;
}

export async function markAnchored(access: Access, database: Queryable, number: number, at: number): Promise<void> {
  bySystem(access);
  await database.query('UPDATE audit_day SET anchored_at = $2::timestamptz WHERE number = $1::int', [
    number,
    new Date(at),
  ]);
}

export async function keepToken(
  access: Access,
  database: Queryable,
  number: number,
  token: Buffer,
  at: number,
): Promise<void> {
  bySystem(access);
  await database.query('UPDATE audit_day SET token = $2::bytea, stamped_at = $3::timestamptz WHERE number = $1::int', [
    number,
    token,
    new Date(at),
  ]);
}

import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import type { ErasureStep } from './erasure-plan.ts';

export type ErasureState = 'planned' | 'running' | 'done' | 'cancelled';

/** How far the erasure of an institution has come. Instants are epoch milliseconds. */
export interface Erasure {
  readonly id: string;
  /** rid and id of its Organization. */
  readonly institution: bigint;
  readonly institutionId: string;
  /** Id of the Contract whose end it follows from. */
  readonly contract: string;
  /** The last day of service, `YYYY-MM-DD`. */
  readonly ended: string;
  /** Not before. */
  readonly due: number;
  readonly state: ErasureState;
  /** What is to be done next, and where it goes on. */
  readonly step: ErasureStep | null;
  readonly after: string | null;
  /** SHA-256, chained over the ids and the hashes of the contents of all that was erased. */
  readonly hash: Buffer;
  readonly reason: string | null;
  readonly askedAt: number | null;
  readonly askedClient: string | null;
  readonly askedPerson: string | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface ErasureCount {
  readonly name: string;
  readonly type: string;
  readonly rows: bigint;
}

const milliseconds = (column: string, name: string) => `extract(epoch FROM e.${column})::float8 * 1000 AS "${name}"`;
const SELECT = `e.id, e.institution, e.institution_id AS "institutionId", e.contract, e.ended, e.state, e.step, e.after, e.hash, e.reason,
  e.asked_client AS "askedClient", e.asked_person AS "askedPerson", ${milliseconds('due', 'due')}, ${milliseconds('asked_at', 'askedAt')},
  ${milliseconds('started_at', 'startedAt')}, ${milliseconds('finished_at', 'finishedAt')}`;

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('erasures are the system’s');
}

/** A bytea shares memory with what was received. */
const copied = (row: Erasure): Erasure => ({ ...row, hash: Buffer.from(row.hash) });

export interface NewErasure extends Pick<Erasure, 'institution' | 'institutionId' | 'contract' | 'ended'> {
  /** IANA zone, and whole days after the last day of service that are still to pass. */
  readonly zone: string;
  readonly graceDays: number;
}

/** Plans the erasure that follows from the end of a contract, once. Due at the beginning of a day in the zone. */
export async function planErasure(access: Access, database: Queryable, one: NewErasure): Promise<boolean> {
  bySystem(access);
  const { count } = await database.query(
    `INSERT INTO erasure (id, institution, institution_id, contract, ended, due, hash)
     VALUES ($1::uuid, $2::bigint, $3, $4, $5::date, ($5::date + 1 + $6::int)::timestamp AT TIME ZONE $7::text, sha256(''))
     ON CONFLICT DO NOTHING`,
    [randomUUID(), one.institution, one.institutionId, one.contract, one.ended, one.graceDays, one.zone],
  );
  return count === 1;
}

/** The erasures of an institution, the newest first. */
export async function erasuresOf(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<readonly Erasure[]> {
  bySystem(access);
  const { rows } = await database.query<Erasure>(
    `SELECT ${SELECT} FROM erasure e WHERE e.institution = $1::bigint ORDER BY e.ended DESC, e.id`,
    [institution],
  );
  return rows.map(copied);
}

/** Whether what the institution owned is going now. To be asked with the row of the institution locked: an erasure locks it to begin. */
export async function isBeingErased(access: Access, transaction: Queryable, institution: bigint): Promise<boolean> {
  bySystem(access);
  const { count } = await transaction.query(
    `SELECT FROM erasure e WHERE e.institution = $1::bigint AND e.state = 'running'`,
    [institution],
  );
  return count > 0;
}

export async function countsOf(access: Access, database: Queryable, id: string): Promise<readonly ErasureCount[]> {
  bySystem(access);
  const { rows } = await database.query<ErasureCount>(
    'SELECT name, type, rows FROM erasure_count WHERE erasure = $1::uuid AND rows > 0 ORDER BY name, type',
    [id],
  );
  return rows;
}

/** Ids of those that are under way or due, the longest due first. */
export async function dueErasures(access: Access, database: Queryable, now: number): Promise<readonly string[]> {
  bySystem(access);
  const { rows } = await database.query<{ id: string }>(
    `SELECT id FROM erasure WHERE state = 'running' OR state = 'planned' AND due <= $1::timestamptz ORDER BY due, id`,
    [new Date(now)],
  );
  return rows.map(({ id }) => id);
}

/** Locks one until the end of the transaction, and answers it as the last commit left it; undefined where another process is at it. */
export async function lockErasure(access: Access, transaction: Queryable, id: string): Promise<Erasure | undefined> {
  bySystem(access);
  const { rows } = await transaction.query<Erasure>(
    `SELECT ${SELECT} FROM erasure e WHERE e.id = $1::uuid FOR UPDATE SKIP LOCKED`,
    [id],
  );
  return rows.map(copied)[0];
}

/** What may change of one whose row is locked. */
export type ErasureChange = Partial<
  Pick<
    Erasure,
    | 'due'
    | 'state'
    | 'step'
    | 'after'
    | 'hash'
    | 'reason'
    | 'askedAt'
    | 'askedClient'
    | 'askedPerson'
    | 'startedAt'
    | 'finishedAt'
  >
>;

const COLUMNS: Readonly<Record<keyof ErasureChange, readonly [column: string, type: string]>> = {
  due: ['due', 'timestamptz'],
  state: ['state', 'text'],
  step: ['step', 'text'],
  after: ['after', 'text'],
  hash: ['hash', 'bytea'],
  reason: ['reason', 'text'],
  askedAt: ['asked_at', 'timestamptz'],
  askedClient: ['asked_client', 'text'],
  askedPerson: ['asked_person', 'uuid'],
  startedAt: ['started_at', 'timestamptz'],
  finishedAt: ['finished_at', 'timestamptz'],
};

export async function updateErasure(
  access: Access,
  transaction: Queryable,
  id: string,
  change: ErasureChange,
): Promise<void> {
  bySystem(access);
  const entries = Object.entries(change) as [keyof ErasureChange, unknown][];
  const sets = entries.map(([name], i) => `${COLUMNS[name][0]} = $${i + 2}::${COLUMNS[name][1]}`);
  const values = entries.map(([name, value]) =>
    COLUMNS[name][1] === 'timestamptz' && typeof value === 'number' ? new Date(value) : value,
  );
  await transaction.query(`UPDATE erasure SET ${sets.join(', ')} WHERE id = $1::uuid`, [id, ...values]);
}

/** Adds to what was counted. */
export async function countErased(
  access: Access,
  transaction: Queryable,
  erasure: string,
  name: string,
  byType: ReadonlyMap<string, number>,
): Promise<void> {
  bySystem(access);
  for (const [type, rows] of byType) {
    if (rows === 0) continue;
    await transaction.query(
      `INSERT INTO erasure_count (erasure, name, type, rows) VALUES ($1::uuid, $2, $3, $4::bigint)
       ON CONFLICT (erasure, name, type) DO UPDATE SET rows = erasure_count.rows + EXCLUDED.rows`,
      [erasure, name, type, BigInt(rows)],
    );
  }
}

/** Shuts the institution out for good, in the transaction that begins its erasure. */
export async function closeInstitution(access: Access, transaction: Queryable, institution: bigint): Promise<void> {
  bySystem(access);
  await transaction.query('UPDATE institution SET active = false WHERE rid = $1::bigint', [institution]);
}

/** The time that the database has, for `writesFrom`. */
export async function databaseTime(access: Access, database: Queryable): Promise<string> {
  bySystem(access);
  const { rows } = await database.query<{ time: string }>('SELECT clock_timestamp()::text AS time');
  return rows[0]?.time as string;
}

/** Whether anybody else is still writing in a transaction that began before a time of the database. */
export async function writesFrom(access: Access, database: Queryable, time: string): Promise<boolean> {
  bySystem(access);
  const { count } = await database.query(
    `SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_xid IS NOT NULL
       AND a.xact_start < $1::text::timestamptz LIMIT 1`,
    [time],
  );
  return count > 0;
}

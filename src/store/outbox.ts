import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import type { StoredVersion } from './read.ts';
import { Values } from './sql.ts';
import { visible, visibleVersion } from './visible.ts';

/** One version, and where it stands in the order of commits. */
export interface OutboxChange extends StoredVersion {
  /** Number of the transaction that wrote it. */
  readonly tx: bigint;
  /** Its place in the statement that wrote it. */
  readonly place: number;
  /** The institution that wrote it; null for the system. */
  readonly organization: bigint | null;
}

/** Before everything that was ever written: no transaction has this number. */
export const BEGINNING = 0n;

/**
 * The versions that the caller may see of the transactions after one, in the order of their numbers; none of a transaction as long
 * as any older one is still running, for that one would be behind the reader when it commits. So nothing is ever skipped, and
 * a transaction that stays open holds everybody's changes back until it ends. A transaction is never cut: the page ends with
 * the one that fills `limit`, and is longer by whatever else that one wrote.
 *
 * A transaction takes its number when it first writes or locks a row, so that of writers who had to wait for each other the later may
 * have the lower one: what must follow the versions of one resource goes by `version`.
 *
 * Numbers belong to the PostgreSQL cluster: pg_upgrade keeps them, a dump that is restored elsewhere does not go on where they ended.
 */
export async function changes(
  access: Access,
  database: Queryable,
  after: bigint,
  limit: number,
): Promise<OutboxChange[]> {
  const values = new Values();
  const { rows } = await database.query<OutboxChange>(
    `SELECT v.tx, v.place, v.organization, r.rid, r.type, r.id, v.version, v.at, v.interaction::text AS interaction, v.patient, v.patients, v.content
     FROM resource_version v JOIN resource r ON r.rid = v.rid
     WHERE v.tx > ${values.add(after, 'xid8')} AND v.tx < pg_snapshot_xmin(pg_current_snapshot())
       AND ${visible('r', access, values, undefined, 'read')} AND ${visibleVersion('v', 'r', access, values, undefined, 'read')}
     ORDER BY v.tx FETCH FIRST (${values.add(limit, 'int')}) ROWS WITH TIES`,
    values.list,
  );
  return inOrder(rows);
}

/** By transaction and place; a resource that one transaction wrote in several statements in the order of its versions. */
function inOrder(rows: readonly OutboxChange[]): OutboxChange[] {
  const key = ({ tx, rid }: OutboxChange) => `${tx}/${rid}`;
  const versions = Map.groupBy(
    rows.toSorted((a, b) => a.version - b.version),
    key,
  );
  return rows
    .toSorted((a, b) => (a.tx === b.tx ? a.place - b.place : a.tx < b.tx ? -1 : 1))
    .map((row) => versions.get(key(row))?.shift() as OutboxChange);
}

/** The last transaction that a consumer is done with; `BEGINNING` for one that has never advanced. */
export async function position(access: Access, database: Queryable, consumer: string): Promise<bigint> {
  if (!access) throw new Error('position() without an Access');
  const { rows } = await database.query<{ tx: bigint }>('SELECT tx FROM outbox_cursor WHERE consumer = $1::text', [
    consumer,
  ]);
  return rows[0]?.tx ?? BEGINNING;
}

/**
 * Says that a consumer is done with everything up to and with a transaction. Whoever dies between reading and this reads the same
 * again. A cursor never goes back: of two workers of one consumer the one that has come further counts; false for the other. A worker
 * that must be the only one holds a lock (`lockNames`) over position, changes and advance in one transaction.
 */
export async function advance(access: Access, database: Queryable, consumer: string, to: bigint): Promise<boolean> {
  if (!access) throw new Error('advance() without an Access');
  const { count } = await database.query(
    `INSERT INTO outbox_cursor AS c (consumer, tx, place) VALUES ($1::text, $2::xid8, 0)
     ON CONFLICT (consumer) DO UPDATE SET tx = EXCLUDED.tx WHERE c.tx < EXCLUDED.tx`,
    [consumer, to],
  );
  return count === 1;
}

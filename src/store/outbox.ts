import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import type { StoredVersion } from './read.ts';
import { Values } from './sql.ts';
import { visible, visibleVersion } from './visible.ts';

/** A place in the order of commits: the number of the transaction, then the place of the version in its statement. */
export interface Place {
  readonly tx: bigint;
  readonly place: number;
}

/** Before everything that was ever written. */
export const BEGINNING: Place = Object.freeze({ tx: 0n, place: 0 });

/** One version, and where it stands. */
export interface OutboxChange extends StoredVersion, Place {
  /** The institution that wrote it; null for the system. */
  readonly organization: bigint | null;
}

/**
 * The versions after a place that the caller may see, in the order of their transactions, at most `limit` of them; none of
 * a transaction as long as any older one is still running, for that one would then be behind the reader when it commits. So
 * nothing is ever skipped, and a transaction that stays open holds everybody's changes back until it ends.
 *
 * A transaction has its number from its first write. Two that write the same resource have numbers in the order of their commits
 * where each had locked all that it writes before that.
 *
 * Numbers belong to the PostgreSQL cluster: pg_upgrade keeps them, a dump restored elsewhere does not go on where they ended.
 */
export async function changes(
  access: Access,
  database: Queryable,
  after: Place,
  limit: number,
): Promise<OutboxChange[]> {
  const values = new Values();
  const { rows } = await database.query<OutboxChange>(
    `SELECT v.tx, v.place, v.organization, r.rid, r.type, r.id, v.version, v.at, v.interaction::text AS interaction, v.patient, v.patients, v.content
     FROM resource_version v JOIN resource r ON r.rid = v.rid
     WHERE (v.tx, v.place) > (${values.add(after.tx, 'xid8')}, ${values.add(after.place, 'int')})
       AND v.tx < pg_snapshot_xmin(pg_current_snapshot())
       AND ${visible('r', access, values)} AND ${visibleVersion('v', 'r', access, values)}
     ORDER BY v.tx, v.place LIMIT ${values.add(limit, 'int')}`,
    values.list,
  );
  return rows;
}

/** How far a consumer has come: the beginning for one that has never advanced. */
export async function position(access: Access, database: Queryable, consumer: string): Promise<Place> {
  if (!access) throw new Error('position() without an Access');
  const { rows } = await database.query<Place>('SELECT tx, place FROM outbox_cursor WHERE consumer = $1::text', [
    consumer,
  ]);
  return rows[0] ?? BEGINNING;
}

/**
 * Says that a consumer is done with everything up to the place. Whoever dies between reading and this reads the same again. A cursor
 * never goes back: of two workers of one consumer the one that has come further counts; false for the other. A worker that must be
 * the only one holds a lock (`lockNames`) over position, changes and advance in one transaction.
 */
export async function advance(access: Access, database: Queryable, consumer: string, to: Place): Promise<boolean> {
  if (!access) throw new Error('advance() without an Access');
  const { count } = await database.query(
    `INSERT INTO outbox_cursor AS c (consumer, tx, place) VALUES ($1::text, $2::xid8, $3::int)
     ON CONFLICT (consumer) DO UPDATE SET tx = EXCLUDED.tx, place = EXCLUDED.place
     WHERE (c.tx, c.place) < (EXCLUDED.tx, EXCLUDED.place)`,
    [consumer, to.tx, to.place],
  );
  return count === 1;
}

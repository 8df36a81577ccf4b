import type { Access } from '../access/access.ts';
import { type AuditRow, insertAudit } from './audit.ts';
import type { Database, Queryable } from './database.ts';
import { lockNames } from './write.ts';

/** Advisory lock under which partitions are made, by one process at a time. */
const PARTITIONS = 0x6175646974n;

/**
 * Makes the partitions of the month of a time and the two that follow. Rows of a month that had none, because no server was started for so
 * long, are moved there out of the rest. Safe where several servers start together.
 */
export async function ensureAuditPartitions(
  access: Access,
  database: Pick<Database, 'transaction'>,
  now: Date,
): Promise<void> {
  for (const ahead of [0, 1, 2]) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString();
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1)).toISOString();
    const name = `audit_${from.slice(0, 7).replace('-', '_')}`;
    await database.transaction(async (transaction) => {
      await lockNames(access, transaction, [PARTITIONS]);
      const known = 'SELECT to_regclass($1::text) IS NOT NULL AS there';
      if ((await transaction.query<{ there: boolean }>(known, [name])).rows[0]?.there) return;
      // Writers wait before they choose a partition: a row on its way to the rest would be refused there once the month has its own.
      await transaction.script(`
        LOCK TABLE ONLY audit IN SHARE ROW EXCLUSIVE MODE;
        CREATE TABLE ${name} (LIKE audit INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
        WITH moved AS (DELETE FROM audit_rest WHERE at >= '${from}' AND at < '${to}' RETURNING *) INSERT INTO ${name} SELECT * FROM moved;
        ALTER TABLE audit ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}');`);
    });
  }
}

/** How long those who write into the audit may be kept waiting for a drop; it is tried again later. */
const DROP_WAIT_MS = 2000;

/** Rows recorded before the beginning of a day (UTC). */
export async function countBefore(
  access: Access,
  database: Pick<Database, 'transaction'>,
  day: string,
): Promise<bigint> {
  if (!access?.isSystem) throw new Error('countBefore() needs the Access of the system');
  return database.transaction(async (transaction) => {
    await transaction.query('SET LOCAL statement_timeout = 0');
    const { rows } = await transaction.query<{ rows: bigint }>(
      'SELECT count(*) AS rows FROM audit WHERE at < $1::timestamptz',
      [`${day}T00:00:00Z`],
    );
    return rows[0]?.rows ?? 0n;
  });
}

/**
 * Drops the months before one, and stores `record` with it, which says so. False, and nothing is done, where one of their rows is not sealed
 * yet in a day that is anchored. Throws FhirError 503 where others keep the audit busy.
 *
 * @param before  `2021-11-01`, by UTC
 */
export async function dropMonths(
  access: Access,
  database: Pick<Database, 'transaction'>,
  { before, rows: dropped, record }: { readonly before: string; readonly rows: bigint; readonly record: AuditRow },
): Promise<boolean> {
  if (!access?.isSystem) throw new Error('dropMonths() needs the Access of the system');
  return database.transaction(async (transaction) => {
    await transaction.query(`SET LOCAL lock_timeout = ${DROP_WAIT_MS}`);
    await lockNames(access, transaction, [PARTITIONS]);
    await transaction.script('LOCK TABLE audit IN ACCESS EXCLUSIVE MODE');
    const edge = `${before}T00:00:00Z`;
    const { rows } = await transaction.query<{ kept: boolean }>(
      `SELECT NOT EXISTS (SELECT 1 FROM audit WHERE at < $1::timestamptz AND tx > coalesce((SELECT s.to_tx FROM audit_day d
         JOIN audit_seal s ON s.number = d.last_seal WHERE d.anchored_at IS NOT NULL ORDER BY d.number DESC LIMIT 1), ${BELOW_ALL})) AS kept`,
      [edge],
    );
    if (!rows[0]?.kept) return false;
    for (const name of await partitionsBefore(transaction, before.slice(0, 7)))
      await transaction.script(`DROP TABLE ${name}`);
    await transaction.query('DELETE FROM audit_rest WHERE at < $1::timestamptz', [edge]);
    await insertAudit(access, transaction, [record]);
    await transaction.query(
      'INSERT INTO audit_dropped (before, record, rows, at) VALUES ($1::date, $2::uuid, $3::bigint, $4::timestamptz)',
      [before, record.id, dropped, new Date(record.at)],
    );
    return true;
  });
}

const BELOW_ALL = `'-9223372036854775808'::bigint`;

/** Names of partitions are of our own making. */
async function partitionsBefore(database: Queryable, month: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
     WHERE h.inhparent = 'audit'::regclass AND c.relname ~ '^audit_[0-9]{4}_[0-9]{2}$' AND replace(substr(c.relname, 7), '_', '-') < $1::text`,
    [month],
  );
  return rows.map(({ name }) => name);
}

/** What was dropped: the latest holds for all before it. */
export interface Dropped {
  /** `2021-11-01`, by UTC. */
  readonly before: string;
  /** Id of the audit row that says so. */
  readonly record: string;
  readonly rows: bigint;
}

export async function lastDropped(access: Access, database: Queryable): Promise<Dropped | undefined> {
  if (!access?.isSystem) throw new Error('lastDropped() needs the Access of the system');
  const { rows } = await database.query<Dropped>(
    'SELECT before, record, rows FROM audit_dropped ORDER BY before DESC LIMIT 1',
  );
  return rows[0];
}

import type { Access } from '../access/access.ts';
import { type Act, type AuditRow, actRow, insertAudit } from './audit.ts';
import { CHAINED_COLUMNS, somewhatOn } from './audit-chain.ts';
import { type ChainedRow, commitmentTo, RowSet } from './audit-encoding.ts';
import type { Queryable } from './database.ts';
import { GOES } from './erasure-plan.ts';

/** The interaction of the row that says what was erased. */
export const ERASE = 'erase-audit';

/** Rows of the chain about itself, which stay as they are. */
const OF_THE_CHAIN = [ERASE, 'drop-audit', 'restore-audit'];

export interface AuditErasure {
  /** rid of the institution's Organization. */
  readonly institution: bigint;
  /** Where the call before ended; null to begin. */
  readonly after: bigint | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Who erases, for the row that says so. */
  readonly by?: Omit<Partial<Act>, 'detail' | 'type' | 'resource'>;
  /** Rows that are looked at in one call; 5000 unless told. */
  readonly look?: number;
}

/** Below and above every transaction. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * Takes out of the audit what may name people of an institution that is erased: id, query and request id, of rows about its resources and
 * patients (but for those in another hospital's timeline, which stay), of what was asked together with them, and of its own queries. That
 * somebody did something, when, to what, stays. The chain still verifies: what is left is a commitment, and a row of its own says how many rows were
 * blanked and which. Goes through the audit in steps; each is to be in a transaction, with `after` kept in it.
 *
 * Rows of one query are of one transaction, and a step parts none.
 *
 * To be called while the rows of `resource` are still there; and again when they are gone, for what was asked meanwhile. Rows that PostgreSQL no longer shows are gone from the disk at the next VACUUM.
 *
 * @returns how many rows were blanked, and where to go on; null at the end
 */
export async function eraseAuditDetails(
  access: Access,
  transaction: Queryable,
  { institution, after, at, by = {}, look = 5000 }: AuditErasure,
): Promise<{ readonly erased: number; readonly after: bigint | null }> {
  if (!access?.isSystem) throw new Error('eraseAuditDetails() needs the Access of the system');
  const from = after ?? LEAST;
  const upTo = await somewhatOn(access, transaction, { after: from, below: MOST, rows: look });
  const found = await ofInstitution(transaction, institution, from, upTo);
  if (found.length > 0) {
    const set = new RowSet();
    for (const { id } of found) set.add(id);
    const record = actRow(at, ERASE, {
      outcome: 0,
      ...by,
      type: 'Organization',
      resource: institution,
      detail: `${set}`,
    });
    await blank(transaction, found, record, from, upTo);
    await insertAudit(access, transaction, [record]);
  }
  return { erased: found.length, after: upTo === MOST - 1n ? null : upTo };
}

/** Where the rows begin that were recorded from then on, as `after` of `eraseAuditDetails`; null where there is none. */
export async function auditSince(access: Access, transaction: Queryable, at: number): Promise<bigint | null> {
  if (!access?.isSystem) throw new Error('auditSince() needs the Access of the system');
  const { rows } = await transaction.query<{ from: bigint | null }>(
    'SELECT min(a.tx) - 1 AS from FROM audit a WHERE a.at >= $1::timestamptz',
    [new Date(at)],
  );
  return rows[0]?.from ?? null;
}

/** What of it goes; and what was erased before. */
const its = (rid: string) => `(EXISTS (SELECT FROM resource r WHERE r.rid = ${rid} AND ${GOES})
    OR EXISTS (SELECT FROM erased_resource e WHERE e.rid = ${rid}))`;

async function ofInstitution(
  transaction: Queryable,
  institution: bigint,
  after: bigint,
  upTo: bigint,
): Promise<readonly ChainedRow[]> {
  const { rows } = await transaction.query<ChainedRow>(
    `SELECT ${CHAINED_COLUMNS} FROM audit a
     WHERE a.tx > $2::bigint AND a.tx <= $3::bigint AND a.erased_by IS NULL AND a.interaction <> ALL($4::text[])
       AND num_nonnulls(a.resource_id, a.request, a.detail) > 0 AND a.resource IS DISTINCT FROM $1::bigint
       AND (${its('a.resource')} OR ${its('a.patient')}
         OR a.organization = $1::bigint AND a.interaction IN ('search-type', 'operation')
         OR a.interaction IN ('search-type', 'operation') AND EXISTS (SELECT FROM audit b
           WHERE b.organization = a.organization AND b.at = a.at AND b.request = a.request AND ${its('b.patient')}))`,
    [institution, after, upTo, OF_THE_CHAIN],
  );
  return rows;
}

async function blank(
  transaction: Queryable,
  rows: readonly ChainedRow[],
  record: AuditRow,
  after: bigint,
  upTo: bigint,
): Promise<void> {
  const commitments = rows.map((row) => commitmentTo(row.salt ?? '', row));
  const { count } = await transaction.query(
    `UPDATE audit a SET resource_id = NULL, request = NULL, detail = NULL, salt = NULL, commitment = u.commitment, erased_by = $3::uuid
     FROM unnest($1::uuid[], $2::bytea[]) AS u(id, commitment) WHERE a.id = u.id AND a.tx > $4::bigint AND a.tx <= $5::bigint AND a.erased_by IS NULL`,
    [rows.map(({ id }) => id), commitments, record.id, after, upTo],
  );
  if (count !== rows.length) throw new Error(`${count} audit rows were blanked instead of ${rows.length}`);
}

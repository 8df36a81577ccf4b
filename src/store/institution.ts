import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

export interface Institution {
  readonly rid: bigint;
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly active: boolean;
}

/** Registers an institution, or brings its registration up to date, in the transaction of its Organization. */
export async function putInstitution(access: Access, transaction: Queryable, one: Institution): Promise<void> {
  if (!access) throw new Error('putInstitution() without an Access');
  await transaction.query(
    `INSERT INTO institution (rid, id, kind, name, active) VALUES ($1::bigint, $2, $3, $4, $5)
     ON CONFLICT (rid) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name, active = EXCLUDED.active`,
    [one.rid, one.id, one.kind, one.name, one.active],
  );
}

export interface Affiliation {
  readonly rid: bigint;
  readonly hospital: bigint;
  readonly member: bigint;
  readonly medical: boolean;
  readonly care: boolean;
  readonly timeline: boolean;
  readonly active: boolean;
  /** ISO instants or infinity with its sign; null: unbounded. */
  readonly starts: string | null;
  readonly ends: string | null;
}

/** What a hospital registered about a member of its network, in the transaction of the OrganizationAffiliation. */
export async function putAffiliation(access: Access, transaction: Queryable, one: Affiliation): Promise<void> {
  if (!access) throw new Error('putAffiliation() without an Access');
  await transaction.query(
    `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active, starts, ends)
     VALUES ($1::bigint, $2::bigint, $3::bigint, $4, $5, $6, $7, coalesce($8::timestamptz, '-infinity'), coalesce($9::timestamptz, 'infinity'))
     ON CONFLICT (rid) DO UPDATE SET hospital = EXCLUDED.hospital, member = EXCLUDED.member, medical = EXCLUDED.medical, care = EXCLUDED.care,
       timeline = EXCLUDED.timeline, active = EXCLUDED.active, starts = EXCLUDED.starts, ends = EXCLUDED.ends`,
    [one.rid, one.hospital, one.member, one.medical, one.care, one.timeline, one.active, one.starts, one.ends],
  );
}

export async function removeAffiliation(access: Access, transaction: Queryable, rid: bigint): Promise<void> {
  if (!access) throw new Error('removeAffiliation() without an Access');
  await transaction.query('DELETE FROM affiliation WHERE rid = $1::bigint', [rid]);
}

import { type Access, type InstitutionKind, SERVICES } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { bigints } from './sql.ts';

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

/** What the desk and the rules of contracts need to know of an institution. */
export interface Standing {
  readonly rid: bigint;
  readonly id: string;
  readonly kind: InstitutionKind;
  readonly name: string;
  /** Sum of SERVICES that it has now. */
  readonly services: number;
  readonly active: boolean;
}

/** Institutions among these Organizations, with the services that they have now. */
export async function standings(
  access: Access,
  database: Queryable,
  rids: readonly bigint[],
): Promise<Map<bigint, Standing>> {
  if (!access) throw new Error('standings() without an Access');
  const { rows } = await database.query<Standing>(
    'SELECT rid, id, kind, name, services, active FROM institution WHERE rid = ANY($1::bigint[])',
    [bigints(rids)],
  );
  return new Map(rows.map((row) => [row.rid, row]));
}

/** As `standings` of one, whose row is locked until the end of the transaction. */
export async function lockInstitution(
  access: Access,
  transaction: Queryable,
  rid: bigint,
): Promise<Standing | undefined> {
  if (!access) throw new Error('lockInstitution() without an Access');
  await transaction.query('SELECT 1 FROM institution WHERE rid = $1::bigint FOR UPDATE', [rid]);
  return (await standings(access, transaction, [rid])).get(rid);
}

/** What an institution has from now on; with none, its tokens and sessions are dead for good. */
export async function setServices(
  access: Access,
  transaction: Queryable,
  rid: bigint,
  services: number,
): Promise<void> {
  if (!access?.isSystem) throw new Error('services follow from contracts');
  await transaction.query('UPDATE institution SET services = $2::smallint WHERE rid = $1::bigint', [rid, services]);
}

const REGISTERED = Object.freeze({ 'medical-cooperation': 'a.medical', 'care-cooperation': 'a.care' });
export type CooperationName = keyof typeof REGISTERED;

export interface CooperationAsked {
  readonly networks: readonly bigint[];
  readonly others: readonly bigint[];
  readonly carers?: boolean;
}

/**
 * Which of these institutions take part in a cooperation with the caller now: by their contract, and as the hospital of one of the networks or
 * registered by it for this. With the operator everybody does.
 *
 * @param networks  hospitals (rids) in whose network the caller is for the cooperation
 * @param carers  only institutions that are no medical ones
 */
export async function cooperating(
  access: Access,
  database: Queryable,
  service: CooperationName,
  { networks, others, carers }: CooperationAsked,
): Promise<ReadonlySet<bigint>> {
  if (!access) throw new Error('cooperating() without an Access');
  const { rows } = await database.query<{ rid: bigint }>(
    `SELECT o.rid FROM institution o WHERE o.rid = ANY($1::bigint[]) AND (o.kind = 'operator' OR (o.services & ${SERVICES[service]} <> 0
       AND (NOT $3::boolean OR o.kind NOT IN ('cooperating-hospital', 'medical')) AND (o.rid = ANY($2::bigint[]) OR EXISTS (
         SELECT 1 FROM affiliation a WHERE a.member = o.rid AND a.hospital = ANY($2::bigint[])
         AND ${REGISTERED[service]} AND a.active AND a.starts <= now() AND a.ends > now()))))`,
    [bigints(others), bigints(networks), carers ?? false],
  );
  return new Set(rows.map(({ rid }) => rid));
}

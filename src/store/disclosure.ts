import type { Access } from '../access/access.ts';
import { type Queryable, textArray } from './database.ts';
import { Values } from './sql.ts';

/** Personal information of users that was given to a third party (Art. 17, 2). Times in epoch milliseconds. */
export interface Disclosure {
  readonly id: string;
  readonly at: number;
  /** `subcontractor`, `statistics`, `inquiry`, `protection` or `emergency`. */
  readonly ground: string;
  readonly recipient: string;
  readonly classes: readonly string[];
  readonly purpose: string;
  readonly legalReference: string | null;
  /** rid: whose users; null: of all. */
  readonly institution: bigint | null;
  /** Accounts; none: all of the institution. */
  readonly persons: readonly string[];
  readonly requester: string;
  readonly requesterName: string;
  readonly approver: string | null;
  readonly approverName: string;
  /** `2027-01-31`, or `infinity`; null: no secret. */
  readonly secretUntil: string | null;
}

export interface DisclosureRecord extends Disclosure {
  readonly institutionId: string | null;
  readonly institutionName: string | null;
}

export async function insertDisclosure(access: Access, transaction: Queryable, one: Disclosure): Promise<void> {
  if (!access) throw new Error('insertDisclosure() without an Access');
  await transaction.query(
    `INSERT INTO disclosure (id, at, ground, recipient, classes, purpose, legal_reference, institution, persons, requester, requester_name, approver,
       approver_name, secret_until)
     VALUES ($1::uuid, $2::timestamptz, $3, $4, $5::text[], $6, $7, $8::bigint, $9::text[]::uuid[], $10, $11, $12::uuid, $13, $14::text::date)`,
    [
      one.id,
      new Date(one.at),
      one.ground,
      one.recipient,
      textArray(one.classes),
      one.purpose,
      one.legalReference,
      one.institution,
      textArray(one.persons),
      one.requester,
      one.requesterName,
      one.approver,
      one.approverName,
      one.secretUntil,
    ],
  );
}

export interface DisclosuresAsked {
  /** rid. */
  readonly institution: bigint | null;
  readonly from: number;
  readonly to: number;
  /** The calendar day now: what was secret until then is told. */
  readonly today: string;
  readonly limit: number;
}

/**
 * Newest first. The operator sees all; an institution's administrator and its systems what concerns the institution or one of its people; anybody else
 * what concerns that person or all of the institution; and each what concerns all users. What must be kept secret is the operator's alone until its day.
 */
export async function disclosures(
  access: Access,
  database: Queryable,
  { institution, from, to, today, limit }: DisclosuresAsked,
): Promise<DisclosureRecord[]> {
  const { caller } = access;
  if (!caller) throw new Error('disclosures() without a caller');
  const values = new Values();
  let persons = 'd.persons';
  const where = [
    `d.at >= ${values.add(new Date(from), 'timestamptz')} AND d.at < ${values.add(new Date(to), 'timestamptz')}`,
  ];
  if (institution !== null) where.push(`d.institution = ${values.add(institution, 'bigint')}`);
  if (caller.kind !== 'operator') {
    // Of all users: of everybody's. Statistics are of nobody.
    where.push(
      `(d.institution = ${values.add(caller.organization, 'bigint')} OR d.institution IS NULL AND d.ground <> 'statistics')`,
    );
    where.push(`(d.secret_until IS NULL OR d.secret_until <= ${values.add(today, 'text')}::date)`);
    if (caller.person && !caller.person.roles.includes('administrator')) {
      const self = `ARRAY[${values.add(caller.person.id, 'uuid')}]`;
      where.push(`(cardinality(d.persons) = 0 OR d.persons @> ${self})`);
      // Who else it was about is for those to know.
      persons = `CASE WHEN cardinality(d.persons) = 0 THEN d.persons ELSE ${self} END`;
    }
  }
  const { rows } = await database.query<DisclosureRecord>(
    `SELECT d.id::text, (extract(epoch FROM d.at) * 1000)::float8 AS at, d.ground, d.recipient, d.classes, d.purpose, d.legal_reference AS "legalReference",
       d.institution, (${persons})::text[] AS persons, d.requester, d.requester_name AS "requesterName", d.approver::text, d.approver_name AS "approverName",
       d.secret_until::text AS "secretUntil", i.id AS "institutionId", i.name AS "institutionName"
     FROM disclosure d LEFT JOIN institution i ON i.rid = d.institution
     WHERE ${where.join(' AND ')} ORDER BY d.at DESC, d.id LIMIT ${values.add(limit, 'int')}`,
    values.list,
  );
  return rows;
}

/** Which of these accounts belong to an institution. */
export async function accountsOf(
  access: Access,
  database: Queryable,
  institution: bigint,
  persons: readonly string[],
): Promise<Set<string>> {
  if (!access) throw new Error('accountsOf() without an Access');
  const { rows } = await database.query<{ id: string }>(
    'SELECT id::text FROM person WHERE institution = $1::bigint AND id = ANY($2::text[]::uuid[])',
    [institution, textArray(persons)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The operator's people who may approve: living accounts with its role. */
export async function approvers(
  access: Access,
  database: Queryable,
): Promise<{ readonly id: string; readonly name: string }[]> {
  if (!access) throw new Error('approvers() without an Access');
  const { rows } = await database.query<{ id: string; name: string }>(
    `SELECT p.id::text, p.name FROM person p JOIN institution i ON i.rid = p.institution
     WHERE i.kind = 'operator' AND p.active AND p.suspended_at IS NULL AND p.roles @> ARRAY['operator']`,
  );
  return rows;
}

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly login: string;
  readonly roles: readonly string[];
  readonly institutionName: string;
  readonly kind: string;
  readonly lastLogin: number | null;
}

const USERS = `FROM person p JOIN institution i ON i.rid = p.institution
     WHERE p.active AND p.suspended_at IS NULL AND i.kind <> 'operator'`;

/** People who may come in, by login, for the operator's own purposes. */
export async function usersAfter(
  access: Access,
  database: Queryable,
  after: string,
  limit: number,
): Promise<UserRow[]> {
  if (!access) throw new Error('usersAfter() without an Access');
  const { rows } = await database.query<UserRow>(
    `SELECT p.id::text, p.name, p.login, p.roles, i.name AS "institutionName", i.kind,
       (extract(epoch FROM p.last_login_at) * 1000)::float8 AS "lastLogin"
     ${USERS} AND p.login > $1 ORDER BY p.login LIMIT $2::int`,
    [after, limit],
  );
  return rows;
}

export interface UnnamedUserRow extends Pick<UserRow, 'kind' | 'roles'> {
  /** Where it stands in the list, 64 hexadecimal digits: from it nobody can be told without the secret, and none by asking for what comes next. */
  readonly place: string;
}

/** The same without anything that says who they are, in an order that says nothing either, and in which each keeps its place. */
export async function unnamedUsersAfter(
  access: Access,
  database: Queryable,
  secret: string,
  after: string,
  limit: number,
): Promise<UnnamedUserRow[]> {
  if (!access) throw new Error('unnamedUsersAfter() without an Access');
  const { rows } = await database.query<UnnamedUserRow>(
    `SELECT u.* FROM (SELECT encode(sha256(convert_to($1::text || p.id, 'UTF8')), 'hex') COLLATE "C" AS place, p.roles, i.kind ${USERS}) u
     WHERE u.place > $2 ORDER BY u.place LIMIT $3::int`,
    [`survey ${secret}`, after, limit],
  );
  return rows;
}

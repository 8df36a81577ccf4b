import type { Access } from '../access/access.ts';
import { administers } from '../access/administers.ts';
import { type Queryable, textArray } from './database.ts';

/** How a person stands: invited and without a password yet, at work, disabled by the administrator, or suspended until the operator lifts it. */
export type PersonStanding = 'invited' | 'active' | 'disabled' | 'suspended';

/** A person as those see it who look after the institution. Times in epoch milliseconds. */
export interface PersonRow {
  readonly id: string;
  readonly institution: bigint;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly practitioner: bigint | null;
  readonly practitioner_id: string | null;
  readonly practitioner_role_id: string | null;
  readonly standing: PersonStanding;
  readonly created_at: number;
  readonly last_login_at: number | null;
  readonly failures: number;
  readonly reviewed_at: number;
  /** Kinds of second factor. */
  readonly factors: readonly string[];
  /** When an invitation ends that nobody has taken yet. */
  readonly invited_until: number | null;
}

const COLUMNS = `
  p.id, p.institution, p.login, p.name, p.roles, p.practitioner, p.practitioner_id, p.practitioner_role_id,
  CASE WHEN p.suspended_at IS NOT NULL THEN 'suspended' WHEN NOT p.active THEN 'disabled' WHEN p.password IS NULL THEN 'invited'
    ELSE 'active' END AS standing,
  p.created_at, p.last_login_at, p.failures, p.reviewed_at,
  ARRAY(SELECT f.kind FROM factor f WHERE f.person = p.id GROUP BY f.kind ORDER BY f.kind) AS factors,
  (SELECT n.expires_at FROM invitation n WHERE n.person = p.id) AS invited_until`;

export interface NewPerson {
  readonly id: string;
  /** rid of the institution. */
  readonly institution: bigint;
  /** Folded. */
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly practitioner: bigint;
  readonly practitionerId: string;
  readonly practitionerRoleId: string;
  readonly now: number;
}

/** The caller must look after the institution; else nothing is done, as if there were none. */
export async function insertPerson(
  access: Access,
  transaction: Queryable,
  person: NewPerson,
): Promise<'made' | 'login-taken' | 'practitioner-taken' | 'no-institution'> {
  if (!access) throw new Error('insertPerson() without an Access');
  if (!administers(access, person.institution)) return 'no-institution';
  const { count } = await transaction.query(
    `INSERT INTO person (id, institution, login, name, roles, practitioner, practitioner_id, practitioner_role_id, created_at, reviewed_at)
     SELECT $1::uuid, i.rid, $3, $4, $5::text[], $6::bigint, $7, $8, $9, $9 FROM institution i WHERE i.rid = $2::bigint
     ON CONFLICT DO NOTHING`,
    [
      person.id,
      person.institution,
      person.login,
      person.name,
      textArray(person.roles),
      person.practitioner,
      person.practitionerId,
      person.practitionerRoleId,
      new Date(person.now),
    ],
  );
  if (count === 1) return 'made';
  const { rows } = await transaction.query<{ login: boolean; institution: boolean }>(
    `SELECT EXISTS (SELECT FROM person WHERE login = $1) AS login, EXISTS (SELECT FROM institution WHERE rid = $2::bigint) AS institution`,
    [person.login, person.institution],
  );
  return !rows[0]?.institution ? 'no-institution' : rows[0].login ? 'login-taken' : 'practitioner-taken';
}

/** An institution that the caller looks after. */
export interface Administered {
  readonly rid: bigint;
  readonly id: string;
  readonly kind: string;
  readonly name: string;
}

/** Undefined where there is none, or the caller does not look after it. The operator's own is one without an Organization. */
export async function findAdministered(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<Administered | undefined> {
  if (!access) throw new Error('findAdministered() without an Access');
  if (!administers(access, institution)) return undefined;
  const { rows } = await database.query<Administered>(
    'SELECT rid, id, kind, name FROM institution WHERE rid = $1::bigint',
    [institution],
  );
  return rows[0];
}

/**
 * The person for whom a Practitioner stands, locked; undefined where there is none, or the caller does not look after the institution.
 *
 * @param practitioner  rid
 */
export async function lockAdministered(
  access: Access,
  transaction: Queryable,
  practitioner: bigint,
): Promise<PersonRow | undefined> {
  if (!access) throw new Error('lockAdministered() without an Access');
  const { rows } = await transaction.query<PersonRow>(
    `SELECT ${COLUMNS} FROM person p WHERE p.practitioner = $1::bigint FOR NO KEY UPDATE OF p`,
    [practitioner],
  );
  const row = rows[0];
  return row && administers(access, row.institution) ? row : undefined;
}

/** The people of an institution by their logins. @param page.due  only those whose roles were not confirmed since then, epoch milliseconds */
export async function listPeople(
  access: Access,
  database: Queryable,
  institution: bigint,
  page: { readonly after: string; readonly limit: number; readonly due: number | null },
): Promise<readonly PersonRow[]> {
  if (!access) throw new Error('listPeople() without an Access');
  if (!administers(access, institution)) return [];
  const { rows } = await database.query<PersonRow>(
    `SELECT ${COLUMNS} FROM person p
     WHERE p.institution = $1::bigint AND p.login > $2 AND ($4::timestamptz IS NULL OR (p.reviewed_at <= $4::timestamptz AND p.active))
     ORDER BY p.login LIMIT $3`,
    [institution, page.after, page.limit, page.due === null ? null : new Date(page.due)],
  );
  return rows;
}

/**
 * The administrators of an institution (of the operator's: its people with that role) who can log in, all locked: of two who leave at once, the
 * second sees that the first has.
 */
export async function lockAdministrators(
  access: Access,
  transaction: Queryable,
  institution: bigint,
  role: 'administrator' | 'operator' = 'administrator',
): Promise<readonly string[]> {
  if (!access) throw new Error('lockAdministrators() without an Access');
  const { rows } = await transaction.query<{ id: string }>(
    `SELECT id FROM person WHERE institution = $1::bigint AND $2 = ANY (roles) AND active AND suspended_at IS NULL
       AND password IS NOT NULL ORDER BY id FOR NO KEY UPDATE`,
    [institution, role],
  );
  return rows.map(({ id }) => id);
}

/** What an administrator changes on an account; what is left out stays. */
export interface Rights {
  readonly roles?: readonly string[];
  readonly active?: boolean;
  /** Epoch milliseconds. */
  readonly reviewedAt?: number;
  readonly practitionerRoleId?: string;
  /** All that belongs to the account as it was so far is to die: tokens, sessions, grants. */
  readonly anew?: boolean;
}

/** With the person locked. */
export async function putRights(
  access: Access,
  transaction: Queryable,
  person: PersonRow,
  rights: Rights,
): Promise<void> {
  if (!access) throw new Error('putRights() without an Access');
  if (!administers(access, person.institution)) throw new Error('putRights() for an institution of others');
  const { roles, active, reviewedAt, practitionerRoleId, anew = false } = rights;
  await transaction.query(
    `UPDATE person SET roles = coalesce($2::text[], roles), active = coalesce($3::boolean, active),
       reviewed_at = coalesce($4::timestamptz, reviewed_at), practitioner_role_id = coalesce($5::text, practitioner_role_id),
       generation = generation + $6::int
     WHERE id = $1::uuid`,
    [
      person.id,
      roles ? textArray(roles) : null,
      active ?? null,
      reviewedAt === undefined ? null : new Date(reviewedAt),
      practitionerRoleId ?? null,
      anew ? 1 : 0,
    ],
  );
}

/** Whether there is an account for which this Practitioner (rid) stands. */
export async function standsForSomebody(access: Access, database: Queryable, practitioner: bigint): Promise<boolean> {
  if (!access) throw new Error('standsForSomebody() without an Access');
  const { rows } = await database.query('SELECT 1 FROM person WHERE practitioner = $1::bigint', [practitioner]);
  return rows.length > 0;
}

import type { Access } from '../access/access.ts';
import { type Queryable, textArray } from './database.ts';
import { ACCOUNT_COLUMNS, type AccountRow, LIVE_ACCOUNT } from './person.ts';
import { admits } from './terminal.ts';

/** A session as it is stored, with the account and all that decides what is still asked of the person. Times in epoch milliseconds. */
export interface SessionRow extends AccountRow {
  readonly session: string;
  readonly created_at: number;
  readonly seen_at: number;
  readonly authenticated_at: number;
  readonly strong: boolean;
  readonly amr: readonly string[];
  readonly address: string;
  /** The login before this one. */
  readonly last_login_at: number | null;
  readonly failures: number;
}

export interface NewSession {
  readonly id: string;
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  readonly person: string;
  readonly now: number;
  /** Milliseconds. */
  readonly idle: number;
  readonly life: number;
  readonly amr: readonly string[];
  readonly address: string;
  readonly agent: string;
  /** SHA-256 of that of the connection, base64url. */
  readonly certificate?: string | undefined;
}

/** How exactly `seen_at` is kept: a write a minute is enough. */
const SEEN = `interval '1 minute'`;

const ms = (parameter: string) => `${parameter}::float8 * interval '1 millisecond'`;

/**
 * Begins a session of a person whose account is alive and whose password is still the one that was compared, at a terminal where the institution
 * demands one; false otherwise.
 */
export async function insertSession(
  access: Access,
  transaction: Queryable,
  session: NewSession,
  password: string,
): Promise<boolean> {
  if (!access) throw new Error('insertSession() without an Access');
  const { id, hash, person, now, idle, life, amr, address, agent, certificate = null } = session;
  const { count } = await transaction.query(
    `INSERT INTO session (id, hash, person, person_generation, institution_generation, created_at, seen_at, idle_at, expires_at,
       authenticated_at, strong, amr, address, agent)
     SELECT $1::uuid, $2, p.id, p.generation, i.generation, $4, $4, least($4::timestamptz + ${ms('$5')}, $4::timestamptz + ${ms('$6')}),
       $4::timestamptz + ${ms('$6')}, $4, false, $7::text[], $8, $9
     FROM person p JOIN institution i ON i.rid = p.institution
     WHERE p.id = $3::uuid AND p.password = $10::text AND ${LIVE_ACCOUNT} AND ${admits('i', '$11::text')}`,
    [id, hash, person, new Date(now), idle, life, textArray(amr), address, agent, password, certificate],
  );
  return count === 1;
}

/** What a session is looked for with. */
export interface Sought {
  readonly now: number;
  /** Milliseconds. */
  readonly idle: number;
  /** SHA-256 of that of the connection, base64url; null: it has none. Undefined: whether it is at a terminal was looked at before. */
  readonly certificate?: string | null | undefined;
}

/**
 * The session of a token that is not over, and nobody shut out on the way from it to the institution; that it was used is noted in the same
 * statement, at most once a minute.
 */
export async function findSession(
  access: Access,
  database: Queryable,
  hash: string,
  { now, idle, certificate }: Sought,
): Promise<SessionRow | undefined> {
  if (!access) throw new Error('findSession() without an Access');
  const { rows } = await database.query<SessionRow>(
    `WITH found AS (
       SELECT s.id AS session, s.created_at, s.seen_at, s.authenticated_at, s.strong, s.amr, s.address, s.last_login_at, s.failures,
         ${ACCOUNT_COLUMNS}
       FROM session s
       JOIN person p ON p.id = s.person AND p.generation = s.person_generation
       JOIN institution i ON i.rid = p.institution AND i.generation = s.institution_generation
       WHERE s.hash = $1 AND s.idle_at > $2::timestamptz AND s.expires_at > $2::timestamptz AND ${LIVE_ACCOUNT}
         AND ($4::boolean OR ${admits('i', '$5::text')})),
     touched AS (
       UPDATE session s SET seen_at = $2, idle_at = least($2::timestamptz + ${ms('$3')}, s.expires_at)
       FROM found WHERE s.id = found.session AND s.seen_at <= $2::timestamptz - ${SEEN})
     SELECT * FROM found`,
    [hash, new Date(now), idle, certificate === undefined, certificate ?? null],
  );
  return rows[0];
}

/** That sessions were used, by requests that carry tokens of theirs. What is over stays over. */
export async function touchSessions(
  access: Access,
  database: Queryable,
  ids: readonly string[],
  { now, idle }: { readonly now: number; readonly idle: number },
): Promise<void> {
  if (!access) throw new Error('touchSessions() without an Access');
  await database.query(
    `UPDATE session SET seen_at = $2, idle_at = least($2::timestamptz + ${ms('$3')}, expires_at)
     WHERE id = ANY ($1::uuid[]) AND idle_at > $2::timestamptz AND seen_at <= $2::timestamptz - ${SEEN}`,
    [ids, new Date(now), idle],
  );
}

/** What a proof changes: the token always, so that nobody who knew the old one has the new rights. */
export interface Proof {
  readonly session: string;
  readonly from: string;
  readonly to: string;
  /** When it was given; null: the person proved nothing, as after a change of the password. */
  readonly at: number | null;
  readonly strong: boolean;
  readonly amr: readonly string[];
}

/** False where the token is not the session's any more: another proof was faster, or it has ended. */
export async function rotateSession(access: Access, transaction: Queryable, proof: Proof): Promise<boolean> {
  if (!access) throw new Error('rotateSession() without an Access');
  const { session, from, to, at, strong, amr } = proof;
  const { count } = await transaction.query(
    `UPDATE session SET hash = $3, strong = strong OR $5::boolean, authenticated_at = coalesce($4::timestamptz, authenticated_at),
       amr = ARRAY(SELECT word FROM unnest(amr || $6::text[]) WITH ORDINALITY AS one (word, place) GROUP BY word ORDER BY min(place))
     WHERE id = $1::uuid AND hash = $2`,
    [session, from, to, at === null ? null : new Date(at), strong, textArray(amr)],
  );
  return count === 1;
}

/** True where it was there. */
export async function deleteSession(access: Access, database: Queryable, hash: string): Promise<boolean> {
  if (!access) throw new Error('deleteSession() without an Access');
  const { count } = await database.query('DELETE FROM session WHERE hash = $1', [hash]);
  return count === 1;
}

/** Ends sessions of a person: one, or all but one, or all. How many there were. */
export async function deleteSessions(
  access: Access,
  database: Queryable,
  person: string,
  { only = null, except = null }: { readonly only?: string | null; readonly except?: string | null } = {},
): Promise<number> {
  if (!access) throw new Error('deleteSessions() without an Access');
  const { count } = await database.query(
    `DELETE FROM session WHERE person = $1::uuid AND ($2::uuid IS NULL OR id = $2::uuid) AND ($3::uuid IS NULL OR id <> $3::uuid)`,
    [person, only, except],
  );
  return count;
}

export interface ListedSession {
  readonly id: string;
  readonly created_at: number;
  readonly seen_at: number;
  readonly address: string;
  readonly agent: string;
  readonly strong: boolean;
}

/** The living sessions of a person, the one used last first. */
export async function listSessions(
  access: Access,
  database: Queryable,
  person: string,
  now: number,
): Promise<readonly ListedSession[]> {
  if (!access) throw new Error('listSessions() without an Access');
  const { rows } = await database.query<ListedSession>(
    `SELECT s.id, s.created_at, s.seen_at, s.address, s.agent, s.strong
     FROM session s JOIN person p ON p.id = s.person AND p.generation = s.person_generation
     JOIN institution i ON i.rid = p.institution AND i.generation = s.institution_generation
     WHERE s.person = $1::uuid AND s.idle_at > $2::timestamptz AND s.expires_at > $2::timestamptz
     ORDER BY s.seen_at DESC, s.id`,
    [person, new Date(now)],
  );
  return rows;
}

/** Rows whose time is over go a few at a time. Those that only idled stay until then: tokens may still refer to them. */
export async function sweepSessions(access: Access, database: Queryable, now: number): Promise<void> {
  if (!access) throw new Error('sweepSessions() without an Access');
  await database.query(
    `DELETE FROM session WHERE id IN (
       SELECT id FROM session WHERE expires_at <= $1::timestamptz ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`,
    [new Date(now)],
  );
}

import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { admits } from './terminal.ts';

/** An account with its institution, and what decides on the steps of a login. Times in epoch milliseconds. */
export interface AccountRow {
  readonly id: string;
  readonly institution: bigint;
  readonly institution_id: string;
  readonly institution_name: string;
  readonly kind: string;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly practitioner: bigint | null;
  readonly practitioner_id: string | null;
  readonly password_at: number | null;
  readonly password_long: boolean;
  /** Kinds of second factor that are set up. */
  readonly factors: readonly string[];
  /** Recovery codes that are left. */
  readonly recovery: number;
}

/** Columns of an AccountRow, with `p` the person and `i` the institution. */
export const ACCOUNT_COLUMNS = `
  p.id, p.institution, i.id AS institution_id, i.name AS institution_name, i.kind, p.login, p.name, p.roles, p.practitioner,
  p.practitioner_id, p.password_at, p.password_long,
  ARRAY(SELECT f.kind FROM factor f WHERE f.person = p.id GROUP BY f.kind ORDER BY f.kind) AS factors,
  (SELECT count(*)::int FROM recovery_code r WHERE r.person = p.id AND r.used_at IS NULL) AS recovery`;

/** Who may come in at all: neither the person nor the institution is shut out, and there is a contract. */
export const LIVE_ACCOUNT = `p.active AND p.suspended_at IS NULL AND i.active AND i.suspended_at IS NULL
  AND (i.services <> 0 OR i.kind = 'operator')`;

/** What a login is compared with. */
export interface Candidate {
  readonly id: string;
  readonly institution: bigint;
  readonly practitioner: bigint | null;
  readonly practitioner_id: string | null;
  /** PHC string; null where none was chosen. */
  readonly password: string | null;
  /** Whether the person has logged in from this address before. */
  readonly familiar: boolean;
  readonly alive: boolean;
  /** Whether the institution lets people in on this connection: at its terminals only, where it demands them. */
  readonly admitted: boolean;
}

/**
 * @param address  as `networkOf` gives it
 * @param certificate  SHA-256 of that of the connection, base64url
 */
export async function findCandidate(
  access: Access,
  database: Queryable,
  login: string,
  address: string,
  certificate?: string,
): Promise<Candidate | undefined> {
  if (!access) throw new Error('findCandidate() without an Access');
  const { rows } = await database.query<Candidate>(
    `SELECT p.id, p.institution, p.practitioner, p.practitioner_id, ${LIVE_ACCOUNT} AS alive, ${admits('i', '$3::text')} AS admitted, p.password,
       EXISTS (SELECT FROM person_address a WHERE a.person = p.id AND a.address = $2) AS familiar
     FROM person p JOIN institution i ON i.rid = p.institution WHERE p.login = $1`,
    [login, address, certificate ?? null],
  );
  return rows[0];
}

/** Whether the person has logged in from this address before. */
export async function isFamiliar(
  access: Access,
  database: Queryable,
  person: string,
  address: string,
): Promise<boolean> {
  if (!access) throw new Error('isFamiliar() without an Access');
  const { rows } = await database.query('SELECT 1 FROM person_address WHERE person = $1::uuid AND address = $2', [
    person,
    address,
  ]);
  return rows.length > 0;
}

/** Whatever changes several rows of a person locks this one first. False where there is none. */
export async function lockPerson(access: Access, transaction: Queryable, person: string): Promise<boolean> {
  if (!access) throw new Error('lockPerson() without an Access');
  const { rows } = await transaction.query('SELECT 1 FROM person WHERE id = $1::uuid FOR NO KEY UPDATE', [person]);
  return rows.length > 0;
}

/** The account behind an id, alive or not. */
export async function findAccount(
  access: Access,
  database: Queryable,
  person: string,
): Promise<AccountRow | undefined> {
  if (!access) throw new Error('findAccount() without an Access');
  const { rows } = await database.query<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM person p JOIN institution i ON i.rid = p.institution WHERE p.id = $1::uuid`,
    [person],
  );
  return rows[0];
}

/** How long an address stays familiar, and how many a person has at most. */
const FAMILIAR = `interval '90 days'`;
const MOST_ADDRESSES = 20;

/**
 * A login with all that was asked. The session keeps when the one before was and what failed in between; the address is familiar from now
 * on. With the person locked.
 */
export async function recordLogin(
  access: Access,
  transaction: Queryable,
  { person, session, address, now }: { person: string; session: string; address: string; now: number },
): Promise<void> {
  if (!access) throw new Error('recordLogin() without an Access');
  const at = new Date(now);
  await Promise.all([
    transaction.query(
      `UPDATE session s SET last_login_at = p.last_login_at, failures = p.failures FROM person p
       WHERE s.id = $2::uuid AND p.id = $1::uuid`,
      [person, session],
    ),
    transaction.query('UPDATE person SET last_login_at = $2, failures = 0 WHERE id = $1::uuid', [person, at]),
    transaction.query(
      `DELETE FROM person_address WHERE person = $1::uuid AND address <> $3 AND (seen_at < $2::timestamptz - ${FAMILIAR} OR address IN (
         SELECT address FROM person_address WHERE person = $1::uuid AND address <> $3 ORDER BY seen_at DESC OFFSET ${MOST_ADDRESSES - 1}))`,
      [person, at, address],
    ),
    transaction.query(
      `INSERT INTO person_address (person, address, seen_at) VALUES ($1::uuid, $3, $2)
       ON CONFLICT (person, address) DO UPDATE SET seen_at = EXCLUDED.seen_at`,
      [person, at, address],
    ),
  ]);
}

/** A try that failed, for the person to be told at the next login. @param person  null: nobody's; the statement is the same */
export async function countFailure(access: Access, transaction: Queryable, person: string | null): Promise<void> {
  if (!access) throw new Error('countFailure() without an Access');
  await transaction.query('UPDATE person SET failures = failures + 1 WHERE id = $1::uuid', [person]);
}

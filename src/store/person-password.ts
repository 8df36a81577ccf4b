import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** The current password of a person as a PHC string, and the last ones before it, the newest first. */
export interface Passwords {
  readonly current: string | null;
  readonly former: readonly string[];
}

export async function findPasswords(
  access: Access,
  database: Queryable,
  person: string,
  former: number,
): Promise<Passwords | undefined> {
  if (!access) throw new Error('findPasswords() without an Access');
  const { rows } = await database.query<Passwords>(
    `SELECT password AS current, ARRAY(SELECT o.password FROM person_password o WHERE o.person = p.id ORDER BY o.until DESC LIMIT $2) AS former
     FROM person p WHERE id = $1::uuid`,
    [person, former],
  );
  return rows[0];
}

export interface NewPassword {
  readonly person: string;
  /** What it was when it was looked at. */
  readonly from: string | null;
  readonly to: string;
  /** Whether it is long enough to stand without a second factor. */
  readonly long: boolean;
  readonly now: number;
  /** How many former ones are kept. */
  readonly former: number;
}

/** Replaces the password, with the person locked. False where it is another one meanwhile. */
export async function replacePassword(access: Access, transaction: Queryable, change: NewPassword): Promise<boolean> {
  if (!access) throw new Error('replacePassword() without an Access');
  const { person, from, to, long, now, former } = change;
  const at = new Date(now);
  const { count } = await transaction.query(
    `UPDATE person SET password = $3, password_at = $5, password_long = $4
     WHERE id = $1::uuid AND password IS NOT DISTINCT FROM $2::text`,
    [person, from, to, long, at],
  );
  if (count === 0) return false;
  if (from !== null) await keepFormer(transaction, { person, password: from, at, former });
  return true;
}

/** The same password under another cost or secret. Nothing where it is another one meanwhile. */
export async function rehashPassword(
  access: Access,
  transaction: Queryable,
  { person, from, to }: { readonly person: string; readonly from: string; readonly to: string },
): Promise<void> {
  if (!access) throw new Error('rehashPassword() without an Access');
  await transaction.query('UPDATE person SET password = $3 WHERE id = $1::uuid AND password = $2', [person, from, to]);
}

/** Nobody's password any more: only an invitation leads in. It counts among the former ones. */
export async function clearPassword(
  access: Access,
  transaction: Queryable,
  { person, now, former }: { readonly person: string; readonly now: number; readonly former: number },
): Promise<void> {
  if (!access) throw new Error('clearPassword() without an Access');
  const { rows } = await transaction.query<{ password: string }>(
    'SELECT password FROM person WHERE id = $1::uuid AND password IS NOT NULL',
    [person],
  );
  await transaction.query(
    'UPDATE person SET password = NULL, password_at = NULL, password_long = false WHERE id = $1::uuid',
    [person],
  );
  if (rows[0]) await keepFormer(transaction, { person, password: rows[0].password, at: new Date(now), former });
}

async function keepFormer(
  transaction: Queryable,
  { person, password, at, former }: { person: string; password: string; at: Date; former: number },
): Promise<void> {
  await transaction.query('INSERT INTO person_password (person, until, password) VALUES ($1::uuid, $2, $3)', [
    person,
    at,
    password,
  ]);
  await transaction.query(
    `DELETE FROM person_password WHERE person = $1::uuid AND ctid NOT IN (
       SELECT ctid FROM person_password WHERE person = $1::uuid ORDER BY until DESC LIMIT $2)`,
    [person, former],
  );
}

/** Kids of the secrets with which anything of people was made: passwords, former ones, seeds, recovery codes, signing keys. */
export async function secretKids(access: Access, database: Queryable): Promise<readonly string[]> {
  if (!access) throw new Error('secretKids() without an Access');
  const { rows } = await database.query<{ kid: string }>(
    `SELECT DISTINCT kid FROM (
       SELECT substring(password FROM 'keyid=([A-Za-z0-9]+)') FROM person WHERE password IS NOT NULL
       UNION ALL SELECT substring(password FROM 'keyid=([A-Za-z0-9]+)') FROM person_password
       UNION ALL SELECT seed_kid FROM factor WHERE seed_kid IS NOT NULL
       UNION ALL SELECT kid FROM recovery_code WHERE used_at IS NULL
       UNION ALL SELECT sealed_kid FROM signing_key) AS one (kid) ORDER BY kid`,
  );
  return rows.map(({ kid }) => kid);
}

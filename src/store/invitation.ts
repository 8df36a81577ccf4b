import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { ACCOUNT_COLUMNS, type AccountRow, LIVE_ACCOUNT } from './person.ts';

/** An invitation in the place of the one before. @param invitation.hash  SHA-256 of the code, base64url; times in epoch milliseconds */
export async function putInvitation(
  access: Access,
  transaction: Queryable,
  invitation: { readonly person: string; readonly hash: string; readonly now: number; readonly ends: number },
): Promise<void> {
  if (!access) throw new Error('putInvitation() without an Access');
  const { person, hash, now, ends } = invitation;
  await transaction.query(
    `INSERT INTO invitation (person, hash, person_generation, institution_generation, created_at, expires_at)
     SELECT p.id, $2, p.generation, i.generation, $3, $4 FROM person p JOIN institution i ON i.rid = p.institution WHERE p.id = $1::uuid
     ON CONFLICT (person) DO UPDATE SET hash = EXCLUDED.hash, person_generation = EXCLUDED.person_generation,
       institution_generation = EXCLUDED.institution_generation, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at`,
    [person, hash, new Date(now), new Date(ends)],
  );
}

const ALIVE = `n.hash = $1 AND n.expires_at > $2::timestamptz AND n.person_generation = p.generation
  AND n.institution_generation = i.generation AND ${LIVE_ACCOUNT}`;

/** Whom it is for; undefined where it is unknown, used or over, or the person may not come in. */
export async function findInvitation(
  access: Access,
  database: Queryable,
  hash: string,
  now: number,
): Promise<AccountRow | undefined> {
  if (!access) throw new Error('findInvitation() without an Access');
  const { rows } = await database.query<AccountRow>(
    `SELECT ${ACCOUNT_COLUMNS} FROM invitation n JOIN person p ON p.id = n.person JOIN institution i ON i.rid = p.institution
     WHERE ${ALIVE}`,
    [hash, new Date(now)],
  );
  return rows[0];
}

/** Uses it up: true for exactly one of all who come with it. With the person locked. */
export async function useInvitation(
  access: Access,
  transaction: Queryable,
  hash: string,
  now: number,
): Promise<boolean> {
  if (!access) throw new Error('useInvitation() without an Access');
  const { count } = await transaction.query(
    `DELETE FROM invitation n USING person p, institution i WHERE p.id = n.person AND i.rid = p.institution AND ${ALIVE}`,
    [hash, new Date(now)],
  );
  return count === 1;
}

export async function deleteInvitation(access: Access, transaction: Queryable, person: string): Promise<void> {
  if (!access) throw new Error('deleteInvitation() without an Access');
  await transaction.query('DELETE FROM invitation WHERE person = $1::uuid', [person]);
}

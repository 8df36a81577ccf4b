import type { Access } from '../access/access.ts';
import { byteaArray, type Queryable } from './database.ts';

/** Times in epoch milliseconds. */
export interface RecoveryCodes {
  readonly created_at: number;
  readonly used_at: number | null;
  readonly left: number;
  readonly kids: readonly string[];
}

/** Undefined where the person has none, used or not. */
export async function findRecoveryCodes(
  access: Access,
  database: Queryable,
  person: string,
): Promise<RecoveryCodes | undefined> {
  if (!access) throw new Error('findRecoveryCodes() without an Access');
  const { rows } = await database.query<RecoveryCodes>(
    `SELECT min(created_at) AS created_at, max(used_at) AS used_at, (count(*) FILTER (WHERE used_at IS NULL))::int AS left,
       array_agg(DISTINCT kid) AS kids
     FROM recovery_code WHERE person = $1::uuid HAVING count(*) > 0`,
    [person],
  );
  return rows[0];
}

/** New codes in the place of all before. */
export async function replaceRecoveryCodes(
  access: Access,
  transaction: Queryable,
  codes: { readonly person: string; readonly kid: string; readonly hashes: readonly Buffer[]; readonly now: number },
): Promise<void> {
  if (!access) throw new Error('replaceRecoveryCodes() without an Access');
  await transaction.query('DELETE FROM recovery_code WHERE person = $1::uuid', [codes.person]);
  await transaction.query(
    `INSERT INTO recovery_code (person, hash, kid, created_at) SELECT $1::uuid, hash, $2, $3 FROM unnest($4::bytea[]) AS one (hash)`,
    [codes.person, codes.kid, new Date(codes.now), byteaArray(codes.hashes)],
  );
}

/** Uses a code up: true for exactly one of all who come with it. @param hashes  of the code under each secret that is in use */
export async function useRecoveryCode(
  access: Access,
  transaction: Queryable,
  person: string,
  hashes: readonly Buffer[],
  now: number,
): Promise<boolean> {
  if (!access) throw new Error('useRecoveryCode() without an Access');
  const { count } = await transaction.query(
    'UPDATE recovery_code SET used_at = $3 WHERE person = $1::uuid AND hash = ANY ($2::bytea[]) AND used_at IS NULL',
    [person, byteaArray(hashes), new Date(now)],
  );
  return count === 1;
}

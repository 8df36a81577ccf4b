import type { Queryable } from './database.ts';

/** Keys that sign ID tokens. The private half is sealed before it comes here. */
export interface SigningKeyRow {
  readonly kid: string;
  readonly alg: string;
  /** Epoch milliseconds, all three; the last is null for a key that is not replaced yet. */
  readonly made: number;
  readonly signs: number;
  readonly ends: number | null;
  readonly sealed: Buffer;
  /** Which secret it is sealed with. */
  readonly sealed_kid: string;
}

const MS = (column: string) => `extract(epoch FROM ${column})::float8 * 1000`;

/** Those that are published at this time, oldest first. */
export async function findSigningKeys(database: Queryable, now: number): Promise<readonly SigningKeyRow[]> {
  const { rows } = await database.query<SigningKeyRow>(
    `SELECT kid, alg, ${MS('made_at')} AS made, ${MS('signs_from')} AS signs, ${MS('ends_at')} AS ends, sealed, sealed_kid
     FROM signing_key WHERE ends_at IS NULL OR ends_at > $1 ORDER BY signs_from, kid`,
    [new Date(now)],
  );
  return rows;
}

export async function insertSigningKey(database: Queryable, key: Omit<SigningKeyRow, 'ends'>): Promise<void> {
  await database.query(
    'INSERT INTO signing_key (kid, alg, made_at, signs_from, sealed, sealed_kid) VALUES ($1, $2, $3, $4, $5, $6)',
    [key.kid, key.alg, new Date(key.made), new Date(key.signs), key.sealed, key.sealed_kid],
  );
}

/** Lets the keys of an algorithm end that signed before those of a time (epoch milliseconds), and forgets those that have ended. */
export async function endSigningKeys(
  database: Queryable,
  {
    alg,
    signs,
    ends,
    now,
  }: { readonly alg: string; readonly signs: number; readonly ends: number; readonly now: number },
): Promise<void> {
  await database.query(
    `WITH gone AS (DELETE FROM signing_key WHERE ends_at < $4)
     UPDATE signing_key SET ends_at = $3 WHERE alg = $1 AND signs_from < $2 AND ends_at IS NULL`,
    [alg, new Date(signs), new Date(ends), new Date(now)],
  );
}

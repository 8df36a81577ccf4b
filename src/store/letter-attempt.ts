import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/**
 * Takes note of a submission, unless there were so many of the letter after `since`: then answers when the oldest of those was. Counted under
 * the lock of the letter, so that asking in parallel is worth nothing.
 */
export async function reserveSubmission(
  access: Access,
  transaction: Queryable,
  letter: string,
  { now, since, most }: { readonly now: number; readonly since: number; readonly most: number },
): Promise<number | undefined> {
  if (!access) throw new Error('submissions need an Access');
  await transaction.query('SELECT 1 FROM letter WHERE id = $1::uuid FOR UPDATE', [letter]);
  const { rows } = await transaction.query<{ count: number; oldest: number | null }>(
    'SELECT count(*)::int AS count, min(at) AS oldest FROM letter_attempt WHERE letter = $1::uuid AND at > $2::timestamptz',
    [letter, new Date(since)],
  );
  const { count = 0, oldest = null } = rows[0] ?? {};
  if (count >= most) return oldest ?? now;
  await transaction.query(
    `WITH gone AS (DELETE FROM letter_attempt WHERE at < $2::timestamptz - interval '1 day')
     INSERT INTO letter_attempt (letter, at, client) VALUES ($1::uuid, $2::timestamptz, $3::text)`,
    [letter, new Date(now), access.behalf?.clientId ?? ''],
  );
  return undefined;
}

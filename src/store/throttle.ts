import type { Access } from '../access/access.ts';
import { float8Array, type Queryable, textArray } from './database.ts';

/** Times in milliseconds. */
export interface ThrottleLimit {
  /** So many tries may fail, or be under way, in a window that begins with the first; the last of them locks. */
  readonly failures: number;
  readonly window: number;
  /** How long the first lock lasts; each further one lasts twice as long. */
  readonly firstLock: number;
  readonly longestLock: number;
  /** So many may fail after a lock before the next. */
  readonly afterLock: number;
}

/** What is counted, and how often it may be. */
export interface Throttle {
  /** Says nothing of what it stands for: a hash. */
  readonly key: string;
  readonly limit: ThrottleLimit;
}

/** A try that was taken out of one limit. */
export interface Taken extends Throttle {
  /** The window it was taken from. */
  readonly since: number;
}

/**
 * Takes one try out of each limit, and commits: whoever guesses in parallel, from however many processes, gets no more than the limits
 * allow. It must not be called within a transaction: there it would hold for nobody else.
 *
 * @returns `full`: keys of the limits that have none left; then nothing was taken
 */
export async function takeTries(
  access: Access,
  database: Queryable,
  throttles: readonly Throttle[],
  now: number,
): Promise<{ readonly taken: readonly Taken[]; readonly full: readonly string[] }> {
  if (!access) throw new Error('takeTries() without an Access');
  const full = await fullOnes(database, throttles, now);
  if (full.length > 0) return { taken: [], full };
  // Rows are locked in the order of their keys, here and wherever several are changed, so that nobody waits in a circle.
  const { rows } = await database.query<{ key: string; since: number; free: number }>(
    `INSERT INTO throttle AS t (key, free, since, expires_at)
     SELECT key, most - 1, $4::timestamptz, $4::timestamptz + time * interval '1 millisecond'
     FROM unnest($1::text[], $2::float8[], $3::float8[]) AS one (key, most, time) ORDER BY key
     ON CONFLICT (key) DO UPDATE SET
       free = CASE WHEN ${OVER} THEN EXCLUDED.free ELSE greatest(t.free, 0) - 1 END,
       failures = CASE WHEN ${OVER} THEN 0 ELSE t.failures END,
       since = CASE WHEN ${OVER} THEN EXCLUDED.since ELSE t.since END,
       expires_at = CASE WHEN ${OVER} THEN EXCLUDED.expires_at ELSE t.expires_at END,
       lockouts = CASE WHEN ${OVER} THEN 0 ELSE t.lockouts END,
       locked_until = CASE WHEN ${OVER} THEN NULL ELSE t.locked_until END
     WHERE ${OVER} OR (t.free > 0 AND (t.locked_until IS NULL OR t.locked_until <= EXCLUDED.since))
     RETURNING key, extract(epoch FROM since)::float8 * 1000 AS since, free`,
    [
      textArray(throttles.map(({ key }) => key)),
      float8Array(throttles.map(({ limit }) => limit.failures)),
      float8Array(throttles.map(({ limit }) => limit.window)),
      new Date(now),
    ],
  );
  const taken = throttles.flatMap((one) => {
    const row = rows.find(({ key }) => key === one.key);
    return row ? [{ ...one, since: row.since }] : [];
  });
  if (taken.length === throttles.length) return { taken, full: [] };
  await giveBack(access, database, taken);
  return { taken: [], full: throttles.filter(({ key }) => !rows.some((row) => row.key === key)).map(({ key }) => key) };
}

/** Everything in the row belongs to a time that is over. */
const OVER = 't.expires_at <= EXCLUDED.since';

/** Who is over a limit is turned away on what is committed, without a write. */
async function fullOnes(database: Queryable, throttles: readonly Throttle[], now: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ key: string }>(
    `SELECT key FROM throttle WHERE key = ANY ($1::text[]) AND expires_at > $2::timestamptz
       AND (free <= 0 OR locked_until > $2::timestamptz)`,
    [textArray(throttles.map(({ key }) => key)), new Date(now)],
  );
  return rows.map(({ key }) => key);
}

/** The try succeeded and counts for nothing. Failures before it stand. */
export async function giveBack(access: Access, database: Queryable, taken: readonly Taken[]): Promise<void> {
  if (!access) throw new Error('giveBack() without an Access');
  if (taken.length === 0) return;
  await database.query(
    `WITH mine AS (
       SELECT t.key, most FROM throttle t
       JOIN unnest($1::text[], $2::float8[], $3::float8[]) AS one (key, most, since)
         ON one.key = t.key AND t.since = to_timestamp(one.since / 1000)
       ORDER BY t.key FOR UPDATE OF t)
     UPDATE throttle t SET free = least(t.free + 1, mine.most::int) FROM mine WHERE t.key = mine.key`,
    [
      textArray(taken.map(({ key }) => key)),
      float8Array(taken.map(({ limit }) => limit.failures)),
      float8Array(taken.map(({ since }) => since)),
    ],
  );
}

/**
 * The try failed: it stays taken. Where it was the last that may, this locks.
 *
 * @returns keys that are locked by it
 */
export async function failTries(
  access: Access,
  database: Queryable,
  taken: readonly Taken[],
  now: number,
): Promise<readonly string[]> {
  if (!access) throw new Error('failTries() without an Access');
  if (taken.length === 0) return [];
  const { rows } = await database.query<{ key: string; locks: boolean }>(
    `WITH mine AS (
       SELECT t.key, one.*, t.failures + 1 >= most AS locks,
         $6::timestamptz + least(first * 2 ^ least(t.lockouts, 20), longest) * interval '1 millisecond' AS until
       FROM throttle t
       JOIN unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $7::float8[]) AS one (name, most, time, first, longest, after)
         ON one.name = t.key
       ORDER BY t.key FOR UPDATE OF t)
     UPDATE throttle t SET
       failures = CASE WHEN locks THEN (most - after)::int ELSE t.failures + 1 END,
       free = CASE WHEN locks THEN after::int ELSE t.free END,
       lockouts = t.lockouts + locks::int,
       locked_until = CASE WHEN locks THEN until ELSE t.locked_until END,
       expires_at = CASE WHEN locks THEN until + time * interval '1 millisecond' ELSE t.expires_at END
     FROM mine WHERE t.key = mine.key
     RETURNING t.key, mine.locks`,
    [
      textArray(taken.map(({ key }) => key)),
      float8Array(taken.map(({ limit }) => limit.failures)),
      float8Array(taken.map(({ limit }) => limit.window)),
      float8Array(taken.map(({ limit }) => limit.firstLock)),
      float8Array(taken.map(({ limit }) => limit.longestLock)),
      new Date(now),
      float8Array(taken.map(({ limit }) => limit.afterLock)),
    ],
  );
  return rows.filter(({ locks }) => locks).map(({ key }) => key);
}

/**
 * The try succeeded: what protects whom it was about is forgotten, the rest is given back. All rows are locked in the order of their keys
 * before any is changed.
 *
 * @param forget  keys whose count is over, as whoever they protect has proved to be there
 */
export async function settleTries(
  access: Access,
  transaction: Queryable,
  taken: readonly Taken[],
  forget: readonly string[],
): Promise<void> {
  if (!access) throw new Error('settleTries() without an Access');
  const keys = [...taken.map(({ key }) => key), ...forget];
  await transaction.query('SELECT 1 FROM throttle WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE', [
    textArray(keys),
  ]);
  await transaction.query('DELETE FROM throttle WHERE key = ANY ($1::text[])', [textArray(forget)]);
  await giveBack(
    access,
    transaction,
    taken.filter(({ key }) => !forget.includes(key)),
  );
}

/**
 * Whether the audit is to say that somebody was turned away: for each key once in a while, however often it happens.
 *
 * @param pause  milliseconds
 */
export async function isToBeTold(
  access: Access,
  database: Queryable,
  keys: readonly string[],
  { now, pause }: { readonly now: number; readonly pause: number },
): Promise<boolean> {
  if (!access) throw new Error('isToBeTold() without an Access');
  const { count } = await database.query(
    `UPDATE throttle SET told_at = $2::timestamptz
     WHERE key = $1::text AND (told_at IS NULL OR told_at <= $2::timestamptz - $3::float8 * interval '1 millisecond')`,
    [[...keys].sort()[0], new Date(now), pause],
  );
  return count > 0;
}

/** Rows that count for nothing any more go a few at a time. A statement by itself: it waits for nobody. */
export async function sweepTries(access: Access, database: Queryable, now: number): Promise<void> {
  if (!access) throw new Error('sweepTries() without an Access');
  await database.query(
    `DELETE FROM throttle WHERE key IN (
       SELECT key FROM throttle WHERE expires_at < $1::timestamptz ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`,
    [new Date(now)],
  );
}

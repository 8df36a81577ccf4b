import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Database, Queryable } from './database.ts';
import {
  callerOf,
  KEYCODE_LOCKS,
  type KeycodeColumns,
  type KeycodeHash,
  type KeycodeRow,
  keycodeRow,
} from './keycode.ts';

/** So many failed attempts within so many milliseconds. */
export interface Limit {
  readonly failures: number;
  readonly window: number;
}

/** Times in milliseconds. */
export interface AttemptLimits {
  readonly client: Limit;
  /** Reaching it suspends the institution for `window` from its last failure on. */
  readonly institution: Limit;
  readonly everyone: Limit;
  /** Reaching it locks the keycode for `firstLock`, twice as long each further time; after `total` failures it is dead. */
  readonly keycode: Limit & { readonly firstLock: number; readonly longestLock: number; readonly total: number };
}

/** Why an institution may not even try, whatever the code. */
export interface Throttled {
  readonly by: 'client' | 'institution' | 'everyone';
  /** When it may try again. */
  readonly until: Date;
}

/** Why a code is not compared. */
export type Unfit =
  | 'unknown'
  | 'rotated'
  | 'revoked'
  | 'locked'
  | 'not-yet-valid'
  | 'expired'
  | 'locked-for-a-time'
  | 'busy';

/** An attempt that may go on, to a comparison or to none. */
export interface Admitted {
  readonly throttled?: undefined;
  readonly attempt: string;
  /** The row with the locator, whatever its state. */
  readonly keycode: KeycodeRow | null;
  /** Given only where the secret may be compared. */
  readonly hash: KeycodeHash | null;
  /** Why it may not. */
  readonly unfit: Unfit | null;
}

export type Reservation = Admitted | { readonly throttled: Throttled };

/**
 * Takes one attempt out of every limit before anything is hashed, and commits: whoever guesses in parallel, from however many
 * processes, gets no more than the limits allow. An attempt counts as a failure until it is released.
 *
 * One lock makes all reservations a queue (a millisecond each); a client or institution over its limit is turned away before the
 * queue, on what is committed. It must not be called within a transaction: there a reservation would hold for nobody else.
 */
export async function reserveAttempt(
  access: Access,
  database: Database,
  limits: AttemptLimits,
  request: { readonly locator: string; readonly now: Date },
): Promise<Reservation> {
  const { now, locator } = request;
  const turnedAway = await throttle(access, database, limits, now);
  if (turnedAway) return { throttled: turnedAway };
  return database.transaction(
    async (tx) => {
      // Sent together. Each statement sees what was committed when it begins, so the counts are not older than the lock.
      const queued = tx.query('SELECT pg_advisory_xact_lock($1, 0)', [KEYCODE_LOCKS]);
      const [, throttled] = await Promise.all([queued, throttle(access, tx, limits, now)]);
      return throttled ? { throttled } : admit(access, tx, limits, locator, now);
    },
    { isolation: 'read committed' },
  );
}

async function throttle(
  access: Access,
  database: Queryable,
  limits: AttemptLimits,
  now: Date,
): Promise<Throttled | null> {
  const { clientId, organization } = callerOf(access);
  const before = (limit: Limit) => new Date(now.getTime() - limit.window);
  const { rows } = await database.query<Counts>(
    `SELECT client.*, institution.*, everyone.*, last.*, suspending.*
     FROM (SELECT count(*)::int AS client, count(*) FILTER (WHERE failed)::int AS client_failed, min(at) AS client_oldest
         FROM keycode_attempt WHERE client = $1 AND at > $2) client,
       (SELECT count(*)::int AS institution, count(*) FILTER (WHERE failed)::int AS institution_failed, min(at) AS institution_oldest
         FROM keycode_attempt WHERE organization = $3 AND at > $4) institution,
       (SELECT count(*)::int AS everyone, count(*) FILTER (WHERE failed)::int AS everyone_failed, min(at) AS everyone_oldest
         FROM keycode_attempt WHERE at > $5) everyone,
       (SELECT max(at) AS last FROM keycode_attempt WHERE organization = $3 AND failed) last,
       LATERAL (SELECT count(*)::int AS suspending FROM keycode_attempt
         WHERE organization = $3 AND failed AND at > last.last - $6::double precision * interval '1 millisecond') suspending`,
    [
      clientId,
      before(limits.client),
      organization,
      before(limits.institution),
      before(limits.everyone),
      limits.institution.window,
    ],
  );
  const counts = rows[0]!;
  const after = (at: number | null, limit: Limit) => new Date((at ?? 0) + limit.window);
  const suspendedUntil = after(counts.last, limits.institution);
  if (counts.suspending >= limits.institution.failures && suspendedUntil > now)
    return { by: 'institution', until: suspendedUntil };
  for (const by of ['client', 'institution', 'everyone'] as const) {
    const { failures } = limits[by];
    if (counts[by] < failures) continue;
    // Where it is full only with what is still under way, there will be room when that has succeeded.
    const until =
      counts[`${by}_failed`] < failures ? new Date(now.getTime() + SOON) : after(counts[`${by}_oldest`], limits[by]);
    return { by, until };
  }
  return null;
}

/** About how long an attempt takes when others are waiting, in milliseconds. */
const SOON = 1000;

type By = Throttled['by'];
/** Attempts in each window, how many of them are over and failed, and the time of the oldest (epoch milliseconds). */
type Counts = Readonly<Record<By | `${By}_failed`, number>> &
  Readonly<Record<`${By}_oldest`, number | null>> & {
    /** When the institution last failed, and how often in the window before that. */
    readonly last: number | null;
    readonly suspending: number;
  };

async function admit(
  access: Access,
  tx: Queryable,
  limits: AttemptLimits,
  locator: string,
  now: Date,
): Promise<Admitted> {
  const { clientId, organization } = callerOf(access);
  const { rows } = await tx.query<KeycodeColumns & { failed: number; pending: number }>(
    `SELECT k.*, recent.* FROM keycode k,
       LATERAL (SELECT count(*) FILTER (WHERE a.failed)::int AS failed, count(*) FILTER (WHERE NOT a.failed)::int AS pending
         FROM keycode_attempt a WHERE a.keycode = k.id AND a.at > $2) recent
     WHERE k.locator = $1`,
    [locator, new Date(now.getTime() - limits.keycode.window)],
  );
  const row = rows[0];
  const keycode = row ? keycodeRow(row) : null;
  const unfit = row && keycode ? unfitness(keycode, row, limits.keycode, now) : 'unknown';
  const attempt = randomUUID();
  // What no limit asks for any more goes when something comes; two windows, as a suspension looks back from the last failure.
  const oldest = new Date(now.getTime() - 2 * limits.institution.window);
  await tx.query(
    `WITH gone AS (DELETE FROM keycode_attempt WHERE at < $6)
     INSERT INTO keycode_attempt (id, at, organization, client, keycode) VALUES ($1, $2, $3, $4, $5)`,
    [attempt, now, organization, clientId, unfit ? null : keycode?.id, oldest],
  );
  // Copies: the driver's buffers are parts of what it received.
  const hash =
    !row || unfit ? null : { locator, hash: Buffer.from(row.hash), salt: Buffer.from(row.salt), kid: row.pepper_kid };
  return { attempt, keycode, hash, unfit };
}

function unfitness(
  keycode: KeycodeRow,
  recent: { readonly failed: number; readonly pending: number },
  limit: AttemptLimits['keycode'],
  now: Date,
): Unfit | null {
  const ended = notRedeemable(keycode, now);
  if (ended) return ended;
  // No more at once than may fail before the next lock; after a lock, one at a time.
  const places = Math.max(1, limit.failures - recent.failed);
  if (recent.pending >= places || keycode.failCount + recent.pending >= limit.total) return 'busy';
  return null;
}

/** Whether its own state or a date forbids to redeem it now. */
export function notRedeemable(keycode: KeycodeRow, now: Date): Unfit | null {
  if (keycode.status !== 'active') return keycode.status;
  if (keycode.notBefore && keycode.notBefore > now) return 'not-yet-valid';
  if (keycode.expiresAt <= now) return 'expired';
  if (keycode.lockedUntil && keycode.lockedUntil > now) return 'locked-for-a-time';
  return null;
}

/** What a failure did to the keycode, for those who must be told. */
export interface Consequence {
  readonly lockedUntil: Date | null;
  /** It has failed too often and is dead. Grants stay. */
  readonly dead: boolean;
}

/**
 * The attempt failed. Where it was compared with a keycode (which must then be locked in the transaction), this counts against it.
 * Commit it: what is rolled back here goes on counting against client and institution, but does not lock the keycode.
 */
export async function failAttempt(
  access: Access,
  tx: Queryable,
  limits: AttemptLimits,
  attempt: string,
  now: Date,
): Promise<Consequence | null> {
  callerOf(access);
  const failed = await tx.query<{ keycode: string | null }>(
    'UPDATE keycode_attempt SET failed = true WHERE id = $1 AND NOT failed RETURNING keycode',
    [attempt],
  );
  const keycode = failed.rows[0]?.keycode;
  if (!keycode) return null;
  const limit = limits.keycode;
  const { rows } = await tx.query<KeycodeColumns & { lockout: boolean; dead: boolean }>(
    `UPDATE keycode SET
       fail_count = fail_count + 1,
       status = CASE WHEN fail_count + 1 >= $3 AND status = 'active' THEN 'locked' ELSE status END,
       ended_at = CASE WHEN fail_count + 1 >= $3 AND status = 'active' THEN $2 ELSE ended_at END,
       lockouts = lockouts + (recent.failed >= $4)::int,
       locked_until = CASE WHEN recent.failed >= $4
         THEN $2::timestamptz + least($5 * 2 ^ least(lockouts, 20), $6) * interval '1 millisecond' ELSE locked_until END
     FROM (SELECT count(*)::int AS failed FROM keycode_attempt WHERE keycode = $1 AND failed AND at > $7) recent
     WHERE id = $1 RETURNING keycode.*, recent.failed >= $4 AS lockout, status = 'locked' AND ended_at = $2 AS dead`,
    [
      keycode,
      now,
      limit.total,
      limit.failures,
      limit.firstLock,
      limit.longestLock,
      new Date(now.getTime() - limit.window),
    ],
  );
  const row = rows[0];
  return row ? { lockedUntil: row.lockout ? keycodeRow(row).lockedUntil : null, dead: row.dead } : null;
}

/** The attempt succeeded and counts for nothing. Failures before it stand: ten guesses are all that a keycode ever allows. */
export async function releaseAttempt(access: Access, tx: Queryable, attempt: string): Promise<void> {
  callerOf(access);
  await tx.query('DELETE FROM keycode_attempt WHERE id = $1', [attempt]);
}

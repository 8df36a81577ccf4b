import { randomUUID } from 'node:crypto';
import type { Access, Caller } from '../access/access.ts';
import type { Queryable } from './database.ts';

export type KeycodeStatus = 'active' | 'rotated' | 'revoked' | 'locked';

/** A keycode as others may know it: nothing here helps to guess it. */
export interface KeycodeRow {
  readonly id: string;
  /** rid of the hospital's Patient. */
  readonly patient: bigint;
  /** rid of the hospital that issued it. */
  readonly hospital: bigint;
  readonly status: KeycodeStatus;
  readonly createdAt: Date;
  /** Null: at once. */
  readonly notBefore: Date | null;
  /** The first instant at which it is no longer accepted. */
  readonly expiresAt: Date;
  /** The only institution that may redeem it; null: any in the hospital's network. */
  readonly boundTo: bigint | null;
  /** By different institutions; null: no limit. */
  readonly maxRedemptions: number | null;
  readonly redemptions: number;
  readonly failCount: number;
  readonly lockedUntil: Date | null;
}

/** What is compared with a guess. */
export interface KeycodeHash {
  readonly locator: string;
  readonly hash: Buffer;
  readonly salt: Buffer;
  readonly kid: string;
}

export interface NewKeycode {
  readonly patient: bigint;
  readonly now: Date;
  readonly notBefore: Date | null;
  readonly expiresAt: Date;
  readonly boundTo: bigint | null;
  readonly maxRedemptions: number | null;
}

export interface Redemption {
  /** Id of the Consent that came of it. */
  readonly consent: string;
  readonly at: Date;
}

/** Advisory locks of keycodes are pairs of this and a second number: they meet no lock on a single 64-bit number. */
export const KEYCODE_LOCKS = 0x6b63;

/** The institution on whose behalf a statement runs. The system issues and redeems nothing. */
export function callerOf(access: Access): Caller {
  if (!access?.caller) throw new Error('keycodes need the Access of a caller');
  return access.caller;
}

/**
 * Ends the patient's active keycode as `rotated`. Holds the patient's keycodes until the end of the transaction (READ COMMITTED),
 * so that of two that issue at once the second rotates what the first made.
 *
 * @returns id of the keycode that was rotated
 */
export async function rotateKeycode(access: Access, tx: Queryable, patient: bigint, now: Date): Promise<string | null> {
  const { organization } = callerOf(access);
  await tx.query('SELECT pg_advisory_xact_lock($1, hashint8($2))', [KEYCODE_LOCKS, patient]);
  return end(tx, 'rotated', patient, organization, now);
}

/** Ends the patient's active keycode without a successor: it was lost, or the patient wants none. Grants stay. */
export async function revokeKeycode(access: Access, tx: Queryable, patient: bigint, now: Date): Promise<string | null> {
  return end(tx, 'revoked', patient, callerOf(access).organization, now);
}

async function end(tx: Queryable, status: 'rotated' | 'revoked', patient: bigint, hospital: bigint, now: Date) {
  const { rows } = await tx.query<{ id: string }>(
    `UPDATE keycode SET status = $1, ended_at = $2 WHERE patient = $3 AND created_by = $4 AND status = 'active' RETURNING id`,
    [status, now, patient, hospital],
  );
  return rows[0]?.id ?? null;
}

/** Whether there is such a Patient and it is the caller's own: only then may it issue a keycode. It stays so until the transaction ends. */
export async function ownsPatient(access: Access, tx: Queryable, patient: bigint): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT 1 FROM resource WHERE rid = $1 AND type = 'Patient' AND owner = $2 AND NOT deleted FOR SHARE`,
    [patient, callerOf(access).organization],
  );
  return rows.length > 0;
}

/** @returns id of the new keycode, or null where the locator is taken: try another. */
export async function insertKeycode(
  access: Access,
  tx: Queryable,
  keycode: NewKeycode,
  hash: KeycodeHash,
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO keycode (id, patient, locator, hash, salt, pepper_kid, created_by, created_at, not_before, expires_at, bound_to, max_redemptions)
     SELECT $1::uuid, rid, $3, $4::bytea, $5::bytea, $6, owner, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::bigint, $12::int
     FROM resource WHERE rid = $2 AND type = 'Patient' AND owner = $7 AND NOT deleted
     ON CONFLICT (locator) DO NOTHING RETURNING id`,
    [
      randomUUID(),
      keycode.patient,
      hash.locator,
      hash.hash,
      hash.salt,
      hash.kid,
      callerOf(access).organization,
      keycode.now,
      keycode.notBefore,
      keycode.expiresAt,
      keycode.boundTo,
      keycode.maxRedemptions,
    ],
  );
  return rows[0]?.id ?? null;
}

/**
 * The keycode as it is now, and nobody changes it before the end of the transaction. Not FOR UPDATE: that would also hold up whoever
 * reserves an attempt, which refers to the row.
 */
export async function lockKeycode(access: Access, tx: Queryable, id: string): Promise<KeycodeRow | null> {
  callerOf(access);
  const { rows } = await tx.query<KeycodeColumns>('SELECT * FROM keycode WHERE id = $1 FOR NO KEY UPDATE', [id]);
  return rows[0] ? keycodeRow(rows[0]) : null;
}

/** The keycodes that the caller issued for the patient, the newest first. */
export async function keycodesOf(access: Access, tx: Queryable, patient: bigint): Promise<readonly KeycodeRow[]> {
  const { rows } = await tx.query<KeycodeColumns>(
    'SELECT * FROM keycode WHERE patient = $1 AND created_by = $2 ORDER BY created_at DESC, id',
    [patient, callerOf(access).organization],
  );
  return rows.map(keycodeRow);
}

/** What the caller's institution made of the keycode before. */
export async function redemptionOf(access: Access, tx: Queryable, id: string): Promise<Redemption | null> {
  const { rows } = await tx.query<{ consent: string; at: number }>(
    'SELECT consent, at FROM keycode_redemption WHERE keycode = $1 AND organization = $2',
    [id, callerOf(access).organization],
  );
  return rows[0] ? { consent: rows[0].consent, at: new Date(rows[0].at) } : null;
}

/** Notes that the caller's institution redeemed the keycode, which must be locked; the first time uses one redemption up. */
export async function redeemed(access: Access, tx: Queryable, id: string, redemption: Redemption): Promise<void> {
  await tx.query(
    `WITH first AS (
       INSERT INTO keycode_redemption (keycode, organization, consent, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (keycode, organization) DO UPDATE SET consent = excluded.consent, at = excluded.at
       RETURNING xmax = 0 AS inserted)
     UPDATE keycode SET redemptions = redemptions + 1 FROM first WHERE id = $1 AND inserted`,
    [id, callerOf(access).organization, redemption.consent, redemption.at],
  );
}

/** Which peppers the keycodes need that can still be redeemed. */
export async function pepperKids(access: Access, database: Queryable, now: Date): Promise<readonly string[]> {
  if (!access) throw new Error('pepperKids() without an Access');
  const { rows } = await database.query<{ pepper_kid: string }>(
    `SELECT DISTINCT pepper_kid FROM keycode WHERE status = 'active' AND expires_at > $1 ORDER BY 1`,
    [now],
  );
  return rows.map((row) => row.pepper_kid);
}

/** Columns of `keycode` as the driver gives them: instants are epoch milliseconds. */
export interface KeycodeColumns {
  readonly id: string;
  readonly patient: bigint;
  readonly created_by: bigint;
  readonly status: KeycodeStatus;
  readonly created_at: number;
  readonly not_before: number | null;
  readonly expires_at: number;
  readonly bound_to: bigint | null;
  readonly max_redemptions: number | null;
  readonly redemptions: number;
  readonly fail_count: number;
  readonly locked_until: number | null;
  readonly hash: Buffer;
  readonly salt: Buffer;
  readonly pepper_kid: string;
}

export function keycodeRow(row: KeycodeColumns): KeycodeRow {
  const time = (at: number | null) => (at === null ? null : new Date(at));
  return {
    id: row.id,
    patient: row.patient,
    hospital: row.created_by,
    status: row.status,
    createdAt: new Date(row.created_at),
    notBefore: time(row.not_before),
    expiresAt: new Date(row.expires_at),
    boundTo: row.bound_to,
    maxRedemptions: row.max_redemptions,
    redemptions: row.redemptions,
    failCount: row.fail_count,
    lockedUntil: time(row.locked_until),
  };
}

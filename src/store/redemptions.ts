import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** How an institution came to read a patient's timeline. */
export interface RedeemedBy {
  readonly organization: bigint;
  /** The keycode's public name. */
  readonly keycode: string;
  /** Epoch milliseconds; of the last time. */
  readonly at: number;
}

/** Which institutions redeemed which keycodes of a patient, the earliest first: for the patient's hospital, which says so by calling. */
export async function redemptionsOf(
  access: Access,
  database: Queryable,
  patient: bigint,
): Promise<readonly RedeemedBy[]> {
  if (!access) throw new Error('redemptionsOf() without an Access');
  const { rows } = await database.query<RedeemedBy>(
    `SELECT r.organization, k.id::text AS keycode, r.at FROM keycode k JOIN keycode_redemption r ON r.keycode = k.id
     WHERE k.patient = $1::bigint AND ($2::bigint IS NULL OR k.created_by = $2::bigint) ORDER BY r.at`,
    [patient, access.caller?.organization ?? null],
  );
  return rows;
}

/** The name under which an institution is registered. */
export async function institutionName(access: Access, database: Queryable, rid: bigint): Promise<string> {
  if (!access) throw new Error('institutionName() without an Access');
  const { rows } = await database.query<{ name: string }>('SELECT name FROM institution WHERE rid = $1::bigint', [rid]);
  return rows[0]?.name ?? '';
}

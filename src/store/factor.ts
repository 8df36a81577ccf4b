import type { Access } from '../access/access.ts';
import { type Queryable, textArray } from './database.ts';

/** Times in epoch milliseconds. */
export interface FactorRow {
  readonly id: string;
  readonly kind: 'totp' | 'passkey';
  readonly name: string;
  readonly created_at: number;
  readonly used_at: number | null;
}

/** A seed as it is stored: sealed, and with which secret. */
export interface SealedSeed {
  readonly seed: Buffer;
  readonly seed_kid: string;
}

export interface TotpRow extends SealedSeed {
  readonly id: string;
}

export interface PasskeyRow {
  readonly id: string;
  /** base64url. */
  readonly credential: string;
  /** COSE. */
  readonly public_key: Buffer;
  readonly counter: bigint;
  readonly transports: readonly string[];
}

export async function listFactors(access: Access, database: Queryable, person: string): Promise<readonly FactorRow[]> {
  if (!access) throw new Error('listFactors() without an Access');
  const { rows } = await database.query<FactorRow>(
    'SELECT id, kind, name, created_at, used_at FROM factor WHERE person = $1::uuid ORDER BY created_at, id',
    [person],
  );
  return rows;
}

export async function listTotps(access: Access, database: Queryable, person: string): Promise<readonly TotpRow[]> {
  if (!access) throw new Error('listTotps() without an Access');
  const { rows } = await database.query<TotpRow>(
    `SELECT id, seed, seed_kid FROM factor WHERE person = $1::uuid AND kind = 'totp' ORDER BY created_at, id`,
    [person],
  );
  return rows.map((row) => ({ ...row, seed: Buffer.from(row.seed) }));
}

export async function listPasskeys(
  access: Access,
  database: Queryable,
  person: string,
): Promise<readonly PasskeyRow[]> {
  if (!access) throw new Error('listPasskeys() without an Access');
  const { rows } = await database.query<PasskeyRow>(
    `SELECT id, credential, public_key, counter, transports FROM factor
     WHERE person = $1::uuid AND kind = 'passkey' ORDER BY created_at, id`,
    [person],
  );
  return rows.map((row) => ({ ...row, public_key: Buffer.from(row.public_key) }));
}

interface NewFactor {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  readonly now: number;
}

/** `step`: the time step of the code that confirmed it. */
export async function insertTotp(
  access: Access,
  transaction: Queryable,
  { id, person, name, now, seed, seed_kid, step }: NewFactor & SealedSeed & { readonly step: number },
): Promise<void> {
  if (!access) throw new Error('insertTotp() without an Access');
  await transaction.query(
    `INSERT INTO factor (id, person, kind, name, created_at, used_at, seed, seed_kid, step)
     VALUES ($1::uuid, $2::uuid, 'totp', $3, $4, $4, $5, $6, $7)`,
    [id, person, name, new Date(now), seed, seed_kid, step],
  );
}

/** False where the credential is somebody's already. */
export async function insertPasskey(
  access: Access,
  transaction: Queryable,
  passkey: NewFactor & {
    readonly credential: string;
    readonly publicKey: Buffer;
    readonly counter: number;
    readonly transports: readonly string[];
  },
): Promise<boolean> {
  if (!access) throw new Error('insertPasskey() without an Access');
  const { id, person, name, now, credential, publicKey, counter, transports } = passkey;
  const { count } = await transaction.query(
    `INSERT INTO factor (id, person, kind, name, created_at, used_at, credential, public_key, counter, transports)
     VALUES ($1::uuid, $2::uuid, 'passkey', $3, $4, $4, $5, $6, $7, $8::text[]) ON CONFLICT (credential) DO NOTHING`,
    [id, person, name, new Date(now), credential, publicKey, counter, textArray(transports)],
  );
  return count === 1;
}

/** Uses up a time step and all before it: true for exactly one of all who come with a code of it, in all processes. */
export async function useTotpStep(
  access: Access,
  transaction: Queryable,
  { id, step, now }: { readonly id: string; readonly step: number; readonly now: number },
): Promise<boolean> {
  if (!access) throw new Error('useTotpStep() without an Access');
  const { count } = await transaction.query(
    'UPDATE factor SET step = $2::bigint, used_at = $3 WHERE id = $1::uuid AND step < $2::bigint',
    [id, step, new Date(now)],
  );
  return count === 1;
}

/** The seed under another secret. */
export async function resealTotp(
  access: Access,
  transaction: Queryable,
  { id, seed, seed_kid }: TotpRow,
): Promise<void> {
  if (!access) throw new Error('resealTotp() without an Access');
  await transaction.query('UPDATE factor SET seed = $2, seed_kid = $3 WHERE id = $1::uuid', [id, seed, seed_kid]);
}

/** Notes what a passkey counts. False where it does not count up, though it counts at all: it was copied (WebAuthn, 6.1.1). */
export async function usePasskey(
  access: Access,
  transaction: Queryable,
  { id, counter, now }: { readonly id: string; readonly counter: number; readonly now: number },
): Promise<boolean> {
  if (!access) throw new Error('usePasskey() without an Access');
  const { count } = await transaction.query(
    `UPDATE factor SET counter = $2::bigint, used_at = $3
     WHERE id = $1::uuid AND (counter < $2::bigint OR (counter = 0 AND $2::bigint = 0))`,
    [id, counter, new Date(now)],
  );
  return count === 1;
}

/** The kind of what was removed; undefined where the person has no such factor. */
export async function deleteFactor(
  access: Access,
  transaction: Queryable,
  person: string,
  id: string,
): Promise<string | undefined> {
  if (!access) throw new Error('deleteFactor() without an Access');
  const { rows } = await transaction.query<{ kind: string }>(
    'DELETE FROM factor WHERE person = $1::uuid AND id = $2::uuid RETURNING kind',
    [person, id],
  );
  return rows[0]?.kind;
}

/** All second factors and recovery codes of a person. */
export async function deleteFactors(access: Access, transaction: Queryable, person: string): Promise<void> {
  if (!access) throw new Error('deleteFactors() without an Access');
  await transaction.query('DELETE FROM factor WHERE person = $1::uuid', [person]);
  await transaction.query('DELETE FROM recovery_code WHERE person = $1::uuid', [person]);
}

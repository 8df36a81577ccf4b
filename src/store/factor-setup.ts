import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import type { SealedSeed } from './factor.ts';

/**
 * The seed that a session is being shown: the one that is there, or this one.
 *
 * @param ends  epoch milliseconds
 */
export async function keepSeed(
  access: Access,
  database: Queryable,
  session: string,
  { seed, seed_kid }: SealedSeed,
  { now, ends }: { readonly now: number; readonly ends: number },
): Promise<SealedSeed> {
  if (!access) throw new Error('keepSeed() without an Access');
  const { rows } = await database.query<SealedSeed>(
    `INSERT INTO factor_setup AS f (session, kind, expires_at, seed, seed_kid) VALUES ($1::uuid, 'totp', $3, $4, $5)
     ON CONFLICT (session, kind) DO UPDATE SET
       seed = CASE WHEN f.expires_at > $2::timestamptz THEN f.seed ELSE EXCLUDED.seed END,
       seed_kid = CASE WHEN f.expires_at > $2::timestamptz THEN f.seed_kid ELSE EXCLUDED.seed_kid END,
       expires_at = CASE WHEN f.expires_at > $2::timestamptz THEN f.expires_at ELSE EXCLUDED.expires_at END
     RETURNING seed, seed_kid`,
    [session, new Date(now), new Date(ends), seed, seed_kid],
  );
  const row = rows[0] as SealedSeed;
  return { seed: Buffer.from(row.seed), seed_kid: row.seed_kid };
}

export async function findSeed(
  access: Access,
  database: Queryable,
  session: string,
  now: number,
): Promise<SealedSeed | undefined> {
  if (!access) throw new Error('findSeed() without an Access');
  const { rows } = await database.query<SealedSeed>(
    `SELECT seed, seed_kid FROM factor_setup WHERE session = $1::uuid AND kind = 'totp' AND expires_at > $2`,
    [session, new Date(now)],
  );
  return rows[0] && { seed: Buffer.from(rows[0].seed), seed_kid: rows[0].seed_kid };
}

/** True for exactly one of all who confirm it. */
export async function deleteSeed(access: Access, transaction: Queryable, session: string): Promise<boolean> {
  if (!access) throw new Error('deleteSeed() without an Access');
  const { count } = await transaction.query(`DELETE FROM factor_setup WHERE session = $1::uuid AND kind = 'totp'`, [
    session,
  ]);
  return count === 1;
}

/** What a challenge is for: a new passkey, or the use of one. */
export type ChallengeKind = 'passkey' | 'assertion';

/** A challenge in the place of the one before. */
export async function keepChallenge(
  access: Access,
  database: Queryable,
  session: string,
  kind: ChallengeKind,
  { challenge, ends }: { readonly challenge: string; readonly ends: number },
): Promise<void> {
  if (!access) throw new Error('keepChallenge() without an Access');
  await database.query(
    `INSERT INTO factor_setup (session, kind, expires_at, challenge) VALUES ($1::uuid, $2, $3, $4)
     ON CONFLICT (session, kind) DO UPDATE SET challenge = EXCLUDED.challenge, expires_at = EXCLUDED.expires_at`,
    [session, kind, new Date(ends), challenge],
  );
}

/** The challenge, which is then used up, whatever comes of it; undefined where there is none or its time is over. */
export async function takeChallenge(
  access: Access,
  database: Queryable,
  session: string,
  kind: ChallengeKind,
  now: number,
): Promise<string | undefined> {
  if (!access) throw new Error('takeChallenge() without an Access');
  const { rows } = await database.query<{ challenge: string; alive: boolean }>(
    `DELETE FROM factor_setup WHERE session = $1::uuid AND kind = $2 RETURNING challenge, expires_at > $3::timestamptz AS alive`,
    [session, kind, new Date(now)],
  );
  return rows[0]?.alive ? rows[0].challenge : undefined;
}

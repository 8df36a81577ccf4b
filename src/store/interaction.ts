import type { Queryable } from './database.ts';
import { sweep } from './standing-sql.ts';

/** Authorization requests that wait for a person's answer, and launches that wait for an app. */

export async function putInteraction(
  database: Queryable,
  interaction: { readonly hash: string; readonly seconds: number; readonly content: object },
): Promise<void> {
  await database.query(
    `WITH ${sweep('interaction')}
     INSERT INTO interaction (hash, expires_at, content) VALUES ($1, now() + make_interval(secs => $2), $3::jsonb)
     ON CONFLICT (hash) DO UPDATE SET content = excluded.content`,
    [interaction.hash, interaction.seconds, JSON.stringify(interaction.content)],
  );
}

export async function findInteraction(
  database: Queryable,
  hash: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { rows } = await database.query<{ content: Readonly<Record<string, unknown>> }>(
    'SELECT content FROM interaction WHERE hash = $1 AND expires_at > now()',
    [hash],
  );
  return rows[0]?.content;
}

export async function deleteInteraction(database: Queryable, hash: string): Promise<void> {
  await database.query('DELETE FROM interaction WHERE hash = $1', [hash]);
}

/** How long a person may take to answer an app, in seconds. */
export const ANSWER_SECONDS = 1800;

export interface NewLaunch {
  readonly hash: string;
  readonly client: string;
  /** rid of the institution whose people may follow it. */
  readonly institution: bigint;
  /** The only person who may; null: each of the institution. */
  readonly person: string | null;
  readonly patient: { readonly rid: bigint; readonly id: string } | null;
  readonly seconds: number;
}

export async function insertLaunch(database: Queryable, launch: NewLaunch): Promise<void> {
  await database.query(
    `WITH ${sweep('launch')}
     INSERT INTO launch (hash, client, institution, person, patient, patient_id, usable_until, expires_at)
     VALUES ($1, $2, $3, $4::uuid, $5::bigint, $6, now() + make_interval(secs => $7), now() + make_interval(secs => $7 + ${ANSWER_SECONDS}))`,
    [
      launch.hash,
      launch.client,
      launch.institution,
      launch.person,
      launch.patient?.rid ?? null,
      launch.patient?.id ?? null,
      launch.seconds,
    ],
  );
}

export interface LaunchRow {
  readonly institution: bigint;
  readonly person: string | null;
  readonly patient: bigint | null;
  readonly patient_id: string | null;
}

/** Uses a launch up: true for exactly one of all callers in all processes, and only for the app that it was made for. */
export async function useLaunch(database: Queryable, hash: string, client: string): Promise<boolean> {
  const { count } = await database.query(
    'UPDATE launch SET used_at = now() WHERE hash = $1 AND client = $2 AND used_at IS NULL AND usable_until > now()',
    [hash, client],
  );
  return count === 1;
}

/** What a launch says, for the request that has used it up. */
export async function usedLaunch(database: Queryable, hash: string, client: string): Promise<LaunchRow | undefined> {
  const { rows } = await database.query<LaunchRow>(
    `SELECT institution, person::text AS person, patient, patient_id FROM launch
     WHERE hash = $1 AND client = $2 AND used_at IS NOT NULL AND expires_at > now()`,
    [hash, client],
  );
  return rows[0];
}

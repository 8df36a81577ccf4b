import type { Queryable } from './database.ts';
import {
  GRANT_HOLDS,
  isLivingClient,
  isLivingInstitution,
  isLivingPerson,
  isLivingSession,
  LIVING_GRANT,
  sweep,
} from './standing-sql.ts';

/**
 * What a person authorized an app to do, and the codes and refresh tokens that follow from it. As for tokens there is no Access yet, and
 * the clock is the database's.
 */

export interface NewGrant {
  readonly id: string;
  readonly client: string;
  readonly person: string;
  /** The session in which the person says so; it must stand. */
  readonly session: string;
  /** Whether it goes on when the session has ended, and for how long then, in seconds. */
  readonly offlineSeconds: number | null;
  /** rid of the institution whose people may have it; null: any that may use the app. */
  readonly institution: bigint | null;
  /** Launch context: rid and id. */
  readonly patient: { readonly rid: bigint; readonly id: string } | null;
  readonly scope: string;
  readonly oidcScope: string;
}

export interface GrantRow {
  readonly id: string;
  readonly client: string;
  readonly person: string;
  readonly session: string | null;
  readonly patient_id: string | null;
  /** rid of the person's institution. */
  readonly institution: bigint;
  readonly scope: string;
  readonly oidc_scope: string;
  /** Epoch seconds, both. */
  readonly started: number;
  readonly expires: number;
}

/** Stores an authorization, if client, person, session and institutions may have one at this moment; false otherwise. */
export async function insertGrant(database: Queryable, grant: NewGrant): Promise<boolean> {
  const { rows } = await database.query(
    `WITH ${sweep('authorization_grant', 'id')}
     INSERT INTO authorization_grant (id, client, person, session, strong, authenticated_at, patient, patient_id, scope, oidc_scope,
       client_generation, owner_generation, person_generation, institution_generation, expires_at)
     SELECT $1, c.id, p.id, CASE WHEN $5::float8 IS NULL THEN s.id END, s.strong, s.authenticated_at, $6::bigint, $7::text, $8, $9,
       c.generation, o.generation, p.generation, i.generation,
       CASE WHEN $5::float8 IS NULL THEN s.expires_at ELSE now() + make_interval(secs => $5::float8) END
     FROM client c
     JOIN institution o ON o.rid = c.institution
     JOIN person p ON p.id = $3::uuid
     JOIN institution i ON i.rid = p.institution
     JOIN session s ON s.id = $4::uuid AND s.person = p.id AND s.person_generation = p.generation AND s.institution_generation = i.generation
     WHERE c.id = $2 AND c.kind = 'app' AND ${isLivingClient('c')} AND ${isLivingInstitution('o')} AND ${isLivingPerson('p')}
       AND ${isLivingInstitution('i')} AND ${isLivingSession('s.id')} AND (o.rid = i.rid OR o.kind = 'operator')
       AND ($10::bigint IS NULL OR i.rid = $10::bigint)
     RETURNING id`,
    [
      grant.id,
      grant.client,
      grant.person,
      grant.session,
      grant.offlineSeconds,
      grant.patient?.rid ?? null,
      grant.patient?.id ?? null,
      grant.scope,
      grant.oidcScope,
      grant.institution,
    ],
  );
  return rows.length === 1;
}

/** The authorization, if it holds at this moment. */
export async function findGrant(database: Queryable, id: string): Promise<GrantRow | undefined> {
  const { rows } = await database.query<GrantRow>(
    `SELECT g.id, g.client, g.person::text AS person, g.session::text AS session, g.patient_id, i.rid AS institution, g.scope, g.oidc_scope,
       extract(epoch FROM g.started_at)::float8 AS started, extract(epoch FROM g.expires_at)::float8 AS expires
     FROM ${LIVING_GRANT} WHERE g.id = $1 AND ${GRANT_HOLDS}`,
    [id],
  );
  return rows[0];
}

/** Ends an authorization: its codes, access tokens and refresh tokens are dead, in every process. */
export async function endGrant(database: Queryable, id: string): Promise<void> {
  await database.query(
    `WITH ended AS (UPDATE authorization_grant SET ended_at = now() WHERE id = $1 AND ended_at IS NULL RETURNING person)
     SELECT pg_notify('standing', 'person ' || person) FROM ended`,
    [id],
  );
}

/** Ends what apps may do for a person beyond their sessions: for when somebody may have been there who was not the person. */
export async function endOfflineGrants(database: Queryable, person: string): Promise<void> {
  await database.query(
    `WITH ended AS (UPDATE authorization_grant SET ended_at = now()
       WHERE person = $1::uuid AND session IS NULL AND ended_at IS NULL AND expires_at > now() RETURNING person)
     SELECT pg_notify('standing', 'person ' || person) FROM (SELECT person FROM ended LIMIT 1) AS once`,
    [person],
  );
}

/** What may be used once. */
export type Single = 'authorization_code' | 'refresh_token';

export interface SingleRow {
  readonly grant_id: string;
  /** When it was used, epoch seconds. */
  readonly used: number | null;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Stores a code or refresh token of an authorization that holds; false where it does not. */
export async function insertSingle(
  database: Queryable,
  table: Single,
  one: { readonly hash: string; readonly grant: string; readonly seconds: number; readonly content: object },
): Promise<boolean> {
  const { rows } = await database.query(
    `WITH ${sweep(table)}
     INSERT INTO ${table} (hash, grant_id, expires_at, content)
     SELECT $1, g.id, least(now() + make_interval(secs => $3), g.expires_at), $4::jsonb FROM ${LIVING_GRANT}
     WHERE g.id = $2 AND ${GRANT_HOLDS}
     RETURNING hash`,
    [one.hash, one.grant, one.seconds, JSON.stringify(one.content)],
  );
  return rows.length === 1;
}

/** A code or refresh token, used ones too. Whether its authorization holds is for `findGrant` to say. */
export async function findSingle(database: Queryable, table: Single, hash: string): Promise<SingleRow | undefined> {
  const { rows } = await database.query<SingleRow>(
    `SELECT grant_id, extract(epoch FROM used_at)::float8 AS used, content FROM ${table} WHERE hash = $1`,
    [hash],
  );
  return rows[0];
}

/**
 * Uses a code or refresh token up: true for exactly one of all callers, in all processes. Whoever comes second is not told apart from a
 * thief, nor is the first: the whole authorization ends in the same statement (RFC 6749, 10.5; RFC 9700, 4.14.2).
 */
export async function useSingle(database: Queryable, table: Single, hash: string): Promise<boolean> {
  const { rows } = await database.query<{ first: boolean }>(
    `WITH used AS (UPDATE ${table} SET used_at = now() WHERE hash = $1 AND used_at IS NULL RETURNING hash),
       ended AS (UPDATE authorization_grant SET ended_at = now()
         WHERE id = (SELECT grant_id FROM ${table} WHERE hash = $1) AND ended_at IS NULL AND NOT EXISTS (SELECT FROM used) RETURNING person),
       told AS (SELECT pg_notify('standing', 'person ' || person) FROM ended)
     SELECT EXISTS (SELECT FROM used) AS first, (SELECT count(*) FROM told) AS told`,
    [hash],
  );
  return rows[0]?.first ?? false;
}

export async function deleteSingle(database: Queryable, table: Single, hash: string): Promise<void> {
  await database.query(`DELETE FROM ${table} WHERE hash = $1`, [hash]);
}

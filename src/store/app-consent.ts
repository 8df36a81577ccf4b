import type { Queryable } from './database.ts';
import { GRANT_HOLDS, LIVING_GRANT } from './standing-sql.ts';

/** What people let apps have without being asked again. */

export interface AppConsentRow {
  readonly client: string;
  readonly name: string;
  readonly institution_name: string;
  readonly scope: string;
  /** Epoch milliseconds. */
  readonly given: number;
}

/** Adds to what the person has allowed the app before. */
export async function putAppConsent(
  database: Queryable,
  consent: { readonly person: string; readonly client: string; readonly scope: string },
): Promise<void> {
  await database.query(
    `INSERT INTO app_consent AS a (person, client, scope) VALUES ($1::uuid, $2, $3)
     ON CONFLICT (person, client) DO UPDATE SET given_at = now(), scope =
       (SELECT string_agg(DISTINCT part, ' ' ORDER BY part) FROM unnest(string_to_array(a.scope || ' ' || excluded.scope, ' ')) AS both_of_them (part))`,
    [consent.person, consent.client, consent.scope],
  );
}

/** Of one app, or of all. */
export async function findAppConsents(
  database: Queryable,
  person: string,
  client?: string,
): Promise<readonly AppConsentRow[]> {
  const { rows } = await database.query<AppConsentRow>(
    `SELECT a.client, c.name, i.name AS institution_name, a.scope, extract(epoch FROM a.given_at)::float8 * 1000 AS given
     FROM app_consent a JOIN client c ON c.id = a.client JOIN institution i ON i.rid = c.institution
     WHERE a.person = $1::uuid AND ($2::text IS NULL OR a.client = $2::text) ORDER BY c.name, a.client`,
    [person, client ?? null],
  );
  return rows;
}

/** Every app that may do something for the person now: what is remembered, and what was allowed once and still holds. */
export async function findAllowedApps(database: Queryable, person: string): Promise<readonly AppConsentRow[]> {
  const { rows } = await database.query<AppConsentRow>(
    `SELECT a.client, c.name, i.name AS institution_name, string_agg(DISTINCT part, ' ' ORDER BY part) AS scope,
       extract(epoch FROM max(a.given))::float8 * 1000 AS given
     FROM (
       SELECT client, scope, given_at AS given FROM app_consent WHERE person = $1::uuid
       UNION ALL
       SELECT g.client, g.scope, g.started_at FROM ${LIVING_GRANT} WHERE g.person = $1::uuid AND ${GRANT_HOLDS}
     ) a
     JOIN client c ON c.id = a.client JOIN institution i ON i.rid = c.institution,
     unnest(string_to_array(a.scope, ' ')) AS both_of_them (part)
     GROUP BY a.client, c.name, i.name ORDER BY c.name, a.client`,
    [person],
  );
  return rows;
}

/**
 * Forgets what a person allowed an app, and ends all that the app still has of it. False where there was neither.
 */
export async function removeAppConsent(database: Queryable, person: string, client: string): Promise<boolean> {
  const { rows } = await database.query<{ there: boolean }>(
    `WITH forgotten AS (DELETE FROM app_consent WHERE person = $1::uuid AND client = $2 RETURNING person),
       ended AS (UPDATE authorization_grant SET ended_at = now()
         WHERE person = $1::uuid AND client = $2 AND ended_at IS NULL AND expires_at > now() RETURNING person),
       told AS (SELECT pg_notify('standing', 'person ' || person) FROM (SELECT person FROM ended LIMIT 1) AS once)
     SELECT EXISTS (SELECT FROM forgotten) OR EXISTS (SELECT FROM ended) AS there, (SELECT count(*) FROM told) AS told`,
    [person, client],
  );
  return rows[0]?.there ?? false;
}

import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** A system or app as those who look after it may know it. Instants are epoch milliseconds. */
export interface RegisteredClient {
  readonly id: string;
  readonly name: string;
  readonly kind: 'system' | 'app';
  readonly authMethod: string;
  readonly scope: string;
  readonly active: boolean;
  readonly registeredAt: number;
  readonly disabledAt: number | null;
  readonly jwksUri: string | null;
  /** Of the keys that are taken now; null where they are at a URL, or there are none. */
  readonly kids: readonly string[] | null;
  readonly redirectUris: readonly string[];
  readonly launchUris: readonly string[];
  readonly terminal: string | null;
}

export async function clientsOf(
  access: Access,
  database: Queryable,
  institution: bigint,
): Promise<readonly RegisteredClient[]> {
  if (!access) throw new Error('clientsOf() without an Access');
  const { rows } = await database.query<RegisteredClient>(
    `SELECT id, name, kind, auth_method AS "authMethod", scope, active, registered_at AS "registeredAt", disabled_at AS "disabledAt",
       jwks_uri AS "jwksUri", redirect_uris AS "redirectUris", launch_uris AS "launchUris", terminal,
       (SELECT array_agg(key ->> 'kid' ORDER BY place)
        FROM jsonb_array_elements(living_keys(jwks) -> 'keys') WITH ORDINALITY AS one (key, place)) AS kids
     FROM client WHERE institution = $1::bigint ORDER BY active DESC, registered_at, id`,
    [institution],
  );
  return rows;
}

export interface ClientChange {
  readonly id: string;
  readonly institution: bigint;
  /** What is left out stays. */
  readonly name?: string;
  readonly scope?: string;
  /** New keys; those before are taken beside them for so many seconds more, by the database's clock. */
  readonly jwks?: { readonly keys: readonly object[] };
  readonly overlapSeconds?: number;
  /** In the place of keys, from now on: where they are published. The same as before: they are fetched anew. */
  readonly jwksUri?: string;
}

/** Old keys that stand beside new ones, at most. */
const MOST_OLD = 10;

/** False where the institution has no such client in use, or it does not authenticate by keys and is to get some. */
export async function updateClient(access: Access, tx: Queryable, change: ClientChange): Promise<boolean> {
  if (!access) throw new Error('updateClient() without an Access');
  const { count } = await tx.query(
    // What was issued under scopes or keys that hold no longer dies with them, and what was fetched from a URL with it; keys that stay good beside
    // new ones keep theirs.
    `UPDATE client c SET name = coalesce($3, name), scope = coalesce($4, scope),
       generation = generation + CASE WHEN coalesce($4, scope) <> scope OR $6::text IS NOT NULL
         OR ($5::jsonb IS NOT NULL AND $7::double precision = 0) THEN 1 ELSE 0 END,
       jwks_uri = CASE WHEN $5::jsonb IS NOT NULL THEN NULL ELSE coalesce($6, jwks_uri) END,
       jwks = CASE WHEN $5::jsonb IS NOT NULL THEN jsonb_build_object('keys', ($5::jsonb -> 'keys') || (
           SELECT coalesce(jsonb_agg(old.key ORDER BY old.ends DESC), '[]'::jsonb) FROM (
             SELECT jsonb_set(k.key, '{exp}', to_jsonb(ends)) AS key, ends
             FROM jsonb_array_elements(c.jwks -> 'keys') AS k (key),
               LATERAL (SELECT least((k.key ->> 'exp')::double precision, floor(extract(epoch FROM now())) + $7::double precision) AS ends) e
             WHERE ends > extract(epoch FROM now())
               AND NOT EXISTS (SELECT FROM jsonb_array_elements($5::jsonb -> 'keys') AS n (key) WHERE n.key ->> 'kid' = k.key ->> 'kid')
             ORDER BY ends DESC LIMIT ${MOST_OLD}) old))
         WHEN $6 IS NOT NULL THEN NULL ELSE jwks END
     WHERE id = $1 AND institution = $2::bigint AND active
       AND (auth_method = 'private_key_jwt' OR ($5::jsonb IS NULL AND $6::text IS NULL))`,
    [
      change.id,
      change.institution,
      change.name ?? null,
      change.scope ?? null,
      change.jwks ? JSON.stringify(change.jwks) : null,
      change.jwksUri ?? null,
      change.overlapSeconds ?? 0,
    ],
  );
  return count === 1;
}

import { type Queryable, textArray } from './database.ts';
import { isLivingClient, isLivingInstitution, sweep } from './standing-sql.ts';
import { isLivingTerminal } from './terminal.ts';

/**
 * Clients and used assertions, as rows. These statements come before there is an Access: they are what tells who calls. The clock is
 * the database's, one for all processes.
 */

export type AuthMethod = 'private_key_jwt' | 'tls_client_auth' | 'none';
export type IdTokenAlgorithm = 'RS256' | 'ES256' | 'ES384';

/** A client that may authenticate now: it is active, and its institution is active, not suspended and under contract. */
export interface ClientRow {
  readonly id: string;
  /** Counts the times that it was shut out, or that scopes or keys were taken from it. */
  readonly generation: number;
  readonly kind: 'system' | 'app';
  readonly name: string;
  /** The most it may be granted, in normal form. */
  readonly scope: string;
  readonly auth_method: AuthMethod;
  /** Those of its keys that are to be taken now; null where it has none, or a URL in their place. */
  readonly jwks: { readonly keys: readonly object[] } | null;
  readonly jwks_uri: string | null;
  readonly redirect_uris: readonly string[];
  readonly launch_uris: readonly string[];
  readonly id_token_alg: IdTokenAlgorithm;
  /** rid and name of the institution whose client it is, and what kind it is. */
  readonly institution: bigint;
  readonly institution_name: string;
  readonly institution_kind: string;
  /** What that may use by its contract, as SERVICES has it. */
  readonly institution_services: number;
  /** Whether that gives tokens only at terminals. */
  readonly mtls: 'required' | 'optional';
  /** SHA-256 of the certificate of the terminal that it authenticates by. */
  readonly terminal_sha256: string | null;
}

const CLIENTS = `
  SELECT c.id, c.generation, c.kind, c.name, c.scope, c.auth_method, CASE WHEN c.jwks IS NOT NULL THEN living_keys(c.jwks) END AS jwks, c.jwks_uri, c.redirect_uris, c.launch_uris, c.id_token_alg,
    i.rid AS institution, i.name AS institution_name, i.kind AS institution_kind, i.services AS institution_services, i.mtls,
    CASE WHEN ${isLivingTerminal('tm.sha256', 'i.rid')} THEN tm.sha256 END AS terminal_sha256
  FROM client c JOIN institution i ON i.rid = c.institution LEFT JOIN terminal tm ON tm.id = c.terminal
  WHERE ${isLivingClient('c')} AND ${isLivingInstitution('i')}`;

export async function findClient(database: Queryable, id: string): Promise<ClientRow | undefined> {
  const { rows } = await database.query<ClientRow>(`${CLIENTS} AND c.id = $1`, [id]);
  return rows[0];
}

/**
 * Uses up an assertion: true for exactly one of all callers, in all processes, until `expires` (epoch seconds).
 */
export async function useAssertion(database: Queryable, hash: string, expires: number): Promise<boolean> {
  const { rows } = await database.query(
    `WITH ${sweep('used_assertion')}
     INSERT INTO used_assertion (hash, expires_at) VALUES ($1, to_timestamp($2::double precision))
     ON CONFLICT (hash) DO NOTHING
     RETURNING hash`,
    [hash, expires],
  );
  return rows.length === 1;
}

export interface NewClient {
  readonly id: string;
  readonly institution: bigint;
  readonly name: string;
  readonly scope: string;
  /** One of both for `private_key_jwt`. */
  readonly jwks?: object;
  readonly jwksUri?: string;
  /** Default: a system. */
  readonly kind?: 'system' | 'app';
  /** Default: private_key_jwt. */
  readonly authMethod?: AuthMethod;
  readonly redirectUris?: readonly string[];
  readonly launchUris?: readonly string[];
  /** Default: RS256. */
  readonly idTokenAlg?: IdTokenAlgorithm;
  /** Id of the institution's terminal by which the client authenticates. */
  readonly terminal?: string;
}

/** False when there is no such institution, or it has no such terminal; an id that is taken fails with unique_violation (23505). */
export async function insertClient(database: Queryable, client: NewClient): Promise<boolean> {
  const { rows } = await database.query(
    `INSERT INTO client (id, institution, name, scope, jwks, jwks_uri, kind, auth_method, redirect_uris, launch_uris, id_token_alg, terminal)
     SELECT $1, i.rid, $3, $4, $5::jsonb, $6, $7, $8, $9::text[], $10::text[], $11, tm.id
     FROM institution i LEFT JOIN terminal tm ON tm.id = $12::uuid AND tm.institution = i.rid AND tm.active
     WHERE i.rid = $2 AND ($12::uuid IS NULL OR tm.id IS NOT NULL)
     RETURNING id`,
    [
      client.id,
      client.institution,
      client.name,
      client.scope,
      client.jwks ? JSON.stringify(client.jwks) : null,
      client.jwksUri ?? null,
      client.kind ?? 'system',
      client.authMethod ?? 'private_key_jwt',
      textArray(client.redirectUris ?? []),
      textArray(client.launchUris ?? []),
      client.idTokenAlg ?? 'RS256',
      client.terminal ?? null,
    ],
  );
  return rows.length === 1;
}

/** False when there is no such client, or it was disabled already. */
export async function deactivateClient(database: Queryable, id: string): Promise<boolean> {
  const { rows } = await database.query('UPDATE client SET active = false WHERE id = $1 AND active RETURNING id', [id]);
  return rows.length === 1;
}

/** The operator's institution and its client. Where they exist, name, scope and keys are replaced; who was shut out stays out. */
export async function putOperator(
  database: Queryable,
  operator: { rid: bigint; id: string; name: string; client: string; scope: string; jwks: object },
): Promise<void> {
  await database.query(
    `WITH operator AS (
       INSERT INTO institution (rid, id, kind, name) VALUES ($1, $2, 'operator', $3)
       ON CONFLICT (rid) DO UPDATE SET id = excluded.id, kind = excluded.kind, name = excluded.name
     )
     INSERT INTO client (id, institution, name, scope, jwks) VALUES ($4, $1, $3, $5, $6::jsonb)
     ON CONFLICT (id) DO UPDATE
       SET institution = excluded.institution, name = excluded.name, scope = excluded.scope, jwks = excluded.jwks`,
    [operator.rid, operator.id, operator.name, operator.client, operator.scope, JSON.stringify(operator.jwks)],
  );
}

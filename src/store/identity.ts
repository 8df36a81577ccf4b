import { type Queryable, textArray } from './database.ts';

/**
 * Clients, tokens and used assertions, as rows. These statements come before there is an Access: they are what tells who calls.
 * The clock is the database's, one for all processes.
 */

/** A client that may authenticate now: it is active, and its institution is active and not suspended. */
export interface ClientRow {
  readonly id: string;
  readonly scope: string;
  readonly jwks: { readonly keys: readonly object[] };
}

/** What a living token says, with the network of its institution as it is at the statement's start. */
export interface TokenRow {
  readonly hash: string;
  readonly client: string;
  readonly scope: string;
  /** The institution's rid. */
  readonly institution: bigint;
  readonly institution_id: string;
  readonly kind: string;
  /** The hospital of each affiliation that holds now; null where there is none. A hospital may stand here more than once. */
  readonly hospitals: readonly bigint[] | null;
  /** For what, side by side with `hospitals`: the sum of 1 medical, 2 care, 4 timeline. */
  readonly services: readonly number[] | null;
}

const LIVE_CLIENT = 'c.active AND i.active AND i.suspended_at IS NULL';

export async function findClient(database: Queryable, id: string): Promise<ClientRow | undefined> {
  const { rows } = await database.query<ClientRow>(
    `SELECT c.id, c.scope, c.jwks FROM client c JOIN institution i ON i.rid = c.institution WHERE c.id = $1 AND ${LIVE_CLIENT}`,
    [id],
  );
  return rows[0];
}

const TOKENS = `
  SELECT t.hash, t.client, t.scope, i.rid AS institution, i.id AS institution_id, i.kind, n.hospitals, n.services
  FROM access_token t
  JOIN client c ON c.id = t.client AND c.generation = t.client_generation
  JOIN institution i ON i.rid = c.institution AND i.generation = t.institution_generation
  LEFT JOIN LATERAL (
    SELECT array_agg(a.hospital) AS hospitals, array_agg(a.medical::int + 2 * a.care::int + 4 * a.timeline::int) AS services
    FROM affiliation a
    JOIN institution h ON h.rid = a.hospital AND h.kind = 'cooperating-hospital' AND h.active AND h.suspended_at IS NULL
    WHERE a.member = i.rid AND a.active AND a.starts <= now() AND now() < a.ends
  ) n ON true
  WHERE t.hash = ANY ($1::text[]) AND t.expires_at > now() AND ${LIVE_CLIENT}`;

/** The living tokens among these hashes, each at most once: not expired, nobody on the way from it to the institution shut out. */
export async function findTokens(database: Queryable, hashes: readonly string[]): Promise<readonly TokenRow[]> {
  const { rows } = await database.query<TokenRow>(TOKENS, [textArray(hashes)]);
  return rows;
}

/** Rows that nobody can use any more go a few at a time with each new one, so that no job is needed and no write waits long. */
const sweep = (table: string) =>
  `swept AS (DELETE FROM ${table} WHERE hash IN (
     SELECT hash FROM ${table} WHERE expires_at < now() ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED))`;

/**
 * Stores a token of `seconds`, if its client may still have one at this moment; false otherwise.
 */
export async function insertToken(
  database: Queryable,
  token: { hash: string; client: string; scope: string; seconds: number },
): Promise<boolean> {
  const { rows } = await database.query(
    `WITH ${sweep('access_token')}
     INSERT INTO access_token (hash, client, scope, client_generation, institution_generation, expires_at)
     SELECT $1, c.id, $3, c.generation, i.generation, now() + make_interval(secs => $4)
     FROM client c JOIN institution i ON i.rid = c.institution
     WHERE c.id = $2 AND ${LIVE_CLIENT}
     RETURNING hash`,
    [token.hash, token.client, token.scope, token.seconds],
  );
  return rows.length === 1;
}

export async function deleteToken(database: Queryable, hash: string): Promise<void> {
  await database.query('DELETE FROM access_token WHERE hash = $1', [hash]);
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

/** False when there is no such institution; an id that is taken fails with unique_violation (23505). */
export async function insertClient(
  database: Queryable,
  client: { id: string; institution: bigint; name: string; scope: string; jwks: object },
): Promise<boolean> {
  const { rows } = await database.query(
    `INSERT INTO client (id, institution, name, scope, jwks)
     SELECT $1, i.rid, $3, $4, $5::jsonb FROM institution i WHERE i.rid = $2
     RETURNING id`,
    [client.id, client.institution, client.name, client.scope, JSON.stringify(client.jwks)],
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

import { type Queryable, textArray } from './database.ts';
import { NETWORK, WHO, type WhoRow } from './present.ts';
import {
  GRANT_HOLDS,
  isLivingClient,
  isLivingInstitution,
  isLivingPerson,
  LIVING_GRANT,
  sweep,
} from './standing-sql.ts';
import { isLivingTerminal } from './terminal.ts';

/**
 * Access tokens, as rows. These statements come before there is an Access: they are what tells who calls. The clock is the database's,
 * one for all processes.
 */

/** What a living token says, with the network of its institution as it is at the statement's start. */
export interface TokenRow extends WhoRow {
  readonly hash: string;
  readonly client: string;
  readonly scope: string;
  /** Epoch milliseconds, both. */
  readonly issued: number;
  readonly expires: number;
  /** x5t#S256 of the certificate that it must come with; a living terminal's. Null: none. */
  readonly certificate: string | null;
  /** Of a person's token; the rest is null with it. */
  readonly grant_id: string | null;
  readonly strong: boolean | null;
  readonly authenticated: number | null;
  readonly session: string | null;
  readonly patient: bigint | null;
  readonly patient_id: string | null;
}

/**
 * A certificate binds while it is a living terminal's of the person's institution or, where that does not demand its own, of the client's.
 */
const boundRightly = (
  certificate: string,
): string => `CASE WHEN i.mtls = 'required' THEN ${isLivingTerminal(certificate, 'i.rid')}
  ELSE ${certificate} IS NULL OR ${isLivingTerminal(certificate, 'i.rid')} OR ${isLivingTerminal(certificate, 'c.institution')} END`;

const TOKENS = `
  SELECT t.hash, t.client, t.scope, t.certificate, t.grant_id, ${WHO},
    extract(epoch FROM t.issued_at)::float8 * 1000 AS issued, extract(epoch FROM t.expires_at)::float8 * 1000 AS expires,
    g.strong, extract(epoch FROM g.authenticated_at)::float8 * 1000 AS authenticated, g.session::text AS session, g.patient, g.patient_id
  FROM access_token t
  LEFT JOIN authorization_grant g ON g.id = t.grant_id AND ${GRANT_HOLDS}
  LEFT JOIN person p ON p.id = g.person AND p.generation = g.person_generation AND ${isLivingPerson('p')}
  JOIN client c ON c.id = t.client AND c.generation = coalesce(g.client_generation, t.client_generation) AND ${isLivingClient('c')}
  JOIN institution i ON i.rid = CASE WHEN t.grant_id IS NULL THEN c.institution ELSE p.institution END
    AND i.generation = coalesce(g.institution_generation, t.institution_generation) AND ${isLivingInstitution('i')}
  ${NETWORK}
  WHERE t.hash = ANY ($1::text[]) AND t.expires_at > now() - make_interval(secs => $2::float8) AND ${boundRightly('t.certificate')}
    AND (t.grant_id IS NULL OR EXISTS (SELECT FROM institution o
      WHERE o.rid = c.institution AND o.generation = g.owner_generation AND ${isLivingInstitution('o')}))`;

/** Longer than any request takes: so long a token that was good when a request began is found for it, though it has run out since. */
const BEGUN_SECONDS = 120;

/**
 * The living tokens among these hashes, each at most once: not expired, nobody on the way from it to the institution shut out.
 *
 * @param begun  they were good when the requests for which they are looked up again began: that one ran out meanwhile shuts nobody out
 */
export async function findTokens(
  database: Queryable,
  hashes: readonly string[],
  { begun = false } = {},
): Promise<readonly TokenRow[]> {
  const { rows } = await database.query<TokenRow>(TOKENS, [textArray(hashes), begun ? BEGUN_SECONDS : 0]);
  return rows;
}

export interface NewToken {
  readonly hash: string;
  readonly scope: string;
  /** How long it lives. */
  readonly seconds: number;
  /** SHA-256 of the certificate of the connection. */
  readonly certificate?: string | undefined;
  /** Whether the client asks to be bound to it; where the institution demands terminals it is so anyhow. */
  readonly bound?: boolean;
}

/** The certificate that a new token is bound to. */
const binding = (certificate: string, bound: string) =>
  `CASE WHEN ${bound}::boolean OR i.mtls = 'required' THEN ${certificate}::text END`;

/** Stores a token of a system, if its client may still have one at this moment; false otherwise. */
export async function insertToken(
  database: Queryable,
  token: NewToken & { readonly client: string },
): Promise<boolean> {
  const { rows } = await database.query(
    `WITH ${sweep('access_token', 'hash', BEGUN_SECONDS)}
     INSERT INTO access_token (hash, client, scope, client_generation, institution_generation, expires_at, certificate)
     SELECT $1, c.id, $3, c.generation, i.generation, now() + make_interval(secs => $4), ${binding('$5', '$6')}
     FROM client c JOIN institution i ON i.rid = c.institution
     WHERE c.id = $2 AND ${isLivingClient('c')} AND ${isLivingInstitution('i')} AND ${boundRightly(binding('$5', '$6'))}
     RETURNING hash`,
    [token.hash, token.client, token.scope, token.seconds, token.certificate ?? null, token.bound ?? false],
  );
  return rows.length === 1;
}

/** Stores a token of an authorization, if that holds at this moment; false otherwise. */
export async function insertPersonToken(
  database: Queryable,
  token: NewToken & { readonly grant: string },
): Promise<boolean> {
  const { rows } = await database.query(
    `WITH ${sweep('access_token', 'hash', BEGUN_SECONDS)}
     INSERT INTO access_token (hash, client, scope, grant_id, expires_at, certificate)
     SELECT $1, g.client, $3, g.id, now() + make_interval(secs => $4), ${binding('$5', '$6')}
     FROM ${LIVING_GRANT}
     WHERE g.id = $2 AND ${GRANT_HOLDS} AND ${boundRightly(binding('$5', '$6'))}
     RETURNING hash`,
    [token.hash, token.grant, token.scope, token.seconds, token.certificate ?? null, token.bound ?? false],
  );
  return rows.length === 1;
}

export async function deleteToken(database: Queryable, hash: string): Promise<void> {
  await database.query('DELETE FROM access_token WHERE hash = $1', [hash]);
}

import { randomUUID } from 'node:crypto';
import { refuse } from '../http/errors.ts';
import { type Queryable, sqlState } from '../store/database.ts';
import { deactivateClient, insertClient, putOperator } from '../store/identity.ts';
import { publicJwks } from './jwks.ts';
import { formatScopes, parseScopes } from './scope.ts';

/** A system client to be registered. */
export interface ClientRegistration {
  /** rid of the institution that it acts for. */
  readonly organization: bigint;
  /** What people call it: 1 to 200 characters. */
  readonly name: string;
  /** Its public keys: a JWK Set, or the JSON text of one. */
  readonly jwks: unknown;
  /** The most it may ever be granted, for example `system/*.cruds`. */
  readonly scope: string;
  /** Chosen by the operator; a random UUID without it. */
  readonly id?: string;
}

export interface OperatorRegistration {
  readonly rid: bigint;
  readonly name: string;
  readonly clientId: string;
  readonly jwk: object;
  /** Default `system/*.cruds`. */
  readonly scope?: string;
}

const UNIQUE_VIOLATION = '23505';

/** Printable, and safe in a URL, a log line and a JWT without escaping. */
const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;

export function isClientId(id: unknown): id is string {
  return typeof id === 'string' && CLIENT_ID.test(id);
}

/**
 * Registers a Backend Services client. `database` may be a transaction.
 *
 * @throws FhirError 422 for keys, scope, id or name that are not acceptable or an institution that does not exist, 409 for an
 * id that is taken.
 */
export async function registerClient(
  database: Queryable,
  registration: ClientRegistration,
): Promise<{ clientId: string }> {
  const client = {
    id: registration.id ?? randomUUID(),
    institution: registration.organization,
    name: clientName(registration.name),
    scope: registeredScope(registration.scope),
    jwks: publicJwks(registration.jwks),
  };
  if (!isClientId(client.id))
    throw refuse.unprocessable(
      'The client id must be 1 to 128 letters, digits, ".", "_", "~" or "-"',
      undefined,
      'value',
    );
  try {
    if (!(await insertClient(database, client)))
      throw refuse.unprocessable('There is no such institution', undefined, 'not-found');
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) throw refuse.conflict('The client id is taken', undefined, 'duplicate');
    throw error;
  }
  return { clientId: client.id };
}

/** Shuts a client out: its next request and its next token request are refused, on every process. False when it was out already. */
export async function disableClient(database: Queryable, clientId: string): Promise<boolean> {
  return isClientId(clientId) && (await deactivateClient(database, clientId));
}

/**
 * The operator's own institution (Organization/operator) and the client with which everything else is set up. Safe to call at
 * every start: name, scope and key are brought up to date, a suspension is not lifted.
 *
 * @throws FhirError 422 for a key or scope that is not acceptable.
 */
export async function ensureOperator(
  database: Queryable,
  operator: OperatorRegistration,
): Promise<{ clientId: string }> {
  if (!isClientId(operator.clientId)) throw refuse.unprocessable('The operator needs a client id', undefined, 'value');
  await putOperator(database, {
    rid: operator.rid,
    id: 'operator',
    name: clientName(operator.name),
    client: operator.clientId,
    scope: registeredScope(operator.scope ?? 'system/*.cruds'),
    jwks: publicJwks({ keys: [operator.jwk] }),
  });
  return { clientId: operator.clientId };
}

function clientName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (typeof name !== 'string' || !/^[^\x00-\x1f\x7f]{1,200}$/u.test(name) || !name.isWellFormed()) {
    throw refuse.unprocessable('The name must be 1 to 200 characters without control characters', undefined, 'value');
  }
  return name;
}

function registeredScope(text: string): string {
  const scopes = typeof text === 'string' && text.length <= 16_384 ? parseScopes(text, 'system') : undefined;
  if (!scopes)
    throw refuse.unprocessable(
      'The scope must be SMART system scopes, for example "system/*.cruds"',
      undefined,
      'value',
    );
  return formatScopes(scopes);
}

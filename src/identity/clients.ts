import { FhirError, refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { deactivateClient, putOperator } from '../store/identity.ts';
import { isClientId } from './client-id.ts';
import { publicJwks } from './jwks.ts';
import { clientName, registerApp, registeredScope } from './registration.ts';

export interface OperatorRegistration {
  readonly rid: bigint;
  readonly name: string;
  readonly clientId: string;
  readonly jwk: object;
  /** Default `system/*.cruds`. */
  readonly scope?: string;
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
  await ensureCommandLine(database, operator.rid);
  return { clientId: operator.clientId };
}

/** The public client of `tasuki admin login`: people come in by it from a command line (RFC 8252). Once it was disabled it stays so. */
async function ensureCommandLine(database: Queryable, organization: bigint): Promise<void> {
  try {
    await registerApp(database, {
      id: 'tasuki-admin',
      organization,
      name: 'tasuki admin',
      scope: 'openid fhirUser online_access user/*.cruds',
      redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
    });
  } catch (error) {
    if (!(error instanceof FhirError && error.status === 409)) throw error;
  }
}

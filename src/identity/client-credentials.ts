import { type Client, errors, type TokenEndpointGrantContext } from 'oidc-provider';
import type { Scope } from '../access/access.ts';
import { typesBeyond } from '../access/service-types.ts';
import { clientCertificate } from '../http/client-certificate.ts';
import type { Understands } from './app-scope.ts';
import { INSTITUTION_KIND, INSTITUTION_SERVICES, REGISTERED_SCOPE } from './metadata.ts';
import { formatScopes, intersectScopes, parseScope, parseScopes } from './scope.ts';

/** A token that was given out, for the audit. Never the token itself. */
export interface TokenIssued {
  readonly clientId: string;
  /** As granted, in normal form. */
  readonly scope: string;
  /** How long it lives. */
  readonly seconds: number;
  /** Id of the account in whose name; absent: a system's. */
  readonly person?: string | undefined;
  /** rid of the person's institution. */
  readonly institution?: bigint | undefined;
}

/**
 * The grant `client_credentials` (RFC 6749 §4.4) as SMART Backend Services has it. oidc-provider's own gives an unscoped token
 * to a request with scopes that it does not know. Here every scope asked for must be understood, or all is refused; of
 * those, what the client is registered for and its institution's contract allows today is granted, and the answer's `scope` says what that is.
 */
export async function clientCredentials(
  ctx: TokenEndpointGrantContext,
  issued: (event: TokenIssued) => Promise<void>,
  understands: Understands,
): Promise<void> {
  const { client, params, provider } = ctx.oidc;
  const scope = formatScopes(granted(params.scope, client, understands));
  // A client that came by a certificate uses its token with that one alone (RFC 8705, section 3).
  const bound = client.tlsClientCertificateBoundAccessTokens ? clientCertificate(ctx.req)?.sha256 : undefined;
  const token = new provider.ClientCredentials({ client, scope, ...(bound && { 'x5t#S256': bound }) });
  const value = await token.save();
  const seconds = token.expiration;
  await issued({ clientId: client.clientId, scope, seconds });
  ctx.body = { access_token: value, token_type: 'Bearer', expires_in: seconds, scope };
}

function granted(requested: string | undefined, client: Client, understands: Understands): readonly Scope[] {
  if (!requested) throw invalidScope('scope is required');
  const scopes = parseScopes(requested, 'system');
  if (!scopes) throw invalidScope(`not a SMART system scope: ${firstUnknown(requested)}`);
  const strange = scopes.find(({ type, query }) => query !== undefined && !understands(type, query));
  if (strange) throw invalidScope(`not a search on ${strange.type}: ${strange.query?.slice(0, 80)}`);
  const registered = intersectScopes(scopes, parseScopes(String(client[REGISTERED_SCOPE] ?? ''), 'system') ?? []);
  if (registered.length === 0) throw invalidScope('the client is registered for none of these scopes');
  const services = Number(client[INSTITUTION_SERVICES] ?? 0);
  const beyond = client[INSTITUTION_KIND] === 'operator' ? [] : typesBeyond(services, registered);
  const result = registered.filter(({ type }) => !beyond.includes(type));
  if (result.length === 0) throw invalidScope('the contract of the institution has no service for these scopes');
  return result;
}

function invalidScope(description: string): Error {
  return new errors.CustomOIDCProviderError('invalid_scope', description);
}

/** oidc-provider has let only the characters of RFC 6749's scope-token through, so that it can stand in an error_description. */
function firstUnknown(requested: string): string {
  return (
    requested
      .split(' ')
      .find((text) => parseScope(text)?.context !== undefined || !parseScope(text))
      ?.slice(0, 80) ?? ''
  );
}

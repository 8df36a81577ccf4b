import { decodeProtectedHeader } from 'jose';
import { type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { ClientRow } from '../store/identity.ts';
import type { PublicJwks } from './jwks.ts';
import type { Whose } from './jwks-by-url.ts';

/** Members of ours that oidc-provider carries along with a client: the most that it may be granted, and whose it is. */
export const REGISTERED_SCOPE = 'registered_scope';
export const INSTITUTION_KIND = 'institution_kind';
export const INSTITUTION_NAME = 'institution_name';
export const INSTITUTION_SERVICES = 'institution_services';
export const OWN_MEMBERS = [REGISTERED_SCOPE, INSTITUTION_KIND, INSTITUTION_NAME, INSTITUTION_SERVICES];

/** Keys that a client publishes at a URL (jwks-by-url.ts). Rejects where they cannot be had. */
export type KeysByUrl = (url: string, kid: string | undefined, whose: Whose) => Promise<PublicJwks>;

/** A row as OAuth client metadata (RFC 7591); undefined for a client that cannot authenticate, for its terminal is gone. */
export async function clientMetadata(row: ClientRow, keysByUrl: KeysByUrl): Promise<AdapterPayload | undefined> {
  if (row.auth_method === 'tls_client_auth' && row.terminal_sha256 === null) return undefined;
  return {
    client_id: row.id,
    client_name: row.name,
    token_endpoint_auth_method: row.auth_method,
    ...(row.kind === 'app' ? appMetadata(row) : SYSTEM),
    ...(row.auth_method === 'private_key_jwt' && { jwks: await keysOf(row, keysByUrl) }),
    // What oidc-provider calls a subject is for us the certificate itself: see provider.ts.
    ...(row.auth_method === 'tls_client_auth' && {
      tls_client_auth_subject_dn: row.terminal_sha256,
      tls_client_certificate_bound_access_tokens: true,
    }),
    [REGISTERED_SCOPE]: row.scope,
    [INSTITUTION_KIND]: row.institution_kind,
    [INSTITUTION_NAME]: row.institution_name,
    [INSTITUTION_SERVICES]: row.institution_services,
  } as AdapterPayload;
}

const SYSTEM = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };

function appMetadata({ redirect_uris, id_token_alg }: ClientRow): object {
  return {
    // A native app takes whatever port is free (RFC 8252, 7.3): oidc-provider compares without it for these alone.
    application_type: redirect_uris.some((uri) => uri.startsWith('http:')) ? 'native' : 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    response_modes: ['query'],
    redirect_uris: [...redirect_uris],
    id_token_signed_response_alg: id_token_alg,
  };
}

/** Fetched only where they are needed at once: for an assertion that is to be verified. */
async function keysOf(
  { id, generation, institution, jwks, jwks_uri }: ClientRow,
  keysByUrl: KeysByUrl,
): Promise<object> {
  if (jwks_uri === null) return jwks ?? { keys: [] };
  const assertion = Provider.ctx?.oidc?.params?.client_assertion;
  if (typeof assertion !== 'string') return { keys: [] };
  try {
    return await keysByUrl(jwks_uri, kidOf(assertion), { client: `${id} ${generation}`, institution });
  } catch (cause) {
    throw new errors.InvalidClientAuth(`the client's keys cannot be had: ${String(cause)}`);
  }
}

function kidOf(assertion: string): string | undefined {
  try {
    return decodeProtectedHeader(assertion).kid;
  } catch {
    return undefined; // it will be refused as what it is
  }
}

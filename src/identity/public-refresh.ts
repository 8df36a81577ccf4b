import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { findSingle } from '../store/authorization.ts';
import type { Queryable } from '../store/database.ts';
import { type ClientRow, findClient } from '../store/identity.ts';
import { tokenHash } from './callers.ts';

/**
 * SMART's refresh request of a public app says neither who the client is nor proves it (https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html,
 * "request a new access token using refresh token"): it has the refresh token and nothing else. oidc-provider wants a `client_id`. Such a
 * request is given this one, which no client can have, and the adapter takes the client from the refresh token.
 */
export const UNNAMED_CLIENT = '~of-the-refresh-token';

interface Params {
  readonly grant_type?: unknown;
  readonly refresh_token?: unknown;
  readonly client_assertion?: unknown;
  client_id?: unknown;
}

/** Gives refresh requests without a client their place-holder, as soon as their parameters are known. */
export function nameClientsOfRefreshTokens(provider: Provider): void {
  const known = new WeakMap<object, Params>();
  Object.defineProperty(provider.OIDCContext.prototype, 'params', {
    configurable: true,
    get(this: object) {
      return known.get(this);
    },
    set(this: { readonly ctx: KoaContextWithOIDC }, params: Params) {
      if (isUnnamed(params) && this.ctx.headers.authorization === undefined) params.client_id = UNNAMED_CLIENT;
      known.set(this, params);
    },
  });
}

const isUnnamed = ({ grant_type, refresh_token, client_assertion, client_id }: Params): boolean =>
  grant_type === 'refresh_token' &&
  typeof refresh_token === 'string' &&
  client_assertion === undefined &&
  client_id === undefined;

/**
 * The public client that the refresh token of the current request was given to; a used one too, so that its second use is noticed.
 *
 * @throws errors.InvalidGrant for a token that there is not; errors.InvalidClientAuth for that of a client that can prove who it is
 */
export async function clientOfRefreshToken(database: Queryable): Promise<ClientRow | undefined> {
  const token = Provider.ctx?.oidc.params?.refresh_token;
  const row = typeof token === 'string' && (await findSingle(database, 'refresh_token', tokenHash(token)));
  const id = row && (row.content as { readonly clientId?: unknown }).clientId;
  const client = typeof id === 'string' ? await findClient(database, id) : undefined;
  if (!client) throw new errors.InvalidGrant('refresh token not found');
  if (client.auth_method !== 'none') throw new errors.InvalidClientAuth('the client must authenticate');
  return client;
}

import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import { clientCertificate } from '../http/client-certificate.ts';
import {
  deleteSingle,
  endGrant,
  findGrant,
  findSingle,
  insertSingle,
  type Single,
  useSingle,
} from '../store/authorization.ts';
import type { Queryable } from '../store/database.ts';
import { findClient } from '../store/identity.ts';
import { deleteInteraction, findInteraction, putInteraction } from '../store/interaction.ts';
import { deleteToken, findTokens, insertPersonToken, insertToken } from '../store/token.ts';
import { tokenHash } from './callers.ts';
import { isClientId } from './client-id.ts';
import { clientMetadata, type KeysByUrl } from './metadata.ts';
import { clientOfRefreshToken, UNNAMED_CLIENT } from './public-refresh.ts';

/**
 * What oidc-provider may keep, by its name for the model. Whatever is not here it cannot keep: that fails. Nothing is stored under a token
 * or code itself, but under its hash; authorizations are made by authorize.ts, and only looked at here.
 */
export function adapterFactory(
  database: Queryable,
  resource: string,
  keysByUrl: KeysByUrl,
): (model: string) => Adapter {
  const end = (id: string) => endGrant(database, id);
  const models: Readonly<Record<string, Partial<Adapter>>> = {
    Client: {
      find: async (id) => {
        const row =
          id === UNNAMED_CLIENT
            ? await clientOfRefreshToken(database)
            : isClientId(id)
              ? await findClient(database, id)
              : undefined;
        return row && clientMetadata(row, keysByUrl);
      },
    },
    Grant: {
      find: async (id) => {
        const grant = await findGrant(database, id);
        if (!grant) return undefined;
        const { client, person, scope, oidc_scope, started, expires } = grant;
        const times = { iat: Math.floor(started), exp: Math.floor(expires) };
        const openid = oidc_scope === '' ? undefined : { scope: oidc_scope };
        const said = {
          accountId: person,
          clientId: client,
          resources: { [resource]: scope },
          ...(openid && { openid }),
        };
        return { kind: 'Grant', jti: id, ...times, ...said } as AdapterPayload;
      },
      destroy: end,
    },
    AuthorizationCode: { ...single(database, 'authorization_code', 'code'), revokeByGrantId: end },
    RefreshToken: { ...single(database, 'refresh_token', 'refresh token'), revokeByGrantId: end },
    AccessToken: {
      // Also bound to the terminal's certificate where the person's institution demands it, which only the statement knows.
      // Whether the authorization holds is looked at once more: somebody may have been shut out since it was found.
      upsert: async (token, payload, seconds = 0) => {
        const row = { ...rowOf(token, payload, seconds), grant: payload.grantId ?? '' };
        if (!(await insertPersonToken(database, row))) throw new errors.InvalidGrant('authorization is over');
      },
      find: (token) => tokenPayload(database, token, 'AccessToken'),
      destroy: (token) => deleteToken(database, tokenHash(token)),
      revokeByGrantId: end,
    },
    ClientCredentials: {
      upsert: async (token, payload, seconds = 0) => {
        const row = { ...rowOf(token, payload, seconds), client: payload.clientId ?? '' };
        if (!(await insertToken(database, row))) throw new errors.InvalidClientAuth('client was shut out');
      },
      find: (token) => tokenPayload(database, token, 'ClientCredentials'),
      destroy: (token) => deleteToken(database, tokenHash(token)),
    },
    Interaction: {
      upsert: async (uid, { jti: _, session: __, ...content }, seconds = 0) =>
        putInteraction(database, { hash: tokenHash(uid), seconds, content }),
      find: async (uid) => {
        const content = await findInteraction(database, tokenHash(uid));
        return content && ({ ...content, jti: uid } as AdapterPayload);
      },
      destroy: (uid) => deleteInteraction(database, tokenHash(uid)),
    },
    // Replays are refused in one atomic statement before oidc-provider looks (provider.ts); its look and its note are two.
    ReplayDetection: { find: async () => undefined, upsert: async () => undefined },
  };
  return (model) => Object.assign(Object.create(refusing(model)), models[model]);
}

const rowOf = (token: string, payload: AdapterPayload, seconds: number) => ({
  hash: tokenHash(token),
  scope: payload.scope ?? '',
  seconds,
  certificate: Provider.ctx && clientCertificate(Provider.ctx.req)?.sha256,
  bound: payload['x5t#S256'] !== undefined,
});

/** A living access token, for introspection and revocation. */
async function tokenPayload(
  database: Queryable,
  token: string,
  kind: 'AccessToken' | 'ClientCredentials',
): Promise<AdapterPayload | undefined> {
  const [row] = await findTokens(database, [tokenHash(token)]);
  if (!row || (row.grant_id !== null) !== (kind === 'AccessToken')) return undefined;
  return {
    kind,
    jti: token,
    clientId: row.client,
    scope: row.scope,
    iat: Math.floor(row.issued / 1000),
    exp: Math.floor(row.expires / 1000),
    ...(row.grant_id !== null && { grantId: row.grant_id, accountId: row.person ?? '' }),
    ...(row.certificate !== null && { 'x5t#S256': row.certificate }),
  } as AdapterPayload;
}

/** A code or a refresh token. What they say is kept but for the value itself. */
function single(database: Queryable, table: Single, label: string): Partial<Adapter> {
  return {
    upsert: async (value, { jti: _, grantId = '', ...content }, seconds = 0) => {
      const one = { hash: tokenHash(value), grant: grantId, seconds, content };
      if (!(await insertSingle(database, table, one))) throw new errors.InvalidGrant('authorization is over');
    },
    find: async (value) => {
      const row = await findSingle(database, table, tokenHash(value));
      if (!row) return undefined;
      const used = row.used === null ? {} : { consumed: Math.floor(row.used) };
      return { ...row.content, jti: value, grantId: row.grant_id, ...used } as AdapterPayload;
    },
    // oidc-provider looked whether it was used; this decides, for all processes.
    consume: async (value) => {
      if (!(await useSingle(database, table, tokenHash(value)))) throw new errors.InvalidGrant(`${label} already used`);
    },
    destroy: (value) => deleteSingle(database, table, tokenHash(value)),
  };
}

function refusing(model: string): Adapter {
  const refuse = (operation: string) => () => Promise.reject(new Error(`identity keeps no ${model}: ${operation}`));
  return {
    upsert: refuse('upsert'),
    find: refuse('find'),
    findByUserCode: refuse('findByUserCode'),
    findByUid: refuse('findByUid'),
    consume: refuse('consume'),
    destroy: refuse('destroy'),
    revokeByGrantId: refuse('revokeByGrantId'),
  };
}

import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Queryable } from '../store/database.ts';
import { deleteToken, findClient, insertToken } from '../store/identity.ts';
import { tokenHash } from './callers.ts';
import { isClientId } from './clients.ts';

/** Client metadata of ours that oidc-provider carries along: the most that the client may be granted. */
export const REGISTERED_SCOPE = 'registered_scope';

/** What oidc-provider may keep, by its name for the model. Whatever is not here it cannot keep: that fails. */
export function adapterFactory(database: Queryable): (model: string) => Adapter {
  const models: Readonly<Record<string, Partial<Adapter>>> = {
    Client: {
      find: async (id) => (isClientId(id) ? clientMetadata(await findClient(database, id)) : undefined),
    },
    ClientCredentials: {
      // The client is looked at once more: it may have been shut out since it authenticated.
      upsert: async (token, payload, seconds = 0) => {
        const row = { hash: tokenHash(token), client: payload.clientId ?? '', scope: payload.scope ?? '', seconds };
        if (!(await insertToken(database, row))) throw new errors.InvalidClientAuth('client was shut out');
      },
      destroy: (token) => deleteToken(database, tokenHash(token)),
    },
    // Replays are refused in one atomic statement before oidc-provider looks (provider.ts); its look and its note are two.
    ReplayDetection: { find: async () => undefined, upsert: async () => undefined },
  };
  return (model) => Object.assign(Object.create(refusing(model)), models[model]);
}

function clientMetadata(client: Awaited<ReturnType<typeof findClient>>): AdapterPayload | undefined {
  if (!client) return undefined;
  return {
    client_id: client.id,
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    jwks: client.jwks,
    [REGISTERED_SCOPE]: client.scope,
  } as AdapterPayload;
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

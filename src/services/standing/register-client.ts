import type { Operation, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { registerClient, TOKEN_PATH } from '../../identity/index.ts';
import type { Database } from '../../store/database.ts';

/** `Organization/[id]/$register-client`: the operator registers a system of an institution by its public keys. */
export const registerClientOperation = (database: Database): Operation => ({
  name: 'register-client',
  types: ['Organization'],
  level: 'instance',
  methods: ['POST'],
  kinds: ['operator'],
  permission: 'u',
  documentation:
    'Registers a system client of the institution. In: name, jwks (JSON Web Key Set as text), scope. Out: clientId, tokenUrl.',
  run: async ({ engine, id, body }) => {
    const text = (name: string) => {
      const value = parameter(body as Resource, name)?.valueString;
      if (typeof value !== 'string')
        throw refuse.badRequest(
          `$register-client needs the parameter ${name} with a valueString`,
          `Parameters.parameter('${name}')`,
          'required',
        );
      return value;
    };
    const { clientId } = await registerClient(database, {
      organization: engine.keys.rid('Organization', id as string),
      name: text('name'),
      jwks: text('jwks'),
      scope: text('scope'),
    });
    return {
      status: 200,
      body: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'clientId', valueString: clientId },
          { name: 'tokenUrl', valueUri: `${engine.baseUrl}${TOKEN_PATH}` },
        ],
      },
    };
  },
});

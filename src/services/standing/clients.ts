import { SERVICES } from '../../access/access.ts';
import { isOperator } from '../../access/administers.ts';
import { servicesFor, typesBeyond } from '../../access/service-types.ts';
import type { Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { understandsQuery } from '../../fhir/scope-query.ts';
import { refuse } from '../../http/errors.ts';
import {
  type ClientKeys,
  parseScope,
  registerApp,
  registerClient,
  registeredScope,
  TOKEN_PATH,
} from '../../identity/index.ts';
import { publicJwks } from '../../identity/jwks.ts';
import type { JwksByUrl } from '../../identity/jwks-by-url.ts';
import { clientName } from '../../identity/registration.ts';
import { clientsOf, type RegisteredClient, updateClient } from '../../store/client-registry.ts';
import type { Queryable } from '../../store/database.ts';
import { disableClientOf } from '../../store/standing.ts';
import { audited, inTurn, keepOperator, reasonOf } from './act.ts';
import { instant, institutionOf, KEEPERS, neededText, type Part, parameters, textOf } from './asked.ts';
import { issued } from './software.ts';

const common = { types: ['Organization'], level: 'instance', kinds: [], roles: KEEPERS } as const;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const KEYS_SAID = 'jwks (JSON Web Key Set as text), or jwksUrl, or terminal';
const SOFTWARE_SAID = 'software, version, issuedTo for the register';
export type JwksUrls = Pick<JwksByUrl, 'mayBe'>;

/** Systems and apps of an institution, as its administrator looks after them. */
export const clientOperations = (urls: JwksUrls): readonly Operation[] => [
  {
    ...common,
    name: 'register-client',
    methods: ['POST'],
    permission: 'u',
    documentation: `Registers a system of the institution. In: name, scope, ${KEYS_SAID}; ${SOFTWARE_SAID}. Out: clientId, tokenUrl.`,
    run: async (request) => {
      const { engine, body } = request;
      const asked = { name: text(body, 'name'), scope: text(body, 'scope'), ...keys(body, true) };
      return register(request, asked.scope, (tx, organization) =>
        registerClient(tx, {
          ...asked,
          organization,
          understands: (type, query) => understandsQuery(engine, type, query),
          mayFetch: (url) => urls.mayBe(url),
        }),
      );
    },
  },
  {
    ...common,
    name: 'register-app',
    methods: ['POST'],
    permission: 'u',
    documentation: `Registers an app for people (SMART App Launch). In: name, scope, redirectUri (one or more), launchUrl, ${KEYS_SAID} or none for a public client; ${SOFTWARE_SAID}. Out: clientId, tokenUrl.`,
    run: async (request) => {
      const { engine, body } = request;
      const asked = { name: text(body, 'name'), scope: text(body, 'scope'), ...keys(body, false) };
      const [redirectUris, launchUris] = [texts(body, 'redirectUri'), texts(body, 'launchUrl')];
      return register(request, asked.scope, (tx, organization) =>
        registerApp(tx, {
          ...asked,
          redirectUris,
          launchUris,
          organization,
          understands: (type, query) => understandsQuery(engine, type, query),
          mayFetch: (url) => urls.mayBe(url),
        }),
      );
    },
  },
  {
    ...common,
    name: 'clients',
    methods: ['GET'],
    permission: 'r',
    documentation: 'The institution’s systems and apps, those in use first. Out: client.',
    run: async (request) => {
      const institution = await institutionOf(request);
      const clients = await clientsOf(request.access, request.engine.database, institution.rid);
      return { status: 200, body: parameters(clients.map((one): Part => ['client', partsOf(one)])) };
    },
  },
  {
    ...common,
    name: 'update-client',
    methods: ['POST'],
    permission: 'u',
    documentation:
      'Changes a system or app. In: client; name, scope (of a system), jwks or jwksUrl. Keys before stay good beside new jwks for overlapHours (24; 0 to 168); a jwksUrl takes their place at once, and given again has its keys fetched anew. Out: clientId.',
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      const id = neededText(body, 'client', 128);
      const change = changeOf(request, urls);
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, institution.rid);
        const client = (await clientsOf(access, tx, institution.rid)).find((one) => one.id === id && one.active);
        if (!client) throw refuse.notFound();
        if (change.scope !== undefined) {
          if (client.kind !== 'system')
            throw refuse.unprocessable(
              'The scopes of an app do not change; register it anew',
              "Parameters.parameter('scope')",
            );
          checkServices(request, change.scope, (await institutionOf(request, tx)).services);
        }
        if (!(await updateClient(access, tx, { id, institution: institution.rid, ...change })))
          throw refuse.unprocessable('This client does not authenticate by keys', "Parameters.parameter('jwks')");
        await audited(
          request,
          tx,
          'update-client',
          about(request, institution.rid, `${id} ${Object.keys(change).join(' ')}`),
        );
      });
      return { status: 200, body: parameters([['clientId', id]]) };
    },
  },
  {
    ...common,
    name: 'disable-client',
    methods: ['POST'],
    permission: 'u',
    documentation:
      'Shuts a system or app out at once and for good. In: client, reason (theft, loss, misuse, other), text, reporter. Out: active.',
    run: async (request) => {
      const { engine, access, body } = request;
      const institution = await institutionOf(request);
      const id = neededText(body, 'client', 128);
      const act = reasonOf(request);
      const { rid } = institution;
      await engine.database.transaction(async (tx) => {
        await inTurn(access, tx, rid);
        const clients = await clientsOf(access, tx, rid);
        if (!clients.some((one) => one.id === id)) throw refuse.notFound();
        await keepOperator(request, tx, rid, { client: id });
        if ((await disableClientOf(access, tx, { id, institution: rid }, act)) === 'done')
          await audited(request, tx, 'disable-client', about(request, rid, `${id} ${act.reason}`));
      });
      return { status: 200, body: parameters([['active', false]]) };
    },
  },
];

async function register(
  request: OperationRequest,
  scope: string,
  insert: (tx: Queryable, institution: bigint) => Promise<{ clientId: string }>,
) {
  const { engine, access } = request;
  const institution = await institutionOf(request);
  const clientId = await engine.database.transaction(async (tx) => {
    await inTurn(access, tx, institution.rid);
    // As the contract is now: it waits for this one, or this one for it.
    checkServices(request, scope, (await institutionOf(request, tx)).services);
    const made = await insert(tx, institution.rid);
    await issued(request, tx, institution.rid, { client: made.clientId });
    await audited(request, tx, 'register-client', about(request, institution.rid, made.clientId));
    return made.clientId;
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
}

/** Before an institution has a contract the operator may register its systems already: they get in once there is one. */
function checkServices({ access }: OperationRequest, scope: string, services: number): void {
  if (services === 0 && isOperator(access)) return;
  const [beyond] = typesBeyond(
    services,
    scope.split(' ').flatMap((part) => parseScope(part) ?? []),
  );
  if (beyond === undefined) return;
  const names = servicesFor(beyond).join(' or ');
  throw refuse.unprocessable(
    `The institution’s contract has no service for ${beyond}: it needs ${names}, of ${Object.keys(SERVICES).join(', ')}`,
    "Parameters.parameter('scope')",
  );
}

const MOST_OVERLAP = 168;

function changeOf({ engine, body }: OperationRequest, urls: JwksUrls) {
  const name = textOf(body, 'name', 200);
  const scope = textOf(body, 'scope', 16_384);
  const { jwks, jwksUri } = keys(body, false);
  const hours =
    (body?.parameter as { name?: string; valueInteger?: unknown }[] | undefined)?.find(
      (one) => one?.name === 'overlapHours',
    )?.valueInteger ?? 24;
  if (typeof hours !== 'number' || !Number.isInteger(hours) || hours < 0 || hours > MOST_OVERLAP)
    throw refuse.badRequest(
      `overlapHours must be a valueInteger from 0 to ${MOST_OVERLAP}`,
      "Parameters.parameter('overlapHours')",
      'value',
    );
  if (jwks !== undefined && jwksUri !== undefined)
    throw refuse.unprocessable('A client has keys, or a URL of keys: one of them', undefined, 'value');
  if (jwksUri !== undefined && !urls.mayBe(jwksUri))
    throw refuse.unprocessable('The URL of the keys must be https, without user name and fragment', undefined, 'value');
  const change = {
    ...(name !== undefined && { name: clientName(name) }),
    ...(scope !== undefined && {
      scope: registeredScope(scope, (type, query) => understandsQuery(engine, type, query)),
    }),
    ...(jwks !== undefined && { jwks: publicJwks(jwks), overlapSeconds: hours * 3600 }),
    ...(jwksUri !== undefined && { jwksUri }),
  };
  if (Object.keys(change).length === 0)
    throw refuse.badRequest('Nothing is to be changed: give name, scope, jwks or jwksUrl', undefined, 'required');
  return change;
}

function keys(body: Resource | undefined, needed: boolean): ClientKeys {
  const jwksUri = textOf(body, 'jwksUrl', 1_000);
  const terminal = textOf(body, 'terminal', 64);
  if (terminal !== undefined && !UUID.test(terminal))
    throw refuse.unprocessable('There is no such terminal', undefined, 'not-found');
  const [jwks] = needed && jwksUri === undefined && terminal === undefined ? [text(body, 'jwks')] : texts(body, 'jwks');
  return {
    ...(jwks !== undefined && { jwks }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(terminal !== undefined && { terminal }),
  };
}

/** As it was sent: what it may be is for those who keep it. */
function text(body: Resource | undefined, name: string): string {
  const [value] = texts(body, name);
  if (value === undefined)
    throw refuse.badRequest(
      `The parameter ${name} is needed, with a valueString`,
      `Parameters.parameter('${name}')`,
      'required',
    );
  return value;
}

function texts(body: Resource | undefined, name: string): string[] {
  const all = (Array.isArray(body?.parameter) ? body.parameter : []) as (Record<string, unknown> | null)[];
  return all
    .filter((one) => one?.name === name)
    .flatMap((one) => [one?.valueString, one?.valueUri, one?.valueUrl].filter((value) => typeof value === 'string'));
}

const about = ({ id }: OperationRequest, resource: bigint, detail: string) => ({
  type: 'Organization',
  resource,
  resourceId: id as string,
  detail,
});

const partsOf = (one: RegisteredClient): readonly Part[] => [
  ['client', one.id],
  ['name', one.name],
  ['kind', one.kind],
  ['authMethod', one.authMethod],
  ['scope', one.scope],
  ['jwksUrl', one.jwksUri],
  ['kids', one.kids?.join(' ')],
  ...one.redirectUris.map((uri): Part => ['redirectUri', uri]),
  ...one.launchUris.map((uri): Part => ['launchUrl', uri]),
  ['terminal', one.terminal],
  ['registered', new Date(one.registeredAt)],
  ['active', one.active],
  ['disabled', instant(one.disabledAt)],
];

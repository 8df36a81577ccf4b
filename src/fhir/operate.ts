import { SERVICES } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import { languageOf, wantedType } from '../http/negotiate.ts';
import { isWithinScopes } from '../store/within-scopes.ts';
import type { Answer, Engine, Operation } from './engine.ts';
import { LEG, permitScope, permitType } from './permit.ts';
import { bodyOf, type FhirRequest } from './request.ts';

/** https://hl7.org/fhir/R4/operations.html: `$name` on the system, a type or an instance, as the services offer it. */
export async function operate(request: FhirRequest): Promise<Answer> {
  const { engine, access, method, path } = request;
  const name = (path.at(-1) as string).slice(1);
  const [type, id] = path.length === 1 ? [] : path;
  const operation = operationAt(engine, path);
  if (!operation) throw refuse.unknown(`There is no operation $${name.slice(0, 64)} here`);
  if (!(operation.methods as readonly string[]).includes(method))
    throw refuse.notAllowed(`$${name} answers ${operation.methods.join(', ')}`, operation.methods.join(', '));
  permit(request, operation, type);
  await permitInstance(request, operation, type, path.length === 3 ? id : undefined);
  const content = method === 'POST' ? contentOf(request, operation) : undefined;
  const body = method === 'POST' && request.body.length > 0 && !content ? bodyOf(request) : undefined;
  const wants = wantedType(
    request.header('accept'),
    operation.gives ?? [],
    request.query.find(([name]) => name === '_format')?.[1],
  );
  return operation.run({
    engine,
    access,
    method,
    ...(type !== undefined && { type }),
    ...(path.length === 3 && id !== undefined && { id }),
    query: request.query,
    body: body?.resource,
    decimals: body?.decimals ?? false,
    ...(content && { content }),
    ...(wants !== undefined && { wants }),
    language: languageOf(request.header('accept-language')),
  });
}

/** The operation at a path that ends with `$name`; undefined where the server has none. */
export function operationAt(engine: Engine, path: readonly string[]): Operation | undefined {
  const name = path.at(-1)?.startsWith('$') ? path.at(-1)?.slice(1) : undefined;
  const level = path.length === 1 ? 'system' : path.length === 2 ? 'type' : 'instance';
  if (name === undefined || path.length > 3) return undefined;
  return engine.operations.find(
    (o) => o.name === name && o.level === level && (level === 'system' || o.types.includes(path[0] as string)),
  );
}

/** The type of a body that the operation takes as it is; undefined for FHIR JSON. */
export function takenType(operation: Operation | undefined, contentType: string | undefined): string | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  return operation?.takes?.types.find((taken) => taken === type);
}

function contentOf(request: FhirRequest, operation: Operation): { type: string; bytes: Buffer } | undefined {
  const type = takenType(operation, request.header('content-type'));
  if (type === undefined) return undefined;
  if (request.body.length === 0) throw refuse.badRequest('The request has no body', undefined, 'required');
  return { type, bytes: request.body };
}

/**
 * What is done to institutions, people and contracts, or by administrators for others, is not about a patient and not found by a query: a scope
 * that is narrowed to one gives none of it, or an app that was opened for one patient could let people in.
 */
function extentNeeded({ types, roles, whole }: Operation): 'whole' | 'any' {
  const [type = ''] = types;
  if (whole) return 'whole';
  if (type === 'Patient') return 'any';
  return UNNARROWED.includes(type) || roles?.some((role) => ADMINISTRATION.includes(role)) ? 'whole' : 'any';
}

const UNNARROWED: readonly string[] = ['Organization', 'Practitioner', 'Contract'];
const ADMINISTRATION: readonly string[] = ['administrator', 'operator'];

/**
 * 404 for a resource that the token's scopes do not reach with the operation's letter, there or not: an operation that acts as the system would
 * else do for one patient what the token says of another.
 */
async function permitInstance(
  { engine, access }: FhirRequest,
  { permission }: Operation,
  type: string | undefined,
  id: string | undefined,
): Promise<void> {
  if (type === undefined || id === undefined) return;
  const instance = { type, id, rid: engine.keys.rid(type, id) };
  if (!(await isWithinScopes(access, engine.database, instance, LEG[permission]))) throw refuse.notFound();
}

function permit({ access }: FhirRequest, operation: Operation, type: string | undefined): void {
  if (type !== undefined) permitType(access, type, 'read');
  permitScope(access, type ?? operation.types[0] ?? '*', operation.permission, extentNeeded(operation));
  const { caller } = access;
  if (!caller) return;
  const { name, kinds, roles, service, strong } = operation;
  if (kinds.length > 0 && !kinds.includes(caller.kind))
    throw refuse.forbidden(`$${name} is for institutions of kind ${kinds.join(', ')}`);
  if (roles && caller.person && !caller.person.roles.some((role) => roles.includes(role)))
    throw refuse.forbidden(`$${name} is for people with the role ${roles.join(', ')}`);
  if (strong && caller.person && !caller.person.strong)
    throw refuse.forbidden(`$${name} is for people who have logged in with two factors`);
  if (service && caller.kind !== 'operator' && ((caller.services ?? 0) & SERVICES[service]) === 0)
    throw refuse.forbidden(`$${name} needs the service ${service}, which is not in the institution's contract`);
}

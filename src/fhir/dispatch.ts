import { policyClass } from '../access/policy.ts';
import { isResourceType } from '../definitions/index.ts';
import { refuse } from '../http/errors.ts';
import type { Answer } from './engine.ts';
import { readBinary } from './interactions/binary.ts';
import { bundleInteraction } from './interactions/bundle.ts';
import { capabilities } from './interactions/capabilities.ts';
import { create } from './interactions/create.ts';
import { history } from './interactions/history.ts';
import { read, vread } from './interactions/read.ts';
import { conditionalRemove, remove } from './interactions/remove.ts';
import { search } from './interactions/search.ts';
import { readAudit } from './interactions/search-audit.ts';
import { conditionalUpdate, update } from './interactions/update.ts';
import { operate } from './operate.ts';
import type { FhirRequest } from './request.ts';

/** From method and path to the interaction (https://hl7.org/fhir/R4/http.html#summary). */
export function dispatch(request: FhirRequest): Promise<Answer> | Answer {
  const { method, path } = request;
  const [first, second, third, fourth] = path;
  const last = path.at(-1);
  if (last?.startsWith('$')) return operate(request);
  if (first === undefined) return method === 'POST' ? bundleInteraction(request) : notAllowed('POST');
  if (first === 'metadata' && path.length === 1) return isRead(method) ? capabilities(request) : notAllowed('GET');
  if (first === '_search' || first === '_history')
    throw refuse.unknown('Search and history of all types at once are not offered; name a type');
  if (!isResourceType(first))
    throw refuse.unknown(`FHIR R4 has no resource type ${JSON.stringify(first.slice(0, 64))}`);
  if (second === undefined) return onType(request, first);
  if (second === '_search' && path.length === 2) return method === 'POST' ? search(request, first) : notAllowed('POST');
  if (third === undefined) return onInstance(request, first, second);
  if (third === '_history' && path.length === 3)
    return isRead(method) ? history(request, first, second) : notAllowed('GET');
  if (third === '_history' && path.length === 4)
    return isRead(method) ? vread(request, first, second, fourth as string) : notAllowed('GET');
  throw refuse.unknown('There is nothing at this address');
}

function onType(request: FhirRequest, type: string): Promise<Answer> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return search(request, type);
    case 'POST':
      return create(request, type);
    case 'PUT':
      return conditionalUpdate(request, type, criteria(request));
    case 'DELETE':
      return conditionalRemove(request, type, criteria(request));
    default:
      return notAllowed('GET, POST, PUT, DELETE');
  }
}

function onInstance(request: FhirRequest, type: string, id: string): Promise<Answer> {
  if (type !== 'Bundle' && id === '_history')
    throw refuse.unknown('History is offered for an instance: [type]/[id]/_history');
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (policyClass(type) === 'a') return readAudit(request, id);
      return type === 'Binary' ? readBinary(request, id) : read(request, type, id);
    case 'PUT':
      return update(request, type, id);
    case 'DELETE':
      return remove(request, type, id);
    default:
      return notAllowed('GET, PUT, DELETE');
  }
}

const isRead = (method: string) => method === 'GET' || method === 'HEAD';

/** The search in the URL of a conditional update or delete. */
function criteria(request: FhirRequest): string {
  if (request.query.length === 0) throw refuse.badRequest('Name an id, or give search criteria');
  return request.query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

function notAllowed(allow: string): never {
  throw refuse.notAllowed(`This address answers ${allow}`, allow);
}

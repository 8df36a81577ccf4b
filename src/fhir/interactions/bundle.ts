import { refuse } from '../../http/errors.ts';
import { parseQuery } from '../../http/query.ts';
import type { Answer, Json, Resource } from '../engine.ts';
import { bodyOf, type FhirRequest } from '../request.ts';
import { batch } from './batch.ts';
import type { BundleEntry } from './entry.ts';
import { transaction } from './transaction.ts';

/** https://hl7.org/fhir/R4/http.html#transaction: POST of a Bundle to the base. */
export async function bundleInteraction(request: FhirRequest): Promise<Answer> {
  const { resource, decimals } = bodyOf(request);
  if (resource.resourceType !== 'Bundle')
    throw refuse.badRequest(
      `POST to the base takes a Bundle; POST a ${String(resource.resourceType).slice(0, 64)} to its type`,
      'resourceType',
    );
  if (resource.type !== 'batch' && resource.type !== 'transaction')
    throw refuse.badRequest('POST to the base takes a Bundle of type batch or transaction', 'Bundle.type', 'value');
  const list = resource.entry ?? [];
  if (!Array.isArray(list)) throw refuse.badRequest('entry must be an array', 'Bundle.entry', 'structure');
  if (list.length > request.engine.maxEntries)
    throw refuse.tooLarge(`A Bundle may have ${request.engine.maxEntries} entries, this one has ${list.length}`);
  const entries = list.map(entryOf);
  return resource.type === 'batch' ? batch(request, entries, decimals) : transaction(request, entries, decimals);
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

function entryOf(entry: unknown, place: number): BundleEntry {
  const at = `Bundle.entry[${place}]`;
  const { request, resource, fullUrl } = (entry ?? {}) as { request?: Json; resource?: Resource; fullUrl?: unknown };
  if (!request || typeof request !== 'object')
    throw refuse.badRequest('Each entry needs a request', `${at}.request`, 'required');
  const { method, url } = request;
  if (typeof method !== 'string' || !METHODS.includes(method))
    throw refuse.badRequest(`request.method must be one of ${METHODS.join(', ')}`, `${at}.request.method`, 'value');
  if (typeof url !== 'string' || url === '' || url.length > 8000)
    throw refuse.badRequest('Each request needs a url', `${at}.request.url`, 'required');
  if (fullUrl !== undefined && typeof fullUrl !== 'string')
    throw refuse.badRequest('fullUrl must be a string', `${at}.fullUrl`, 'structure');
  const [path = '', ...search] = url.split('?');
  const text = search.join('?');
  return {
    place,
    method: method as BundleEntry['method'],
    path: path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeSegment),
    search: text,
    query: parseQuery(text),
    ...(typeof fullUrl === 'string' && { fullUrl }),
    ...(resource !== undefined && { resource }),
    request,
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refuse.badRequest('A url is not well-formed percent-encoding');
  }
}

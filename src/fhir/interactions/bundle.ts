import { refuse } from '../../http/errors.ts';
import { parseQuery } from '../../http/query.ts';
import type { Answer, Json, Resource } from '../engine.ts';
import { bodyOf, type FhirRequest } from '../request.ts';
import { batch } from './batch.ts';
import { transaction } from './transaction.ts';

/** One entry of a batch or transaction as it was sent. */
export interface BundleEntry {
  readonly place: number;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: readonly string[];
  /** The query of its url, as sent. */
  readonly search: string;
  readonly query: readonly (readonly [string, string])[];
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly request: Json;
}

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

/** An entry as a request of its own: its headers are what its `request` says. */
export function requestOf(outer: FhirRequest, entry: BundleEntry, body: Buffer): FhirRequest {
  const given: Readonly<Record<string, unknown>> = {
    'if-none-match': entry.request.ifNoneMatch,
    'if-modified-since': entry.request.ifModifiedSince,
    'if-match': entry.request.ifMatch,
    'if-none-exist': entry.request.ifNoneExist,
    'content-type': 'application/fhir+json',
    prefer: outer.header('prefer'),
  };
  const header = (name: string) => {
    const value = given[name];
    return typeof value === 'string' ? value : undefined;
  };
  return { ...outer, method: entry.method, path: entry.path, query: entry.query, header, body };
}

/** The response part of an entry. */
export function responseOf(status: number, headers: Readonly<Record<string, string>> = {}): Json {
  return {
    status: `${status} ${REASONS[status] ?? ''}`.trim(),
    ...(headers.Location && { location: headers.Location }),
    ...(headers.ETag && { etag: headers.ETag }),
    ...(headers['Last-Modified'] && { lastModified: new Date(headers['Last-Modified']).toISOString() }),
  };
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

import { refuse } from '../../http/errors.ts';
import { parseQuery } from '../../http/query.ts';
import type { Json, Resource } from '../engine.ts';
import type { FhirRequest } from '../request.ts';

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

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

/** A condition that is not understood must not be dropped. */
const CONDITIONS = ['ifMatch', 'ifNoneExist', 'ifNoneMatch', 'ifModifiedSince'];

/** Throws 400 for an entry that is no request. */
export function entryOf({ engine }: FhirRequest, entry: unknown, place: number): BundleEntry {
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
  for (const name of CONDITIONS) {
    if (request[name] !== undefined && typeof request[name] !== 'string')
      throw refuse.badRequest(`request.${name} must be a string`, `${at}.request.${name}`, 'structure');
  }
  const base = `${engine.baseUrl}/fhir/`;
  const [path = '', ...search] = (url.startsWith(base) ? url.slice(base.length) : url).split('?');
  if (/^[a-z][a-z0-9+.-]*:/i.test(path))
    throw refuse.badRequest(`request.url must be relative to ${base}`, `${at}.request.url`, 'value');
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

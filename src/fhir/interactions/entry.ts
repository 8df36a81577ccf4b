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

import type { ServerResponse } from 'node:http';
import { FhirError, operationOutcome, refuse } from './errors.ts';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';

export interface Reply {
  readonly status: number;
  readonly body?: Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one answer; a body that is bytes goes out as it is. HEAD gets the headers alone. */
export function reply(response: ServerResponse, { status, body, headers }: Reply, headOnly = false): void {
  const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...(bytes && { 'Content-Type': FHIR_JSON }),
    ...(bytes
      ? { 'Content-Length': String(bytes.length) }
      : status === 204 || status === 304
        ? {}
        : { 'Content-Length': '0' }),
    ...headers,
  });
  response.end(headOnly ? undefined : bytes);
}

/** Anything thrown as one shape: our own errors as they are, those of the body reader by their status, all else as a defect. */
export function normalise(error: unknown): FhirError {
  if (error instanceof FhirError) return error;
  const { status, type, limit } = (error ?? {}) as { status?: unknown; type?: unknown; limit?: unknown };
  if (status === 413)
    return refuse.tooLarge(`The body is larger than the ${limit} bytes that are taken here, after decompression`);
  if (status === 415) return refuse.mediaType('The Content-Encoding is not supported; use gzip, deflate, br or none');
  if (type === 'request.aborted') return refuse.badRequest('The request ended before its body was complete');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return refuse.badRequest('The body could not be read');
  return refuse.internal(error);
}

export function replyError(response: ServerResponse, error: FhirError, headOnly = false): void {
  if (response.headersSent) return void response.destroy();
  reply(response, { status: error.status, body: operationOutcome(error.issues), headers: error.headers }, headOnly);
}

/** For the log alone. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

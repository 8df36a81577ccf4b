import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a script of another origin may read of an answer beside its body. */
const EXPOSED = 'Content-Location, ETag, Last-Modified, Location, Retry-After, X-Request-Id';

/**
 * Lets scripts of any origin call the FHIR interface, as SMART apps in browsers do (https://fetch.spec.whatwg.org/#http-cors-protocol). An
 * origin gains nothing by it: who calls is said by a token that the script must have, never by a cookie.
 */
export function crossOrigin(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (request.headers.origin === undefined) return void next();
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    return void next();
  }
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE',
    'Access-Control-Allow-Headers':
      'Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Purpose-Of-Use, X-Request-Id',
    'Access-Control-Max-Age': '600',
  });
  response.end();
}

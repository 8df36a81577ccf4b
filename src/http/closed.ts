import type { IncomingMessage, ServerResponse } from 'node:http';
import { crossOrigin } from './cross-origin.ts';
import { operationOutcome, refuse } from './errors.ts';
import type { Maintenance } from './maintenance.ts';
import { isJson, type Language, languageOf } from './negotiate.ts';
import { FHIR_JSON } from './reply.ts';

/** What answers whether or not the service does: probes, the status page, and the files that pages are made of. */
const ALWAYS = /^\/(?:livez|readyz|status|status\.json|robots\.txt|assets\/[^/]+)$/;
/** What machines call: as the router finds it, whatever case it is written in. */
const FHIR = /^\/fhir(?:\/|$)/i;
const OAUTH = /^\/(?:oauth\/(?:token|introspect|revoke|jwks)|\.well-known\/[^/]+)$/i;
/** Clients wait as long as they are told, and not much longer: the end may have been put off, or come sooner. */
const LONGEST_WAIT = 86_400;

export interface ClosedPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Turns requests away while the service is closed: 503 with Retry-After, in the form that each kind of client reads. What is under way goes on.
 *
 * @param page  for people
 * @param now  epoch milliseconds
 */
export function closedGate(
  maintenance: Maintenance,
  now: () => number,
  page: (language: Language, until: number) => ClosedPage,
) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const at = now();
    const until = maintenance.closedUntil(at);
    if (until === null) return next();
    const path = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
    if (ALWAYS.test(path)) return next();
    const seconds = Math.min(Math.ceil((until - at) / 1000), LONGEST_WAIT);
    const turnAway = () => {
      const { type, body, headers } = bodyFor(path, request, seconds, () =>
        page(languageOf(request.headers['accept-language']), until),
      );
      response.writeHead(503, {
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'no-store',
        ...headers,
        'Retry-After': String(seconds),
        'Content-Type': type,
        'Content-Length': String(Buffer.byteLength(body)),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    // Apps in browsers are to be able to read that they must wait.
    if (FHIR.test(path) || OAUTH.test(path)) crossOrigin(request, response, turnAway);
    else turnAway();
  };
}

const DIAGNOSTICS = 'The service is being maintained; /status says until when';

function bodyFor(path: string, request: IncomingMessage, seconds: number, page: () => ClosedPage) {
  if (OAUTH.test(path))
    return {
      type: 'application/json; charset=utf-8',
      body: JSON.stringify({ error: 'temporarily_unavailable', error_description: DIAGNOSTICS }),
      headers: { Pragma: 'no-cache' },
    };
  const { accept } = request.headers;
  const isFhir = FHIR.test(path) || (accept !== undefined && !/html|\*\/\*/i.test(accept) && isJson(accept));
  if (isFhir)
    return {
      type: FHIR_JSON,
      body: JSON.stringify(operationOutcome(refuse.unavailable(DIAGNOSTICS, seconds).issues)),
      headers: {},
    };
  const { html, headers } = page();
  return { type: 'text/html; charset=utf-8', body: html, headers };
}

import type { Express, Request, Response } from 'express';
import type { ClosedPage } from '../../../http/closed.ts';
import { isJson, type Language, languageOf } from '../../../http/negotiate.ts';
import { serveAsset } from '../../../identity/pages/assets.ts';
import { HEADERS_OF_FILES } from '../../../identity/pages/headers.ts';
import { closedPage, statusPage } from './page.ts';
import { STATUS_STYLE } from './style.ts';
import { statusJson, type ViewOptions, viewOf } from './view.ts';

export interface StatusOptions extends ViewOptions {
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Nothing runs, nothing is sent, nothing is loaded but the style: the page has no script and no form. */
const HEADERS = Object.freeze({
  ...HEADERS_OF_FILES,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  'X-Frame-Options': 'DENY',
});

/** `/status` for people and machines, by Accept, and `/status.json`. Asks nothing of the database: it answers whatever state that is in. */
export function mountStatus(app: Express, options: StatusOptions): void {
  const json = (response: Response) =>
    response
      .status(200)
      .set({ ...HEADERS, Vary: 'Accept, Accept-Language' })
      .json(statusJson(viewOf(options, options.now())));
  app.get('/status.json', (_request, response) => void json(response));
  app.get('/status', (request, response) => {
    const { accept } = request.headers;
    if (accept !== undefined && !/html|\*\/\*/i.test(accept) && isJson(accept)) return void json(response);
    const view = viewOf(options, options.now());
    const page = statusPage({ language: languageAsked(request), zone: options.zone }, view, options.maintenance.weekly);
    response
      .status(200)
      .set({ ...HEADERS, Vary: 'Accept, Accept-Language' })
      .type('html')
      .send(page);
  });
  app.get(STATUS_STYLE.path, (_request, response) => {
    response
      .set({ ...HEADERS_OF_FILES, 'Cache-Control': 'public, max-age=31536000, immutable' })
      .type('css')
      .send(STATUS_STYLE.bytes);
  });
  // Also where the other pages are not mounted, or closed.
  app.get('/assets/:name', serveAsset);
  app.all(['/status', '/status.json'], (_request, response) => {
    response
      .status(405)
      .set({ ...HEADERS, Allow: 'GET, HEAD' })
      .type('text/plain')
      .send('GET, HEAD\n');
  });
}

/** What people read while the service is closed. */
export const closedPageOf =
  (zone: string) =>
  (language: Language, until: number): ClosedPage => ({
    html: closedPage({ language, zone }, until),
    headers: HEADERS,
  });

function languageAsked(request: Request): Language {
  const asked = /[?&]lang=(ja|en)(?:&|$)/.exec(request.url)?.[1];
  return (asked as Language | undefined) ?? languageOf(request.headers['accept-language']);
}

import type { Express, Request, RequestHandler, Response } from 'express';
import { DISCOVERY_PATH, smartConfiguration } from './discovery.ts';
import { createProvider, type ProviderOptions, TOKEN_PATH } from './provider.ts';

/**
 * Puts the token endpoint and SMART's discovery document on the application. Must come before anything that reads request
 * bodies, and before the FHIR routes. Both answer any origin (SMART asks for CORS there) and need no token.
 */
export function mountIdentity(app: Express, options: ProviderOptions): void {
  const provider = createProvider(options).callback();
  const token: RequestHandler = (request, response) => void provider(request, response);
  app.route(TOKEN_PATH).post(token).options(token).all(notAllowed('POST, OPTIONS'));

  const document = JSON.stringify(smartConfiguration(options.baseUrl));
  app
    .route(DISCOVERY_PATH)
    .get((_request, response) => {
      response.set('Access-Control-Allow-Origin', '*').type('application/json').send(document);
    })
    .options((request, response) => {
      response.set('Access-Control-Allow-Origin', '*').set('Access-Control-Allow-Methods', 'GET');
      const headers = request.get('Access-Control-Request-Headers');
      if (headers) response.set('Access-Control-Allow-Headers', headers);
      response.status(204).end();
    })
    .all(notAllowed('GET, OPTIONS'));
}

function notAllowed(allow: string): RequestHandler {
  return (_request: Request, response: Response) => {
    response
      .status(405)
      .set('Allow', allow)
      .json({ error: 'invalid_request', error_description: `use ${allow.split(',')[0]}` });
  };
}

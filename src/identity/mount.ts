import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { Provider } from 'oidc-provider';
import { FhirError } from '../http/errors.ts';
import type { Keys } from '../store/keys.ts';
import { AppInteractions } from './app-interactions.ts';
import { Callers } from './callers.ts';
import { openidConfiguration, smartConfiguration } from './discovery.ts';
import type { Interactions } from './interactions.ts';
import {
  AUTHORIZE_PATH,
  INTROSPECT_PATH,
  JWKS_PATH,
  OPENID_PATH,
  REVOKE_PATH,
  SMART_PATH,
  TOKEN_PATH,
} from './paths.ts';
import { checkLifetimes, createProvider, type ProviderOptions } from './provider.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface IdentityOptions extends ProviderOptions {
  readonly signingKeys: SigningKeys;
  readonly keys: Keys;
  /** Told of each session whose token was used. */
  readonly used?: (session: string) => void;
  /** Whether clients can come with certificates; default no. */
  readonly tls?: boolean;
}

export interface Identity {
  readonly callers: Callers;
  readonly interactions: Interactions;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Puts the OAuth endpoints and their documents on the application. Must come before anything that reads request bodies, and before the
 * FHIR routes. The documents, the token endpoint, introspection and revocation answer any origin (SMART asks for CORS there); the authorization
 * endpoint is for browsers to go to, and none reads its answers.
 *
 * @returns what the pages and the FHIR endpoint ask
 */
export function mountIdentity(app: Express, options: IdentityOptions): Identity {
  checkLifetimes(options);
  const current = currentProvider(options);
  const endpoint: RequestHandler = async (request, response) => {
    try {
      const { handle } = await current();
      asConfigured(request, options.baseUrl);
      handle(request, response);
    } catch (error) {
      unavailable(request, response, error, options);
    }
  };
  for (const path of [TOKEN_PATH, INTROSPECT_PATH, REVOKE_PATH])
    app.route(path).post(endpoint).options(endpoint).all(notAllowed('POST, OPTIONS'));
  app.route(JWKS_PATH).get(endpoint).options(endpoint).all(notAllowed('GET, OPTIONS'));
  app
    .route(AUTHORIZE_PATH)
    .get(endpoint)
    .post(express.raw({ type: FORM, limit: MAX_FORM }), (request, response) => asGet(request, response, options))
    .all(notAllowed('GET, POST'));
  app.route(`${AUTHORIZE_PATH}/:uid`).get(endpoint).all(notAllowed('GET'));
  serve(app, SMART_PATH, smartConfiguration(options.baseUrl, options.tls));
  serve(app, OPENID_PATH, openidConfiguration(options.baseUrl, options.tls));
  const { database, keys } = options;
  const callers = new Callers(database, options.used);
  const provider = async () => (await current()).provider;
  return { callers, interactions: new AppInteractions({ database, keys, callers, provider }) };
}

/** Made anew when the keys change: it is nothing but settings, all that it keeps is in the database. */
function currentProvider(
  options: IdentityOptions,
): () => Promise<{ readonly provider: Provider; readonly handle: Handler }> {
  let made: { readonly id: string; readonly provider: Provider; readonly handle: Handler } | undefined;
  return async () => {
    const { id, keys } = await options.signingKeys.current();
    if (made?.id !== id) {
      const provider = createProvider(options, keys);
      made = { id, provider, handle: provider.callback() };
    }
    return made;
  };
}

/**
 * oidc-provider makes URLs and decides on secure cookies by what the request says of its own address. That is whatever the client likes;
 * ours is in the configuration.
 */
function asConfigured(request: Request, baseUrl: string): void {
  const { protocol, host } = new URL(baseUrl);
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  request.headers['x-forwarded-host'] = host;
  const path = request.originalUrl.replace(/^https?:\/\/[^/?]*/i, '');
  request.url = path;
  request.originalUrl = path;
}

const FORM = 'application/x-www-form-urlencoded';
const MAX_FORM = 32 * 1024;

/**
 * SMART's authorize-post. The browser is sent on to the same request as a GET: only so does it send along the cookie of its session here
 * when the form was on another site, and oidc-provider need not tell two kinds apart.
 */
function asGet(request: Request, response: Response, { baseUrl }: IdentityOptions): void {
  const query = Buffer.isBuffer(request.body) ? request.body.toString('latin1') : '';
  if (query === '' || /[^\x21-\x7e]/.test(query)) {
    response.status(400).json({ error: 'invalid_request', error_description: `send the parameters as ${FORM}` });
    return;
  }
  response.set('Cache-Control', 'no-store').redirect(303, `${baseUrl}${AUTHORIZE_PATH}?${query}`);
}

/** Before there is a provider: the keys could not be read. */
function unavailable(request: Request, response: Response, error: unknown, { failed }: IdentityOptions): void {
  const busy = error instanceof FhirError && error.status === 503;
  if (!busy) failed?.(error, request);
  response
    .status(busy ? 503 : 500)
    .set(busy ? error.headers : {})
    .json(
      busy
        ? { error: 'temporarily_unavailable', error_description: 'try again later' }
        : { error: 'server_error', error_description: 'oops! something went wrong' },
    );
}

function serve(app: Express, path: string, document: object): void {
  const text = JSON.stringify(document);
  app
    .route(path)
    .get((_request, response) => {
      response.set('Access-Control-Allow-Origin', '*').type('application/json').send(text);
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

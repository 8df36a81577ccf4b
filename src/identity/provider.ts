import { generateKeyPairSync } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { FhirError } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { useAssertion } from '../store/identity.ts';
import { adapterFactory, REGISTERED_SCOPE } from './adapter.ts';
import { assertionHash, CLOCK_SKEW, checkAssertion } from './assertion.ts';
import { clientCredentials, type TokenIssued } from './client-credentials.ts';

export const TOKEN_PATH = '/oauth/token';

/** Signature algorithms of client assertions: the two that SMART asks of every server. */
export const ALGORITHMS = ['ES384', 'RS384'] as const;

/** The longest life of a token, in seconds. */
const LONGEST = 300;

/** A token request that was refused: for the log and the audit. Holds nothing secret. */
export interface TokenRefused {
  /** As claimed, unproven; undefined where the client is not known. */
  readonly clientId: string | undefined;
  /** RFC 6749 §5.2. */
  readonly error: string;
  /** Why, in more detail than the client is told. */
  readonly detail: string | undefined;
}

export interface ProviderOptions {
  readonly database: Queryable;
  /** BASE_URL, without a slash at its end. */
  readonly baseUrl: string;
  /** Life of an access token in seconds; "SHALL be no greater than five minutes" (SMART Backend Services), which is also the default. */
  readonly tokenSeconds?: number;
  /** Told of each token before it is sent; a rejection keeps it from being sent. */
  readonly issued?: (event: TokenIssued, request: IncomingMessage) => Promise<void>;
  readonly refused?: (event: TokenRefused, request: IncomingMessage) => void;
  /** Told of each defect that was answered with server_error. */
  readonly failed?: (error: unknown, request: IncomingMessage) => void;
}

/**
 * oidc-provider with the gaps closed that it leaves open to SMART (security.md §5.2). Only the token endpoint is in use; it
 * keeps nothing but what adapter.ts lets it.
 */
export function createProvider(options: ProviderOptions): Provider {
  const { database, baseUrl, tokenSeconds = LONGEST } = options;
  if (!(tokenSeconds >= 1 && tokenSeconds <= LONGEST)) throw new RangeError(`tokens live 1 to ${LONGEST} seconds`);
  const tokenUrl = `${baseUrl}${TOKEN_PATH}`;
  const provider = new Provider(baseUrl, {
    adapter: adapterFactory(database),
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: [...ALGORITHMS] },
    clockTolerance: CLOCK_SKEW,
    extraClientMetadata: { properties: [REGISTERED_SCOPE] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    formats: { bitsOfOpaqueRandomness: 256 },
    jwks: { keys: [unusedKey()] }, // signs nothing, for tokens are opaque; but a client's defaults must name an algorithm that there is a key for
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    responseTypes: [],
    routes: { token: TOKEN_PATH },
    scopes: [],
    ttl: { ClientCredentials: tokenSeconds },
    clientBasedCORS: () => true, // no cookies here: an origin gains nothing that a script without a browser has not
    renderError: (ctx, out) => {
      ctx.type = 'json'; // machines only, whatever Accept says
      ctx.body = out;
    },
    async assertJwtClientAuthClaimsAndHeader(_ctx, claims, header, { clientId }) {
      checkAssertion(header, claims, clientId, tokenUrl, Math.floor(Date.now() / 1000));
      const expires = Number(claims.exp) + CLOCK_SKEW;
      if (!(await useAssertion(database, assertionHash(clientId, String(claims.jti)), expires))) {
        throw new errors.InvalidClientAuth('client assertion: used before');
      }
    },
  });

  // The default takes the issuer too, and a token URL made of the Host header.
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([tokenUrl]);

  provider.registerGrantType(
    'client_credentials',
    (ctx) => clientCredentials(ctx, async (event) => options.issued?.(event, ctx.req)),
    ['scope'],
  );

  provider.use(async (ctx, next) => {
    ctx.set('Pragma', 'no-cache'); // RFC 6749 §5.1; Cache-Control is set already
    await next();
  });
  report(provider, options);
  return provider;
}

function unusedKey(): object {
  return {
    ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    use: 'sig',
    alg: 'ES256',
  };
}

function report(provider: Provider, options: ProviderOptions): void {
  provider.on('grant.error', (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    options.refused?.({ clientId: ctx.oidc.client?.clientId, error: error.error, detail: error.error_detail }, ctx.req);
  });
  const failed = (ctx: { req: IncomingMessage } | undefined, error: unknown) => ctx && options.failed?.(error, ctx.req);
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: unknown) => {
    if (!(error instanceof FhirError && error.status === 503)) return failed(ctx, error);
    ctx.status = 503; // the database cannot serve now: no defect, and the client may come again
    ctx.set(error.headers);
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again later' };
  });
  (provider as EventEmitter).on('error', (error, ctx?: KoaContextWithOIDC) => failed(ctx, error)); // Koa prints to stderr without it
}

import { X509Certificate } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { JWK } from 'jose';
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { clientCertificate } from '../http/client-certificate.ts';
import { FhirError } from '../http/errors.ts';
import type { Database } from '../store/database.ts';
import { useAssertion } from '../store/identity.ts';
import { ANSWER_SECONDS } from '../store/interaction.ts';
import { findAccount } from '../store/present.ts';
import { adapterFactory } from './adapter.ts';
import { SPECIAL_SCOPES, type Understands } from './app-scope.ts';
import { assertionHash, CLOCK_SKEW, checkAssertion } from './assertion.ts';
import { Authorizations, OFFLINE_SECONDS } from './authorizations.ts';
import { checkRequest, existingGrant } from './authorize.ts';
import { clientCredentials, type TokenIssued } from './client-credentials.ts';
import { INSTITUTION_KIND, type KeysByUrl, OWN_MEMBERS } from './metadata.ts';
import { type SessionOf, useOurSessions } from './oidc-session.ts';
import { AUTHORIZE_PATH, INTERACTION_PATH, INTROSPECT_PATH, JWKS_PATH, REVOKE_PATH, TOKEN_PATH } from './paths.ts';
import { prompts } from './policy.ts';
import { nameClientsOfRefreshTokens } from './public-refresh.ts';
import { answerTokens } from './token-answer.ts';

/** Signature algorithms of client assertions: the two that SMART asks of every server. */
export const ALGORITHMS = ['ES384', 'RS384'] as const;

/** The longest life of a token, in seconds: of a system's, and of a person's. */
const LONGEST = 300;
const LONGEST_OF_PEOPLE = 900;

/** A token request that was refused: for the log and the audit. Holds nothing secret. */
export interface TokenRefused {
  /** As claimed, unproven; undefined where the client is not known. */
  readonly clientId: string | undefined;
  /** RFC 6749 §5.2. */
  readonly error: string;
  /** Why, in more detail than the client is told. */
  readonly detail: string | undefined;
}

/** An error of the authorization endpoint that no app can be told of, for it is not known where to. */
export interface AuthorizeError {
  /** RFC 6749 §4.1.2.1. */
  readonly error: string;
  readonly description: string | undefined;
}

export interface ProviderOptions {
  readonly database: Database;
  /** BASE_URL, without a slash at its end. */
  readonly baseUrl: string;
  /** Life of a system's access token in seconds; "SHALL be no greater than five minutes" (SMART Backend Services), which is also the default. */
  readonly tokenSeconds?: number;
  /** Life of a person's access token in seconds, at most 900, which is also the default. */
  readonly personTokenSeconds?: number;
  /** Who is logged in at our pages. */
  readonly sessionOf: SessionOf;
  readonly keysByUrl: KeysByUrl;
  readonly understands: Understands;
  /** What a person is shown of an error; plain text without it. */
  readonly errorPage?: (
    request: IncomingMessage,
    error: AuthorizeError,
  ) => { readonly html: string; readonly headers: Readonly<Record<string, string>> };
  /** Told of each token before it is sent; a rejection keeps it from being sent. */
  readonly issued?: (event: TokenIssued, request: IncomingMessage) => Promise<void>;
  readonly refused?: (event: TokenRefused, request: IncomingMessage) => void;
  /** Told of each defect that was answered with server_error. */
  readonly failed?: (error: unknown, request: IncomingMessage) => void;
}

/**
 * oidc-provider with the gaps closed that it leaves open to SMART (security.md §5.2). It keeps nothing but what adapter.ts lets it, and its
 * sessions are ours.
 *
 * @param keys  private keys of ID tokens, of each algorithm first the one that signs
 */
export function createProvider(options: ProviderOptions, keys: readonly JWK[]): Provider {
  const { database, baseUrl } = options;
  const authorizations = new Authorizations(database);
  const resource = `${baseUrl}/fhir`;
  const tokenUrl = `${baseUrl}${TOKEN_PATH}`;
  const provider: Provider = new Provider(baseUrl, {
    adapter: adapterFactory(database, resource, options.keysByUrl),
    jwks: { keys: [...keys] as NonNullable<Configuration['jwks']>['keys'] },
    clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: [...ALGORITHMS],
      idTokenSigningAlgValues: ['RS256', 'ES256', 'ES384'],
    },
    clockTolerance: CLOCK_SKEW,
    extraClientMetadata: { properties: OWN_MEMBERS },
    // Of a client of systems they are never used; for its defaults there must be a key all the same.
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    features: features(resource),
    formats: { bitsOfOpaqueRandomness: 256 },
    responseTypes: ['code'],
    routes: {
      authorization: AUTHORIZE_PATH,
      token: TOKEN_PATH,
      introspection: INTROSPECT_PATH,
      revocation: REVOKE_PATH,
      jwks: JWKS_PATH,
    },
    scopes: [...SPECIAL_SCOPES],
    claims: { openid: ['sub', 'auth_time', 'acr', 'amr'], profile: ['name', 'fhirUser'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false, // there is no userinfo endpoint: who the person is stands in the ID token
    ttl: {
      ClientCredentials: seconds('tokens of systems', options.tokenSeconds, LONGEST),
      AccessToken: () => seconds('tokens of people', options.personTokenSeconds, LONGEST_OF_PEOPLE),
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: ANSWER_SECONDS,
      RefreshToken: OFFLINE_SECONDS, // or until its authorization is over
      Session: 3600, // never used: see oidc-session.ts
      Grant: OFFLINE_SECONDS, // never used: see authorizations.ts
    },
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: () => true },
    extraParams: {
      aud: null,
      launch: (ctx) => checkRequest(ctx, { database, resource, understands: options.understands }),
    },
    interactions: { policy: prompts(), url: (_ctx, { uid }) => `${baseUrl}${INTERACTION_PATH}/${uid}` },
    cookies: {
      names: { interaction: 'tasuki_interaction', resume: 'tasuki_resume', session: 'tasuki_unused' },
      short: { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false },
      long: { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false },
    },
    clientBasedCORS: () => true, // no cookies here: an origin gains nothing that a script without a browser has not
    expiresWithSession: () => false, // adapter.ts knows better, with the session in the same statement
    issueRefreshToken: (_ctx, _client, code) => code.scopes.has('offline_access') || code.scopes.has('online_access'),
    rotateRefreshToken: true,
    loadExistingGrant: async (ctx) => {
      const id = await existingGrant(ctx, authorizations);
      const grant = id === undefined ? undefined : await provider.Grant.find(id);
      const fits = grant?.accountId === ctx.oidc.session?.accountId && grant?.clientId === ctx.oidc.client?.clientId;
      return fits ? grant : undefined;
    },
    findAccount: async (_ctx, id) => {
      const account = await findAccount(database, id);
      if (!account) return undefined;
      const fhirUser = account.practitioner_id && `${resource}/Practitioner/${account.practitioner_id}`;
      return {
        accountId: account.id,
        claims: async () => ({ sub: account.id, name: account.name, ...(fhirUser && { fhirUser }) }),
      };
    },
    renderError: (ctx, out) => {
      const asked = ctx.path.startsWith(AUTHORIZE_PATH);
      const page = asked && options.errorPage?.(ctx.req, { error: out.error, description: out.error_description });
      if (page) ctx.set(page.headers);
      ctx.type = page ? 'html' : asked ? 'text' : 'json'; // elsewhere machines only, whatever Accept says
      ctx.body = page ? page.html : asked ? `${out.error}: ${out.error_description ?? ''}` : out;
    },
    async assertJwtClientAuthClaimsAndHeader(_ctx, claims, header, client) {
      const audiences = client.grantTypeAllowed('authorization_code') ? [tokenUrl, baseUrl] : [tokenUrl];
      checkAssertion(header, claims, client.clientId, audiences, Math.floor(Date.now() / 1000));
      const expires = Number(claims.exp) + CLOCK_SKEW;
      if (!(await useAssertion(database, assertionHash(client.clientId, String(claims.jti)), expires))) {
        throw new errors.InvalidClientAuth('client assertion: used before');
      }
    },
  });
  provider.proxy = true; // mount.ts writes the headers that this believes, from BASE_URL
  useOurSessions(provider, options.sessionOf);
  nameClientsOfRefreshTokens(provider);
  provider.OIDCContext.prototype.urlFor = (name, options) => provider.urlFor(name, options);
  // The default takes the URL of whatever endpoint it is, made of the Host header.
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = () => new Set([tokenUrl, baseUrl]);
  provider.registerGrantType(
    'client_credentials',
    (ctx) => clientCredentials(ctx, async (event) => options.issued?.(event, ctx.req), options.understands),
    ['scope'],
  );
  provider.use(noForms);
  provider.use(answerTokens(database, resource, options));
  report(provider, options);
  return provider;
}

/**
 * oidc-provider answers errors as a form that a script sends, to whoever asks for `form_post`, whether the client may have it or not: a page
 * with a script in it, outside of the policy of our pages. Here it is a mode that nobody knows.
 */
async function noForms(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  if (ctx.path.startsWith(AUTHORIZE_PATH) && [ctx.query.response_mode].flat().includes('form_post'))
    ctx.query = { ...ctx.query, response_mode: 'none' };
  await next();
}

function features(resource: string): NonNullable<Configuration['features']> {
  const own = (ctx: KoaContextWithOIDC, token: { readonly clientId?: string | undefined }) =>
    token.clientId === ctx.oidc.client?.clientId;
  return {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    // A token of another client is nobody's business but the operator's.
    introspection: {
      enabled: true,
      allowedPolicy: (ctx, client, token) => own(ctx, token) || client[INSTITUTION_KIND] === 'operator',
    },
    revocation: { enabled: true, allowedPolicy: (ctx, _client, token) => own(ctx, token) },
    // RFC 8707 by another name: SMART says `aud`. All scopes are those of the one resource there is.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, asked) => {
        if (asked !== resource) throw new errors.InvalidTarget();
        const scope = ctx.oidc.entities.Grant?.getResourceScope(resource) ?? String(ctx.oidc.params?.scope ?? '');
        return { scope, audience: resource, accessTokenFormat: 'opaque' };
      },
    },
    // RFC 8705. The certificate is the connection's, as http/ has judged it; a client that authenticates by one is registered with it.
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => {
        const certificate = clientCertificate(ctx.req);
        return certificate && new X509Certificate(certificate.der);
      },
      certificateAuthorized: (ctx) => clientCertificate(ctx.req) !== undefined,
      certificateSubjectMatches: (ctx, _property, expected) => clientCertificate(ctx.req)?.sha256 === expected,
    },
  };
}

/** Throws a RangeError where tokens would live longer than they may. */
export function checkLifetimes({ tokenSeconds, personTokenSeconds }: ProviderOptions): void {
  seconds('tokens of systems', tokenSeconds, LONGEST);
  seconds('tokens of people', personTokenSeconds, LONGEST_OF_PEOPLE);
}

function seconds(what: string, given: number | undefined, longest: number): number {
  const life = given ?? longest;
  if (!(life >= 1 && life <= longest)) throw new RangeError(`${what} live 1 to ${longest} seconds`);
  return life;
}

function report(provider: Provider, options: ProviderOptions): void {
  for (const event of ['grant.error', 'introspection.error', 'revocation.error', 'authorization.error'])
    (provider as EventEmitter).on(
      event,
      (ctx: KoaContextWithOIDC, { error, error_detail, error_description }: errors.OIDCProviderError) => {
        const detail = error_detail ?? error_description;
        options.refused?.({ clientId: ctx.oidc.client?.clientId, error, detail }, ctx.req);
      },
    );
  const failed = (ctx: { req: IncomingMessage } | undefined, error: unknown) => ctx && options.failed?.(error, ctx.req);
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: unknown) => {
    if (!(error instanceof FhirError && error.status === 503)) return failed(ctx, error);
    ctx.status = 503; // the database cannot serve now: no defect, and the client may come again
    ctx.set(error.headers);
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again later' };
  });
  (provider as EventEmitter).on('error', (error, ctx?: KoaContextWithOIDC) => failed(ctx, error)); // Koa prints to stderr without it
}

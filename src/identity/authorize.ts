import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { FhirError } from '../http/errors.ts';
import { parseQuery } from '../http/query.ts';
import type { Queryable } from '../store/database.ts';
import { useLaunch } from '../store/interaction.ts';
import { type AppScopes, grantable, needsPatient, parseAppScopes, type Understands } from './app-scope.ts';
import type { Authorizations, Request } from './authorizations.ts';
import { tokenHash } from './callers.ts';
import { REGISTERED_SCOPE } from './metadata.ts';
import { sessionOf } from './oidc-session.ts';
import { resultOf } from './policy.ts';

export interface AuthorizeOptions {
  readonly database: Queryable;
  /** The FHIR base: what SMART's `aud` must be. */
  readonly resource: string;
  readonly understands: Understands;
}

/**
 * What SMART App Launch 2.2 asks of an authorization request beyond OAuth (https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html):
 * scopes that are all understood, `aud` that is this server, a launch that is used once. Runs after client and redirect_uri are known to be
 * right, so that errors go to the app.
 *
 * @throws errors.OIDCProviderError
 */
export async function checkRequest(ctx: KoaContextWithOIDC, options: AuthorizeOptions): Promise<void> {
  const { params, client } = ctx.oidc;
  if (!params || !client) throw new Error('an authorization request without a client');
  // oidc-provider drops offline_access where the person is not asked each time; here the person was asked once, and that is remembered.
  const requested = scopeAsSent(ctx) ?? '';
  const parsed = parseAppScopes(requested, options.understands);
  if ('unknown' in parsed) throw new errors.InvalidScope('not a scope of this server', parsed.unknown);
  const scopes = grantable(requested, registeredScopes(client));
  if (scopes.length === 0) throw new errors.InvalidScope('the app is registered for none of these scopes', requested);
  checkAudience(params.aud, parsed, options.resource);
  const launch = params.launch as string | undefined;
  if (launch === undefined && scopes.includes('launch'))
    throw new errors.InvalidRequest('the scope launch goes with the parameter launch');
  if (launch !== undefined && !(await useLaunch(options.database, tokenHash(launch), client.clientId)))
    throw new errors.InvalidRequest('the launch is unknown, used, or over');
  params.scope = scopes.join(' ');
}

/** The request as it stands once it was checked. */
export function requestOf(ctx: KoaContextWithOIDC): Request {
  const { params, client } = ctx.oidc;
  return {
    client: client?.clientId ?? '',
    scopes: String(params?.scope ?? '').split(' '),
    launch: params?.launch as string | undefined,
  };
}

/**
 * The authorization that this request is answered with: the one that the pages have begun, or a new one where the person has allowed all
 * of this before and need not be asked. Undefined: the person must be asked.
 */
export async function existingGrant(
  ctx: KoaContextWithOIDC,
  authorizations: Authorizations,
): Promise<string | undefined> {
  const session = sessionOf(ctx);
  if (!session) return undefined;
  const begun = resultOf(ctx)?.consent?.grantId;
  if (begun !== undefined) return begun;
  if (ctx.oidc.prompts.size > 0 && !ctx.oidc.prompts.has('none')) return undefined;
  if (ctx.oidc.params?.max_age !== undefined && ctx.oidc.session?.past(Number(ctx.oidc.params.max_age)))
    return undefined;
  const request = requestOf(ctx);
  // Whoever calls back on the loopback interface may be another program than the one that was allowed (RFC 8252, 8.6).
  if (String(ctx.oidc.params?.redirect_uri).startsWith('http:')) return undefined;
  if (!(await authorizations.isRemembered(session.account.id, request.client, request.scopes))) return undefined;
  const launch = await authorizations.launchOf(request);
  if (needsPatient(request.scopes) && launch?.patient == null) return undefined;
  return authorizations.begin(request, { session, scopes: request.scopes, patient: null });
}

function checkAudience(aud: unknown, { resources, special }: AppScopes, resource: string): void {
  const needed = resources.length > 0 || special.some((scope) => scope.startsWith('launch'));
  if (aud === undefined && !needed) return;
  if (aud !== resource && aud !== `${resource}/`)
    throw new errors.InvalidRequest(`aud must be the FHIR server: ${resource}`);
}

const registeredScopes = (client: object): AppScopes => {
  const text = String((client as Record<string, unknown>)[REGISTERED_SCOPE] ?? '');
  const parsed = parseAppScopes(text, () => true);
  return 'unknown' in parsed ? { special: [], resources: [] } : parsed;
};

/** The one parameter that oidc-provider has changed by now. Mount.ts has made every request a GET. */
function scopeAsSent(ctx: KoaContextWithOIDC): string | undefined {
  try {
    return parseQuery(ctx.querystring).find(([name]) => name === 'scope')?.[1];
  } catch (error) {
    if (error instanceof FhirError) throw new errors.InvalidRequest('the query string is not well-formed');
    throw error;
  }
}

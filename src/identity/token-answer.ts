import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { FhirError } from '../http/errors.ts';
import { findGrant } from '../store/authorization.ts';
import type { Queryable } from '../store/database.ts';
import { findTokens } from '../store/token.ts';
import { tokenHash } from './callers.ts';
import type { TokenIssued } from './client-credentials.ts';

interface Told {
  readonly issued?: (event: TokenIssued, request: IncomingMessage) => Promise<void>;
  readonly failed?: (error: unknown, request: IncomingMessage) => void;
}

/**
 * What SMART adds to the answers of the token endpoint and of introspection: the launch context, and who the person is
 * (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html,
 * https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html). A person's token is noted in the audit before it is sent.
 */
export function answerTokens(database: Queryable, resource: string, { issued, failed }: Told) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    ctx.set('Pragma', 'no-cache'); // RFC 6749 §5.1; Cache-Control is set already
    await next();
    try {
      if (ctx.oidc?.route === 'token') await completeToken(ctx);
      if (ctx.oidc?.route === 'introspection') await completeIntrospection(ctx);
    } catch (error) {
      // Too late for oidc-provider's own errors: the token must not be sent.
      const busy = error instanceof FhirError && error.status === 503;
      ctx.status = busy ? 503 : 500;
      ctx.body = { error: busy ? 'temporarily_unavailable' : 'server_error' };
      if (!busy) failed?.(error, ctx.req);
    }
  };

  async function completeToken(ctx: KoaContextWithOIDC): Promise<void> {
    const token = ctx.oidc.entities.AccessToken;
    const body = bodyOf(ctx);
    if (!token?.grantId || typeof body?.access_token !== 'string') return;
    const grant = await findGrant(database, token.grantId);
    if (grant?.patient_id) Object.assign(body, { patient: grant.patient_id, need_patient_banner: true });
    const { clientId = '', scope = '', expiration, accountId } = token;
    await issued?.(
      { clientId, scope, seconds: expiration, person: accountId, institution: grant?.institution },
      ctx.req,
    );
  }

  async function completeIntrospection(ctx: KoaContextWithOIDC): Promise<void> {
    const body = bodyOf(ctx);
    if (body?.active !== true || !ctx.oidc.entities.AccessToken) return;
    const [row] = await findTokens(database, [tokenHash(String(ctx.oidc.params?.token))]);
    if (row?.patient_id) body.patient = row.patient_id;
    if (row?.practitioner_id) body.fhirUser = `${resource}/Practitioner/${row.practitioner_id}`;
  }
}

const bodyOf = (ctx: KoaContextWithOIDC): Record<string, unknown> | undefined =>
  ctx.status === 200 && typeof ctx.body === 'object' && ctx.body !== null
    ? (ctx.body as Record<string, unknown>)
    : undefined;

import { hash } from 'node:crypto';
import { errors, type JsonValue } from 'oidc-provider';

/** An assertion may live this long, and clocks may differ by this much; seconds. */
const LONGEST = 300;
export const CLOCK_SKEW = 10;

type Members = Readonly<Record<string, JsonValue | undefined>>;

/**
 * What SMART Backend Services asks of a client assertion beyond RFC 7523, checked after its signature, `iss`, `sub`, `exp`
 * and `jti` were (https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html,
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html):
 *
 * - `kid` names the key; `typ`, where there is one, is JWT; no `jku`, as none is registered; no `crit` extension;
 * - `aud` is the token URL and nothing else, so that no other server can be handed an assertion that we would take; for apps it may be
 *   our issuer instead, which nobody else is either and which libraries for OpenID Connect put there;
 * - `iss` and `sub` are the client; `exp` is at most five minutes ahead.
 *
 * @param now epoch seconds.
 * @throws errors.InvalidClientAuth with the reason as a detail that is logged, not sent.
 */
export function checkAssertion(
  header: Members,
  claims: Members,
  clientId: string,
  audiences: readonly string[],
  now: number,
): void {
  for (const [name, holds] of Object.entries(RULES)) {
    if (!holds({ header, claims, clientId, audiences, now }))
      throw new errors.InvalidClientAuth(`client assertion: ${name}`);
  }
}

interface Subject {
  readonly header: Members;
  readonly claims: Members;
  readonly clientId: string;
  readonly audiences: readonly string[];
  readonly now: number;
}

const RULES: Readonly<Record<string, (assertion: Subject) => boolean>> = {
  'kid is missing': ({ header }) => typeof header.kid === 'string' && header.kid !== '',
  'typ is not JWT': ({ header }) =>
    header.typ === undefined || (typeof header.typ === 'string' && header.typ.toUpperCase() === 'JWT'),
  'jku is not registered': ({ header }) => header.jku === undefined,
  'crit is not understood': ({ header }) => header.crit === undefined,
  'iss and sub are not the client': ({ claims, clientId }) => claims.iss === clientId && claims.sub === clientId,
  'aud is not the token URL alone': ({ claims, audiences }) =>
    audiences.includes(String(Array.isArray(claims.aud) && claims.aud.length === 1 ? claims.aud[0] : claims.aud)),
  'exp is more than five minutes ahead': ({ claims, now }) =>
    typeof claims.exp === 'number' && claims.exp <= now + LONGEST + CLOCK_SKEW,
  'jti is missing or too long': ({ claims }) =>
    typeof claims.jti === 'string' && claims.jti.length >= 1 && claims.jti.length <= 1000,
};

/** Under which a used assertion is kept: one client's `jti` can never meet another's. */
export function assertionHash(clientId: string, jti: string): string {
  return hash('sha256', JSON.stringify([clientId, jti]), 'base64url');
}

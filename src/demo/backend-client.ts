import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';

export interface BackendClientOptions {
  /** BASE_URL of the server; its discovery document names the token URL. */
  readonly baseUrl?: string;
  /** The token URL itself, where it is known. */
  readonly tokenUrl?: string;
  readonly clientId: string;
  /** EC P-384 or RSA, with its `kid`. */
  readonly privateKeyJwk: JWK;
  /** Space-separated SMART scopes. */
  readonly scope: string;
}

export interface BackendClient {
  /** An access token that is good for 30 s at least: the one at hand, or a new one. Rejects when the server refuses. */
  token(): Promise<string>;
}

const ASSERTION_SECONDS = 60;
const SPARE_SECONDS = 30;

/** A system client of SMART Backend Services (https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html). */
export function createClient(options: BackendClientOptions): BackendClient {
  let tokenUrl = options.tokenUrl;
  let current: { readonly token: Promise<string>; until: number } | undefined;

  async function request(): Promise<{ token: string; seconds: number }> {
    tokenUrl ??= await discoverTokenUrl(options.baseUrl);
    const response = await fetch(tokenUrl, {
      method: 'POST',
      redirect: 'error',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: options.scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(options, tokenUrl),
      }),
    });
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok || typeof body.access_token !== 'string') {
      throw new Error(
        [tokenUrl, 'answered', response.status, body.error, body.error_description].filter(Boolean).join(' '),
      );
    }
    return { token: body.access_token, seconds: Number(body.expires_in) };
  }

  /** Until the answer is there, all who ask wait for the same one; a refusal is not kept. */
  function renew(): { readonly token: Promise<string>; until: number } {
    const asked = Date.now();
    const answer = request();
    const next = { token: answer.then(({ token }) => token), until: Number.POSITIVE_INFINITY };
    answer.then(
      ({ seconds }) => {
        next.until = asked + (seconds - SPARE_SECONDS) * 1000;
      },
      () => {
        next.until = 0;
      },
    );
    return next;
  }

  return {
    token() {
      if (!current || Date.now() >= current.until) current = renew();
      return current.token;
    },
  };
}

async function discoverTokenUrl(baseUrl: string | undefined): Promise<string> {
  if (!baseUrl) throw new Error('the client needs a baseUrl or a tokenUrl');
  const url = `${baseUrl.replace(/\/$/, '')}/fhir/.well-known/smart-configuration`;
  const response = await fetch(url, { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { token_endpoint } = (await response.json()) as { token_endpoint?: unknown };
  if (typeof token_endpoint !== 'string') throw new Error(`${url} names no token endpoint`);
  return token_endpoint;
}

/** The signed proof of who asks: one use, one minute. */
async function assertion({ clientId, privateKeyJwk }: BackendClientOptions, tokenUrl: string): Promise<string> {
  const alg = privateKeyJwk.kty === 'RSA' ? 'RS384' : 'ES384';
  if (!privateKeyJwk.kid) throw new Error('the private key needs a kid');
  return new SignJWT()
    .setProtectedHeader({ alg, kid: privateKeyJwk.kid, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${ASSERTION_SECONDS}s`)
    .sign(await importJWK(privateKeyJwk, alg));
}

import { createPrivateKey, type JsonWebKey, randomUUID, sign } from 'node:crypto';
import { type ExchangeError, exchange } from './http.ts';
import { ServerError } from './server.ts';

/** How the signing client comes into Tasuki: the institution's own system client (SMART Backend Services). */
export interface Client {
  readonly clientId: string;
  readonly tokenUrl: string;
  /** EC P-384 (ES384) or RSA (RS384). */
  readonly privateKeyJwk: JsonWebKey & { readonly kid?: string };
  readonly scope: string;
}

const MOST = 64 * 1024;

interface Grant {
  readonly token: string;
  /** Seconds; 0 where the server does not say. */
  readonly lifetime: number;
}

/** Gives access tokens, a new one when half the life of the last is over: there may be many letters to sign. */
export function accessTokens(client: Client, now: () => number = Date.now): () => Promise<string> {
  let last: Promise<Grant> | undefined;
  let renewAt = 0;
  return async () => {
    if (!last || now() >= renewAt) {
      const asked = now();
      last = grant(client);
      renewAt = asked + ((await last).lifetime * 1000) / 2;
    }
    return (await last).token;
  };
}

/** An access token by a signed assertion (RFC 7523; SMART Backend Services). @throws ServerError */
export const accessToken = async (client: Client): Promise<string> => (await grant(client)).token;

async function grant(client: Client): Promise<Grant> {
  const { tokenUrl, scope } = client;
  const { ok, status, bytes } = await exchange(tokenUrl, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion(client),
    }),
    most: MOST,
    timeout: 30_000,
  }).catch((error: ExchangeError) => {
    throw new ServerError(error.message);
  });
  const answer = answered(bytes);
  if (ok && typeof answer.access_token === 'string')
    return { token: answer.access_token, lifetime: Number(answer.expires_in) || 0 };
  const reason = [answer.error, answer.error_description].filter((part) => typeof part === 'string').join(': ');
  throw new ServerError(`no access token: ${status} ${reason}`.trimEnd());
}

/** RFC 7523 §3; a minute is long enough to be sent. */
function assertion({ clientId, tokenUrl, privateKeyJwk }: Client): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { kid, kty, crv } = privateKeyJwk;
  const alg = kty === 'RSA' ? 'RS384' : kty === 'EC' && crv === 'P-384' ? 'ES384' : undefined;
  if (!alg) throw new ServerError("the client's key is neither RSA nor EC P-384");
  const header = part({ alg, typ: 'JWT', ...(kid !== undefined && { kid }) });
  const claims = part({ iss: clientId, sub: clientId, aud: tokenUrl, exp: now + 60, iat: now, jti: randomUUID() });
  return `${header}.${claims}.${signed(`${header}.${claims}`, privateKeyJwk)}`;
}

function signed(text: string, jwk: JsonWebKey): string {
  try {
    const key = createPrivateKey({ key: jwk, format: 'jwk' });
    return sign('sha384', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  } catch {
    throw new ServerError("the client's key is not a private JSON Web Key");
  }
}

function answered(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return {};
  }
}

import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exchange } from '../sign/http.ts';
import type { Language } from '../sign/language.ts';
import { Refused } from './refusal.ts';

/** What is kept of a login, for its owner alone. Instants are epoch milliseconds. */
export interface Kept {
  readonly server: string;
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

export interface Endpoints {
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string;
  readonly issuer: string;
}

const MOST = 64 * 1024;
const TIMEOUT = 30_000;
/** How long somebody may take to log in. */
const PATIENCE = 10 * 60_000;

/** https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#using-well-known */
export async function discover(server: string): Promise<Endpoints> {
  const { ok, status, bytes } = await exchange(`${server}/fhir/.well-known/smart-configuration`, {
    method: 'GET',
    headers: { accept: 'application/json' },
    most: MOST,
    timeout: TIMEOUT,
  }).catch((error: Error) => {
    throw new Refused(0, error.message);
  });
  const found = ok ? json(bytes) : {};
  const { authorization_endpoint: authorize, token_endpoint: token, revocation_endpoint: revoke, issuer } = found;
  if (typeof token !== 'string' || typeof authorize !== 'string' || typeof revoke !== 'string')
    throw new Refused(
      status,
      status === 503
        ? `${server} does not answer at the moment; ${server}/status says why`
        : `${server} is no server of Tasuki: ${status}`,
    );
  return { authorize, token, revoke, issuer: typeof issuer === 'string' ? issuer : server };
}

/**
 * Authorization code with PKCE, coming back to a port of this machine that is free (RFC 8252, 7.3).
 *
 * @param open  what to do with the address that the person opens in a browser
 */
export async function logIn(
  server: string,
  clientId: string,
  language: Language,
  open: (url: string) => void,
): Promise<Kept> {
  const { authorize, token, issuer } = await discover(server);
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const listener = createServer();
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(0, '127.0.0.1', resolve));
  const redirect = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`;
  try {
    const url = new URL(authorize);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirect,
      scope: 'openid fhirUser online_access user/*.cruds',
      state,
      aud: `${server}/fhir`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }))
      url.searchParams.set(name, value);
    const answer = comeBack(listener, state, issuer, language);
    open(url.href);
    const code = await answer;
    return await grant(token, server, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
      client_id: clientId,
    });
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

const WORDS = {
  ja: {
    done: 'ログインしました。この画面を閉じて、コマンドラインに戻ってください。',
    failed: 'ログインできませんでした。コマンドラインに戻ってください。',
  },
  en: {
    done: 'You are logged in. Close this page and go back to the command line.',
    failed: 'The login failed. Go back to the command line.',
  },
};

function comeBack(listener: Server, state: string, issuer: string, language: Language): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Refused(0, 'nobody logged in within ten minutes')), PATIENCE);
    listener.on('close', () => clearTimeout(timer));
    listener.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const given = url.searchParams;
      // What another page sends here is not the answer (RFC 6749, 10.12; RFC 9207).
      if (url.pathname !== '/callback' || given.get('state') !== state || (given.get('iss') ?? issuer) !== issuer) {
        response.writeHead(404).end();
        return;
      }
      const code = given.get('code');
      response
        .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
        .end(WORDS[language][code === null ? 'failed' : 'done'], () => {
          if (code !== null) resolve(code);
          else reject(new Refused(0, given.get('error_description') ?? given.get('error') ?? 'refused'));
        });
    });
  });
}

/** A new access token for the one that has expired; both tokens are new then. @throws Refused 401 where the login is over */
export async function refreshed(kept: Kept, clientId: string): Promise<Kept> {
  if (kept.refreshToken === undefined) throw new Refused(401, 'the login is over');
  const { token } = await discover(kept.server);
  return grant(token, kept.server, {
    grant_type: 'refresh_token',
    refresh_token: kept.refreshToken,
    client_id: clientId,
  });
}

/** RFC 7009: the refresh token, and with it all that came of the login. */
export async function revoke(kept: Kept, clientId: string): Promise<void> {
  const { revoke: url } = await discover(kept.server);
  const { ok, status } = await post(url, { token: kept.refreshToken ?? kept.accessToken, client_id: clientId });
  if (!ok) throw new Refused(status, `the token could not be revoked: ${status}`);
}

async function grant(url: string, server: string, form: Readonly<Record<string, string>>): Promise<Kept> {
  const asked = Date.now();
  const { ok, status, bytes } = await post(url, form);
  const { access_token, refresh_token, expires_in, error, error_description } = json(bytes);
  if (!ok || typeof access_token !== 'string')
    throw new Refused(status === 400 ? 401 : status, ['no token', error, error_description].filter(Boolean).join(': '));
  return {
    server,
    accessToken: access_token,
    expiresAt: asked + Number(expires_in) * 1000,
    ...(typeof refresh_token === 'string' && { refreshToken: refresh_token }),
  };
}

const post = (url: string, form: Readonly<Record<string, string>>) =>
  exchange(url, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(form),
    most: MOST,
    timeout: TIMEOUT,
  }).catch((error: Error) => {
    throw new Refused(0, error.message);
  });

function json(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return {};
  }
}

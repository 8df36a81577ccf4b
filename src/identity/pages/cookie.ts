import type { IncomingMessage } from 'node:http';

/**
 * The cookie of a person's session. Over https its name begins with `__Host-`, so that no other host of the same domain and no plain
 * connection can plant one (RFC 6265bis, 4.1.3.2); over http, on the loopback interface, the prefix would make browsers drop it.
 */
const NAME = 'tasuki_session';

/** 256 random bits in base64url, as People give them out. Anything else is no session of ours. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export const isSecure = (baseUrl: string): boolean => baseUrl.startsWith('https:');

export const sessionCookieName = (baseUrl: string): string => (isSecure(baseUrl) ? `__Host-${NAME}` : NAME);

/**
 * The session token that a request carries, unproven; undefined where there is none. Ask `People.session` whether it still stands.
 *
 * @param baseUrl BASE_URL: its scheme decides the name of the cookie, whatever a header says
 */
export function sessionTokenOf(request: Pick<IncomingMessage, 'headers'>, baseUrl: string): string | undefined {
  const token = cookieOf(request, sessionCookieName(baseUrl));
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/** `Set-Cookie` that begins a session; the browser forgets it when it is closed, and the server when it has been idle. */
export const beginSessionCookie = (token: string, baseUrl: string): string =>
  cookie(sessionCookieName(baseUrl), token, baseUrl);

/** `Set-Cookie` that takes the cookie away. */
export const endSessionCookie = (baseUrl: string): string =>
  `${cookie(sessionCookieName(baseUrl), '', baseUrl)}; Max-Age=0`;

/** `name=value` with what every cookie of ours has: not for scripts, not sent along by other sites' forms, for this host alone. */
export function cookie(name: string, value: string, baseUrl: string): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure(baseUrl) ? '; Secure' : ''}`;
}

/** The value of the first cookie of that name, as it was sent. */
export function cookieOf({ headers }: Pick<IncomingMessage, 'headers'>, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

import { clientCertificate } from '../http/client-certificate.ts';
import type { SessionOf } from './oidc-session.ts';
import { sessionTokenOf } from './pages/cookie.ts';
import type { People } from './people/index.ts';

/** The session of the cookie that a request carries, where its login is complete. */
export function browserSessions(people: Pick<People, 'session'>, baseUrl: string): SessionOf {
  return async (request) => {
    const token = sessionTokenOf(request, baseUrl);
    const certificate = clientCertificate(request)?.sha256;
    const session = token === undefined ? null : await people.session(token, certificate ?? null);
    return session && session.steps.length === 0 ? { ...session, certificate } : null;
  };
}

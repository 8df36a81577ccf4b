import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { LoggedIn } from './logged-in.ts';

/** Who is logged in at our own pages in the browser that sends this request; null for nobody, or a login that is not complete. */
export type SessionOf = (request: KoaContextWithOIDC['req']) => Promise<LoggedIn | null>;

const sessions = new WeakMap<object, LoggedIn>();

/** The session behind the context of an authorization request. */
export const sessionOf = (ctx: KoaContextWithOIDC): LoggedIn | undefined => sessions.get(ctx.req);

/**
 * Makes oidc-provider take a person's session at our pages for its own: it has none, so that whoever logs out there, or is shut out, is
 * logged out here. What it would note in a session lives as long as the request; it sets no cookie and stores nothing.
 */
export function useOurSessions(provider: Provider, find: SessionOf): void {
  // The types know neither that it can be made of a payload nor that `get` can be another.
  const Session = provider.Session as unknown as {
    new (payload: object): object;
    get(ctx: KoaContextWithOIDC): Promise<object>;
  };
  Session.get = async (ctx: KoaContextWithOIDC) => {
    const ours = await find(ctx.req);
    const session = new Session(
      ours
        ? {
            uid: ours.id,
            jti: ours.id,
            accountId: ours.account.id,
            loginTs: Math.floor(ours.authenticatedAt / 1000),
            amr: [...ours.amr],
            ...(ours.strong && { acr: STRONG }),
          }
        : {},
    );
    Object.defineProperty(session, 'destroyed', { value: true }); // the word by which it is neither saved nor put into a cookie
    if (ours) sessions.set(ctx.req, ours);
    if (ctx.oidc) ctx.oidc.entity('Session', session as never);
    return session;
  };
}

/** `acr` of a login with two factors. */
const STRONG = 'urn:tasuki:acr:two-factors';

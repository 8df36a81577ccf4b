import { accountPage } from './account-page.ts';
import { recoveryCodes } from './recovery-codes.ts';
import { proveFor } from './second-factor.ts';
import type { Route } from './serve.ts';
import type { Answer, Member } from './visit.ts';

/** What was done, for the page that follows; a word of the address, so that a reload does nothing again. */
const done = (what: string): Answer => ({ to: `/account?done=${what}` });

async function endSession({ parts, session, form }: Member): Promise<Answer> {
  const ended = await parts.people.endSession(session.account.id, form.get('session').slice(0, 64));
  return done(ended ? 'ended' : 'gone');
}

async function endOthers({ parts, session }: Member): Promise<Answer> {
  const { people } = parts;
  const others = (await people.sessions(session.account.id)).filter(({ id }) => id !== session.id);
  for (const { id } of others) await people.endSession(session.account.id, id);
  return done('ended');
}

async function removeFactor({ parts, token, form }: Member): Promise<Answer> {
  const removal = await parts.people.removeFactor(token, form.get('factor').slice(0, 64));
  return removal === 'stale' ? proveFor('account') : done(removal);
}

async function renewCodes(visit: Member): Promise<Answer> {
  const codes = await visit.parts.people.renewRecoveryCodes(visit.token);
  return codes ? recoveryCodes(visit, codes, 'renewed', '/account') : proveFor('account');
}

async function revokeApp({ parts, session, form }: Member): Promise<Answer> {
  const revoked = await parts.interactions.revokeApp(session.account.id, form.get('app').slice(0, 128));
  return done(revoked ? 'revoked' : 'gone');
}

const guard = ['complete'] as const;
const where = 'outside';

export const accountRoutes: readonly Route[] = [
  { method: 'get', path: '/account', where, guard, run: accountPage },
  { method: 'post', path: '/account/end-session', where, guard, run: endSession },
  { method: 'post', path: '/account/end-others', where, guard, run: endOthers },
  { method: 'post', path: '/account/remove-factor', where, guard, run: removeFactor },
  { method: 'post', path: '/account/recovery-codes', where, guard, run: renewCodes },
  { method: 'post', path: '/account/revoke-app', where, guard, run: revokeApp },
];

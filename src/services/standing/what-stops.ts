/**
 * What a suspension stops, and how: the one list of it. `statement`: whoever uses it is looked up in a statement that compares generations
 * and asks whether institution, client and person stand, so that nothing has to be found and ended. `transaction`: looked at once more, locked,
 * in the transaction in which it takes effect, so that even what was on its way ends. `watch`: it outlasts its request, and is ended by
 * StandingWatch (store/standing-watch.ts) within a second in every process.
 *
 * What is not here goes on: bookings, grants, messages that others send, and a request that was let in before the suspension was
 * committed – it is answered as one that came earlier, within the time that a request may take.
 */
export const WHAT_STOPS = Object.freeze([
  { what: 'access tokens of systems and people', by: 'statement', where: 'findTokens' },
  {
    what: 'token requests: client assertions, certificates of terminals',
    by: 'statement',
    where: 'findClient, insertToken',
  },
  { what: 'refresh tokens', by: 'statement', where: 'authorization_grant' },
  { what: 'authorization codes, interactions', by: 'statement', where: 'authorization_grant' },
  { what: 'launch ids', by: 'statement', where: 'launch' },
  { what: 'introspection: answers inactive', by: 'statement', where: 'findTokens' },
  { what: 'sessions, log-in, invitations', by: 'statement', where: 'session, invitation' },
  { what: 'issuing and redeeming keycodes', by: 'transaction', where: 'stillStanding' },
  { what: 'suspending, lifting, registering systems, apps and terminals', by: 'transaction', where: 'stillStanding' },
  { what: 'websockets, subscriptions, exports', by: 'watch', where: 'StandingWatch' },
] as const);

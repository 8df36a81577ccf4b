import { Access } from '../access/access.ts';
import type { Queryable } from '../store/database.ts';
import { touchSessions } from '../store/session.ts';

/** A session need not be told more often that it is in use, milliseconds. */
const OFTEN_ENOUGH = 60_000;
const MOST_KNOWN = 10_000;

/**
 * Whoever works in an app is not idle here: notes the use of a session by its tokens, at most once a minute each and without letting the
 * request wait. What cannot be noted is not missed before the session would be over.
 */
export function sessionUse(
  database: Queryable,
  { now, idleMs }: { readonly now: () => number; readonly idleMs: number },
): (session: string) => void {
  const noted = new Map<string, number>();
  const access = Access.system('sessions in use');
  return (session) => {
    const at = now();
    if (at - (noted.get(session) ?? Number.NEGATIVE_INFINITY) < OFTEN_ENOUGH) return;
    if (noted.size >= MOST_KNOWN) noted.clear();
    noted.set(session, at);
    touchSessions(access, database, [session], { now: at, idle: idleMs }).catch(() => noted.delete(session));
  };
}

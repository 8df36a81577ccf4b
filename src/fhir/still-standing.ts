import type { Access, Caller } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { standsFirm } from '../store/stands-firm.ts';

/** How old the look at who calls may be where something begins. What waits longer – for a body, a turn, a lock, other entries – is looked at again. */
const FRESH_MS = 250;

const isOld = (caller: Caller | null): boolean =>
  caller?.lookedUp !== undefined && performance.now() - caller.lookedUp > FRESH_MS;

/** Whether so much time has passed since the caller was looked up that a suspension may have been answered meanwhile. */
export const isStale = ({ caller }: Access): boolean => isOld(caller);

/** The access as it is now, where the one at hand is stale. */
export async function fresh(access: Access, lookAgain: (() => Promise<Access>) | undefined): Promise<Access> {
  return lookAgain && isStale(access) ? lookAgain() : access;
}

/**
 * Throws 401 for a caller who was shut out since the request came, and holds the caller's standing to the end of the transaction: whoever
 * suspends waits for it. For what must not be done once a suspension was answered, however early the request came.
 */
export async function stillStanding(access: Access, tx: Queryable): Promise<void> {
  if (!(await standsFirm(access, tx))) throw shutOut();
}

/**
 * The same for what the system does at a caller's request, where a lock or work may have been waited for: after that, and before anything by which
 * the callers may shut themselves out. Looks only where so much time has passed that it matters.
 */
export async function stillAsked(access: Access, tx: Queryable): Promise<void> {
  if (isOld(access.behalf)) await stillStanding(access, tx);
}

/** What the next request of who was shut out would be told. */
export const shutOut = () => refuse.unauthorized('The token is not valid or no longer valid; get a new one');

import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { standsFirm } from '../store/standing.ts';

/**
 * Throws 401 for a caller who was shut out since the request came, and holds the caller's standing to the end of the transaction: whoever
 * suspends waits for it. For what must not be done once a suspension was answered, however early the request came.
 */
export async function stillStanding(access: Access, tx: Queryable): Promise<void> {
  if (!(await standsFirm(access, tx))) throw shutOut();
}

/** What the next request of who was shut out would be told. */
export const shutOut = () => refuse.unauthorized('The token is not valid or no longer valid; get a new one');

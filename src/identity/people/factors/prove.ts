import type { Queryable } from '../../../store/database.ts';
import { countFailure, isFamiliar, lockPerson } from '../../../store/person.ts';
import { failTries, settleTries } from '../../../store/throttle.ts';
import { attempt, type Ground, record, transaction } from '../ground.ts';
import { placeOf } from '../origin.ts';
import { type Found, find, hasFactor, loginOf, rotate } from '../sessions.ts';
import { take } from '../tries.ts';
import type { Login } from '../types.ts';

/** Something shown as a second factor. */
export interface Shown {
  /** RFC 8176. */
  readonly amr: 'otp' | 'hwk';
  /** For the audit, where it is refused. */
  readonly name: string;
  /**
   * Looks at it, outside the transaction. Null where it is wrong; else what uses it up, with the person locked: false where it was used
   * already.
   */
  examine(found: Found): Promise<((tx: Queryable) => Promise<boolean>) | null>;
}

/**
 * The second factor of a login, or a proof that the person is still there. A try is taken before anything is looked at. What is shown is
 * used up in the same transaction that gives the session its new token, so that of two who come with the same one gets in.
 */
export async function prove(ground: Ground, token: string, shown: Shown): Promise<Login | null> {
  const { access, database, tries } = ground;
  const found = await find(ground, token);
  if (!found || !hasFactor(found.row)) return null;
  const { row } = found;
  const place = placeOf(row.address);
  const throttle = tries.factor(row.id, place, await isFamiliar(access, database, row.id, place));
  const { taken, full } = await take(access, database, [throttle], ground.now(), () =>
    record(ground, database, 'log-in-refused', row, refusal('too many tries of a second factor', row.address)),
  );
  if (full.length > 0) return null;
  const use = await shown.examine(found);
  const next = use
    ? await attempt(ground, async (tx, undo) => {
        await lockPerson(access, tx, row.id);
        if (!(await use(tx))) return undo();
        const rotated = await rotate(ground, tx, found, { strong: true, amr: [shown.amr, 'mfa'], proved: true });
        if (!rotated) return undo();
        await settleTries(access, tx, [], [throttle.key]);
        return rotated;
      })
    : null;
  if (next) return loginOf(ground, next);
  await transaction(ground, async (tx) => {
    await countFailure(access, tx, row.id);
    await failTries(access, tx, taken, ground.now());
    await record(ground, tx, 'log-in-refused', row, refusal(`wrong ${shown.name}`, row.address));
  });
  return null;
}

const refusal = (reason: string, address: string) => ({ detail: `${reason}, from ${address}`, outcome: 4 as const });

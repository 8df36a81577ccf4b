import { countFailure, isFamiliar, lockPerson } from '../../../store/person.ts';
import { findPasswords } from '../../../store/person-password.ts';
import type { SessionRow } from '../../../store/session.ts';
import { failTries, settleTries } from '../../../store/throttle.ts';
import { attempt, type Ground, record, transaction } from '../ground.ts';
import { placeOf } from '../origin.ts';
import { find, hasFactor, loginOf, rotate } from '../sessions.ts';
import { returning, take } from '../tries.ts';
import type { Login } from '../types.ts';
import { normalPassword } from './normal.ts';

/** Whether it is the password of a person who is logged in; counted and throttled with the tries to log in. */
export async function provePassword(ground: Ground, row: SessionRow, typed: string): Promise<boolean> {
  const { access, database, tries } = ground;
  const place = placeOf(row.address);
  const familiar = await isFamiliar(access, database, row.id, place);
  const throttle = tries.login({ login: row.login, place, person: { institution: row.institution, familiar } });
  const tell = () => record(ground, database, 'log-in-refused', row, refusal('too many tries', row));
  const { taken, full } = await take(access, database, [throttle], ground.now(), tell);
  if (full.length > 0) return false;
  const password = normalPassword(typed.slice(0, 1024));
  const stored = (await findPasswords(access, database, row.id, 0))?.current ?? null;
  const { matches } = await returning(ground, taken, async () =>
    password !== undefined && stored ? ground.hashes.matches(row.id, password, stored) : { matches: false },
  );
  if (matches) {
    await transaction(ground, (tx) => settleTries(access, tx, [], [throttle.key]));
    return true;
  }
  await transaction(ground, async (tx) => {
    await countFailure(access, tx, row.id);
    await failTries(access, tx, taken, ground.now());
    await record(ground, tx, 'log-in-refused', row, refusal('wrong password of a session', row));
  });
  return false;
}

const refusal = (reason: string, { address }: SessionRow) => ({
  detail: `${reason}, from ${address}`,
  outcome: 4 as const,
});

/** The password once more, as a proof that the person is still there; where there is a second factor, that is the proof. */
export async function verifyPassword(ground: Ground, token: string, typed: string): Promise<Login | null> {
  const found = await find(ground, token);
  if (!found || hasFactor(found.row) || !(await provePassword(ground, found.row, typed))) return null;
  const rotated = await attempt(ground, async (tx, undo) => {
    await lockPerson(ground.access, tx, found.row.id);
    return (await rotate(ground, tx, found, { strong: false, amr: ['pwd'], proved: true })) ?? undo();
  });
  return rotated === null ? null : loginOf(ground, rotated);
}

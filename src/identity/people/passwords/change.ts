import { endOfflineGrants } from '../../../store/authorization.ts';
import type { Queryable } from '../../../store/database.ts';
import { deleteInvitation } from '../../../store/invitation.ts';
import type { AccountRow } from '../../../store/person.ts';
import { lockPerson } from '../../../store/person.ts';
import { findPasswords, replacePassword } from '../../../store/person-password.ts';
import { deleteSessions } from '../../../store/session.ts';
import { attempt, type Ground, record } from '../ground.ts';
import { find, hasFactor, loginOf, rotate } from '../sessions.ts';
import type { PasswordChange } from '../types.ts';
import { lengthOf } from './normal.ts';
import type { PasswordProblem } from './problems.ts';
import { provePassword } from './prove.ts';
import { judge, SHORTEST_ALONE } from './rules.ts';

/** A password that was judged and hashed, and may be set as long as the one before is what it was. */
export interface Chosen {
  readonly from: string | null;
  readonly to: string;
  readonly long: boolean;
}

/** Judges and hashes what a person chose. As many slow hashes as there are passwords that may not come back, and one. */
export async function choose(
  ground: Ground,
  person: AccountRow,
  text: string,
): Promise<Chosen | readonly PasswordProblem[]> {
  const { access, database, hashes, policy } = ground;
  const judged = await judge(text, {
    login: person.login,
    name: person.name,
    institutionName: person.institution_name,
    hasFactor: hasFactor(person),
  });
  if (judged.problems) return judged.problems;
  const { password } = judged;
  const known = await findPasswords(access, database, person.id, policy.passwordHistory);
  const current = known?.current ?? null;
  for (const used of [...(current === null ? [] : [current]), ...(known?.former ?? [])])
    if ((await hashes.matches(person.id, password, used)).matches) return ['reused'];
  return { from: current, to: await hashes.make(person.id, password), long: lengthOf(password) >= SHORTEST_ALONE };
}

export const isChosen = (result: Chosen | readonly PasswordProblem[]): result is Chosen => 'to' in result;

/**
 * Sets it, with the person locked. All other sessions end, so does what apps had beyond them, and an invitation that is still about is worth
 * nothing.
 */
export async function set(
  ground: Ground,
  tx: Queryable,
  person: AccountRow,
  chosen: Chosen,
  session: string | null,
): Promise<boolean> {
  const { access, policy } = ground;
  const change = { person: person.id, ...chosen, now: ground.now(), former: policy.passwordHistory };
  if (!(await replacePassword(access, tx, change))) return false;
  await deleteSessions(access, tx, person.id, { except: session });
  await endOfflineGrants(tx, person.id);
  await deleteInvitation(access, tx, person.id);
  await record(ground, tx, 'password-changed', person, {
    detail: chosen.from === null ? 'first password' : 'new password',
  });
  return true;
}

/** Another password for the person of a session, which gets a new token. */
export async function changePassword(
  ground: Ground,
  token: string,
  current: string | null,
  next: string,
): Promise<PasswordChange> {
  const found = await find(ground, token);
  if (!found || found.session.steps[0] === 'second-factor') return null;
  const { row, session } = found;
  if (current === null && session.steps[0] !== 'change-password') return ['current'];
  if (current !== null && !(await provePassword(ground, row, current))) return ['current'];
  const chosen = await choose(ground, row, next);
  if (!isChosen(chosen)) return chosen;
  const rotated = await attempt(ground, async (tx, undo) => {
    await lockPerson(ground.access, tx, row.id);
    if (!(await set(ground, tx, row, chosen, session.id))) return undo();
    return (await rotate(ground, tx, found, { strong: false, amr: [], proved: false })) ?? undo();
  });
  return rotated === null ? null : loginOf(ground, rotated);
}

import type { Access } from '../../access/access.ts';
import type { Queryable } from '../../store/database.ts';
import { findInvitation, putInvitation, useInvitation } from '../../store/invitation.ts';
import { findAccount, lockPerson } from '../../store/person.ts';
import { hashOf, INVITATION, newCode, readCode } from './codes.ts';
import { attempt, type Ground } from './ground.ts';
import { choose, isChosen, set } from './passwords/change.ts';
import { begin, loginOf } from './sessions.ts';
import type { From, PasswordChange } from './types.ts';

/** An invitation as it is handed over: it exists nowhere else. */
export interface Invitation {
  readonly code: string;
  /** Epoch milliseconds. */
  readonly ends: number;
}

const stored = (code: string): string | undefined => {
  const text = readCode(code, INVITATION);
  return text === undefined ? undefined : hashOf(text);
};

/** Makes an invitation in the place of any before, within the transaction of whoever invites. */
export async function invite(ground: Ground, access: Access, tx: Queryable, person: string): Promise<Invitation> {
  const code = newCode(INVITATION);
  const now = ground.now();
  const ends = now + ground.policy.invitationLife;
  await putInvitation(access, tx, { person, hash: stored(code) as string, now, ends });
  return { code, ends };
}

/** Whom it is for; null where it is unknown, used or over. */
export async function invitation(ground: Ground, code: string) {
  const hash = stored(code);
  const row = hash && (await findInvitation(ground.access, ground.database, hash, ground.now()));
  return row ? { login: row.login, name: row.name, institutionName: row.institution_name } : null;
}

/** Chooses the first password and begins a session. Of two who come with the same code one gets in. */
export async function acceptInvitation(
  ground: Ground,
  code: string,
  password: string,
  from: From,
): Promise<PasswordChange> {
  const { access, database } = ground;
  const hash = stored(code);
  const row = hash && (await findInvitation(access, database, hash, ground.now()));
  if (!row) return null;
  const chosen = await choose(ground, row, password);
  if (!isChosen(chosen)) return chosen;
  const token = await attempt(ground, async (tx, undo) => {
    await lockPerson(access, tx, row.id);
    if (!(await useInvitation(access, tx, hash, ground.now()))) return undo();
    if (!(await set(ground, tx, row, chosen, null))) return undo();
    const account = await findAccount(access, tx, row.id);
    return (account && (await begin(ground, tx, account, chosen.to, from))) ?? undo();
  });
  return token === null ? null : loginOf(ground, token);
}

import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../../store/database.ts';
import { listFactors } from '../../../store/factor.ts';
import { lockPerson } from '../../../store/person.ts';
import { findRecoveryCodes } from '../../../store/recovery-code.ts';
import { attempt, type Ground, record } from '../ground.ts';
import { type Found, find, hasFactor, loginOf, rotate } from '../sessions.ts';
import type { Enrolled } from '../types.ts';
import { renewCodes } from './recovery.ts';

/** How long a seed is shown and a challenge may be answered, in milliseconds. */
export const SETUP_LIFE = 15 * 60_000;
export const CHALLENGE_LIFE = 5 * 60_000;

/** The most factors of one kind that a person may have: each makes a guess more likely to be right. */
const MOST = Object.freeze({ totp: 2, passkey: 10 });

/** A session in which the person may set up a factor: the login asks for it, or it is complete and was proved just now. */
export async function enrolling(ground: Ground, token: string): Promise<Found | null> {
  const found = await find(ground, token);
  if (!found) return null;
  const { steps, stale } = found.session;
  const asked = steps[0] === 'enrol-second-factor';
  return asked || (steps.length === 0 && !stale) ? found : null;
}

/** A complete session that was proved just now. */
export async function fresh(ground: Ground, token: string): Promise<Found | null> {
  const found = await find(ground, token);
  return found && found.session.steps.length === 0 && !found.session.stale ? found : null;
}

export interface NewFactor {
  readonly id: string;
  readonly person: string;
  readonly now: number;
}

/**
 * Stores a factor that was shown to work. The first brings recovery codes with it.
 *
 * @param store  false: somebody was faster
 */
export async function enrol(
  ground: Ground,
  found: Found,
  kind: keyof typeof MOST,
  store: (tx: Queryable, factor: NewFactor) => Promise<boolean>,
): Promise<Enrolled | null> {
  const { access } = ground;
  const { row } = found;
  const done = await attempt(ground, async (tx, undo) => {
    await lockPerson(access, tx, row.id);
    const present = await listFactors(access, tx, row.id);
    // By the password alone the first is set up, and no other: it would open the session past the one that there is by now.
    if (present.length > 0 && !hasFactor(row)) return undo();
    if (present.filter((factor) => factor.kind === kind).length >= MOST[kind]) return undo();
    if (!(await store(tx, { id: randomUUID(), person: row.id, now: ground.now() }))) return undo();
    const token = await rotate(ground, tx, found, {
      strong: true,
      amr: [kind === 'totp' ? 'otp' : 'hwk', 'mfa'],
      proved: true,
    });
    if (!token) return undo();
    const codes =
      ((await findRecoveryCodes(access, tx, row.id))?.left ?? 0) > 0 ? [] : await renewCodes(ground, tx, row.id);
    await record(ground, tx, 'factor-added', row, { detail: kind });
    return { token, codes };
  });
  const login = done && (await loginOf(ground, done.token));
  return login && { ...login, recoveryCodes: done.codes };
}

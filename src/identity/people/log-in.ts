import { randomUUID } from 'node:crypto';
import { type Candidate, countFailure, findAccount, findCandidate, lockPerson } from '../../store/person.ts';
import { rehashPassword } from '../../store/person-password.ts';
import { sweepSessions } from '../../store/session.ts';
import { failTries, giveBack, settleTries, sweepTries, type Taken } from '../../store/throttle.ts';
import { attempt, type Concerned, type Ground, record, transaction } from './ground.ts';
import { foldedLogin } from './login.ts';
import { addressOf, placeOf } from './origin.ts';
import { normalPassword } from './passwords/normal.ts';
import { begin, loginOf } from './sessions.ts';
import { returning, take } from './tries.ts';
import type { From, Login } from './types.ts';

/** Compared where what was typed cannot be a password; nothing matches it, as it is compared with nobody's. */
const NOTHING = 'nothing';

/**
 * Login and password. In this order: who may be meant, take a try, hash once, then in one transaction begin a session if all still holds.
 * Null for every failure; whoever meets a limit of one login or one place is turned away before anything is hashed.
 */
export async function logIn(ground: Ground, typed: string, password: string, from: From): Promise<Login | null> {
  const { access, database, tries } = ground;
  const place = placeOf(from.address);
  const known = foldedLogin(typed);
  const found = await findCandidate(access, database, known ?? '', place, from.certificate);
  const tried = { login: known ?? typed.slice(0, 256), place, person: found };
  const mine = tries.login(tried);
  const company = tries.institution(tried);
  const tell = () => record(ground, database, 'log-in-refused', concerned(found), refusal('too many tries', from));
  const [own, all] = await Promise.all([
    take(access, database, [mine, tries.place(place)], ground.now(), tell),
    take(access, database, [company], ground.now(), tell),
  ]);
  if (own.full.length > 0) {
    await giveBack(access, database, all.taken);
    return null;
  }
  // Only the limit of an institution tells its people from strangers: whoever meets it waits as long as everybody.
  const taken = [...own.taken, ...all.taken];
  const normal = normalPassword(password.slice(0, 1024));
  const stored =
    found?.alive && found.admitted && normal !== undefined && all.full.length === 0 ? found.password : null;
  const result = await returning(ground, taken, () =>
    ground.hashes.matches(found?.id ?? randomUUID(), normal ?? NOTHING, stored),
  );
  const token = found && stored && result.matches ? await settle(ground, found, stored, from, taken, mine.key) : null;
  if (!token)
    return fail(ground, found, from, taken, all.full.length > 0 ? 'too many tries' : why(found, result.matches));
  if (result.outdated) {
    const to = await ground.hashes.make(found!.id, normal!);
    await rehashPassword(access, database, { person: found!.id, from: stored!, to });
  }
  await sweepSessions(access, database, ground.now());
  return loginOf(ground, token);
}

const concerned = (found: Candidate | undefined): Concerned | null => found ?? null;

function why(found: Candidate | undefined, matches: boolean): string {
  if (!found) return 'unknown login';
  if (!found.alive) return 'account that is shut out';
  if (!found.admitted) return 'away from the terminals of the institution';
  if (found.password === null) return 'account without a password';
  return matches ? 'account that was shut out meanwhile' : 'wrong password';
}

const refusal = (reason: string, from: From) => ({
  detail: `${reason}, from ${addressOf(from.address)}`,
  outcome: 4 as const,
});

/** The password is right: what was taken is given back, what protects the login is forgotten. */
function settle(
  ground: Ground,
  { id }: Candidate,
  password: string,
  from: From,
  taken: readonly Taken[],
  login: string,
): Promise<string | null> {
  const { access } = ground;
  return attempt(ground, async (tx, undo) => {
    await lockPerson(access, tx, id);
    const account = await findAccount(access, tx, id);
    const token = account ? await begin(ground, tx, account, password, from) : null;
    if (!token) return undo();
    await settleTries(access, tx, taken, [login]);
    return token;
  });
}

async function fail(
  ground: Ground,
  found: Candidate | undefined,
  from: From,
  taken: readonly Taken[],
  reason: string,
): Promise<null> {
  const { access, database } = ground;
  await transaction(ground, async (tx) => {
    await countFailure(access, tx, found?.id ?? null);
    const locked = await failTries(access, tx, taken, ground.now());
    const end = locked.length > 0 ? `${reason}; locked for a time` : reason;
    await record(ground, tx, 'log-in-refused', concerned(found), refusal(end, from));
  });
  await sweepTries(access, database, ground.now());
  return null;
}

import type { Access } from '../../access/access.ts';
import type { Database } from '../../store/database.ts';
import {
  giveBack,
  isToBeTold,
  type Taken,
  type Throttle,
  type ThrottleLimit,
  takeTries,
} from '../../store/throttle.ts';
import { hashOf } from './codes.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How often people may try to log in. */
export interface TryLimits {
  /** One login, from places where it has never succeeded; and from each place where it has. */
  readonly login: ThrottleLimit;
  /** One place, whatever it tries. */
  readonly place: ThrottleLimit;
  /** All accounts of an institution, from places where they have never logged in. */
  readonly institution: ThrottleLimit;
  /** The second factor of one person, from strange places; and from each familiar one. */
  readonly factor: ThrottleLimit;
}

/**
 * A lock ends by itself, after an hour at most, and does not hold where the person is known to log in: strangers cannot keep anybody out. An
 * institution behind one address has room for all who begin their day at once.
 */
export const TRY_LIMITS: TryLimits = Object.freeze({
  login: Object.freeze({ failures: 5, window: 15 * MINUTE, firstLock: MINUTE, longestLock: HOUR, afterLock: 1 }),
  place: Object.freeze({ failures: 100, window: 10 * MINUTE, firstLock: MINUTE, longestLock: HOUR, afterLock: 10 }),
  institution: Object.freeze({ failures: 200, window: HOUR, firstLock: 5 * MINUTE, longestLock: HOUR, afterLock: 20 }),
  factor: Object.freeze({ failures: 5, window: 15 * MINUTE, firstLock: MINUTE, longestLock: HOUR, afterLock: 1 }),
});

/** Whose login is tried, as far as that is known. */
export interface Tried {
  /** As typed, folded. */
  readonly login: string;
  readonly place: string;
  readonly person: { readonly institution: bigint; readonly familiar: boolean } | undefined;
}

/** What stands for a limit is a hash of what it is about. */
const key = (...parts: readonly string[]) => hashOf(JSON.stringify(parts));

/** What the tries of people are counted by, and whether one more may begin. */
export class Tries {
  readonly #limits: TryLimits;

  constructor(limits: TryLimits = TRY_LIMITS) {
    this.#limits = limits;
  }

  login({ login, place, person }: Tried): Throttle {
    return { key: key('login', login, person?.familiar ? place : ''), limit: this.#limits.login };
  }

  place(place: string): Throttle {
    return { key: key('place', place), limit: this.#limits.place };
  }

  /** For whom nobody knows, one that is never full: the work is the same. */
  institution({ login, place, person }: Tried): Throttle {
    const parts = person && !person.familiar ? [String(person.institution)] : ['', login, place];
    return { key: key('institution', ...parts), limit: this.#limits.institution };
  }

  factor(person: string, place: string, familiar: boolean): Throttle {
    return { key: key('factor', person, familiar ? place : ''), limit: this.#limits.factor };
  }
}

/** The most often that the audit says that the same is being turned away, in milliseconds. */
const TOLD_EVERY = MINUTE;

/**
 * Takes a try out of each, or none. Where one is full, `tell` is called now and then.
 *
 * @returns the tries that were taken; or what was full
 */
export async function take(
  access: Access,
  database: Database,
  throttles: readonly Throttle[],
  now: number,
  tell: () => Promise<void>,
): Promise<{ readonly taken: readonly Taken[]; readonly full: readonly string[] }> {
  const result = await takeTries(access, database, throttles, now);
  if (result.full.length > 0 && (await isToBeTold(access, database, result.full, { now, pause: TOLD_EVERY })))
    await tell();
  return result;
}

/** Gives tries back where the work could not be done, as the server has too much to do: nobody guessed anything. */
export async function returning<T>(
  { access, database }: { readonly access: Access; readonly database: Database },
  taken: readonly Taken[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await giveBack(access, database, taken);
    throw error;
  }
}

import type { AttemptLimits } from '../../../store/keycode-attempt.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How often keycodes may be tried. A code of nine secret characters is found by ten guesses with a chance of 10/2⁴⁵. Everything in a
 * window counts: failures and attempts that are still under way.
 *
 * * client: five in any quarter of an hour
 * * institution: twenty in any day; the twentieth failure suspends it for a day
 * * everyone: a hundred a minute, then nobody redeems until the minute is over
 * * keycode: five in any hour lock it for 15 minutes, 30, an hour … at most a day; the tenth failure of its life ends it
 */
export const LIMITS: AttemptLimits = Object.freeze({
  client: Object.freeze({ failures: 5, window: 15 * MINUTE }),
  institution: Object.freeze({ failures: 20, window: DAY }),
  everyone: Object.freeze({ failures: 100, window: MINUTE }),
  keycode: Object.freeze({ failures: 5, window: HOUR, firstLock: 15 * MINUTE, longestLock: DAY, total: 10 }),
});

/** How long a keycode can be redeemed if nobody says otherwise, and at most. */
export const LONGEST_LIFE = 365 * DAY;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When a list was made and when the next one comes at the latest. */
interface Validity {
  readonly thisUpdate: number;
  readonly nextUpdate: number;
}

/**
 * When to ask for a newer list: at half of its validity, so that days without an answer do not matter; from then on ever again, at
 * sixteenths of the validity (no oftener than each 5 minutes, no rarer than each 6 hours), and in any case when it ends.
 */
export function dueAfter({ thisUpdate, nextUpdate }: Validity, checkedAt: number): number {
  const half = thisUpdate + (nextUpdate - thisUpdate) / 2;
  if (checkedAt < half) return Math.round(half);
  const pause = Math.min(Math.max((nextUpdate - thisUpdate) / 16, 5 * MINUTE), 6 * HOUR);
  const again = checkedAt + pause;
  return Math.round(checkedAt < nextUpdate ? Math.max(Math.min(again, nextUpdate), checkedAt + MINUTE) : again);
}

/** When to ask again after so many failures in a row: after one minute, then twice as long each time, up to an hour. */
export function retryAfter(failures: number, now: number): number {
  return now + Math.min(MINUTE * 2 ** Math.min(failures - 1, 20), HOUR);
}

/** Whether the list is past its end: a verification would rather wait for the next. */
export const ended = ({ nextUpdate }: Validity, now: number): boolean => nextUpdate <= now;

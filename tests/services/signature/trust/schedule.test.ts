import fc from 'fast-check';
import { dueAfter, ended, retryAfter } from '../../../../src/services/signature/trust/schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const from = Date.parse('2026-04-01T00:00:00Z');
const week = { thisUpdate: from, nextUpdate: from + 7 * DAY };

describe('when a list is asked for again', () => {
  it.each([
    ['at half of its validity', from, from + 3.5 * DAY],
    ['at half of its validity, however late it came', from + 3 * DAY, from + 3.5 * DAY],
    ['then each six hours', from + 4 * DAY, from + 4 * DAY + 6 * HOUR],
    ['at its end at the latest', from + 7 * DAY - HOUR, from + 7 * DAY],
    ['not at once, just before its end', from + 7 * DAY - 1, from + 7 * DAY - 1 + MINUTE],
    ['each six hours when there is none after its end', from + 8 * DAY, from + 8 * DAY + 6 * HOUR],
  ])('%s', (_, checkedAt, due) => expect(dueAfter(week, checkedAt)).toBe(due));

  it('each five minutes, when it holds for an hour', () => {
    const hour = { thisUpdate: from, nextUpdate: from + HOUR };
    expect(dueAfter(hour, from + 40 * MINUTE)).toBe(from + 45 * MINUTE);
  });

  it('is always later than now, and while it holds never after its end', () => {
    const validity = fc.integer({ min: 1, max: 400 * DAY });
    fc.assert(
      fc.property(validity, fc.integer({ min: -DAY, max: 800 * DAY }), (lasts, after) => {
        const list = { thisUpdate: from, nextUpdate: from + lasts };
        const checkedAt = from + after;
        const due = dueAfter(list, checkedAt);
        expect(due).toBeGreaterThan(checkedAt);
        expect(due).toBeLessThanOrEqual(Math.max(list.nextUpdate, checkedAt + 6 * HOUR));
        expect(Number.isInteger(due)).toBe(true);
      }),
    );
  });

  it('after failures rarer and rarer, up to an hour', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => retryAfter(failures, from) - from);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((minutes) => minutes * MINUTE));
  });

  it('a list has ended at its next update', () => {
    expect([ended(week, week.nextUpdate - 1), ended(week, week.nextUpdate)]).toEqual([false, true]);
  });
});

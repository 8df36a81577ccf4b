import fc from 'fast-check';
import {
  addDays,
  type Day,
  dayAt,
  daysBetween,
  isDay,
  lastDayOfMonth,
  lastDayOfPeriod,
  weekday,
} from '../../../src/services/contract/day.ts';
import {
  endByNotice,
  extendedTerm,
  firstTermEnd,
  lastAcceptance,
  lastNotice,
  lastStart,
  monthEndAfter,
  termEndAt,
} from '../../../src/services/contract/term.ts';

/** Any day from 2000 to 2099, as JavaScript's own calendar knows it. */
const day = fc
  .integer({ min: Date.UTC(2000, 0, 1) / 86_400_000, max: Date.UTC(2099, 11, 31) / 86_400_000 })
  .map((n) => new Date(n * 86_400_000).toISOString().slice(0, 10));
const utc = (text: Day) => new Date(`${text}T00:00:00Z`);

describe('days', () => {
  it.each([
    ['2026-02-29', false],
    ['2028-02-29', true],
    ['2100-02-29', false],
    ['2000-02-29', true],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-04-31', false],
    ['2026-4-1', false],
    ['2026-04-01T00:00:00Z', false],
    ['0999-01-01', false],
    ['２０２６-04-01', false],
    [20260401, false],
    [undefined, false],
  ])('%s is a day: %s', (text, expected) => expect(isDay(text)).toBe(expected));

  it('are counted as JavaScript’s own calendar counts', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: -1000, max: 1000 }), (from, days) => {
        const to = addDays(from, days);
        expect(utc(to).getTime() - utc(from).getTime()).toBe(days * 86_400_000);
        expect(daysBetween(from, to)).toBe(days);
        expect(weekday(from)).toBe(utc(from).getUTCDay());
        expect(isDay(to)).toBe(true);
      }),
    );
  });

  it('end months where the next day is the first of another', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 30 }), (from, months) => {
        const last = lastDayOfMonth(from, months);
        expect(addDays(last, 1).endsWith('-01')).toBe(true);
        const [a, b] = [utc(from), utc(last)];
        expect(b.getUTCFullYear() * 12 + b.getUTCMonth() - a.getUTCFullYear() * 12 - a.getUTCMonth()).toBe(months);
      }),
    );
  });

  it.each([
    // The day begins in Tokyo at 15:00 UTC of the day before.
    ['2026-03-31T14:59:59.999Z', 'Asia/Tokyo', '2026-03-31'],
    ['2026-03-31T15:00:00.000Z', 'Asia/Tokyo', '2026-04-01'],
    ['2028-02-28T15:00:00.000Z', 'Asia/Tokyo', '2028-02-29'],
    ['2026-12-31T15:00:00.000Z', 'Asia/Tokyo', '2027-01-01'],
    ['2026-03-31T23:30:00.000Z', 'UTC', '2026-03-31'],
  ])('at %s it is in %s %s', (instant, zone, expected) => expect(dayAt(zone, Date.parse(instant))).toBe(expected));
});

describe('periods of months (Civil Code, Art. 143)', () => {
  it.each([
    ['2025-04-01', 12, '2026-03-31'],
    ['2025-04-16', 12, '2026-04-15'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2027-03-01', 12, '2028-02-29'],
    ['2027-02-28', 12, '2028-02-27'],
    ['2026-11-30', 3, '2027-02-28'],
    ['2027-11-30', 3, '2028-02-29'],
    ['2026-11-29', 3, '2027-02-28'],
    ['2027-11-29', 3, '2028-02-28'],
    ['2026-12-01', 3, '2027-02-28'],
    ['2026-01-31', 3, '2026-04-30'],
    ['2026-03-31', 3, '2026-06-30'],
    ['2026-12-31', 3, '2027-03-30'],
    ['2026-10-31', 3, '2027-01-30'],
  ])('what begins on %s and takes %i months ends on %s', (first, months, last) =>
    expect(lastDayOfPeriod(first, months)).toBe(last),
  );

  it('end on the day before the same day of the month, or on the last of a month that has no such day', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(1, 3, 12, 15), (first, months) => {
        const next = addDays(lastDayOfPeriod(first, months), 1);
        const same = next.slice(8) === first.slice(8);
        const cut = next.endsWith('-01') && lastDayOfMonth(addDays(next, -1)).slice(8) < first.slice(8);
        expect(same || cut).toBe(true);
      }),
    );
  });
});

describe('acceptance and start (Art. 8, 9)', () => {
  it.each([
    ['2026-03-01', '2026-03-31'],
    ['2026-01-31', '2026-03-02'],
    ['2028-01-31', '2028-03-01'],
    ['2026-12-15', '2027-01-14'],
  ])('what is received on %s is accepted, and starts, on %s at the latest', (received, last) => {
    expect(lastAcceptance(received)).toBe(last);
    expect(lastStart(received)).toBe(last);
    expect(daysBetween(received, last)).toBe(30);
  });
});

describe('the term (Art. 9)', () => {
  it.each([
    ['2025-04-01', '2026-03-31', '2026-06-30', '2026-09-30', '2026-12-31'],
    ['2025-03-16', '2026-03-15', '2026-06-15', '2026-09-15', '2026-12-15'],
    ['2024-02-29', '2025-02-28', '2025-05-31', '2025-08-31', '2025-11-30'],
    // A period of three months is never shorter than three months: what a short month has cut off does not come back.
    ['2025-11-30', '2026-11-29', '2027-02-28', '2027-05-31', '2027-08-31'],
    ['2026-08-31', '2027-08-30', '2027-11-30', '2028-02-29', '2028-05-31'],
    ['2027-01-01', '2027-12-31', '2028-03-31', '2028-06-30', '2028-09-30'],
  ])('from %s runs to %s, then to %s, %s and %s', (start, first, second, third, fourth) => {
    expect(firstTermEnd(start)).toBe(first);
    expect(extendedTerm(first)).toBe(second);
    expect(extendedTerm(second)).toBe(third);
    expect(extendedTerm(third)).toBe(fourth);
    expect(termEndAt(start, addDays(start, -10))).toBe(first);
    expect(termEndAt(start, first)).toBe(first);
    expect(termEndAt(start, addDays(first, 1))).toBe(second);
    expect(termEndAt(start, third)).toBe(third);
    expect(termEndAt(start, addDays(third, 1))).toBe(fourth);
  });

  it('is a year of 365 or 366 days, and extensions of 89 to 92', () => {
    fc.assert(
      fc.property(day, (start) => {
        const first = firstTermEnd(start);
        expect([365, 366]).toContain(daysBetween(start, first) + 1);
        let end = first;
        for (let i = 0; i < 8; i++) {
          const next = extendedTerm(end);
          const length = daysBetween(end, next);
          expect(length).toBeGreaterThanOrEqual(89);
          expect(length).toBeLessThanOrEqual(92);
          end = next;
        }
      }),
    );
  });
});

describe('word that the term is not to be extended (Art. 9)', () => {
  it.each([
    ['2025-04-01', '2026-03-01', '2026-03-31'],
    ['2025-04-01', '2026-03-02', '2026-06-30'],
    ['2025-04-01', '2025-04-01', '2026-03-31'],
    ['2025-04-01', '2026-03-31', '2026-06-30'],
    ['2025-04-01', '2026-05-31', '2026-06-30'],
    ['2025-04-01', '2026-06-01', '2026-09-30'],
    // The 30 days before the end of February of a leap year.
    ['2027-03-01', '2028-01-30', '2028-02-29'],
    ['2027-03-01', '2028-01-31', '2028-05-31'],
    ['2026-03-01', '2027-01-29', '2027-02-28'],
    ['2026-03-01', '2027-01-30', '2027-05-31'],
    // The last day for it is a holiday: days are days.
    ['2026-02-01', '2027-01-01', '2027-01-31'],
    ['2026-02-01', '2027-01-02', '2027-04-30'],
  ])('of a contract from %s, received on %s, ends it on %s', (start, received, end) =>
    expect(endByNotice(start, received, 'term-end')).toBe(end),
  );
});

describe('termination (Art. 10, specification 6)', () => {
  it.each([
    ['2026-10-31', '2026-11-30'],
    ['2026-11-01', '2026-12-31'],
    ['2026-11-30', '2026-12-31'],
    ['2026-12-01', '2027-01-31'],
    ['2026-12-31', '2027-01-31'],
    ['2027-01-01', '2027-02-28'],
    ['2028-01-01', '2028-02-29'],
    ['2028-01-31', '2028-02-29'],
    ['2026-02-28', '2026-03-31'],
    ['2028-02-28', '2028-03-31'],
    ['2028-02-29', '2028-03-31'],
    ['2026-03-01', '2026-04-30'],
    ['2026-04-29', '2026-05-31'], // 昭和の日
    ['2026-05-03', '2026-06-30'], // 憲法記念日, a Sunday
    ['2026-08-31', '2026-09-30'],
  ])('received on %s ends on %s', (received, end) => {
    expect(monthEndAfter(received)).toBe(end);
    // Half a year after the start, where no period ends.
    expect(endByNotice(addDays(received, -180), received, 'month-end')).toBe(end);
  });

  it('is what the cut-off on the 20th says, told as the specification tells it', () => {
    fc.assert(
      fc.property(day, (received) => {
        // The first month whose 20th lies twenty days or more after the receipt.
        let month = `${received.slice(0, 7)}-20`;
        while (daysBetween(received, month) < 20) month = `${addDays(lastDayOfMonth(month), 1).slice(0, 7)}-20`;
        expect(monthEndAfter(received)).toBe(lastDayOfMonth(month));
      }),
    );
  });

  it('ends a month, 28 days after the receipt or more, and 62 at most', () => {
    fc.assert(
      fc.property(day, (received) => {
        const end = monthEndAfter(received);
        expect(addDays(end, 1).endsWith('-01')).toBe(true);
        expect(daysBetween(received, end)).toBeGreaterThanOrEqual(28);
        expect(daysBetween(received, end)).toBeLessThanOrEqual(61);
        expect(monthEndAfter(addDays(received, 1)) >= end).toBe(true);
      }),
    );
  });

  it.each([
    // Notice in time for Art. 9, and the period ends before the month: it is over with the period.
    ['2025-03-16', '2026-02-10', '2026-03-15'],
    ['2025-03-16', '2026-02-13', '2026-03-15'],
    // A day too late for Art. 9: the period is extended, and the contract ends within the extension.
    ['2025-03-16', '2026-02-14', '2026-03-31'],
    ['2025-04-01', '2026-03-01', '2026-03-31'],
    ['2025-04-01', '2026-03-02', '2026-04-30'],
    ['2025-04-01', '2026-03-31', '2026-04-30'],
    ['2025-04-01', '2026-04-01', '2026-05-31'],
    // Long before the end of the period.
    ['2025-04-01', '2025-08-08', '2025-09-30'],
    // Before the start.
    ['2026-03-20', '2026-03-10', '2026-04-30'],
  ])('of a contract from %s, received on %s, ends it on %s', (start, received, end) =>
    expect(endByNotice(start, received, 'month-end')).toBe(end),
  );

  it('never ends later than the period after the one in which it was received, nor than word by Art. 9 would', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 1500 }), (start, days) => {
        const received = addDays(start, days);
        const term = termEndAt(start, received);
        const [month, word] = [endByNotice(start, received, 'month-end'), endByNotice(start, received, 'term-end')];
        expect(month > received && month <= extendedTerm(term)).toBe(true);
        expect(month <= word).toBe(true);
        expect(received <= lastNotice(term) ? word === term : word === extendedTerm(term)).toBe(true);
        // A later notice never ends sooner.
        expect(endByNotice(start, addDays(received, 1), 'month-end') >= month).toBe(true);
        expect(endByNotice(start, addDays(received, 1), 'term-end') >= word).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

import fc from 'fast-check';
import { KINDS, STATUS_KINDS } from '../../../src/services/notices/kinds.ts';
import { dayAt, earliestEffect } from '../../../src/services/notices/lead.ts';

describe('a month before', () => {
  it.each([
    ['2026-03-15', '2026-04-15'],
    ['2026-01-28', '2026-02-28'],
    ['2026-01-29', '2026-03-01'],
    ['2026-01-31', '2026-03-01'],
    ['2028-01-29', '2028-02-29'],
    ['2028-01-30', '2028-03-01'],
    ['2026-02-28', '2026-03-28'],
    ['2028-02-29', '2028-03-29'],
    ['2026-03-31', '2026-05-01'],
    ['2026-10-31', '2026-12-01'],
    ['2026-11-30', '2026-12-30'],
    ['2026-12-31', '2027-01-31'],
  ])('announced on %s, it takes effect on %s at the earliest', (published, earliest) => {
    expect(earliestEffect('month', published)).toBe(earliest);
  });
});

describe('a week before', () => {
  it.each([
    ['2026-12-05', '2026-12-12'],
    ['2026-12-28', '2027-01-04'],
    ['2028-02-25', '2028-03-03'],
    ['2026-02-22', '2026-03-01'],
  ])('announced on %s, it begins on %s at the earliest', (published, earliest) => {
    expect(earliestEffect('week', published)).toBe(earliest);
  });
});

it('has no earliest day where no rule is', () => {
  expect(earliestEffect('none', '2026-12-05') < '2026-12-05').toBe(true);
});

const days = fc
  .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2120-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const distance = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

it('gives a month of 28 days at least and of 31 at most, and never less than was left to the day of that number', () => {
  fc.assert(
    fc.property(days, (day) => {
      const earliest = earliestEffect('month', day);
      expect(distance(day, earliest)).toBeGreaterThanOrEqual(28);
      expect(distance(day, earliest)).toBeLessThanOrEqual(31);
      if (earliest.slice(8) !== day.slice(8)) expect(earliest.slice(8)).toBe('01');
    }),
  );
});

it('is never sooner for what is announced later', () => {
  fc.assert(
    fc.property(days, days, fc.constantFrom('month' as const, 'week' as const), (a, b, lead) => {
      const [first, last] = [a, b].sort() as [string, string];
      expect(earliestEffect(lead, first) <= earliestEffect(lead, last)).toBe(true);
    }),
  );
});

it.each([
  ['Asia/Tokyo', '2026-12-31T14:59:59.999Z', '2026-12-31'],
  ['Asia/Tokyo', '2026-12-31T15:00:00Z', '2027-01-01'],
  ['America/New_York', '2026-12-31T15:00:00Z', '2026-12-31'],
])('counts days by the clocks of %s: %s is %s', (zone, at, day) => {
  expect(dayAt(zone, Date.parse(at))).toBe(day);
});

it('tells only of maintenance and outages on the status page, and lets hospitals say nothing of the service', () => {
  expect(STATUS_KINDS).toEqual(['maintenance', 'emergency-maintenance', 'outage']);
  const hospitals = Object.entries(KINDS).filter(([, { hospitals }]) => hospitals);
  expect(hospitals.map(([code]) => code)).toEqual(['information', 'closing-day']);
  for (const { lead, clause } of Object.values(KINDS)) expect(clause === '').toBe(lead === 'none');
});

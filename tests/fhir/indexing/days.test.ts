import fc from 'fast-check';
import { dayKeys, daysQuery } from '../../../src/fhir/indexing/days.ts';
import { indexResource } from '../../../src/fhir/indexing/index.ts';
import { planSearch } from '../../../src/fhir/search/index.ts';
import { intervalTest, type Prefix } from '../../../src/fhir/search/prefix.ts';
import { Keys } from '../../../src/store/keys.ts';
import type { Bound, RangeTest } from '../../../src/store/query.ts';
import { evaluate } from '../../support/evaluate-query.ts';

const keys = new Keys('a secret that is only good enough for tests');
const PARAM = keys.param('Appointment', 'date');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const stored = fc
  .tuple(fc.integer({ min: -60 * 24, max: 60 * 24 }), fc.constantFrom(0, 1, HOUR, DAY - 1, 2 * DAY, 9 * DAY, 8.64e15))
  .map(([hour, length]) => ({ low: hour * HOUR, high: hour * HOUR + length }));
const prefix = fc.constantFrom<Prefix>('eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap');
const test = fc
  .tuple(prefix, fc.integer({ min: -60 * 24, max: 60 * 24 }), fc.constantFrom(0, HOUR, DAY - 1))
  .map(([one, hour, length]): RangeTest => {
    const [from, to] = [hour * HOUR, hour * HOUR + length];
    return intervalTest(one, from, to, { low: from - HOUR, high: to + HOUR });
  });
const holds = ({ column, op, value }: Bound, range: { low: number; high: number }) =>
  ({
    '<': range[column] < value,
    '<=': range[column] <= value,
    '>': range[column] > value,
    '>=': range[column] >= value,
  })[op];
const passes = (one: RangeTest, values: readonly { low: number; high: number }[]) =>
  values.some((value) => one.some((bounds) => bounds.every((bound) => holds(bound, value))));

describe('the days of a date', () => {
  it('are among those that a search looks on, whenever its tests hold', () => {
    fc.assert(
      fc.property(
        fc.array(stored, { minLength: 1, maxLength: 3 }),
        fc.array(test, { minLength: 1, maxLength: 3 }),
        (values, tests) => {
          fc.pre(tests.every((one) => passes(one, values)));
          const query = daysQuery(keys, PARAM, tests);
          if (query?.kind !== 'keys') return;
          expect(dayKeys(keys, PARAM, values).some((key) => query.any.includes(key))).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['one day', [0, 9 * HOUR], 1],
    ['a night', [20 * HOUR, 30 * HOUR], 2],
    ['three days', [0, 3 * DAY - 1], 3],
  ])('of %s have a key each', (_, [low, high], count) => {
    expect(dayKeys(keys, PARAM, [{ low: low as number, high: high as number }])).toHaveLength(count);
  });

  it('of a long time, and of several values, have one key that every search of days looks for', () => {
    const long = dayKeys(keys, PARAM, [{ low: 0, high: 90 * DAY }]);
    const several = dayKeys(keys, PARAM, [
      { low: 0, high: 0 },
      { low: 1, high: 1 },
    ]);
    expect(long).toHaveLength(1);
    expect(several).toEqual(long);
    expect(daysQuery(keys, PARAM, [intervalTest('eq', 0, DAY - 1, { low: 0, high: 0 })])).toMatchObject({
      any: expect.arrayContaining([...long]),
    });
  });

  it('are not asked for where a search is open at one end, or long', () => {
    const about = { low: 0, high: 0 };
    for (const open of ['gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ne'] as const)
      expect(daysQuery(keys, PARAM, [intervalTest(open, 0, DAY - 1, about)])).toBeNull();
    expect(daysQuery(keys, PARAM, [intervalTest('eq', 0, 365 * DAY, about)])).toBeNull();
    expect(daysQuery(keys, PARAM, [[]])).toBeNull();
  });
});

describe('a search between two days', () => {
  const context = { keys, baseUrl: 'https://tasuki.example', zone: 'Asia/Tokyo' };
  const row = (start: string) => ({
    rid: keys.rid('Appointment', start),
    type: 'Appointment',
    updated: 0,
    rows: indexResource({ resourceType: 'Appointment', status: 'booked', start }, context),
  });
  const rows = ['2026-11-21T23:59:59+09:00', '2026-11-22T00:00:00+09:00', '2026-11-22T23:59:59+09:00'].map(row);
  const found = (...params: [string, string][]) =>
    evaluate(planSearch('Appointment', params, { ...context, lenient: false, now: 0 }).plan.query, rows).size;

  it('has their keys beside the ranges, and finds what lies between by the letter', () => {
    const { query } = planSearch(
      'Appointment',
      [
        ['date', 'ge2026-11-22'],
        ['date', 'lt2026-11-23'],
      ],
      {
        ...context,
        lenient: false,
        now: 0,
      },
    ).plan;
    expect(query.kind === 'and' && query.all.map(({ kind }) => kind)).toEqual(['range', 'range', 'keys']);
    expect(found(['date', 'ge2026-11-22'], ['date', 'lt2026-11-23'])).toBe(2);
    expect(found(['date', '2026-11-22'])).toBe(2);
    expect(found(['date', '2026-11-21'])).toBe(1);
    expect(found(['date', 'lt2026-11-22'])).toBe(1);
  });
});

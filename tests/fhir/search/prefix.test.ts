import fc from 'fast-check';
import { type Interval, interval } from '../../../src/fhir/indexing/date.ts';
import { decimal } from '../../../src/fhir/search/decimal.ts';
import { intervalTest, numberTest, type Prefix, takePrefix } from '../../../src/fhir/search/prefix.ts';
import type { RangeTest } from '../../../src/store/query.ts';
import { evaluate } from '../../support/evaluate-query.ts';
import { find, type Stored } from './find.ts';

const PREFIXES: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** Whether a stored interval passes, by the model of the store. */
function passes(test: RangeTest, { low, high }: Interval): boolean {
  const rows = { keys: [], strings: [], ranges: [{ param: 1n, low, high, unit: 0n }] };
  const query = { kind: 'range', param: 1n, test } as const;
  return evaluate(query, [{ rid: 1n, type: 'T', rows, updated: 0 }]).size === 1;
}

describe('the prefix of a value', () => {
  test.each([
    ['5', 'eq', '5'],
    ['eq5', 'eq', '5'],
    ['ge2024-01-01', 'ge', '2024-01-01'],
    ['ap-5', 'ap', '-5'],
    ['xx5', 'eq', 'xx5'],
    ['gt', 'eq', 'gt'],
    ['GT5', 'eq', 'GT5'],
    ['', 'eq', ''],
  ])('%j is %s of %j', (text, prefix, rest) => {
    expect(takePrefix(text)).toEqual({ prefix, rest });
  });
});

describe('comparisons of intervals', () => {
  const span = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.nat(40))
    .map(([low, length]) => ({ low, high: low + length }));
  const is = (prefix: Prefix, searched: Interval, stored: Interval) =>
    passes(intervalTest(prefix, searched.low, searched.high, searched), stored);

  it('are what the standard says, in words of sets', () => {
    fc.assert(
      fc.property(span, span, (s, t) => {
        const eq = s.low <= t.low && t.high <= s.high;
        const gt = t.high > s.high;
        const lt = t.low < s.low;
        expect({ eq: is('eq', s, t), ne: is('ne', s, t) }).toEqual({ eq, ne: !eq });
        expect({ gt: is('gt', s, t), lt: is('lt', s, t) }).toEqual({ gt, lt });
        expect({ ge: is('ge', s, t), le: is('le', s, t) }).toEqual({ ge: gt || eq, le: lt || eq });
        expect({ sa: is('sa', s, t), eb: is('eb', s, t) }).toEqual({ sa: t.low > s.high, eb: t.high < s.low });
        expect(is('ap', s, t)).toBe(t.low <= s.high && t.high >= s.low);
      }),
      { numRuns: 500 },
    );
  });

  it('obey the laws among them', () => {
    fc.assert(
      fc.property(span, span, (s, t) => {
        const on = Object.fromEntries(PREFIXES.map((prefix) => [prefix, is(prefix, s, t)])) as Record<Prefix, boolean>;
        if (on.eq) expect([on.ge, on.le, on.gt, on.lt, on.ap]).toEqual([true, true, false, false, true]);
        if (on.sa) expect([on.gt, on.ge, on.le, on.eq, on.ap]).toEqual([true, true, false, false, false]);
        if (on.eb) expect([on.lt, on.le, on.ge, on.eq, on.ap]).toEqual([true, true, false, false, false]);
        expect(on.ap).toBe(!on.sa && !on.eb);
        expect(on.ne).toBe(on.gt || on.lt);
      }),
      { numRuns: 500 },
    );
  });

  it('are complements for a stored instant: ge of lt, le of gt', () => {
    fc.assert(
      fc.property(span, fc.integer({ min: -60, max: 100 }), (s, at) => {
        const t = { low: at, high: at };
        expect(is('ge', s, t)).toBe(!is('lt', s, t));
        expect(is('le', s, t)).toBe(!is('gt', s, t));
        expect(is('sa', s, t)).toBe(is('gt', s, t));
        expect(is('eb', s, t)).toBe(is('lt', s, t));
      }),
    );
  });
});

describe('comparisons of dates', () => {
  const day = (id: string, effectiveDateTime: string): Stored => ({
    resourceType: 'Observation',
    id,
    effectiveDateTime,
  });
  const days = [
    day('apr30', '2026-04-30T23:59:59+09:00'),
    day('may1', '2026-05-01'),
    day('may1a', '2026-05-01T00:00:00+09:00'),
    day('may1z', '2026-05-01T23:59:59.999+09:00'),
    day('may2', '2026-05-02T00:00:00+09:00'),
    day('may', '2026-05'),
  ];

  test.each([
    ['date=2026-05-01', ['may1', 'may1a', 'may1z']],
    ['date=eq2026-05-01', ['may1', 'may1a', 'may1z']],
    ['date=ne2026-05-01', ['apr30', 'may', 'may2']],
    ['date=gt2026-05-01', ['may', 'may2']],
    ['date=ge2026-05-01', ['may', 'may1', 'may1a', 'may1z', 'may2']],
    ['date=lt2026-05-01', ['apr30']],
    ['date=le2026-05-01', ['apr30', 'may1', 'may1a', 'may1z']],
    ['date=sa2026-05-01', ['may2']],
    ['date=eb2026-05-01', ['apr30']],
    ['date=2026-05', ['may', 'may1', 'may1a', 'may1z', 'may2']],
    ['date=2026', ['apr30', 'may', 'may1', 'may1a', 'may1z', 'may2']],
    ['date=2026-05-01T00:00:00+09:00', ['may1a']],
    ['date=2026-04-30T15:00:00Z', ['may1a']],
    ['date=2026-05-01T00:00+09:00', ['may1a']],
    ['date=2026-05-01T00:00', ['may1a']],
    ['date=ge2026-05-01&date=lt2026-05-02', ['may1', 'may1a', 'may1z', 'may']],
    ['date=2026-04-30,2026-05-02', ['apr30', 'may2']],
    // A plus sign that the client forgot to encode arrives as a space.
    ['date=2026-05-01T00:00:00 09:00', ['may1a']],
  ])('%s', (query, ids) => {
    expect([...find('Observation', query, days)].sort()).toEqual([...ids].sort());
  });

  it('of periods: what began before and has not ended is found from any day on', () => {
    const stay: Stored = { resourceType: 'Encounter', id: 'stay', period: { start: '2026-04-01T10:00:00+09:00' } };
    for (const query of [
      'date=ge2026-05-01',
      'date=gt2026-05-01',
      'date=le2026-05-01',
      'date=lt2026-05-01',
      'date=ap2026-05-01',
    ]) {
      expect([query, find('Encounter', query, [stay])]).toEqual([query, ['stay']]);
    }
    for (const query of ['date=2026-04', 'date=sa2026-04-01', 'date=eb2030', 'date=lt2026-04-01']) {
      expect([query, find('Encounter', query, [stay])]).toEqual([query, []]);
    }
  });

  it('about now widen by a tenth of the distance', () => {
    const born: Stored = { resourceType: 'Patient', id: 'p', birthDate: '1950-01-01' };
    expect(find('Patient', 'birthdate=ap1955', [born])).toEqual(['p']);
    expect(find('Patient', 'birthdate=ap1965', [born])).toEqual([]);
    expect(find('Patient', 'birthdate=ap1955', [born], { now: Date.parse('1956-01-01') })).toEqual([]);
  });

  it('find what happened on a day by that day, whatever the day and the zone', () => {
    const zones = fc.constantFrom('Asia/Tokyo', 'UTC', 'America/New_York', 'Europe/Berlin', 'Pacific/Auckland');
    const instants = fc.date({ min: new Date('1950-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(instant);
        const { low = 1, high = 0 } = interval(shown, zone) ?? {};
        expect(low <= instant.getTime() && instant.getTime() <= high).toBe(true);
      }),
    );
  });
});

describe('decimals and the precision in which they are written', () => {
  test.each([
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['5.4', 5.4, 5.35, 5.45],
    ['5.40', 5.4, 5.395, 5.405],
    ['0', 0, -0.5, 0.5],
    ['-5.4', -5.4, -5.45, -5.35],
    ['-0', 0, -0.5, 0.5],
    ['0.1', 0.1, 0.05, 0.15],
    ['007', 7, 6.5, 7.5],
    // The standard's own example of an exponent.
    ['1e2', 100, 95, 105],
    ['1E+2', 100, 95, 105],
    ['5.4e-3', 0.0054, 0.005395, 0.005405],
    ['１２．５', 12.5, 12.45, 12.55],
    ['−3', -3, -3.5, -2.5],
  ])('%s is %d in [%d, %d)', (text, value, from, to) => {
    expect(decimal(text)).toEqual({ value, from, to });
  });

  test.each([
    '',
    '.',
    '5.',
    '.5',
    '1e',
    'e2',
    '1e9999',
    '0x10',
    'NaN',
    'Infinity',
    '1_000',
    '1,5',
    '--1',
    '+1',
    '1e400',
    '9'.repeat(41),
    'gt5',
    ' ',
  ])('%j is none', (text) => {
    expect(decimal(text)).toBeNull();
  });

  it('hold every number that rounds to them, and no other', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999, max: 99_999 }),
        fc.nat(4),
        fc.integer({ min: -80, max: 80 }),
        (n, places, off) => {
          const precise = decimal((n / 10 ** places).toFixed(places));
          const stored = Number(`${BigInt(n) * 100n + BigInt(off)}e${-places - 2}`);
          expect(precise && precise.from <= stored && stored < precise.to).toBe(off >= -50 && off < 50);
        },
      ),
    );
  });
});

describe('comparisons of numbers', () => {
  const point = (value: number): Interval => ({ low: value, high: value });
  const is = (prefix: Prefix, text: string, stored: Interval) => {
    const precise = decimal(text);
    if (!precise) throw new Error(text);
    return passes(numberTest(prefix, precise), stored);
  };

  test.each<[Prefix, string, number, boolean]>([
    ['eq', '5.4', 5.35, true],
    ['eq', '5.4', 5.45, false],
    ['eq', '5.4', 5.4499, true],
    ['ne', '5.4', 5.4499, false],
    ['ne', '5.4', 5.45, true],
    ['gt', '5.4', 5.4, false],
    ['gt', '5.4', 5.41, true],
    ['ge', '5.4', 5.4, true],
    ['ge', '5.4', 5.39, false],
    ['lt', '5.4', 5.39, true],
    ['le', '5.4', 5.4, true],
    ['sa', '5.4', 5.4, false],
    ['eb', '5.4', 5.3, true],
    ['ap', '100', 90, true],
    ['ap', '100', 110, true],
    ['ap', '100', 89.9, false],
    ['ap', '-100', -110, true],
    ['ap', '-100', -111, false],
  ])('%s%s of %d: %s', (prefix, text, stored, expected) => {
    expect(is(prefix, text, point(stored))).toBe(expected);
  });

  it('of exact numbers are the usual ones', () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(number, number, (searched, stored) => {
        const of = (prefix: Prefix) => is(prefix, String(searched), point(stored));
        expect([of('eq'), of('ne')]).toEqual([stored === searched, stored !== searched]);
        expect([of('gt'), of('sa')]).toEqual([stored > searched, stored > searched]);
        expect([of('lt'), of('eb')]).toEqual([stored < searched, stored < searched]);
        expect([of('ge'), of('le')]).toEqual([stored >= searched, stored <= searched]);
      }),
    );
  });

  it('of a stored range: above if some of it is, equal if all of it is', () => {
    const stored = { low: 30, high: 40 };
    expect(PREFIXES.filter((prefix) => is(prefix, '35', stored))).toEqual(['ne', 'gt', 'lt', 'ge', 'le', 'ap']);
    expect(PREFIXES.filter((prefix) => is(prefix, '29', stored))).toEqual(['ne', 'gt', 'ge', 'sa', 'ap']);
    expect(PREFIXES.filter((prefix) => is(prefix, '50', stored))).toEqual(['ne', 'lt', 'le', 'eb']);
  });
});

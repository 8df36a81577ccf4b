import fc from 'fast-check';
import { BEGINNING, END, interval } from '../../../src/fhir/indexing/date.ts';
import { rangesOf } from './context.ts';

const at = (text: string): number => Date.parse(text);

describe('the interval of a date', () => {
  test.each([
    ['2024', 'Asia/Tokyo', '2023-12-31T15:00:00.000Z', '2024-12-31T14:59:59.999Z'],
    ['2024-02', 'Asia/Tokyo', '2024-01-31T15:00:00.000Z', '2024-02-29T14:59:59.999Z'],
    ['2024-12', 'Asia/Tokyo', '2024-11-30T15:00:00.000Z', '2024-12-31T14:59:59.999Z'],
    ['2024-02-29', 'Asia/Tokyo', '2024-02-28T15:00:00.000Z', '2024-02-29T14:59:59.999Z'],
    ['2024-12-31', 'Asia/Tokyo', '2024-12-30T15:00:00.000Z', '2024-12-31T14:59:59.999Z'],
    ['2024-02-29', 'UTC', '2024-02-29T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    // A day of 23 hours, one of 25, and one whose midnight does not exist.
    ['2024-03-31', 'Europe/Berlin', '2024-03-30T23:00:00.000Z', '2024-03-31T21:59:59.999Z'],
    ['2024-10-27', 'Europe/Berlin', '2024-10-26T22:00:00.000Z', '2024-10-27T22:59:59.999Z'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', '2018-11-05T01:59:59.999Z'],
    // Half and quarter hours.
    ['2024-06-01', 'Asia/Kolkata', '2024-05-31T18:30:00.000Z', '2024-06-01T18:29:59.999Z'],
    ['2024-06-01', 'Asia/Kathmandu', '2024-05-31T18:15:00.000Z', '2024-06-01T18:14:59.999Z'],
    // Japan kept summer time from 1948 to 1951, and local mean time before 1888.
    ['1949-07-01', 'Asia/Tokyo', '1949-06-30T14:00:00.000Z', '1949-07-01T13:59:59.999Z'],
    ['1880-01-01', 'Asia/Tokyo', '1879-12-31T14:41:01.000Z', '1880-01-01T14:41:00.999Z'],
    ['0001-01-01', 'UTC', '0001-01-01T00:00:00.000Z', '0001-01-01T23:59:59.999Z'],
    ['9999', 'UTC', '9999-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  ])('%s in %s', (text, zone, low, high) => {
    const found = interval(text, zone);
    expect([found?.low, found?.high].map((ms) => new Date(ms ?? Number.NaN).toISOString())).toEqual([low, high]);
  });

  test.each([
    ['2024-05-01T09:30:00+09:00', '2024-05-01T00:30:00.000Z', 1000],
    ['2024-05-01T00:30:00Z', '2024-05-01T00:30:00.000Z', 1000],
    ['2024-05-01T09:30+09:00', '2024-05-01T00:30:00.000Z', 60_000],
    ['2024-05-01T09:30:00.5+09:00', '2024-05-01T00:30:00.500Z', 100],
    ['2024-05-01T09:30:00.25+09:00', '2024-05-01T00:30:00.250Z', 10],
    ['2024-05-01T09:30:00.125+09:00', '2024-05-01T00:30:00.125Z', 1],
    ['2024-05-01T09:30:00.1259+09:00', '2024-05-01T00:30:00.125Z', 1],
    ['2024-05-01T09:30:00-09:30', '2024-05-01T19:00:00.000Z', 1000],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', 1000],
    // Without an offset: a time of the zone.
    ['2024-05-01T09:30:00', '2024-05-01T00:30:00.000Z', 1000],
    ['2024-05-01T09:30', '2024-05-01T00:30:00.000Z', 60_000],
  ])('%s is %s and %i ms long', (text, low, length) => {
    expect(interval(text, 'Asia/Tokyo')).toEqual({ low: at(low), high: at(low) + length - 1 });
  });

  test.each([
    '',
    ' ',
    '24',
    '2024-',
    '2024-1',
    '2024-13',
    '2024-00',
    '2024-02-30',
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-05-00',
    '0000',
    '2024-05-01T',
    '2024-05-01T24:00:00Z',
    '2024-05-01T09',
    '2024-05-01T09:60Z',
    '2024-05-01T09:00:61Z',
    '2024-05-01T09:00:00+15:00',
    '2024-05-01T09:00:00+09:60',
    '2024-05-01T09:00:00+9:00',
    '2024-05-01 09:00',
    '2024/05/01',
    '20240501',
    '-2024',
    '+2024',
    '12024',
    '2024-05-01Z',
    '2024-05-01T09:00:00.Z',
    '２０２４',
    'now',
    '2024-05-01T09:00:00z',
    '\n2024',
    '2024\n',
  ])('is none for %j', (text) => {
    expect(interval(text, 'Asia/Tokyo')).toBeNull();
  });

  const zones = fc.constantFrom(
    'Asia/Tokyo',
    'UTC',
    'Europe/London',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  );
  const days = fc.date({ min: new Date('1850-01-01'), max: new Date('2100-12-30'), noInvalidDate: true });

  it('of a day holds exactly the instants that the zone’s calendar shows as that day', () => {
    fc.assert(
      fc.property(days, zones, (day, zone) => {
        const text = day.toISOString().slice(0, 10);
        const { low = 0, high = 0 } = interval(text, zone) ?? {};
        const shown = (ms: number) =>
          new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms);
        expect([shown(low - 1), shown(low), shown(high), shown(high + 1)].map((one) => one === text)).toEqual([
          false,
          true,
          true,
          false,
        ]);
      }),
    );
  });

  it('of a year is that of its months, and of a month that of its days, end to end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1890, max: 2090 }), zones, (year, zone) => {
        const months = Array.from({ length: 12 }, (_, i) =>
          interval(`${year}-${String(i + 1).padStart(2, '0')}`, zone),
        );
        expect({ low: months[0]?.low, high: months[11]?.high }).toEqual(interval(String(year), zone));
        for (let i = 1; i < 12; i++) expect(months[i]?.low).toBe((months[i - 1]?.high ?? 0) + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('of an instant written with any offset is the same', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -14 * 60, max: 14 * 60 }), zones, (instant, offset, zone) => {
        const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const size = Math.abs(offset);
        const sign = offset < 0 ? '-' : '+';
        const hours = String(Math.floor(size / 60)).padStart(2, '0');
        const text = `${local}${sign}${hours}:${String(size % 60).padStart(2, '0')}`;
        expect(interval(text, zone)).toEqual({ low: instant.getTime(), high: instant.getTime() });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), zones, (text, zone) => void interval(text, zone)));
  });
});

describe('the ranges of a date parameter', () => {
  const encounter = (period: unknown) => ({ resourceType: 'Encounter', period });

  test.each([
    [
      'both ends',
      { start: '2024-05-01', end: '2024-05-02' },
      at('2024-04-30T15:00:00Z'),
      at('2024-05-02T15:00:00Z') - 1,
    ],
    ['no end', { start: '2024-05-01' }, at('2024-04-30T15:00:00Z'), END],
    ['no start', { end: '2024-05-01' }, BEGINNING, at('2024-05-01T15:00:00Z') - 1],
    ['an end that cannot be', { start: '2024-05-01', end: '2024-05-32' }, at('2024-04-30T15:00:00Z'), END],
  ])('of a period with %s', (_, period, low, high) => {
    expect(rangesOf(encounter(period), 'date')).toEqual([{ low, high, unit: 0n }]);
  });

  it('of an empty period are none', () => {
    for (const period of [{}, { start: 'x' }, null, 3, [], { start: 3 }])
      expect(rangesOf(encounter(period), 'date')).toEqual([]);
  });

  it('of a Timing are the outer limits of its events and bounds', () => {
    const order = (occurrenceTiming: unknown) => ({ resourceType: 'ServiceRequest', occurrenceTiming });
    const day = (text: string) => at(`${text}T00:00:00+09:00`);
    expect(rangesOf(order({ event: ['2024-05-03', '2024-05-01'] }), 'occurrence')).toEqual([
      { low: day('2024-05-01'), high: day('2024-05-04') - 1, unit: 0n },
    ]);
    const repeat = { boundsPeriod: { start: '2024-04-01' }, frequency: 1, period: 1, periodUnit: 'd' };
    expect(rangesOf(order({ event: ['2024-05-03'], repeat }), 'occurrence')).toEqual([
      { low: day('2024-04-01'), high: END, unit: 0n },
    ]);
    for (const timing of [
      { repeat: { frequency: 1 } },
      {},
      { event: [] },
      { event: ['x'] },
      { code: { text: '朝食後' } },
    ]) {
      expect(rangesOf(order(timing), 'occurrence')).toEqual([]);
    }
  });

  it('of a Timing with very many events are found without a deep stack', () => {
    const event = Array.from({ length: 300_000 }, () => '2024-05-01');
    const order = { resourceType: 'ServiceRequest', occurrenceTiming: { event } };
    expect(rangesOf(order, 'occurrence')).toHaveLength(1);
  });

  it('follow the zone for days, not for times', () => {
    const patient = { resourceType: 'Patient', birthDate: '1950-01-01' };
    expect(rangesOf(patient, 'birthdate', 'America/New_York')).toEqual([
      { low: at('1950-01-01T05:00:00Z'), high: at('1950-01-02T05:00:00Z') - 1, unit: 0n },
    ]);
    const observation = { resourceType: 'Observation', effectiveDateTime: '2024-05-01T00:00:00+09:00' };
    expect(rangesOf(observation, 'date', 'America/New_York')).toEqual(rangesOf(observation, 'date'));
  });

  it('are none for a datatype that has no place in time', () => {
    expect(rangesOf({ resourceType: 'Procedure', performedString: '昨年' }, 'date')).toEqual([]);
    expect(rangesOf({ resourceType: 'Procedure', performedAge: { value: 40, unit: 'a' } }, 'date')).toEqual([]);
  });

  it('are one for each value', () => {
    const event = ['2024-05-01', '2024-05-01', '2024-06-01'];
    const doc = { resourceType: 'ImmunizationRecommendation', date: '2024-01-01', recommendation: [] };
    expect(rangesOf(doc, 'date')).toHaveLength(1);
    const goal = { resourceType: 'Goal', target: event.map((dueDate) => ({ dueDate })) };
    expect(rangesOf(goal, 'target-date')).toHaveLength(2);
  });
});

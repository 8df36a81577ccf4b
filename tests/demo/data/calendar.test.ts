import fc from 'fast-check';
import { ago, businessDays, jst, jstAt, jstDate, jstMilliseconds } from '../../../src/demo/data/calendar.ts';

const instants = fc.date({ min: new Date('2020-01-01'), max: new Date('2039-12-31'), noInvalidDate: true });

describe('Japanese clock', () => {
  it('is nine hours ahead of UTC', () => {
    expect(jst(new Date('2026-11-22T15:00:00Z'))).toBe('2026-11-23T00:00:00+09:00');
    expect(jstDate(new Date('2026-11-22T14:59:59.999Z'))).toBe('2026-11-22');
    expect(jstMilliseconds(new Date('2021-02-01T04:28:17.239Z'))).toBe('2021-02-01T13:28:17.239+09:00');
    expect(jstAt('2026-11-24', '09:30').toISOString()).toBe('2026-11-24T00:30:00.000Z');
  });

  it('names the same instant', () => {
    fc.assert(fc.property(instants, (instant) => new Date(jstMilliseconds(instant)).getTime() === instant.getTime()));
  });

  it('counts back in hours and days', () => {
    const now = new Date('2026-11-23T12:00:00Z');
    expect(ago(now, { days: 1, hours: 2, minutes: 3 }).toISOString()).toBe('2026-11-22T09:57:00.000Z');
    expect(ago(now, { years: 1 }).toISOString()).toBe('2025-11-23T12:00:00.000Z');
  });
});

describe('business days', () => {
  it('leave out the weekend', () => {
    const friday = new Date('2026-11-20T10:00:00+09:00');
    expect(businessDays(friday, 3)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25']);
  });

  it('leave out the days around New Year', () => {
    const day = new Date('2026-12-25T10:00:00+09:00');
    expect(businessDays(day, 2)).toEqual(['2026-12-28', '2027-01-04']);
  });

  it('begin with tomorrow in Tokyo', () => {
    expect(businessDays(new Date('2026-11-23T15:30:00Z'), 1)).toEqual(['2026-11-25']);
  });

  it('are as many as asked for, in order, none of them past', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 30 }), (now, count) => {
        const days = businessDays(now, count);
        expect(days).toHaveLength(count);
        expect([...new Set(days)].sort()).toEqual(days);
        expect(days[0]! > jstDate(now)).toBe(true);
      }),
    );
  });
});

import fc from 'fast-check';
import { daysFromEpoch, daysInMonth, instantOf, startOfDay } from '../../../src/fhir/indexing/zone.ts';

const DAY = 86_400_000;

describe('the calendar', () => {
  it('counts days as the ECMAScript calendar does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 28 }),
        (y, m, d) => {
          const date = new Date(0);
          date.setUTCFullYear(y, m - 1, d);
          expect(daysFromEpoch(y, m, d) * DAY).toBe(date.getTime());
          expect(daysInMonth(y, m)).toBe(new Date(Date.UTC(2000 + (y % 400), m, 0)).getUTCDate());
        },
      ),
    );
  });
});

describe('the start of a day', () => {
  const start = (zone: string, year: number, month: number, day: number) =>
    new Date(startOfDay(zone, year, month, day)).toISOString();

  test.each([
    ['Asia/Tokyo', 2024, 5, 1, '2024-04-30T15:00:00.000Z'],
    ['Asia/Tokyo', 2024, 13, 1, '2024-12-31T15:00:00.000Z'],
    // Clocks went from 00:00 to 01:00.
    ['America/Sao_Paulo', 2018, 11, 4, '2018-11-04T03:00:00.000Z'],
    ['Asia/Beirut', 2024, 3, 31, '2024-03-30T22:00:00.000Z'],
    // Clocks went from 01:00 to 00:00, so midnight came twice: the first counts.
    ['America/Havana', 2024, 11, 3, '2024-11-03T04:00:00.000Z'],
    // Clocks went from 00:00 back to 23:00 of the day before: the second midnight begins the day.
    ['America/Sao_Paulo', 2019, 2, 17, '2019-02-17T03:00:00.000Z'],
    // Samoa had no 30 December 2011.
    ['Pacific/Apia', 2011, 12, 29, '2011-12-29T10:00:00.000Z'],
    ['Pacific/Apia', 2011, 12, 31, '2011-12-30T10:00:00.000Z'],
    ['Australia/Lord_Howe', 2024, 4, 7, '2024-04-06T13:00:00.000Z'],
    ['Africa/Monrovia', 1972, 1, 7, '1972-01-07T00:44:30.000Z'],
  ])('in %s on %i-%i-%i', (zone, year, month, day, expected) => {
    expect(start(zone, year, month, day)).toBe(expected);
  });

  it('is where the day before ends, even where a day is missing', () => {
    expect(start('Pacific/Apia', 2011, 12, 30)).toBe(start('Pacific/Apia', 2011, 12, 31));
  });
});

describe('the instant of a local time', () => {
  const instant = (zone: string, local: string) => new Date(instantOf(zone, Date.parse(`${local}Z`))).toISOString();

  test.each([
    ['Asia/Tokyo', '2024-05-01T09:30:00', '2024-05-01T00:30:00.000Z'],
    ['Europe/Berlin', '2024-07-01T12:00:00', '2024-07-01T10:00:00.000Z'],
    // Twice: the first.
    ['Europe/Berlin', '2024-10-27T02:30:00', '2024-10-27T00:30:00.000Z'],
    // Never: the first instant after the gap.
    ['Europe/Berlin', '2024-03-31T02:30:00', '2024-03-31T01:00:00.000Z'],
  ])('in %s at %s', (zone, local, expected) => {
    expect(instant(zone, local)).toBe(expected);
  });
});

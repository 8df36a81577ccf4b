import fc from 'fast-check';
import { loadConfig } from '../../../src/config.ts';
import { addDays, clockAt, weekday } from '../../../src/services/contract/day.ts';
import {
  CLOSES,
  HOLIDAYS_UNTIL,
  holidayOn,
  isBusinessDay,
  isOpen,
  nextOpening,
  OPENS,
} from '../../../src/services/contract/desk.ts';

const { deskClosed: closed } = loadConfig({});
const tokyo = 'Asia/Tokyo';
const at = (text: string) => Date.parse(`${text}+09:00`);
const opening = (text: string, days = closed) => {
  const next = nextOpening(tokyo, days, at(text));
  return next === undefined ? undefined : new Date(next + 9 * 3_600_000).toISOString().slice(0, 16);
};

describe('the desk', () => {
  it.each([
    ['2026-11-24', true, 'a Tuesday'],
    ['2026-11-21', false, 'a Saturday'],
    ['2026-11-22', false, 'a Sunday'],
    ['2026-11-23', false, '勤労感謝の日'],
    ['2026-05-06', false, '振替休日: 憲法記念日 fell on a Sunday'],
    ['2026-09-22', false, '国民の休日 between two holidays'],
    ['2019-04-30', false, '国民の休日 of the abdication'],
    ['2026-12-28', true, 'the last working day of the year'],
    ['2026-12-29', false, 'the turn of the year'],
    ['2027-01-01', false, '元日'],
    ['2028-01-03', false, 'the turn of the year, a Monday'],
    ['2028-01-04', true, 'the first working day'],
    ['2026-08-12', true, 'before the summer closing'],
    ['2026-08-13', false, 'the summer closing'],
    ['2026-08-14', false, 'the summer closing'],
    ['2026-08-17', true, 'after it'],
  ])('is open on %s: %s (%s)', (day, expected) => expect(isBusinessDay(day, closed)).toBe(expected));

  it.each([
    ['2026-11-24T08:59', '2026-11-24T09:00'],
    ['2026-11-24T09:00', '2026-11-24T09:00'],
    ['2026-11-24T17:29', '2026-11-24T17:29'],
    ['2026-11-24T17:30', '2026-11-25T09:00'],
    ['2026-11-20T17:30', '2026-11-24T09:00'], // Friday; Monday is a holiday
    ['2026-12-28T17:30', '2027-01-04T09:00'],
    ['2026-08-12T18:00', '2026-08-17T09:00'],
    ['2026-04-28T23:59', '2026-04-30T09:00'],
  ])('at %s opens next at %s', (now, next) => expect(opening(now)).toBe(next));

  it('is open where it opens now', () => {
    expect(isOpen(tokyo, closed, at('2026-11-24T12:00'))).toBe(true);
    expect(isOpen(tokyo, closed, at('2026-11-24T17:30'))).toBe(false);
  });

  it('that is closed the year round never opens', () => {
    const always = [{ from: '01-01', to: '12-31' }];
    expect(opening('2026-11-24T12:00', always)).toBeUndefined();
    expect(isOpen(tokyo, always, at('2026-11-24T12:00'))).toBe(false);
  });

  it('opens at an hour of its own, on a business day, and not later than the next one', () => {
    fc.assert(
      fc.property(fc.integer({ min: at('2020-01-01T00:00'), max: at('2049-12-01T00:00') }), (now) => {
        const next = nextOpening(tokyo, closed, now) as number;
        const { day, minute } = clockAt(tokyo, next);
        expect(next >= now && isBusinessDay(day, closed) && minute >= OPENS && minute < CLOSES).toBe(true);
        expect(isOpen(tokyo, closed, next)).toBe(true);
        if (next > now) {
          expect(minute).toBe(OPENS);
          expect(isOpen(tokyo, closed, next - 1)).toBe(false);
        }
      }),
    );
  });

  it('knows the holidays of every year up to the last one: sixteen at least, none of them nameless', () => {
    for (let year = 2016; year <= HOLIDAYS_UNTIL; year++) {
      const days = Array.from({ length: 366 }, (_, i) => addDays(`${year}-01-01`, i)).filter((day) =>
        day.startsWith(`${year}`),
      );
      const holidays = days.filter((day) => holidayOn(day) !== undefined);
      expect(holidays.length).toBeGreaterThanOrEqual(16);
      expect(holidays).toContain(`${year}-01-01`);
      expect(days.filter((day) => weekday(day) === 0).length).toBeGreaterThan(51);
    }
  });
});

describe('DESK_CLOSED', () => {
  const read = (text: string) => loadConfig({ DESK_CLOSED: text }).deskClosed;

  it('names days and ranges', () => {
    expect(read('12-29/01-03, 06-01')).toEqual([
      { from: '12-29', to: '01-03' },
      { from: '06-01', to: '06-01' },
    ]);
    expect(read('-')).toEqual([]);
    expect(isBusinessDay('2026-06-01', read('06-01'))).toBe(false);
    expect(isBusinessDay('2026-12-29', read('-'))).toBe(true);
  });

  it.each(['13-01', '02-30', '1-1', '08-13/08-15/08-16', 'summer', '08-13-08-15'])('refuses %s', (text) => {
    expect(() => read(text)).toThrow('DESK_CLOSED');
  });
});

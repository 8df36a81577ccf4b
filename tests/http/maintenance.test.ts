import fc from 'fast-check';
import { type WeeklyWindow, weeklyWindow } from '../../src/config/maintenance.ts';
import { loadConfig } from '../../src/config.ts';
import { isOpen, Maintenance, minuteOfWeek, nextWindow, opensAt } from '../../src/http/maintenance.ts';

const TOKYO = 'Asia/Tokyo';
const SATURDAY = weeklyWindow('Sat 22:00-Sun 07:00') as WeeklyWindow;
const at = (text: string) => Date.parse(text);

describe('the window of the terms, Saturday 22:00 to Sunday 07:00', () => {
  it.each([
    ['2026-12-05T21:59:59.999+09:00', true],
    ['2026-12-05T22:00:00+09:00', false],
    ['2026-12-05T23:59:59.999+09:00', false],
    ['2026-12-06T00:00:00+09:00', false],
    ['2026-12-06T06:59:59.999+09:00', false],
    ['2026-12-06T07:00:00+09:00', true],
    ['2026-12-05T13:00:00Z', false],
    ['2026-12-05T22:00:00Z', true],
    ['2026-12-09T23:00:00+09:00', true],
  ])('at %s the service is open: %s', (text, open) => {
    expect(isOpen(SATURDAY, TOKYO, at(text))).toBe(open);
    expect(new Maintenance(SATURDAY, TOKYO).closedUntil(at(text)) === null).toBe(open);
  });

  it('ends on Sunday at seven, to the millisecond', () => {
    for (const text of ['2026-12-05T22:00:00+09:00', '2026-12-06T06:59:59.999+09:00'])
      expect(opensAt(SATURDAY, TOKYO, at(text))).toBe(at('2026-12-06T07:00:00+09:00'));
  });

  it('is told with its beginning, whether it runs or comes', () => {
    const span = { from: at('2026-12-05T22:00:00+09:00'), to: at('2026-12-06T07:00:00+09:00') };
    for (const text of ['2026-11-29T07:00:00+09:00', '2026-12-03T12:34:56+09:00', '2026-12-06T03:00:30+09:00'])
      expect(nextWindow(SATURDAY, TOKYO, at(text))).toEqual(span);
  });
});

describe('where clocks are put forward and back', () => {
  const night = weeklyWindow('Sat 23:00-Sun 02:30') as WeeklyWindow;
  it.each([
    // 02:00 becomes 03:00: half past two is skipped, and so is what was left of the window.
    ['America/New_York', '2026-03-08T01:30:00-05:00', '2026-03-08T03:00:00-04:00'],
    // 02:00 becomes 01:00: the hour comes twice.
    ['America/New_York', '2026-11-01T01:30:00-04:00', '2026-11-01T02:30:00-05:00'],
    ['Australia/Lord_Howe', '2026-10-04T01:00:00+10:30', '2026-10-04T02:30:00+11:00'],
  ])('in %s the window that runs at %s ends at %s', (zone, from, to) => {
    expect(new Date(opensAt(night, zone, at(from))).toISOString()).toBe(new Date(at(to)).toISOString());
  });
});

const zones = fc.constantFrom(
  TOKYO,
  'UTC',
  'America/New_York',
  'Europe/London',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
);
const instants = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
const windows = fc
  .tuple(fc.integer({ min: 0, max: 10_079 }), fc.integer({ min: 0, max: 10_079 }))
  .filter(([from, to]) => from !== to)
  .map(([from, to]): WeeklyWindow => ({ from, to }));

it('opens at an instant that is open, and at none before it', () => {
  fc.assert(
    fc.property(windows, zones, instants, fc.double({ min: 0, max: 1, noNaN: true }), (window, zone, now, part) => {
      const opens = opensAt(window, zone, now);
      expect(opens).toBeGreaterThanOrEqual(now);
      expect(isOpen(window, zone, opens)).toBe(true);
      expect(opens === now).toBe(isOpen(window, zone, now));
      if (opens > now) expect(isOpen(window, zone, Math.floor(now + (opens - now - 1) * part))).toBe(false);
    }),
    { numRuns: 60 },
  );
});

it('is open or closed by what the clocks show alone', () => {
  fc.assert(
    fc.property(windows, zones, instants, ({ from, to }, zone, now) => {
      const minute = minuteOfWeek(zone, now);
      const within = from < to ? minute >= from && minute < to : minute >= from || minute < to;
      expect(isOpen({ from, to }, zone, now)).toBe(!within);
    }),
  );
});

it('finds a next window that begins in the week to come, closed from its first instant to its last', () => {
  fc.assert(
    fc.property(windows, fc.constantFrom(TOKYO, 'UTC', 'Asia/Kathmandu'), instants, (window, zone, now) => {
      const { from, to } = nextWindow(window, zone, now);
      expect(isOpen(window, zone, from)).toBe(false);
      expect(isOpen(window, zone, from - 1)).toBe(true);
      expect(isOpen(window, zone, to)).toBe(true);
      expect(to).toBeGreaterThan(now);
      expect(from).toBeLessThanOrEqual(now + 7 * 86_400_000);
    }),
    { numRuns: 60 },
  );
});

describe('what was announced', () => {
  const maintenance = new Maintenance(SATURDAY, TOKYO);
  maintenance.announce([
    { from: at('2026-12-05T20:00:00+09:00'), to: at('2026-12-05T22:30:00+09:00') },
    { from: at('2026-12-06T07:00:00+09:00'), to: at('2026-12-06T08:00:00+09:00') },
    { from: at('2026-12-10T01:00:00+09:00'), to: at('2026-12-10T02:00:00+09:00') },
  ]);

  it.each([
    ['2026-12-05T19:59:59.999+09:00', null],
    ['2026-12-05T20:00:00+09:00', '2026-12-06T08:00:00+09:00'],
    ['2026-12-06T07:30:00+09:00', '2026-12-06T08:00:00+09:00'],
    ['2026-12-06T08:00:00+09:00', null],
    ['2026-12-10T01:59:59.999+09:00', '2026-12-10T02:00:00+09:00'],
    ['2026-12-10T02:00:00+09:00', null],
  ])('at %s it is closed until %s, spans that touch being one', (text, until) => {
    expect(maintenance.closedUntil(at(text))).toBe(until === null ? null : at(until));
  });

  it('takes the place of what was announced before', () => {
    const one = new Maintenance(null, TOKYO);
    one.announce([{ from: 0, to: 10 }]);
    expect(one.closedUntil(5)).toBe(10);
    one.announce([]);
    expect(one.closedUntil(5)).toBeNull();
  });
});

describe('the setting', () => {
  it.each([
    ['-', null],
    ['Sat 22:00-Sun 07:00', { from: 6 * 1440 + 1320, to: 420 }],
    ['sun 00:00-mon 00:00', { from: 0, to: 1440 }],
    ['WED 03:00-wed 04:15', { from: 3 * 1440 + 180, to: 3 * 1440 + 255 }],
  ])('reads %s', (text, window) => {
    expect(weeklyWindow(text)).toEqual(window);
  });

  it('is off unless it is set', () => {
    expect(loadConfig({}).maintenanceWindow).toBeNull();
    expect(loadConfig({ MAINTENANCE_WINDOW: 'Sat 22:00-Sun 07:00' }).maintenanceWindow).toEqual(SATURDAY);
    expect(() => loadConfig({ MAINTENANCE_WINDOW: 'Sat 22:00' })).toThrow('MAINTENANCE_WINDOW');
  });

  it.each([
    '',
    'Sat 22:00',
    'Sat 24:00-Sun 07:00',
    'Sat 22:60-Sun 07:00',
    'Sat 22:00-Sat 22:00',
    'Someday',
    '土 22:00-日 07:00',
  ])('refuses %j', (text) => {
    expect(() => weeklyWindow(text)).toThrow(TypeError);
  });
});

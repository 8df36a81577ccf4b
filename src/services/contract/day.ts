import { daysFromEpoch, daysInMonth } from '../../fhir/indexing/zone.ts';

/** A calendar day as FHIR writes it, `2026-03-31`, from the year 1000 to 9999. Days compare as texts do. */
export type Day = string;

const MILLISECONDS = 86_400_000;

/** Whether the text is a day that there is. */
export function isDay(text: unknown): text is Day {
  if (typeof text !== 'string' || !/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = parts(text);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

export function addDays(day: Day, days: number): Day {
  return new Date((numberOf(day) + days) * MILLISECONDS).toISOString().slice(0, 10);
}

/** How many days `to` lies after `from`. */
export const daysBetween = (from: Day, to: Day): number => numberOf(to) - numberOf(from);

/**
 * The last day of a period of months that begins with a day (Civil Code, Art. 143): the day before the one that corresponds to the first;
 * where the last month has none, its last day.
 */
export function lastDayOfPeriod(first: Day, months: number): Day {
  const [year, month, day] = parts(first);
  const [y, m] = monthAfter(year, month, months);
  const last = daysInMonth(y, m);
  return day > last ? text(y, m, last) : addDays(text(y, m, day), -1);
}

/** The last day of the month that lies some months after the day's own. */
export function lastDayOfMonth(day: Day, months = 0): Day {
  const [year, month] = parts(day);
  const [y, m] = monthAfter(year, month, months);
  return text(y, m, daysInMonth(y, m));
}

/** The day of the week, 0 for Sunday. */
export const weekday = (day: Day): number => (((numberOf(day) + 4) % 7) + 7) % 7;

/** The day that it is in a zone at an instant (epoch milliseconds). */
export const dayAt = (zone: string, instant: number): Day => clockAt(zone, instant).day;

/** The day in a zone, and the minutes that its clocks show since midnight. */
export function clockAt(zone: string, instant: number): { readonly day: Day; readonly minute: number } {
  const of = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = of;
  return { day: text(year, month, day), minute: hour * 60 + minute };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numeric = 'numeric' as const;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
  });
  formats.set(zone, made);
  return made;
}

const parts = (day: Day) => day.split('-').map(Number) as [year: number, month: number, day: number];
const numberOf = (day: Day) => daysFromEpoch(...parts(day));
const text = (year: number, month: number, day: number): Day =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

function monthAfter(year: number, month: number, months: number): [year: number, month: number] {
  const index = year * 12 + month - 1 + months;
  return [Math.floor(index / 12), (index % 12) + 1];
}

import { daysFromEpoch, daysInMonth } from '../../fhir/indexing/zone.ts';
import type { Lead } from './kinds.ts';

/** A calendar day, `2026-03-31`, of the years 1000 to 9999. */
export type Day = string;

const DAY = 86_400_000;
const WEEK = 7;

const text = (year: number, month: number, day: number): Day =>
  [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');

/** The day that it is in a zone at an instant, epoch milliseconds. */
export function dayAt(zone: string, instant: number): Day {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  }).formatToParts(instant);
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return text(of.year ?? 0, of.month ?? 0, of.day ?? 0);
}

/**
 * The first day on which something may take effect that is announced on a day. A month is one of the calendar: from the day of publication to
 * the day with the same number in the next month, or where that has none, to the first day after it (Civil Code, Art. 143), so that nobody has
 * less than a month: announced on 31 January, in effect from 1 March.
 */
export function earliestEffect(lead: Lead, published: Day): Day {
  const [year = 0, month = 0, day = 0] = published.split('-').map(Number);
  switch (lead) {
    case 'none':
      return '1000-01-01';
    case 'week':
      return new Date((daysFromEpoch(year, month, day) + WEEK) * DAY).toISOString().slice(0, 10);
    case 'month': {
      const [y, m] = month === 12 ? [year + 1, 1] : [year, month + 1];
      if (day <= daysInMonth(y, m)) return text(y, m, day);
      return m === 12 ? text(y + 1, 1, 1) : text(y, m + 1, 1);
    }
    default:
      return lead satisfies never;
  }
}

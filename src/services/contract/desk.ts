import japanese from '@holiday-jp/holiday_jp';
import type { ClosedDays } from '../../config/contract.ts';
import { instantOf } from '../../fhir/indexing/zone.ts';
import { addDays, clockAt, type Day, weekday } from './day.ts';

/** The desk's hours (specification 7): Monday to Friday, minutes since midnight. */
export const OPENS = 9 * 60;
export const CLOSES = 17 * 60 + 30;

/** National holidays of Japan are known up to this year; later ones would be taken for working days. */
export const HOLIDAYS_UNTIL = 2050;

const DAY = 86_400_000;

/** Whether the desk is open on a day: no weekend, no national holiday, none of the days that the operator keeps closed. */
export function isBusinessDay(day: Day, closed: readonly ClosedDays[]): boolean {
  if (weekday(day) === 0 || weekday(day) === 6 || holidayOn(day) !== undefined) return false;
  const date = day.slice(5);
  return !closed.some(({ from, to }) => (from <= to ? from <= date && date <= to : from <= date || date <= to));
}

/** The national holiday on a day, in Japanese. */
export function holidayOn(day: Day): string | undefined {
  return Object.hasOwn(japanese.holidays, day)
    ? japanese.holidays[day as keyof typeof japanese.holidays].name
    : undefined;
}

/** The first instant, now or later, at which the desk is open; undefined where it is open on no day of a year. Epoch milliseconds. */
export function nextOpening(zone: string, closed: readonly ClosedDays[], now: number): number | undefined {
  const { day, minute } = clockAt(zone, now);
  if (isBusinessDay(day, closed) && minute >= OPENS && minute < CLOSES) return now;
  const first = minute < OPENS ? 0 : 1;
  for (let i = first; i <= 366; i++) {
    const next = addDays(day, i);
    if (isBusinessDay(next, closed)) return instantOf(zone, Date.parse(`${next}T00:00:00Z`) + (OPENS / 1440) * DAY);
  }
  return undefined;
}

/** Whether the desk answers at an instant. */
export const isOpen = (zone: string, closed: readonly ClosedDays[], now: number): boolean =>
  nextOpening(zone, closed, now) === now;

import type { Leaf, Rows } from './leaf.ts';
import { daysFromEpoch, daysInMonth, instantOf, startOfDay } from './zone.ts';

/** First and last millisecond (inclusive) that a date, time or period covers. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The ends of time that JavaScript can say: the bounds of an open Period. */
export const BEGINNING = -8.64e15;
export const END = 8.64e15;

const FORM = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * The instants that the text of a FHIR date, dateTime or instant may mean, by its precision: `2024` is a year, `2024-02-29` a day
 * in `zone`, `2024-02-29T10:00:00+09:00` one second. A time without an offset is a local time of the zone.
 * Null for anything else, impossible dates included. A leap second is the second after it.
 */
export function interval(text: string, zone: string): Interval | null {
  const match = FORM.exec(text);
  if (!match) return null;
  const year = Number(match[1]);
  if (year === 0) return null;
  if (match[2] === undefined) return between(startOfDay(zone, year, 1, 1), startOfDay(zone, year + 1, 1, 1));
  const month = Number(match[2]);
  if (month < 1 || month > 12) return null;
  if (match[3] === undefined) return between(startOfDay(zone, year, month, 1), startOfDay(zone, year, month + 1, 1));
  const day = Number(match[3]);
  if (day < 1 || day > daysInMonth(year, month)) return null;
  if (match[4] === undefined) return between(startOfDay(zone, year, month, day), nextDay(zone, year, month, day));
  return time(match, zone, daysFromEpoch(year, month, day));
}

function time(match: RegExpExecArray, zone: string, days: number): Interval | null {
  const [, , , , hour = '', minute = '', second, fraction, offset] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return null;
  const local =
    ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60_000 + Number(second ?? 0) * 1000 + thousandths(fraction);
  const length = second === undefined ? 60_000 : fraction === undefined ? 1000 : 10 ** Math.max(0, 3 - fraction.length);
  const low = offset === undefined ? instantOf(zone, local) : local - minutes(offset) * 60_000;
  return Number.isNaN(low) ? null : { low, high: low + length - 1 };
}

function thousandths(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Minutes ahead of UTC; NaN for an offset that no place has (beyond ±14:00). */
function minutes(offset: string): number {
  if (offset === 'Z') return 0;
  const size = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  if (size > 14 * 60 || Number(offset.slice(4, 6)) > 59) return Number.NaN;
  return offset.startsWith('-') ? -size : size;
}

function nextDay(zone: string, year: number, month: number, day: number): number {
  return day === daysInMonth(year, month)
    ? startOfDay(zone, year, month + 1, 1)
    : startOfDay(zone, year, month, day + 1);
}

/** A day that the zone skipped altogether keeps one millisecond. */
const between = (low: number, next: number): Interval => ({ low, high: Math.max(low, next - 1) });

/** Index rows of a date parameter for a value of this datatype, or null where the datatype has no place in time. */
export function dateLeaf(datatype: string, param: bigint): Leaf | null {
  const bounds = BOUNDS[datatype];
  if (!bounds) return null;
  return (value, rows) => {
    const found = bounds(value, rows);
    if (found) rows.date(param, found.low, found.high);
  };
}

type Bounds = (value: unknown, rows: Rows) => Interval | null;

const ofText: Bounds = (value, rows) => (typeof value === 'string' ? interval(value, rows.zone) : null);

const ofPeriod: Bounds = (value, rows) => {
  const { start, end } = value as { start?: unknown; end?: unknown };
  const first = ofText(start, rows);
  const last = ofText(end, rows);
  return first || last ? { low: first?.low ?? BEGINNING, high: last?.high ?? END } : null;
};

function hull(a: Interval | null, b: Interval | null): Interval | null {
  return a && b ? { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) } : (a ?? b);
}

/** The outer limits of the events and of the bounds; how often in between is not indexed. */
const ofTiming: Bounds = (value, rows) => {
  const { event, repeat } = value as { event?: unknown; repeat?: { boundsPeriod?: unknown } };
  const bounds = repeat?.boundsPeriod ? ofPeriod(repeat.boundsPeriod, rows) : null;
  const events: readonly unknown[] = Array.isArray(event) ? event : [];
  return events.reduce<Interval | null>((limits, at) => hull(limits, ofText(at, rows)), bounds);
};

const BOUNDS: Readonly<Record<string, Bounds>> = {
  date: ofText,
  dateTime: ofText,
  instant: ofText,
  Period: ofPeriod,
  Timing: ofTiming,
};

import type { WeeklyWindow } from '../config/maintenance.ts';

/** A span of time, epoch milliseconds; `to` is the first instant after it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const WEEK = 7 * 24 * 60;
const DAYS: Readonly<Record<string, number>> = { Sun: 0, Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6 };

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of an IANA zone show at an instant: minutes since Sunday 00:00, whole ones. */
export function minuteOfWeek(zone: string, at: number): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(zone, format);
  }
  const of = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return ((DAYS[of.weekday ?? ''] ?? 0) * 24 + Number(of.hour)) * 60 + Number(of.minute);
}

/** Minutes by the clock until the window ends; 0 outside of it. */
const remaining = ({ from, to }: WeeklyWindow, minute: number): number =>
  (minute - from + WEEK) % WEEK < (to - from + WEEK) % WEEK ? (to - minute + WEEK) % WEEK : 0;

/** Whether the clocks of the zone are outside of the window: `Sat 22:00-Sun 07:00` is closed at 22:00:00 and open at 07:00:00. */
export const isOpen = (window: WeeklyWindow, zone: string, at: number): boolean =>
  remaining(window, minuteOfWeek(zone, at)) === 0;

/**
 * The first instant from `at` on that is outside of the window. Where clocks are put forward or back meanwhile, the window still ends when they
 * show its end, or have skipped it.
 */
export function opensAt(window: WeeklyWindow, zone: string, at: number): number {
  let instant = at;
  for (;;) {
    const left = remaining(window, minuteOfWeek(zone, instant));
    if (left === 0) return instant;
    // Clocks change at quarters of an hour: up to the next one they run evenly.
    const end = Math.floor(instant / MINUTE) * MINUTE + left * MINUTE;
    instant = Math.min(end, (Math.floor(instant / QUARTER) + 1) * QUARTER);
  }
}

/** The next time, from `at` on, that the window begins, with its end; the present one where it has begun. */
export function nextWindow(window: WeeklyWindow, zone: string, at: number): Span {
  let from = Math.floor(at / MINUTE) * MINUTE;
  if (isOpen(window, zone, from)) {
    do {
      const until = (window.from - minuteOfWeek(zone, from) + WEEK) % WEEK;
      from = Math.min(from + Math.max(until, 1) * MINUTE, (Math.floor(from / QUARTER) + 1) * QUARTER);
    } while (isOpen(window, zone, from));
  } else {
    while (!isOpen(window, zone, from - MINUTE)) from -= MINUTE;
  }
  return { from, to: opensAt(window, zone, from) };
}

/** When the service does not answer: in the weekly window, and in spans that were announced. */
export class Maintenance {
  readonly #weekly: WeeklyWindow | null;
  readonly #zone: string;
  #announced: readonly Span[] = [];
  #next: { readonly since: number; readonly span: Span } | undefined;
  /** What is known of a minute: it is asked for with every request. */
  #known: { readonly minute: number; readonly weeklyEnd: number } | undefined;

  constructor(weekly: WeeklyWindow | null, zone: string) {
    this.#weekly = weekly;
    this.#zone = zone;
  }

  get weekly(): WeeklyWindow | null {
    return this.#weekly;
  }

  /** The weekly window that runs at an instant or comes next; null where there is none. */
  regular(at: number): Span | null {
    if (!this.#weekly) return null;
    if (!this.#next || at < this.#next.since || at >= this.#next.span.to)
      this.#next = { since: at, span: nextWindow(this.#weekly, this.#zone, at) };
    return this.#next.span;
  }

  /** Takes the place of what was announced before. */
  announce(spans: readonly Span[]): void {
    this.#announced = spans;
  }

  /** When the service answers again, epoch milliseconds; null where it does now. Spans that touch are one. */
  closedUntil(at: number): number | null {
    let end = at;
    for (let before = Number.NEGATIVE_INFINITY; end > before; ) {
      before = end;
      end = Math.max(
        this.#weeklyEnd(end),
        ...this.#announced.map(({ from, to }) => (from <= end && end < to ? to : end)),
      );
    }
    return end > at ? end : null;
  }

  #weeklyEnd(at: number): number {
    if (!this.#weekly) return at;
    const minute = Math.floor(at / MINUTE);
    if (this.#known?.minute !== minute)
      this.#known = { minute, weeklyEnd: opensAt(this.#weekly, this.#zone, minute * MINUTE) };
    return Math.max(at, this.#known.weeklyEnd);
  }
}

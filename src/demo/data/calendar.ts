/** Japan has no summer time: JST is UTC+9 all year. */
const JST = 9 * 60 * 60_000;

/** The instant as FHIR writes it on a Japanese clock, to the second: `2026-11-24T09:30:00+09:00`. */
export function jst(instant: Date): string {
  return `${new Date(instant.getTime() + JST).toISOString().slice(0, 19)}+09:00`;
}

/** The same to the millisecond, as Bundle.timestamp of a document has it. */
export function jstMilliseconds(instant: Date): string {
  return `${new Date(instant.getTime() + JST).toISOString().slice(0, 23)}+09:00`;
}

/** The calendar day in Tokyo, `2026-11-24`. */
export function jstDate(instant: Date): string {
  return jst(instant).slice(0, 10);
}

/** The instant of a wall-clock time in Tokyo: `jstAt('2026-11-24', '09:30')`. */
export function jstAt(day: string, time: string): Date {
  return new Date(`${day}T${time}:00+09:00`);
}

export interface Span {
  readonly years?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
}

/** The instant that long before; a year counts 365 days. */
export function ago(now: Date, { years = 0, days = 0, hours = 0, minutes = 0 }: Span): Date {
  return new Date(now.getTime() - (((years * 365 + days) * 24 + hours) * 60 + minutes) * 60_000);
}

/**
 * The coming days on which the demo's hospital examines, from tomorrow (JST) on: Monday to Friday, closed from 29 December to
 * 3 January. National holidays are left out of account.
 */
export function businessDays(now: Date, count: number): string[] {
  const days: string[] = [];
  for (let ahead = 1; days.length < count; ahead++) {
    const day = jstDate(ago(now, { days: -ahead }));
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    const monthDay = day.slice(5);
    if (weekday !== 0 && weekday !== 6 && monthDay < '12-29' && monthDay > '01-03') days.push(day);
  }
  return days;
}

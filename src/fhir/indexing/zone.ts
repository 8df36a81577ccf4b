/** Calendar days and local times of an IANA time zone as instants: epoch milliseconds, proleptic Gregorian calendar. */

const DAY = 86_400_000;

/** Days from 1970-01-01 to the date; valid for every year, months 1–12 (13 is January of the next year). */
export function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * The first instant of a calendar day in the zone. Where clocks skip midnight it is the first instant after the gap; where
 * midnight comes twice, the first of the two.
 */
export function startOfDay(zone: string, year: number, month: number, day: number): number {
  const midnight = (month > 12 ? daysFromEpoch(year + 1, month - 12, day) : daysFromEpoch(year, month, day)) * DAY;
  const starts = zoneOf(zone).starts;
  let start = starts.get(midnight);
  if (start === undefined) {
    start = instantOf(zone, midnight);
    if (starts.size >= 20_000) starts.clear();
    starts.set(midnight, start);
  }
  return start;
}

/** The (first) instant at which clocks of the zone show this time; `local` is that time as if it were UTC. */
export function instantOf(zone: string, local: number): number {
  const before = offsetAt(zone, local - DAY);
  const after = offsetAt(zone, local + DAY);
  if (before === after) return local - before;
  let low = local - DAY;
  let high = local + DAY;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  // `high` is the instant of the change.
  if (local - before < high) return local - before;
  return Math.max(high, local - after);
}

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offsetAt(zone: string, instant: number): number {
  const { format } = zoneOf(zone);
  const fields: Record<string, number> = {};
  let beforeChrist = false;
  for (const { type, value } of format.formatToParts(instant)) {
    if (type === 'era') beforeChrist = value.startsWith('B');
    else fields[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const local =
    daysFromEpoch(beforeChrist ? 1 - year : year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * 1000;
  return local - Math.floor(instant / 1000) * 1000;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Starts of days that were asked for, by the local midnight as if it were UTC. */
  readonly starts: Map<number, number>;
}

const zones = new Map<string, Zone>();

function zoneOf(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    zone = { format, starts: new Map() };
    zones.set(name, zone);
  }
  return zone;
}

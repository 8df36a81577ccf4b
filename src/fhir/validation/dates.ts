/** FHIR's date, dateTime, instant and time (https://hl7.org/fhir/R4/datatypes.html): exact, also in the calendar. */

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?$/;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year >= 1 && day >= 1 && day <= (DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}

/** 60 is the leap second, which FHIR allows; 24:00 it does not. */
const isClock = (hour: string | undefined, minute: string | undefined, second: string | undefined) =>
  Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;

function isZone(zone: string | undefined): boolean {
  if (zone === 'Z') return true;
  const hours = Number(zone?.slice(1, 3));
  const minutes = Number(zone?.slice(4));
  return hours < 14 ? minutes < 60 : hours === 14 && minutes === 0;
}

export function isDate(text: string): boolean {
  const [match, year, month = '01', day = '01'] = DATE.exec(text) ?? [];
  return match !== undefined && isDay(Number(year), Number(month), Number(day));
}

export function isInstant(text: string): boolean {
  const [match, year, month, day, hour, minute, second, , zone] = DATE_TIME.exec(text) ?? [];
  return (
    match !== undefined &&
    isDay(Number(year), Number(month), Number(day)) &&
    isClock(hour, minute, second) &&
    isZone(zone)
  );
}

export function isDateTime(text: string): boolean {
  return text.length > 10 ? isInstant(text) : isDate(text);
}

export function isTime(text: string): boolean {
  const [match, hour, minute, second] = TIME.exec(text) ?? [];
  return match !== undefined && isClock(hour, minute, second);
}

const HOUR = 3_600_000;

/** Whether a value has a time, and so a zone. */
const isZoned = (text: string) => text.length > 10;

/**
 * Whether `start <= end` of two valid dates or dateTimes, where a coarse end lasts until its last moment. A value without a zone may be of
 * any zone from +14:00 to -12:00 beside one that has one: the two are out of order only when they are so in every reading.
 */
export function inOrder(start: string | undefined, end: string | undefined): boolean {
  if (start === undefined || end === undefined) return true;
  const slack = isZoned(start) === isZoned(end) ? 0 : isZoned(start) ? 12 * HOUR : 14 * HOUR;
  return bounds(start)[0] <= bounds(end)[1] + slack;
}

/** First and last millisecond that a valid date or dateTime means, as UTC where it has no zone. */
function bounds(text: string): readonly [low: number, high: number] {
  if (isZoned(text)) {
    // Date.parse knows neither leap seconds nor more than three digits of a second.
    const [, head = '', second = '', fraction = '', zone = ''] = /^(.{17})(\d\d)(\.\d+)?(.*)$/.exec(text) ?? [];
    const base = Date.parse(`${head}00${zone}`) + Number(second) * 1000;
    const low = base + Number(fraction.slice(1, 4).padEnd(3, '0'));
    return [low, fraction.length > 3 ? low : low + (fraction ? 10 ** (4 - fraction.length) - 1 : 999)];
  }
  const [year = 0, month, day] = text.split('-').map(Number);
  const start = utc(year, month === undefined ? 0 : month - 1, day ?? 1);
  const end = day !== undefined ? start + 24 * HOUR : month !== undefined ? utc(year, month, 1) : utc(year + 1, 0, 1);
  return [start, end - 1];
}

/** Date.UTC takes years below 100 for 19xx. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

import type { Day, PartialDay } from './letter.ts';

interface Era {
  readonly name: string;
  /** Its first day. */
  readonly from: Day;
}

/**
 * The eras from the Meiji restoration on, latest first. 明治 counts from the first day of its first year by the lunar calendar, as the
 * edict of its beginning says; the Gregorian calendar came in 明治6年.
 */
const ERAS: readonly Era[] = Object.freeze([
  { name: '令和', from: { year: 2019, month: 5, day: 1 } },
  { name: '平成', from: { year: 1989, month: 1, day: 8 } },
  { name: '昭和', from: { year: 1926, month: 12, day: 25 } },
  { name: '大正', from: { year: 1912, month: 7, day: 30 } },
  { name: '明治', from: { year: 1868, month: 1, day: 25 } },
]);

const order = ({ year, month, day }: Day): number => (year * 100 + month) * 100 + day;

/** The year by the calendar of eras, `昭和30年`; `元年` is the first. Before 明治 `1867年`. */
export function eraYear(day: Day): string {
  const era = ERAS.find(({ from }) => order(from) <= order(day));
  if (!era) return `${day.year}年`;
  const year = day.year - era.from.year + 1;
  return `${era.name}${year === 1 ? '元' : year}年`;
}

/** Of a year or month in which the era changed, both: `昭和64年・平成元年`. */
export function eraYears({ year, month, day }: PartialDay): string {
  const first = { year, month: month ?? 1, day: day ?? 1 };
  const last = { year, month: month ?? 12, day: day ?? 31 };
  return [...new Set([eraYear(first), eraYear(last)])].join('・');
}

const rest = ({ month, day }: PartialDay): string => `${month ? `${month}月` : ''}${month && day ? `${day}日` : ''}`;

/** `令和8年11月22日`. */
export const wareki = (date: PartialDay): string => eraYears(date) + rest(date);

/** With the year of the common era: `昭和30年（1955年）5月4日`. */
export function warekiAndYear(date: PartialDay): string {
  const years = eraYears(date);
  return years === `${date.year}年` ? years + rest(date) : `${years}（${date.year}年）${rest(date)}`;
}

/**
 * A FHIR date, or the day of a FHIR dateTime in Asia/Tokyo; undefined where it is neither, or no day of the calendar.
 *
 * https://hl7.org/fhir/R4/datatypes.html#dateTime
 */
export function readDay(value: string | undefined): PartialDay | undefined {
  const parts = value?.match(/^(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?$/);
  if (!parts) return undefined;
  if (parts[4]) return tokyoDay(Date.parse(value!));
  const [year, month, day] = parts.slice(1, 4).map((part) => (part === undefined ? undefined : Number(part)));
  const time = new Date(Date.UTC(year!, (month ?? 1) - 1, day ?? 1));
  const real =
    time.getUTCFullYear() === year && time.getUTCMonth() + 1 === (month ?? 1) && time.getUTCDate() === (day ?? 1);
  return real ? { year, month, day } : undefined;
}

/** Japan has kept UTC+9 without summer time since 1952. */
const TOKYO = 9 * 3_600_000;

export function tokyoDay(instant: number): Day | undefined {
  const time = new Date(instant + TOKYO);
  if (Number.isNaN(time.getTime())) return undefined;
  return { year: time.getUTCFullYear(), month: time.getUTCMonth() + 1, day: time.getUTCDate() };
}

/** Full years on that day; both possible numbers, `70～71歳`, where the birth date is not known to the day. Undefined before birth. */
export function age(birth: PartialDay, on: Day): string | undefined {
  const years = ({ year, month, day }: Day) => on.year - year - (on.month * 100 + on.day < month * 100 + day ? 1 : 0);
  const most = years({ year: birth.year, month: birth.month ?? 1, day: birth.day ?? 1 });
  const least = Math.max(0, years({ year: birth.year, month: birth.month ?? 12, day: birth.day ?? 31 }));
  if (most < 0) return undefined;
  return least === most ? `${most}歳` : `${least}～${most}歳`;
}

/**
 * Dates of birth as people in Japan write them and read them: by the common era or by the year of an era. The eras since Meiji, with their first
 * days; 明治 by the Gregorian calendar that it was given later.
 */
const ERAS = [
  { name: '令和', letter: 'R', from: '2019-05-01' },
  { name: '平成', letter: 'H', from: '1989-01-08' },
  { name: '昭和', letter: 'S', from: '1926-12-25' },
  { name: '大正', letter: 'T', from: '1912-07-30' },
  { name: '明治', letter: 'M', from: '1868-01-25' },
] as const;

const yearOf = (date: string) => Number(date.slice(0, 4));

/** yyyy-mm-dd of what was typed, wide digits and letters included; null where it is no day of the calendar. */
export function readBirthDate(typed: string): string | null {
  const text = typed.slice(0, 40).normalize('NFKC').replace(/\s/g, '').toUpperCase();
  const [, era = '', years = '', month = '', day = ''] =
    /^(令和|平成|昭和|大正|明治|[RHSTM])?(\d{1,4}|元)(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?$/.exec(text) ??
    /^()(\d{4})(\d{2})(\d{2})$/.exec(text) ??
    [];
  const began = ERAS.find(({ name, letter }) => era !== '' && (name === era || letter === era));
  const year = (years === '元' ? 1 : Number(years)) + (began ? yearOf(began.from) - 1 : 0);
  if (years === '' || (!began && years.length !== 4)) return null;
  const date = `${String(year).padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay(date) && (!began || eraOf(date) === began) ? date : null;
}

function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

const eraOf = (date: string) => ERAS.find(({ from }) => from <= date);

/** `昭和26年（1951年）3月12日`; a FHIR date of a month or a year as far as it goes, without the era that it may not be in. */
export function birthDateInJapanese(date: string): string {
  const [year, month, day] = date.split('-').map(Number);
  if (!year || Number.isNaN(year)) return date;
  const rest = `${month ? `${month}月` : ''}${day ? `${day}日` : ''}`;
  const era = day ? eraOf(date) : undefined;
  if (!era) return `${year}年${rest}`;
  const years = year - yearOf(era.from) + 1;
  return `${era.name}${years === 1 ? '元' : years}年（${year}年）${rest}`;
}

import { flag } from './parse.ts';
import { setting } from './setting.ts';

/** Days of each year, both included, as `MM-DD`; `from` after `to` runs over the turn of the year. */
export interface ClosedDays {
  readonly from: string;
  readonly to: string;
}

/** What the operator decides about contracts and its desk. */
export const contractSettings = Object.freeze({
  municipalityMedical: setting(
    'MUNICIPALITY_MEDICAL_COOPERATION',
    'Whether municipalities may have medical cooperation by their contract; care and health institutions never may',
    'false',
    flag,
  ),
  deskClosed: setting(
    'DESK_CLOSED',
    'Days on which the desk is closed beside weekends and national holidays, as MM-DD/MM-DD separated by blanks; `-` for none',
    '12-29/01-03 08-13/08-15',
    closedDays,
  ),
});

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function closedDays(given: string): readonly ClosedDays[] {
  if (given === '-') return [];
  return Object.freeze(
    given.split(/[\s,]+/).map((range): ClosedDays => {
      const [from = '', to = from, ...more] = range.split('/');
      if (more.length > 0 || !isDate(from) || !isDate(to))
        throw new TypeError(`days such as 08-13/08-15, or -, not "${range}"`);
      return Object.freeze({ from, to });
    }),
  );
}

function isDate(text: string): boolean {
  const [, month = '', day = ''] = /^(\d\d)-(\d\d)$/.exec(text) ?? [];
  return Number(day) >= 1 && Number(day) <= (DAYS[Number(month) - 1] ?? 0);
}

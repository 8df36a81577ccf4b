import { setting } from './setting.ts';

/** A span of every week by the clocks of TIME_ZONE, in minutes since Sunday 00:00; `to` before `from` runs over the turn of the week. */
export interface WeeklyWindow {
  readonly from: number;
  readonly to: number;
}

export const maintenanceSettings = Object.freeze({
  maintenanceWindow: setting(
    'MAINTENANCE_WINDOW',
    'Span of every week in which the service does not answer, `Sat 22:00-Sun 07:00` by the clocks of `TIME_ZONE`; `-` for none (docs/notices.md)',
    '-',
    weeklyWindow,
  ),
  statisticsLeast: setting(
    'STATISTICS_LEAST',
    'Numbers that fewer people or institutions than this have contributed to are left out of statistics',
    '5',
    least,
  ),
});

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FORM = /^(sun|mon|tue|wed|thu|fri|sat) (\d\d):(\d\d)-(sun|mon|tue|wed|thu|fri|sat) (\d\d):(\d\d)$/i;

/** Throws a TypeError whose message completes "MAINTENANCE_WINDOW must be …". */
export function weeklyWindow(given: string): WeeklyWindow | null {
  if (given === '-') return null;
  const [, day = '', hour, minute, lastDay = '', lastHour, lastMinute] = FORM.exec(given) ?? [];
  const at = (name: string, h = '', m = '') =>
    Number(h) < 24 && Number(m) < 60 ? (DAYS.indexOf(name.toLowerCase()) * 24 + Number(h)) * 60 + Number(m) : -1;
  const from = at(day, hour, minute);
  const to = at(lastDay, lastHour, lastMinute);
  if (!day || from < 0 || to < 0 || from === to)
    throw new TypeError(`a span such as "Sat 22:00-Sun 07:00", or -, not "${given}"`);
  return Object.freeze({ from, to });
}

function least(given: string): number {
  if (!/^\d{1,3}$/.test(given) || Number(given) < 2)
    throw new TypeError(`a whole number from 2 to 999, not "${given}"`);
  return Number(given);
}

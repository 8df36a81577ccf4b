import type { ContractChange, ContractRow } from '../../store/contract.ts';
import { addDays, type Day } from './day.ts';
import { extendedTerm, lastAcceptance, lastNotice } from './term.ts';

/** What falls due in the life of a contract, by its row alone. */
export type Event =
  | 'acceptance-due'
  | 'acceptance-overdue'
  | 'start'
  | 'change-services'
  | 'term-ends'
  | 'extend'
  | 'export'
  | 'end';

export interface Due {
  readonly event: Event;
  readonly day: Day;
  /** Of a reminder: the last day on which it makes sense, and its name among those that were `told`. */
  readonly until?: Day;
  readonly key?: string;
}

/** The operator is reminded so many days before the answer is due, the user before a period ends and before service does. */
export const DUE_SOON_DAYS = 5;
export const TERM_ENDS_DAYS = 45;
export const EXPORT_DAYS = 14;

/** All that lies before a contract as it stands, in the order of time; on one day in the order of this list. */
export function agenda(row: ContractRow): Due[] {
  return listed(row)
    .filter(({ key }) => key === undefined || !row.told.includes(key))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

function listed(row: ContractRow): Due[] {
  const { state, received, starts, ends, termEnd, nextServicesOn } = row;
  switch (state) {
    case 'applied': {
      const last = lastAcceptance(received);
      return [
        { event: 'acceptance-due', day: addDays(last, -DUE_SOON_DAYS), until: last, key: 'acceptance-due' },
        { event: 'acceptance-overdue', day: addDays(last, 1), until: FOREVER, key: 'acceptance-overdue' },
      ];
    }
    case 'accepted':
      return [{ event: 'start', day: starts as Day }];
    case 'running': {
      const end = termEnd as Day;
      return [
        ...(nextServicesOn === null ? [] : [{ event: 'change-services' as const, day: nextServicesOn }]),
        ...(ends === null
          ? [
              {
                event: 'term-ends' as const,
                day: addDays(end, -TERM_ENDS_DAYS),
                until: lastNotice(end),
                key: `term-ends ${end}`,
              },
            ]
          : [{ event: 'export' as const, day: addDays(ends, -EXPORT_DAYS), until: ends, key: `export ${ends}` }]),
        ...(ends === null || ends > end ? [{ event: 'extend' as const, day: addDays(end, 1) }] : []),
        ...(ends === null ? [] : [{ event: 'end' as const, day: addDays(ends, 1) }]),
      ];
    }
    case 'refused':
    case 'withdrawn':
    case 'ended':
      return [];
    default:
      return state satisfies never;
  }
}

const FOREVER: Day = '9999-12-31';

/** The next thing to be done on a day or before; undefined where there is none yet. */
export function dueOn(row: ContractRow, today: Day): Due | undefined {
  const [next] = agenda(row);
  return next && next.day <= today ? next : undefined;
}

/** When there is something to do; null for what is over. */
export const nextDue = (row: ContractRow): Day | null => agenda(row)[0]?.day ?? null;

/** What an event changes; a reminder that comes too late only takes itself off the list. */
export function effectOf(row: ContractRow, { event, key }: Due): ContractChange {
  switch (event) {
    case 'acceptance-due':
    case 'acceptance-overdue':
    case 'term-ends':
    case 'export':
      return { told: [...row.told, key as string] };
    case 'start':
      return { state: 'running' };
    case 'change-services':
      return { services: row.nextServices as number, nextServices: null, nextServicesOn: null };
    case 'extend':
      return { termEnd: extendedTerm(row.termEnd as Day) };
    case 'end':
      return { state: 'ended', nextServices: null, nextServicesOn: null };
    default:
      return event satisfies never;
  }
}

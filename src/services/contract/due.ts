import { Access } from '../../access/access.ts';
import type { AuditWord } from '../../store/audit-words.ts';
import type { ContractRow } from '../../store/contract.ts';
import type { Day } from './day.ts';
import { type Due, dueOn, type Event, effectOf } from './events.ts';
import type { Notice } from './notices.ts';
import { record, type Step } from './record.ts';

const WORDS: Readonly<Record<Event, AuditWord>> = {
  'acceptance-due': 'contract-reminded',
  'acceptance-overdue': 'contract-overdue',
  start: 'contract-started',
  'change-services': 'contract-services-changed',
  'term-ends': 'contract-reminded',
  extend: 'contract-extended',
  export: 'contract-reminded',
  end: 'contract-ended',
};

/**
 * Does what has fallen due and the job has not come to yet, before something else is done to a contract: else a contract whose service has
 * started by its terms would be taken for one whose service never did.
 */
export async function workOff(step: Step, row: ContractRow, today: Day): Promise<ContractRow> {
  const own = { ...step, system: Access.system('contracts fall due') };
  let current = row;
  for (let due = dueOn(current, today); due; due = dueOn(current, today))
    current = await perform(own, current, due, today);
  return current;
}

/** What an event does, in one transaction with the contract locked; the row as it is then. A reminder that comes too late is none. */
export function perform(step: Step, row: ContractRow, due: Due, today: Day): Promise<ContractRow> {
  const isLate = due.until !== undefined && due.until < today;
  return record(step, row, effectOf(row, due), {
    interaction: WORDS[due.event],
    notices: isLate ? [] : noticesOf(row, due),
    detail: isLate ? `${due.event} of ${due.day}: too late to remind` : `${due.event} of ${due.day}`,
  });
}

function noticesOf(row: ContractRow, { event }: Due): Notice[] {
  switch (event) {
    case 'acceptance-due':
    case 'acceptance-overdue':
      return [{ kind: event, internal: true }];
    case 'start':
      return [{ kind: 'started' }];
    case 'change-services':
      return [{ kind: 'services' }];
    case 'extend':
      // Who is told of the end already is not told that the period before it goes on.
      return row.ends === null ? [{ kind: 'extended' }] : [];
    case 'end':
      return [{ kind: 'ended' }];
    case 'term-ends':
    case 'export':
      return [{ kind: event }];
    default:
      return event satisfies never;
  }
}

import { addDays, type Day, lastDayOfMonth, lastDayOfPeriod } from './day.ts';

/**
 * The days of a contract, by the clauses of the terms (利用規約) and of the service specification (サービス仕様). All pure; a day counts as a
 * whole, and the last day of a period is one of service.
 */

/** Art. 8: the acceptance is sent within so many days of the receipt. */
export const ACCEPTANCE_DAYS = 30;
/** Art. 9: service starts within so many days of the receipt. */
export const START_DAYS = 30;
/** Art. 9: who does not want the period extended says so, so many days before its end at the latest. */
export const NOTICE_DAYS = 30;

/** The last day on which an application may be accepted, and on which service may start. */
export const lastAcceptance = (received: Day): Day => addDays(received, ACCEPTANCE_DAYS);
export const lastStart = (received: Day): Day => addDays(received, START_DAYS);

/** Art. 9: one year, the first day counted. */
export const firstTermEnd = (start: Day): Day => lastDayOfPeriod(start, 12);

/** Art. 9: three months more, which begin on the day after the period that is over. */
export const extendedTerm = (end: Day): Day => lastDayOfPeriod(addDays(end, 1), 3);

/** The last day of the period in which a day lies, as long as nobody ends the contract; for days before the start, of the first one. */
export function termEndAt(start: Day, day: Day): Day {
  let end = firstTermEnd(start);
  while (end < day) end = extendedTerm(end);
  return end;
}

/** Art. 9: the last day on which word that the period is not to be extended is in time. */
export const lastNotice = (end: Day): Day => addDays(end, -NOTICE_DAYS);

/**
 * Specification 6: a form received 20 days before the closing day (the 20th) ends service with that month, a later one with the next. Twenty
 * days before the 20th is the last day of the month before: so service ends with the month after that of the receipt.
 */
export const monthEndAfter = (received: Day): Day => lastDayOfMonth(received, 1);

/**
 * - `month-end`: the form of Art. 10, which ends the contract at a month's end (specification 6);
 * - `term-end`: word by Art. 9 that the period that runs is not to be extended.
 */
export type Wish = 'month-end' | 'term-end';

/**
 * The last day of service once the user's notice was received.
 *
 * A form of Art. 10 is also word that the period is not to be extended. Where it came in time for that, and the period ends before the month
 * that the specification names, the contract ends with the period: what is not extended is over (Art. 9), and the terms prevail over the
 * specification (Art. 27-2). Word by Art. 9 that came too late does not keep the period from being extended, and is in time for the next.
 */
export function endByNotice(start: Day, received: Day, wish: Wish): Day {
  const term = termEndAt(start, received);
  const inTime = received <= lastNotice(term);
  if (wish === 'term-end') return inTime ? term : extendedTerm(term);
  const month = monthEndAfter(received);
  return inTime && term < month ? term : month;
}

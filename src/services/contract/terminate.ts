import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import type { ContractChange, ContractRow } from '../../store/contract.ts';
import { OPERATORS, onContract, oneIn, pastDayIn, todayOf, wrongState } from './asked.ts';
import type { Day } from './day.ts';
import { record } from './record.ts';
import { scansIn } from './scan.ts';
import { endByNotice, termEndAt, type Wish } from './term.ts';

/**
 * `Contract/[id]/$terminate` (Art. 9 and 10, specification 6): the user's notice was received. It ends the contract on the day that term.ts
 * says; an application that is not accepted yet, or a contract that would end before it starts, is withdrawn.
 */
export const terminateOperation: Operation = {
  ...OPERATORS,
  name: 'terminate',
  types: ['Contract'],
  level: 'instance',
  documentation:
    "Records the user's notice. In: received (date; today), wish (month-end: the form of Art. 10; term-end: the period is not to be extended, Art. 9; month-end where it is not there), scan* (Attachment). Out: the Contract with its end.",
  run: (request) => {
    const { engine, body } = request;
    const received = pastDayIn(request, 'received');
    const wish: Wish = oneIn(body, 'wish', ['month-end', 'term-end'] as const) ?? 'month-end';
    return onContract(request, 'a notice of termination was received', async (step, row) => {
      if (row.state === 'refused' || row.state === 'withdrawn' || row.state === 'ended')
        throw wrongState('The contract is over, or never came about');
      if (received < row.received)
        throw refuse.unprocessable(
          `The application was received on ${row.received}, after this notice`,
          "Parameters.parameter('received')",
        );
      const scans = scansIn(request);
      const change = { ...changeOf(row, received, wish, todayOf(engine)), papers: [...row.papers, ...scans.papers] };
      const detail = `${wish}, received ${received}`;
      const isOver = change.state === 'withdrawn';
      return record(step, row, change, {
        interaction: isOver ? 'contract-withdrawn' : 'contract-terminated',
        notices: [{ kind: isOver ? 'withdrawn' : 'ending' }],
        beside: scans.changes,
        detail,
      });
    });
  },
};

function changeOf(row: ContractRow, received: Day, wish: Wish, today: Day): ContractChange {
  const { starts, ends } = row;
  if (row.state === 'applied' || starts === null) return { state: 'withdrawn', cause: 'withdrawn', notice: received };
  const byClauses = endByNotice(starts, received, wish);
  if (byClauses < starts) return { state: 'withdrawn', cause: 'withdrawn', notice: received };
  // A notice that was recorded late ends nothing before the day on which it is recorded.
  const end = byClauses < today ? today : byClauses;
  if (ends !== null && ends <= end)
    throw refuse.conflict(`The contract ends on ${ends} anyway`, 'Contract.applies.end', 'duplicate');
  const cause = end === termEndAt(starts, end) ? 'not-extended' : 'user';
  return { ends: end, cause, notice: received };
}

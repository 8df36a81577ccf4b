import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { dayIn, neededTextIn, OPERATORS, onContract, oneIn, todayOf, wrongState } from './asked.ts';
import { record } from './record.ts';

const GROUNDS = ['1', '2', '3', '4', '5'] as const;

/**
 * `Contract/[id]/$end` (Art. 25): the operator ends service on one of the five grounds, after it has spoken with the user. Without a day it is
 * over at once, and every token with it.
 */
export const endOperation: Operation = {
  ...OPERATORS,
  name: 'end',
  types: ['Contract'],
  level: 'instance',
  documentation:
    'Ends service. In: ground (1 to 5, those of Art. 25), contacted (date: when the operator spoke with the user), reason (string), last (date: the last day of service; without it service is over now). Out: the Contract.',
  run: (request) => {
    const { engine, body } = request;
    const today = todayOf(engine);
    const ground = oneIn(body, 'ground', GROUNDS);
    const contacted = dayIn(body, 'contacted');
    const needed = [ground, contacted].indexOf(undefined);
    if (needed >= 0) {
      const name = ['ground', 'contacted'][needed];
      throw refuse.badRequest(
        `${name} is needed: Art. 25 asks for a ground, and for having contacted the user`,
        `Parameters.parameter('${name}')`,
        'required',
      );
    }
    if ((contacted as string) > today)
      throw refuse.unprocessable(
        'Service is ended after the user was contacted (Art. 25), not before',
        "Parameters.parameter('contacted')",
      );
    const words = neededTextIn(body, 'reason');
    const last = dayIn(body, 'last');
    if (last !== undefined && last < today)
      throw refuse.unprocessable('The last day of service cannot be past', "Parameters.parameter('last')");
    return onContract(request, 'service was ended by the operator', async (step, row) => {
      if (row.state !== 'running' && row.state !== 'accepted')
        throw wrongState('There is no service to end; an application is refused');
      const cause = `operator-${ground}`;
      const facts = { cause, contacted: contacted as string };
      if (last !== undefined) {
        if (row.starts !== null && last < row.starts)
          throw refuse.unprocessable(
            `Service has not started; leave last out, so that it never does`,
            "Parameters.parameter('last')",
          );
        if (row.ends !== null && row.ends <= last)
          throw refuse.conflict(`The contract ends on ${row.ends} anyway`, 'Contract.applies.end', 'duplicate');
        return record(
          step,
          row,
          { ...facts, ends: last },
          { interaction: 'contract-end-decided', notices: [{ kind: 'ending', words }], detail: words },
        );
      }
      const never = row.state === 'accepted';
      return record(
        step,
        row,
        { ...facts, ends: never ? null : today, state: never ? 'withdrawn' : 'ended' },
        { interaction: 'contract-ended', notices: [{ kind: never ? 'withdrawn' : 'ended', words }], detail: words },
      );
    });
  },
};

import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { OPERATORS, onContract, oneIn, textIn, wrongState } from './asked.ts';
import { questionsOf } from './form.ts';
import { record } from './record.ts';

/**
 * `Contract/[id]/$refuse` (Art. 8): on ground 1, what is false or left out, or ground 2, what is otherwise not suitable. The notice is the text
 * of the letter that goes to the applicant.
 */
export const refuseOperation: Operation = {
  ...OPERATORS,
  name: 'refuse',
  types: ['Contract'],
  level: 'instance',
  documentation:
    'Refuses an application. In: ground (1: false or left out, 2: otherwise not suitable), reason (string; for ground 1 what was left out, where something was). Out: the Contract.',
  run: (request) => {
    const { body } = request;
    const ground = oneIn(body, 'ground', ['1', '2']);
    if (ground === undefined)
      throw refuse.badRequest('ground is needed: 1 or 2 (Art. 8)', "Parameters.parameter('ground')", 'required');
    const given = textIn(body, 'reason');
    return onContract(request, 'an application was refused', async (step, row) => {
      if (row.state !== 'applied') throw wrongState('The application has been answered, or withdrawn');
      const omitted = ground === '1' ? questionsOf(row.omissions).join('、') : '';
      const words = given ?? (omitted || undefined);
      if (words === undefined)
        throw refuse.badRequest('reason is needed, as a valueString', "Parameters.parameter('reason')", 'required');
      return record(
        step,
        row,
        { state: 'refused', cause: `refused-${ground}` },
        { interaction: 'contract-refused', notices: [{ kind: 'refused', words }] },
      );
    });
  },
};

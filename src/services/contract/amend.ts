import type { Operation } from '../../fhir/engine.ts';
import { readApplication } from './application.ts';
import { applicationChange, sameKind } from './apply.ts';
import { OPERATORS, onContract, wrongState } from './asked.ts';
import { institutionOf, record } from './record.ts';
import { scansIn } from './scan.ts';

/**
 * `Contract/[id]/$amend`: the applicant has made good what the application left out, or corrects it, before it is answered. The version before
 * is kept; the 30 days go on from the first receipt.
 */
export const amendOperation: Operation = {
  ...OPERATORS,
  name: 'amend',
  types: ['Contract'],
  level: 'instance',
  documentation:
    'Completes or corrects an application that is not answered yet. In: application (QuestionnaireResponse, the whole of it), scan* (Attachment). Out: the Contract.',
  run: (request) => {
    const application = readApplication(request);
    return onContract(request, 'an application was amended', async (step, row) => {
      if (row.state !== 'applied') throw wrongState('The application has been answered, or withdrawn');
      sameKind(application, await institutionOf(step, row));
      const scans = scansIn(request);
      const { omissions, services } = application;
      const change = { omissions, services, papers: [...row.papers, ...scans.papers] };
      const { owner: _, ...stored } = applicationChange(step.engine, { ...row, ...change }, application);
      return record(step, row, change, {
        interaction: 'contract-amended',
        notices:
          omissions.length > 0 ? [{ kind: 'incomplete' }] : row.omissions.length > 0 ? [{ kind: 'received' }] : [],
        beside: [...scans.changes, { ...stored, interaction: 'update' }],
      });
    });
  },
};

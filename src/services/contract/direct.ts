import type { Resource, Rule } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';

/**
 * A Contract is made and changed by the operations of contracts alone, whoever asks. Whose it is never changes: rights under it are not passed
 * on (Art. 2).
 */
export const contractRule: Rule = {
  types: ['Contract'],
  before: async ({ access }, change) => {
    if (access.isSystem) return;
    if (change.interaction === 'update') {
      const subject = (resource: Resource | undefined) => JSON.stringify(resource?.subject ?? []);
      if (subject(await change.previous()) !== subject(change.resource))
        throw refuse.conflict(
          'Rights and duties under a contract are not passed to another (Art. 2)',
          'Contract.subject',
        );
    }
    throw refuse.unprocessable(
      'Contracts are written by the operations $apply, $amend, $accept, $refuse, $change-services, $terminate and $end only',
      'Contract',
    );
  },
};

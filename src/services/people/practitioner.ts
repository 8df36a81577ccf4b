import type { Rule } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { standsForSomebody } from '../../store/person-rights.ts';

/** A Practitioner that stands for an account is not deleted: whose acts the audit tells would be nobody any more. */
export const practitionerRule: Rule = {
  types: ['Practitioner'],
  on: ['delete'],
  before: async ({ access, transaction }, change) => {
    if (access.isSystem) return;
    if (await standsForSomebody(access, transaction, change.rid))
      throw refuse.unprocessable(
        'This Practitioner stands for a person’s account; disable the account instead ($disable)',
        'Practitioner',
      );
  },
};

import type { Service } from '../../fhir/engine.ts';
import { discloseOperation } from './disclose.ts';
import { disclosuresOperation } from './disclosures.ts';
import { exportUsersOperation } from './export-users.ts';
import { statisticsOperation } from './statistics.ts';

/** What is done with the personal information of users – people and institutions, not patients – by the terms of use, Art. 17. */
export function privacyService({ statisticsLeast }: { readonly statisticsLeast: number }): Service {
  return {
    name: 'privacy',
    operations: [discloseOperation, disclosuresOperation, exportUsersOperation, statisticsOperation(statisticsLeast)],
    rules: [],
  };
}

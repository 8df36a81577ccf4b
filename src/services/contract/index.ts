import type { Config } from '../../config.ts';
import type { Service } from '../../fhir/engine.ts';
import { acceptOperation } from './accept.ts';
import { affiliationRule } from './affiliation.ts';
import { amendOperation } from './amend.ts';
import { applyOperation } from './apply.ts';
import { changeServicesOperation } from './change-services.ts';
import { messageRule } from './communication.ts';
import { contractRule } from './direct.ts';
import { endOperation } from './end.ts';
import { deskHoursOperation, inquireOperation } from './inquire.ts';
import { institutionRule } from './institution.ts';
import { medicalRule } from './order.ts';
import { refuseOperation } from './refuse.ts';
import { terminateOperation } from './terminate.ts';

export { contractJob } from './job.ts';
export { publishForms } from './publish.ts';

/** Who takes part, and from when to when: institutions, their contracts, and whom a hospital has registered in its network. */
export function contractService(config: Pick<Config, 'municipalityMedical' | 'deskClosed'>): Service {
  return {
    name: 'contract',
    operations: [
      applyOperation,
      amendOperation,
      acceptOperation(config),
      refuseOperation,
      changeServicesOperation(config),
      terminateOperation,
      endOperation,
      inquireOperation,
      deskHoursOperation(config.deskClosed),
    ],
    rules: [institutionRule(config), affiliationRule(config), contractRule, messageRule, medicalRule],
  };
}

import type { Config } from '../../config.ts';
import type { Service } from '../../fhir/engine.ts';
import type { Database } from '../../store/database.ts';
import { accessReportOperation } from './access-report.ts';
import { issueKeycodeOperation } from './issue-keycode.ts';
import { Keycodes } from './keycode/keycodes.ts';
import { patientRule } from './patient.ts';
import { redeemKeycodeOperation } from './redeem-keycode.ts';
import { timelineOperation } from './timeline.ts';
import { withdrawOperation } from './withdraw.ts';

/** The patient's timeline, shared by keycode (service.md C). */
export async function timelineService(config: Config, database: Database): Promise<Service> {
  const keycodes = await Keycodes.open({
    database,
    pepperFile: config.keycodePepperFile,
    secretChars: config.keycodeSecretChars,
    now: new Date(),
  });
  return {
    name: 'timeline',
    operations: [
      issueKeycodeOperation(keycodes),
      redeemKeycodeOperation(keycodes),
      withdrawOperation,
      timelineOperation,
      accessReportOperation({ names: config.accessReportNames }),
    ],
    rules: [patientRule],
  };
}

import { creation, transaction, urn } from '../data/bundles.ts';
import { bloodTest, historyCondition } from '../data/hospital-record.ts';
import { PEOPLE, patient, patientNumber } from '../data/patients.ts';
import { createdReferences } from '../fhir-client.ts';
import { need, type Props, type Stage } from '../stage.ts';

/** First digits of the hospital's patient numbers. */
const PREFIX = { shared: 1, closed: 2 } as const;

/** The hospital's own number for the patient of the story. */
export const sharedNumber = (stage: Stage) => patientNumber('hospital', PREFIX.shared, stage.moment);

/**
 * The hospital's own Patient, linked to the clinic's (each institution keeps its own), with what the hospital knew of the patient
 * before the booking.
 */
export async function registerShared(stage: Stage, seeAlso: string): Promise<Props['shared']> {
  const { moment, checks } = stage;
  const { hospital } = need(stage, 'institutions');
  const name = (part: string) => urn(`shared ${moment.serial} ${part}`);
  const keeper = { institution: hospital.name, organization: hospital.organization, prefix: PREFIX.shared };
  const answer = await hospital.fhir.post(
    '',
    transaction([
      creation(name('patient'), patient(PEOPLE.shared, moment, keeper, seeAlso)),
      creation(name('history'), historyCondition(moment, name('patient'), '白内障術後', 'H25', { years: 2 })),
      creation(name('blood'), bloodTest(moment, name('patient'), 0.66, { days: 400 })),
    ]),
  );
  const claim = `registers the patient under its own number ${sharedNumber(stage).value}, linked to the clinic's record`;
  const created = createdReferences(checks.succeeds(hospital, claim, answer));
  const [own, history, blood] = created as [string, string, string];
  return { patient: own, history, bloodTest: blood };
}

/** A patient of the hospital's whom nobody else has to do with. */
export async function registerClosed(stage: Stage): Promise<Props['closed']> {
  const { moment, checks } = stage;
  const { hospital } = need(stage, 'institutions');
  const name = (part: string) => urn(`closed ${moment.serial} ${part}`);
  const keeper = { institution: hospital.name, organization: hospital.organization, prefix: PREFIX.closed };
  const answer = await hospital.fhir.post(
    '',
    transaction([
      creation(name('patient'), patient(PEOPLE.closed, moment, keeper)),
      creation(name('history'), historyCondition(moment, name('patient'), '高血圧症', 'I10', { years: 6 })),
      creation(name('blood'), bloodTest(moment, name('patient'), 0.91, { days: 30 })),
    ]),
  );
  const claim = 'keeps the record of another patient, with no booking and no keycode';
  const created = createdReferences(checks.succeeds(hospital, claim, answer));
  const [own, , blood] = created as [string, string, string];
  return { patient: own, bloodTest: blood };
}

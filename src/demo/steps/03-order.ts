import { contrastCtOrder } from '../data/booking.ts';
import { creation, transaction, urn } from '../data/bundles.ts';
import { kidneyFunction } from '../data/kidney.ts';
import { PEOPLE, patient } from '../data/patients.ts';
import { referralLetter } from '../data/referral-letter.ts';
import { safetyQuestions } from '../data/safety-questions.ts';
import { createdReferences } from '../fhir-client.ts';
import { type Institution, need, type Stage } from '../stage.ts';

/** What an order is made of. */
export interface Order {
  readonly patient: string;
  readonly order: string;
  readonly questions: string;
  readonly letter: string;
}

/** First digit of the patient numbers that the clinic gives out. */
const CLINIC_PREFIX = 3;
const RIVAL_PREFIX = 4;

/** One transaction: the clinic's Patient, the order, the answered safety questions and the letter. */
export async function placeOrder(stage: Stage, clinic: Institution): Promise<Order> {
  const { moment, checks } = stage;
  const { hospital } = need(stage, 'institutions');
  const name = (part: string) => urn(`order ${moment.serial} ${part}`);
  const refs = { patient: name('patient'), order: name('order'), author: clinic.organization };
  const keeper = { institution: clinic.name, organization: clinic.organization, prefix: CLINIC_PREFIX };
  const order = contrastCtOrder(
    moment,
    {
      patient: refs.patient,
      requester: clinic.organization,
      performer: hospital.organization,
      supportingInfo: [name('questions'), name('letter')],
    },
    `CT-${moment.serial}`,
  );
  const answer = await clinic.fhir.post(
    '',
    transaction([
      creation(refs.patient, patient(PEOPLE.shared, moment, keeper)),
      creation(refs.order, order),
      creation(name('questions'), safetyQuestions(moment, refs, kidneyFunction(moment))),
      creation(name('letter'), referralLetter(moment, CLINIC_PREFIX)),
    ]),
  );
  const claim = 'writes Patient, ServiceRequest, safety questions and 診療情報提供書 in one transaction';
  const created = createdReferences(checks.succeeds(clinic, claim, answer));
  const [patientRef, orderRef, questions, letter] = created as [string, string, string, string];
  return { patient: patientRef, order: orderRef, questions, letter };
}

/** The other clinic's order, for a patient of its own; it brings nothing but what a booking needs. */
export async function placeRivalOrder(stage: Stage, clinic: Institution): Promise<Order> {
  const { moment, checks } = stage;
  const { hospital } = need(stage, 'institutions');
  const name = (part: string) => urn(`rival order ${moment.serial} ${part}`);
  const refs = { patient: name('patient'), requester: clinic.organization, performer: hospital.organization };
  const keeper = { institution: clinic.name, organization: clinic.organization, prefix: RIVAL_PREFIX };
  const answer = await clinic.fhir.post(
    '',
    transaction([
      creation(refs.patient, patient(PEOPLE.rival, moment, keeper)),
      creation(name('order'), contrastCtOrder(moment, refs, `CT-${moment.serial}-2`)),
    ]),
  );
  const created = createdReferences(checks.succeeds(clinic, 'has a patient of its own who needs a CT', answer));
  const [patientRef, orderRef] = created as [string, string];
  return { patient: patientRef, order: orderRef, questions: '', letter: '' };
}

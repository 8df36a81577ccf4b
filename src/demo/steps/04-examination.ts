import type { Appointment, Bundle, Patient, QuestionnaireResponse, ServiceRequest } from '@medplum/fhirtypes';
import { birthDate, PEOPLE } from '../data/patients.ts';
import { resourcesIn } from '../fhir-client.ts';
import { whoSees } from '../sight.ts';
import { need, type Stage, type Step } from '../stage.ts';
import { registerClosed, registerShared } from './04-registration.ts';

/** The hospital sees the booking, registers the patient under its own number and reports the examination done. */
export const examination: Step = {
  japanese: '検査を実施する',
  english: 'the hospital registers the patient and marks the examination done',
  async play(stage) {
    await readBooking(stage);
    const { clinic } = need(stage, 'institutions');
    const booking = need(stage, 'booking');
    const shared = await registerShared(stage, booking.patient);
    stage.props.shared = shared;
    const closed = await registerClosed(stage);
    stage.props.closed = closed;
    await complete(stage);
    const appointment = await clinic.fhir.get(booking.appointment);
    const order = await clinic.fhir.get(booking.order);
    const done =
      appointment.ok &&
      appointment.as<Appointment>('Appointment').status === 'fulfilled' &&
      order.ok &&
      order.as<ServiceRequest>('ServiceRequest').status === 'completed';
    stage.checks.check(clinic, 'sees that the examination was done', done, appointment, order);
    await whoSees(stage, [
      { label: "hospital's Patient", reference: shared.patient, seenBy: ['hospital'] },
      { label: 'its history', reference: shared.history, seenBy: ['hospital'] },
      { label: 'another Patient', reference: closed.patient, seenBy: ['hospital'] },
      { label: 'its blood test', reference: closed.bloodTest, seenBy: ['hospital'] },
    ]);
  },
};

async function readBooking(stage: Stage): Promise<void> {
  const { checks, moment } = stage;
  const { hospital } = need(stage, 'institutions');
  const booking = need(stage, 'booking');
  const { service } = need(stage, 'catalogue');
  const list = await hospital.fhir.get(
    `Appointment?actor=${service}&status=booked&_sort=date&_count=50&_include=Appointment:patient&_include=Appointment:based-on`,
  );
  const has = (type: 'Appointment' | 'Patient' | 'ServiceRequest', reference: string) =>
    resourcesIn(list, type).some(({ id }) => `${type}/${id}` === reference);
  const whole =
    list.ok &&
    has('Appointment', booking.appointment) &&
    has('Patient', booking.patient) &&
    has('ServiceRequest', booking.order);
  checks.check(hospital, 'finds the booking with its patient and its order', whole, list);

  const person = PEOPLE.shared;
  const name = encodeURIComponent('ﾀｶﾊｼ ﾊﾅｺ');
  const byName = await hospital.fhir.get(`Patient?name=${name}&birthdate=${birthDate(person, moment)}`);
  const known =
    byName.ok && resourcesIn<Patient>(byName, 'Patient').some(({ id }) => `Patient/${id}` === booking.patient);
  checks.check(
    hospital,
    `finds ${person.name.family} ${person.name.given} by the half-width name ﾀｶﾊｼ ﾊﾅｺ`,
    known,
    byName,
  );

  const questions = await hospital.fhir.get(booking.questions);
  const answered = questions.ok && questions.as<QuestionnaireResponse>('QuestionnaireResponse').status === 'completed';
  checks.check(hospital, 'reads the answers to the safety questions', answered, questions);
  const letter = await hospital.fhir.get(booking.letter);
  const first = letter.ok ? letter.as<Bundle>('Bundle').entry?.[0]?.resource : undefined;
  const isLetter = first?.resourceType === 'Composition' && first.title === '診療情報提供書';
  checks.check(hospital, 'reads the 診療情報提供書', isLetter, letter);
}

/** Only status elements are the hospital's to change; a change on top of an old version is refused. */
async function complete(stage: Stage): Promise<void> {
  const { checks } = stage;
  const { hospital } = need(stage, 'institutions');
  const { appointment, order } = need(stage, 'booking');

  const before = await hospital.fhir.get(appointment);
  const etag = { 'if-match': before.headers.get('etag') ?? '' };
  const fulfilled: Appointment = { ...before.as<Appointment>('Appointment'), status: 'fulfilled' };
  checks.succeeds(hospital, 'marks the Appointment fulfilled', await hospital.fhir.put(appointment, fulfilled, etag));
  const stale = await hospital.fhir.put(appointment, { ...fulfilled, status: 'noshow' }, etag);
  checks.check(hospital, 'gets 412 for a change based on an old version', stale.status === 412, stale);

  const ordered = await hospital.fhir.get(order);
  const request = ordered.as<ServiceRequest>('ServiceRequest');
  const match = { 'if-match': ordered.headers.get('etag') ?? '' };
  const rewritten = await hospital.fhir.put(order, { ...request, reasonCode: [{ text: '書き換え' }] }, match);
  const refused = rewritten.status >= 400 && rewritten.status < 500;
  checks.check(hospital, `may not rewrite the clinic's order (${rewritten.status})`, refused, rewritten);
  const completed = await hospital.fhir.put(order, { ...request, status: 'completed' }, match);
  checks.succeeds(hospital, 'marks the ServiceRequest completed', completed);
}

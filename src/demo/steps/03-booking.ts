import type { Appointment, Bundle, Slot } from '@medplum/fhirtypes';
import { bookParameters, proposedAppointment } from '../data/booking.ts';
import { type Answer, resourcesIn } from '../fhir-client.ts';
import { whoSees } from '../sight.ts';
import { type Institution, need, type Stage, type Step } from '../stage.ts';
import { freeSlots } from './02-catalogue.ts';
import { type Order, placeOrder, placeRivalOrder } from './03-order.ts';

/** The clinic finds a free slot and books a contrast CT; two clinics that want the same slot do not both get it. */
export const booking: Step = {
  japanese: '造影CTを予約する',
  english: 'the clinic books a contrast CT; two clinics race for one slot',
  async play(stage) {
    const { clinic, clinic2 } = need(stage, 'institutions');
    const slots = await findSlots(stage, clinic);
    const order = await placeOrder(stage, clinic);
    const rival = await placeRivalOrder(stage, clinic2);
    const appointment = (await race(stage, slots[0]!, order, rival)) ?? (await book(stage, clinic, slots[1]!, order));
    stage.props.booking = { ...order, appointment };
    const parties = ['hospital', 'clinic'] as const;
    await whoSees(stage, [
      { label: 'Appointment', reference: appointment, seenBy: parties },
      { label: 'ServiceRequest', reference: order.order, seenBy: parties },
      { label: 'safety questions', reference: order.questions, seenBy: parties },
      { label: '診療情報提供書', reference: order.letter, seenBy: parties },
      { label: "clinic's Patient", reference: order.patient, seenBy: parties },
    ]);
  },
};

async function findSlots(stage: Stage, clinic: Institution): Promise<Slot[]> {
  const { schedule } = need(stage, 'catalogue');
  const answer = await freeSlots(clinic, schedule, stage.moment.now);
  const slots = resourcesIn<Slot>(answer, 'Slot');
  stage.checks.must(
    clinic,
    `finds ${slots.length} free CT slots, the first at ${slots[0]?.start}`,
    slots.length >= 2,
    answer,
  );
  const [first, last] = [slots[0]!, slots.at(-1)!].map(({ start }) => encodeURIComponent(start));
  const found = await clinic.fhir.get(`Appointment/$find?start=${first}&end=${last}&schedule=${schedule}`);
  const offered = found.ok ? resourcesIn<Appointment>(found, 'Appointment') : [];
  const same =
    offered.every(({ status }) => status === 'proposed') &&
    offered.map(({ slot }) => slot?.[0]?.reference).join() === slots.map(({ id }) => `Slot/${id}`).join();
  stage.checks.check(clinic, 'is offered an Appointment for each of them by $find', same, found);
  return slots;
}

/** `$book` for the slot; the answer is 201 with the one Appointment or a refusal. */
function tryBook(stage: Stage, { fhir }: Institution, slot: Slot, order: Order): Promise<Answer> {
  const appointment = proposedAppointment(stage.moment, {
    slot: `Slot/${slot.id}`,
    start: slot.start,
    end: slot.end,
    order: order.order,
    patient: order.patient,
    service: need(stage, 'catalogue').service,
  });
  return fhir.post('Appointment/$book', bookParameters(appointment));
}

/** Both clinics want the slot at the same moment. Gives the clinic's Appointment where it is the clinic that won. */
async function race(stage: Stage, slot: Slot, order: Order, rival: Order): Promise<string | undefined> {
  const { clinic, clinic2, hospital } = need(stage, 'institutions');
  const answers = await Promise.all([tryBook(stage, clinic, slot, order), tryBook(stage, clinic2, slot, rival)]);
  const [won, lost] = answers[0].status === 201 ? answers : [answers[1], answers[0]];
  const [winner, loser] = won === answers[0] ? [clinic, clinic2] : [clinic2, clinic];
  stage.checks.check(winner, `wins the race for ${slot.start}`, won.status === 201 && booked(won) !== undefined, won);
  stage.checks.check(
    loser,
    `gets 409: ${lost.outcome()}`,
    lost.status === 409 && lost.outcome().startsWith('error'),
    lost,
  );
  const after = await hospital.fhir.get(`Slot/${slot.id}`);
  stage.checks.check(hospital, 'sees the slot busy', after.ok && after.as<Slot>('Slot').status === 'busy', after);
  const bookings = await hospital.fhir.get(`Appointment?slot=Slot/${slot.id}&_summary=count`);
  stage.checks.check(
    hospital,
    'sees one Appointment on it',
    bookings.ok && bookings.as<Bundle>('Bundle').total === 1,
    bookings,
  );
  return winner === clinic ? booked(won) : undefined;
}

async function book(stage: Stage, clinic: Institution, slot: Slot, order: Order): Promise<string> {
  const answer = await tryBook(stage, clinic, slot, order);
  stage.checks.must(
    clinic,
    `books ${slot.start} instead`,
    answer.status === 201 && booked(answer) !== undefined,
    answer,
  );
  return booked(answer)!;
}

/** `Appointment/id` of the one booked Appointment in the answer of `$book`. */
function booked(answer: Answer): string | undefined {
  if (!answer.ok) return undefined;
  const appointments = resourcesIn<Appointment>(answer, 'Appointment');
  const [appointment] = appointments;
  return appointments.length === 1 && appointment?.status === 'booked' ? `Appointment/${appointment.id}` : undefined;
}

import type { Practitioner, Reference } from '@medplum/fhirtypes';
import type { Client } from './drive.ts';
import { Draw } from './random.ts';
import { appointment, encounter, observation, order, patient, practitioner, report, Transaction } from './resources.ts';

export interface SeededPatient {
  readonly number: number;
  readonly id: string;
  readonly version: number;
  /** Id of its first Observation. */
  readonly observation: string;
  /** Its first Appointment: the Practitioner's id, and the day of the year. */
  readonly appointment: { readonly practitioner: string; readonly day: number };
}

export interface Seeded {
  readonly patients: readonly SeededPatient[];
  readonly resources: number;
  readonly seconds: number;
}

/** What one patient's transaction holds: with the patient, 2 encounters, 3 appointments, an order and its report. */
export const OBSERVATIONS = 30;
export const CHART = 8 + OBSERVATIONS;
const PATIENTS_OF_A_DOCTOR = 50;
const WIDTH = 4;

/** Stores the patients with their charts, one transaction each, a few at a time. The content does not depend on the order. */
export async function seed(client: Client, count: number): Promise<Seeded> {
  const started = performance.now();
  const doctors = Math.ceil(count / PATIENTS_OF_A_DOCTOR);
  const staff = new Transaction();
  for (let number = 0; number < doctors; number++) staff.add(practitioner(number));
  const practitioners = (await store(client, staff)).map(({ id }) => id);
  const patients = new Array<SeededPatient>(count);
  let next = 0;
  const work = async () => {
    for (let number = next++; number < count; number = next++) {
      patients[number] = await storeChart(client, number, practitioners);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  return { patients, resources: doctors + CHART * count, seconds: (performance.now() - started) / 1000 };
}

async function storeChart(client: Client, number: number, practitioners: readonly string[]): Promise<SeededPatient> {
  const draw = new Draw(number);
  const chart = new Transaction();
  const subject = chart.add(patient(number));
  const results = [];
  const visits = [chart.add(encounter(draw, subject)), chart.add(encounter(draw, subject))] as const;
  for (let i = 0; i < OBSERVATIONS; i++) results.push(chart.add(observation(draw, subject, draw.pick(visits))));
  const bookings = [];
  for (let i = 0; i < 3; i++) {
    const booking = { practitioner: draw.pick(practitioners), day: draw.int(350) };
    const doctor: Reference<Practitioner> = { reference: `Practitioner/${booking.practitioner}` };
    chart.add(appointment(booking.day, draw.int(32), subject, doctor));
    bookings.push(booking);
  }
  const request = chart.add(order(draw, subject, visits[0]));
  chart.add(report(draw, subject, request, results.slice(0, 5)));
  const [own, , , first] = (await store(client, chart)) as [Stored, Stored, Stored, Stored];
  return { number, ...own, observation: first.id, appointment: bookings[0] as (typeof bookings)[0] };
}

interface Stored {
  readonly id: string;
  readonly version: number;
}

/** What the server made of the entries, in their order. */
async function store(client: Client, transaction: Transaction): Promise<Stored[]> {
  const { status, body } = await client.send({ method: 'POST', path: '', body: transaction.body });
  if (status !== 200) throw new Error(`a transaction was answered with ${status} ${body.toString().slice(0, 500)}`);
  const { entry } = JSON.parse(body.toString()) as { entry: { response: { location: string } }[] };
  return entry.map(({ response }) => {
    const [, id, version] = /\/([^/]+)\/_history\/(\d+)$/.exec(response.location) as unknown as [
      string,
      string,
      string,
    ];
    return { id, version: Number(version) };
  });
}

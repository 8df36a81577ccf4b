import type { Member, Sent } from '../../support/network.ts';
import { believe, certificateOf, placeOrder, ref, Stage, signed, submitted, value } from './stage.ts';

let stage: Stage;
let hospital: Member;
let hospital2: Member;
let clinic: Member;
const schedules = new Map<Member, string>();
let hours = 0;

beforeAll(async () => {
  stage = await Stage.open({
    signature: { render: async () => Buffer.from(`%PDF ${Math.random()}`), verify: async (input) => believe(input) },
  });
  ({ hospital, hospital2, clinic } = stage);
  await stage.network.affiliate(hospital2, clinic);
  for (const one of [hospital, hospital2]) {
    const service = await one.create({ resourceType: 'HealthcareService', active: true, name: 'CT' });
    const actor = [ref(`HealthcareService/${service.id}`)];
    schedules.set(one, `Schedule/${(await one.create({ resourceType: 'Schedule', active: true, actor })).id}`);
    const { body } = await one.get(one.organization);
    const url = 'https://tasuki.example/fhir/StructureDefinition/signature-required';
    const put = await one.put(one.organization, { ...body, extension: [{ url, valueBoolean: true }] });
    expect(put.status).toBe(200);
  }
});
afterAll(() => stage.close());

async function appointment(of: Member, participants: readonly string[], more: object = {}): Promise<Sent> {
  const start = new Date(Date.UTC(2030, 0, 1, hours++)).toISOString();
  const end = new Date(Date.UTC(2030, 0, 1, hours)).toISOString();
  const slot = { resourceType: 'Slot', schedule: ref(schedules.get(of) as string), status: 'free', start, end };
  return {
    resourceType: 'Appointment',
    status: 'booked',
    start,
    end,
    slot: [ref(`Slot/${(await of.create(slot)).id}`)],
    participant: participants.map((one) => ({ actor: ref(one), status: 'accepted' })),
    ...more,
  };
}
const book = (resource: Sent) => clinic.post('Appointment/$book', resource);

async function signedOrder(to = hospital, more: object = {}) {
  const placed = await placeOrder(clinic, to, more);
  const issued = await clinic.send('POST', `${placed.order}/$render-letter`);
  const { bytes } = await stage.bytes(clinic, 'GET', value(issued, 'document').reference);
  const task = value(issued, 'task').reference;
  await submitted(clinic, task, signed(bytes, { certificate: 'aa' }));
  const doctor = await clinic.create({ resourceType: 'Practitioner', name: [{ text: '桜井 春香' }] });
  await clinic.post(`Practitioner/${doctor.id}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: certificateOf('aa') },
      { name: 'confirm', valueBoolean: true },
    ],
  });
  expect((await clinic.get(task)).body.status).toBe('completed');
  return { ...placed, task };
}

describe('a signed letter is worth a booking', () => {
  it('at the hospital that it goes to, and at no other', async () => {
    const { order, patient } = await signedOrder();
    const basedOn = [ref(order)];
    expect((await book(await appointment(hospital2, [patient], { basedOn }))).status).toBe(422);
    expect((await book(await appointment(hospital, [patient], { basedOn }))).status).toBe(201);
    const slots = [await appointment(hospital, [patient]), await appointment(hospital2, [patient])];
    const [start, end] = [slots[0]?.start, slots[1]?.end];
    const both = { ...slots[0], start, end, slot: slots.flatMap(({ slot }) => slot as object[]), basedOn };
    expect((await book(both as Sent)).status).toBe(422);
    const other = await signedOrder(hospital2);
    const two = { ...both, participant: [{ actor: ref(patient), status: 'accepted' }] };
    expect((await book({ ...two, basedOn: [...basedOn, ref(other.order)] } as Sent)).status).toBe(422);
  });

  it('for the patient whom it is about', async () => {
    const { order, patient } = await signedOrder();
    const another = `Patient/${(await clinic.create({ resourceType: 'Patient', name: [{ text: '別 人' }] })).id}`;
    const basedOn = [ref(order)];
    expect((await book(await appointment(hospital, [another], { basedOn }))).status).toBe(422);
    expect((await book(await appointment(hospital, [patient, another], { basedOn }))).status).toBe(422);
    const theirs = `Patient/${(await hospital.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] })).id}`;
    await hospital.create({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: ref(theirs),
      performer: [ref(clinic.organization)],
    });
    // The same person in the hospital's own register: who that is, is the hospital's to say.
    expect((await book(await appointment(hospital, [theirs], { basedOn }))).status).toBe(201);
    const booked = (await book(await appointment(hospital, [patient], { basedOn }))).body.entry[0].resource;
    const swapped = { ...booked, participant: [{ actor: ref(another), status: 'accepted' }] };
    expect((await clinic.put(`Appointment/${booked.id}`, swapped)).status).toBe(422);
    expect((await clinic.put(`Appointment/${booked.id}`, { ...booked, comment: '朝食は控える' })).status).toBe(200);
  });

  it.each(['draft', 'revoked', 'entered-in-error', 'unknown'])('not by an order that is %s', async (status) => {
    const { order, patient } = await signedOrder();
    const { body } = await clinic.get(order);
    expect((await clinic.put(order, { ...body, status })).status).toBe(200);
    expect((await book(await appointment(hospital, [patient], { basedOn: [ref(order)] }))).status).toBe(422);
  });

  it('by an order alone that is there, and goes on being there', async () => {
    const { order, patient, letter } = await signedOrder();
    const { body } = await clinic.get(letter);
    const resource = await appointment(hospital, [patient], { basedOn: [ref(order)] });
    const entry = [
      { resource: { ...body, timestamp: '2026-07-01T00:00:00Z' }, request: { method: 'PUT', url: letter } },
      { resource, request: { method: 'POST', url: 'Appointment' } },
    ];
    // Both at once: the booking that comes with the end of its letter.
    expect((await clinic.post('', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(422);
    expect((await book(resource)).status).toBe(201);
    expect((await clinic.send('DELETE', order)).status).toBe(204);
    expect((await book(await appointment(hospital, [patient], { basedOn: [ref(order)] }))).status).toBe(422);
  });
});

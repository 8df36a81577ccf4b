import type { Member, Sent } from '../../support/network.ts';
import { believe, certificateOf, letterBundle, placeOrder, ref, Stage, signed, submitted, value } from './stage.ts';

let stage: Stage;
let hospital: Member;
let clinic: Member;
let clinic2: Member;
let schedule: string;
let hours = 0;

beforeAll(async () => {
  stage = await Stage.open({
    signature: {
      render: async ({ issuedAt }) => Buffer.from(`%PDF ${issuedAt}`),
      verify: async (input) => believe(input),
    },
  });
  ({ hospital, clinic, clinic2 } = stage);
  const service = await hospital.create({ resourceType: 'HealthcareService', active: true, name: 'CT' });
  const actor = [ref(`HealthcareService/${service.id}`)];
  schedule = `Schedule/${(await hospital.create({ resourceType: 'Schedule', active: true, actor })).id}`;
});
afterAll(() => stage.close());

const URL = 'https://tasuki.example/fhir/StructureDefinition/signature-required';

/** Says on the hospital's own Organization whether it requires signatures. */
async function require(extension: readonly object[] | undefined, member = hospital) {
  const { body } = await member.get(member.organization);
  return member.put(member.organization, { ...body, extension });
}
const on = () => require([{ url: URL, valueBoolean: true }]);
const off = () => require(undefined);

async function appointment(patient: string, more: object = {}): Promise<Sent> {
  const start = new Date(Date.UTC(2030, 0, 1, hours++)).toISOString();
  const end = new Date(Date.UTC(2030, 0, 1, hours)).toISOString();
  const slot = { resourceType: 'Slot', schedule: ref(schedule), status: 'free', start, end };
  return {
    resourceType: 'Appointment',
    status: 'booked',
    start,
    end,
    slot: [ref(`Slot/${(await hospital.create(slot)).id}`)],
    participant: [{ actor: ref(patient), status: 'accepted' }],
    ...more,
  };
}
const book = (resource: Sent, member = clinic) => member.post('Appointment/$book', resource);

async function signedOrder(member = clinic) {
  const placed = await placeOrder(member, hospital);
  const issued = await member.send('POST', `${placed.order}/$render-letter`);
  const { bytes } = await stage.bytes(member, 'GET', value(issued, 'document').reference);
  const task = value(issued, 'task').reference;
  await submitted(member, task, signed(bytes, { certificate: 'aa' }));
  const doctor = await member.create({ resourceType: 'Practitioner', name: [{ text: '桜井 春香' }] });
  await member.post(`Practitioner/${doctor.id}/$confirm-signer`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'certificate', valueString: certificateOf('aa') },
      { name: 'confirm', valueBoolean: true },
    ],
  });
  expect((await member.get(task)).body.status).toBe('completed');
  return { ...placed, task };
}

describe('a hospital that asks for signatures', () => {
  it('takes bookings as before until it does', async () => {
    const { patient } = await placeOrder(clinic, hospital);
    expect((await book(await appointment(patient))).status).toBe(201);
  });

  it('says so by true or false, and once', async () => {
    for (const extension of [
      [{ url: URL, valueString: 'true' }],
      [
        { url: URL, valueBoolean: true },
        { url: URL, valueBoolean: false },
      ],
    ])
      expect((await require(extension)).status).toBe(422);
    expect((await on()).status).toBe(200);
    expect((await off()).status).toBe(200);
  });

  it('takes bookings of others with a verified letter only, and tells what to do', async () => {
    await on();
    const good = await signedOrder();
    const bare = await placeOrder(clinic, hospital);
    for (const basedOn of [undefined, [ref(bare.order)]]) {
      const reply = await book(await appointment(bare.patient, { basedOn }));
      expect([reply.status, reply.body.issue[0]]).toEqual([
        422,
        expect.objectContaining({
          code: 'business-rule',
          expression: ['Appointment.basedOn'],
          diagnostics: expect.stringMatching(/\$render-letter.*\$submit-signed/),
        }),
      ]);
    }
    expect((await book(await appointment(good.patient, { basedOn: [ref(good.order)] }))).status).toBe(201);
    await off();
  });

  it('does not mind its own bookings, wishes, and what was booked before', async () => {
    const { patient } = await placeOrder(clinic, hospital);
    const before = (await book(await appointment(patient))).body.entry[0].resource;
    await on();
    const own = await hospital.create({ resourceType: 'Patient', name: [{ text: '港' }] });
    expect((await book(await appointment(`Patient/${own.id}`), hospital)).status).toBe(201);
    expect((await clinic.post('Appointment', await appointment(patient, { status: 'pending' }))).status).toBe(201);
    expect((await clinic.put(`Appointment/${before.id}`, { ...before, comment: '朝食は控える' })).status).toBe(200);
    expect((await clinic.put(`Appointment/${before.id}`, { ...before, status: 'cancelled' })).status).toBe(200);
    await off();
  });

  it('is not got around by another status, a later one, or another order', async () => {
    const { patient, order } = await placeOrder(clinic, hospital);
    const good = await signedOrder();
    await on();
    for (const status of ['booked', 'arrived', 'checked-in', 'fulfilled', 'noshow'])
      expect((await clinic.post('Appointment', await appointment(patient, { status }))).status).toBe(422);
    const pending = await clinic.create(await appointment(patient, { status: 'pending' }));
    expect((await clinic.put(`Appointment/${pending.id}`, { ...pending, status: 'booked' })).status).toBe(422);
    const booked = (await book(await appointment(good.patient, { basedOn: [ref(good.order)] }))).body.entry[0].resource;
    expect((await clinic.put(`Appointment/${booked.id}`, { ...booked, basedOn: [ref(order)] })).status).toBe(422);
    await off();
  });

  it('wants the letter in its current version, with its order, of the institution that books', async () => {
    const good = await signedOrder();
    const other = await signedOrder(clinic2);
    await on();
    const theirs = await book(await appointment(good.patient, { basedOn: [ref(other.order)] }));
    expect(theirs.status).toBe(422);
    const { body: order } = await clinic.get(good.order);
    const second = `Bundle/${(await clinic.create(letterBundle())).id}`;
    await clinic.put(good.order, { ...order, supportingInfo: [...order.supportingInfo, ref(second)] });
    expect((await book(await appointment(good.patient, { basedOn: [ref(good.order)] }))).status).toBe(422);
    await clinic.put(good.order, order);
    expect((await book(await appointment(good.patient, { basedOn: [ref(good.order)] }))).status).toBe(201);
    const { body } = await clinic.get(good.letter);
    await clinic.put(good.letter, { ...body, timestamp: '2026-06-02T00:00:00Z' });
    expect((await book(await appointment(good.patient, { basedOn: [ref(good.order)] }))).status).toBe(422);
    await off();
  });

  it('has a Task for each letter that is to be signed, from the order on', async () => {
    await on();
    const { order, letter, patient } = await placeOrder(clinic, hospital);
    const tasks = async () => (await hospital.get(`Task?based-on=${order}&_sort=_lastUpdated`)).body.entry ?? [];
    const [first] = await tasks();
    expect(first.resource).toMatchObject({
      status: 'requested',
      businessStatus: { coding: [{ code: 'to-sign' }] },
      focus: ref(letter),
      for: ref(patient),
    });
    const { body } = await clinic.get(letter);
    await clinic.put(letter, { ...body, timestamp: '2026-06-02T00:00:00Z' });
    expect(await tasks()).toHaveLength(1);
    const issued = await clinic.send('POST', `${order}/$render-letter`);
    expect(value(issued, 'task').reference).toBe(`Task/${first.resource.id}`);
    await clinic.put(letter, { ...(await clinic.get(letter)).body, timestamp: '2026-06-03T00:00:00Z' });
    const states = (await tasks()).map(({ resource }: { resource: { status: string } }) => resource.status);
    expect(states.sort()).toEqual(['cancelled', 'requested']);
    await off();
  });
});

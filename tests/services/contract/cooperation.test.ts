import type { Member } from '../../support/network.ts';
import { Stage } from './stage.ts';

/** Medical cooperation (service.md A): who has not agreed on it sends and gets no orders and bookings, by whatever way they come. */

let stage: Stage;
let hospital: Member;
let clinic: Member;
let bare: Member;
let care: Member;
beforeAll(async () => {
  stage = await Stage.open('2026-03-02');
  const { network } = stage;
  hospital = stage.hospital;
  clinic = await network.enrol('medical', 'さくら診療所');
  bare = await network.register('medical', 'もみじ医院');
  await network.contract(bare, { services: ['care-cooperation', 'timeline'] });
  care = await network.enrol('care', 'ひだまり');
  for (const member of [clinic, bare]) await network.affiliate(hospital, member);
  await network.affiliate(hospital, care, ['care-cooperation', 'timeline']);
  for (const member of [hospital, clinic, bare, care])
    places.set(member, `Location/${(await member.create({ resourceType: 'Location', name: '受付' })).id}`);
});
afterAll(() => stage.close());

const ref = (reference: string) => ({ reference });
const patientOf = async (member: Member) =>
  `Patient/${(await member.create({ resourceType: 'Patient', name: [{ text: '港 太郎' }] })).id}`;

const order = (subject: string, ...performer: Member[]) => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject: ref(subject),
  ...(performer.length > 0 && { performer: performer.map(({ organization }) => ref(organization)) }),
});
const places = new Map<Member, string>();
const booking = (...members: Member[]) => ({
  resourceType: 'Appointment',
  status: 'proposed',
  start: '2026-04-01T00:00:00Z',
  end: '2026-04-01T00:30:00Z',
  participant: members.map((member) => ({ actor: ref(places.get(member) as string), status: 'accepted' })),
});

it.each([
  ['an institution of care', () => care, () => hospital],
  ['one without it in its contract', () => bare, () => hospital],
  ['a hospital, to one without it', () => hospital, () => bare],
])('orders of %s are refused', async (_, from, to) => {
  const patient = await patientOf(from());
  const own = await from().post('ServiceRequest', order(patient));
  expect(own.status).toBe(201);
  const sent = [
    await from().post('ServiceRequest', order(patient, to())),
    await from().put('ServiceRequest?identifier=urn:order|none', order(patient, to())),
    await from().post('ServiceRequest', order(patient, to()), { 'if-none-exist': 'identifier=urn:order|none' }),
    await from().send('PUT', `ServiceRequest/${own.body.id}`, { ...own.body, performer: [ref(to().organization)] }),
    await from().post('Appointment', booking(from(), to())),
    await from().post('', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ resource: order(patient, to()), request: { method: 'POST', url: 'ServiceRequest' } }],
    }),
  ];
  expect(sent.map(({ status }) => status)).toEqual(Array(sent.length).fill(422));
  for (const { body } of sent) expect(body.issue[0].diagnostics).toContain('medical-cooperation');
});

it('orders and bookings go between those who have it, and everybody keeps their own', async () => {
  const patient = await patientOf(clinic);
  expect((await clinic.post('ServiceRequest', order(patient, hospital))).status).toBe(201);
  expect((await hospital.post('ServiceRequest', order(await patientOf(hospital), clinic))).status).toBe(201);
  expect((await clinic.post('Appointment', booking(clinic, hospital))).status).toBe(201);
  expect((await care.post('ServiceRequest', order(await patientOf(care), care))).status).toBe(201);
});

it('who has it orders from an institution of care, as home nursing, by care cooperation', async () => {
  const patient = await patientOf(hospital);
  expect((await hospital.post('ServiceRequest', order(patient, care))).status).toBe(201);
  expect((await hospital.post('Appointment', booking(hospital, care))).status).toBe(201);
  expect((await hospital.post('ServiceRequest', order(patient, care, bare))).status).toBe(422);
});

it('a Task that shows an order needs what the order needs, and another either cooperation', async () => {
  const task = (to: Member, more: object = {}) => ({
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    owner: ref(to.organization),
    ...more,
  });
  const own = await care.create(order(await patientOf(care)));
  const shown = ref(`ServiceRequest/${own.id}`);
  for (const more of [
    { focus: shown },
    { basedOn: [shown] },
    { input: [{ type: { text: 'x' }, valueReference: shown }] },
    { reasonReference: shown },
  ]) {
    const sent = await care.post('Task', task(hospital, more));
    expect([Object.keys(more), sent.status]).toEqual([Object.keys(more), 422]);
  }
  expect((await care.post('Task', task(hospital))).status).toBe(201);
  expect((await clinic.post('Task', task(hospital))).status).toBe(201);
  expect((await hospital.get(`ServiceRequest/${own.id}`)).status).toBe(404);
});

it('what was ordered stays with its parties when the service ends, and goes to nobody new', async () => {
  const agreed = await stage.network.enrol('medical', 'かえで医院');
  await stage.network.affiliate(hospital, agreed);
  const sent = (await agreed.post('ServiceRequest', order(await patientOf(agreed), hospital))).body;
  const [contract] = (await agreed.get('Contract')).body.entry;
  const changed = await stage.operator.post(`Contract/${contract.resource.id}/$change-services`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'service', valueCode: 'care-cooperation' }],
  });
  expect(changed.status).toBe(200);
  // With the token that it had: the next request goes by the services of now.
  expect((await agreed.post('ServiceRequest', order(sent.subject.reference, hospital))).status).toBe(422);
  expect((await agreed.get('Slot?_summary=count')).body.total).toBe(0);
  expect((await hospital.get(`ServiceRequest/${sent.id}`)).status).toBe(200);
  const kept = await agreed.put(`ServiceRequest/${sent.id}`, { ...sent, status: 'revoked' });
  expect(kept.status).toBe(200);
  expect(
    (
      await agreed.put(`ServiceRequest/${sent.id}`, {
        ...kept.body,
        performer: [...sent.performer, ref(clinic.organization)],
      })
    ).status,
  ).toBe(422);
});

it('a patient of another hospital is no way around: who is named with the patient is the hospital', async () => {
  const timeline = await stage.network.register('care', 'すずかぜ');
  await stage.network.contract(timeline, { services: ['timeline'] });
  await stage.network.affiliate(hospital, timeline, ['care-cooperation', 'timeline']);
  const birthDate = '1951-02-03';
  const { id } = await hospital.create({ resourceType: 'Patient', birthDate, name: [{ text: '港 花' }] });
  const parameter = (await hospital.send('POST', `Patient/${id}/$issue-keycode`)).body.parameter;
  const redeemed = await timeline.post('$redeem-keycode', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'keycode', valueString: parameter[0].valueString },
      { name: 'birthDate', valueDate: birthDate },
      { name: 'attest', valueBoolean: true },
    ],
  });
  expect(redeemed.status).toBe(200);
  const patient = ref(`Patient/${id}`);
  const communication = { resourceType: 'Communication', status: 'completed', payload: [{ contentString: 'x' }] };
  for (const named of [{ recipient: [patient] }, { sender: patient }])
    expect((await timeline.post('Communication', { ...communication, ...named })).status).toBe(422);
  const own = order(`Patient/${id}`);
  expect((await timeline.post('ServiceRequest', { ...own, performer: [patient] })).status).toBe(422);
  expect((await timeline.post('Communication', { ...communication, subject: patient })).status).toBe(201);
  const visit = { ...booking(), participant: [{ actor: patient, status: 'accepted' }] };
  expect((await timeline.post('Appointment', visit)).status).toBe(201);
});

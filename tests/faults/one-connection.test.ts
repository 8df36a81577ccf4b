import {
  batch,
  by,
  fresh,
  getting,
  observation,
  patient,
  posting,
  putting,
  statuses,
  transaction,
  urn,
} from '../fhir/interactions/samples.ts';
import type { Reply } from '../support/network.ts';
import { openWorld, type World } from '../support/world.ts';

/**
 * With one database connection, whatever asks for a second one while it holds the first waits for itself. What works here
 * cannot come to a standstill when all connections are in use.
 */
let world: World;
let hospital: World['hospital'];
let clinic: World['clinic'];
beforeAll(async () => {
  world = await openWorld({ env: { POOL_SIZE: '1', STATEMENT_TIMEOUT_MS: '10000' } });
  ({ hospital, clinic } = world);
});
afterAll(() => world.close());

/** Everything at once, several times; no request may be refused for want of a connection. */
async function together(requests: readonly (() => Promise<Reply>)[], times = 4): Promise<Reply[]> {
  const replies = await Promise.all(Array.from({ length: times }, () => requests.map((request) => request())).flat());
  expect(replies.filter(({ status }) => status >= 500).map(({ text }) => text)).toEqual([]);
  return replies;
}

it('reads, searches, histories and operations', async () => {
  const { id } = await hospital.create(patient(fresh()));
  await hospital.create(observation(`Patient/${id}`));
  const paths = [
    `Patient/${id}`,
    `Patient/${id}/_history`,
    `Patient/${id}/_history/1`,
    'Patient/none',
    `Observation?subject=Patient/${id}&_include=Observation:subject&_total=accurate&_count=1`,
    `Patient/${id}/$everything`,
    `Patient/${id}/$timeline`,
    `Patient/${id}/$access-report`,
    `AuditEvent?patient=Patient/${id}&_total=accurate`,
    'Appointment/$find?start=2027-01-01&end=2027-01-02',
    'metadata',
  ];
  const replies = await together(paths.map((path) => () => hospital.get(path)));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(4 * (paths.length - 1));
});

it('writes with conditions, references and rules', async () => {
  const { id } = await hospital.create(patient(fresh()));
  const value = fresh();
  await together([
    () => hospital.post('Patient', patient(fresh())),
    () => hospital.post('Patient', patient(value), { 'if-none-exist': by(value) }),
    () => hospital.put(`Patient?${by(value)}`, patient(value)),
    () => hospital.put(`Patient/${id}`, patient(value, { id })),
    () => hospital.post('Observation', observation(`Patient/${id}`)),
    () => hospital.send('DELETE', `Patient?${by(fresh())}`),
    () => world.network.operator.put(hospital.organization, {}),
  ]);
  expect((await hospital.get(`Patient/${id}`)).headers.get('etag')).toBe('W/"5"');
});

it('batches and transactions that read what they write', async () => {
  const value = fresh();
  const bundle = () => {
    const name = urn();
    return [
      posting(patient(value), name, { ifNoneExist: by(value) }),
      posting(observation(name)),
      putting(`Basic?code=${fresh()}`, { resourceType: 'Basic', code: { text: 'x' } }),
      getting(`Patient?${by(value)}&_total=accurate&_count=1`),
      getting('Patient/none', 'GET'),
    ];
  };
  const replies = await together([
    () => hospital.post('', transaction(...bundle().slice(0, 4))),
    () => hospital.post('', transaction(...bundle())),
    () => hospital.post('', batch(...bundle())),
  ]);
  expect(replies.map(({ status }) => status)).toEqual(Array(4).fill([200, 404, 200]).flat());
  const audited = transaction(getting(`Patient?${by(value)}`), posting(patient(fresh())));
  expect(statuses(await hospital.post('', audited))).toEqual([200, 201]);
});

it('keycodes from issue to withdrawal, and bookings', async () => {
  const { id } = await hospital.create(patient(fresh(), { birthDate: '1950-03-01' }));
  const parameters = (values: Record<string, object>) => ({
    resourceType: 'Parameters',
    parameter: Object.entries(values).map(([name, value]) => ({ name, ...value })),
  });
  const parameterOf = (reply: Reply, name: string) =>
    reply.body.parameter.find((one: { name: string }) => one.name === name);
  const issued = await hospital.send('POST', `Patient/${id}/$issue-keycode`);
  const redemption = parameters({
    keycode: { valueString: parameterOf(issued, 'keycode').valueString },
    birthDate: { valueDate: '1950-03-01' },
    purpose: { valueCode: 'TREAT' },
    attest: { valueBoolean: true },
  });
  const [redeemed] = await together([() => clinic.post('$redeem-keycode', redemption)], 2);
  expect(redeemed?.status).toBe(200);
  expect((await clinic.get(`Patient/${id}/$timeline`)).status).toBe(200);
  const consent = parameterOf(redeemed as Reply, 'consent').valueReference.reference;
  expect((await hospital.send('POST', `${consent}/$withdraw`)).status).toBe(200);
  expect((await clinic.get(`Patient/${id}/$timeline`)).status).toBe(404);

  const actor = { reference: `Location/${(await hospital.create({ resourceType: 'Location', name: 'CT室' })).id}` };
  const schedule = await hospital.create({ resourceType: 'Schedule', actor: [actor] });
  const times = { start: '2027-01-04T09:00:00+09:00', end: '2027-01-04T10:00:00+09:00' };
  const slot = { resourceType: 'Slot', schedule: { reference: `Schedule/${schedule.id}` }, status: 'free', ...times };
  const reference = { reference: `Slot/${(await hospital.create(slot)).id}` };
  const appointment = { resourceType: 'Appointment', status: 'proposed', ...times, slot: [reference] };
  const booked = await together([
    () => hospital.post('Appointment/$book', { ...appointment, participant: [{ actor, status: 'accepted' }] }),
  ]);
  expect(booked.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
});

it('tokens and registrations', async () => {
  const members = await Promise.all(Array.from({ length: 6 }, () => world.network.client(hospital, 'system/*.rs')));
  const replies = await Promise.all(members.map((member) => member.get('Patient?_count=1')));
  expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
});

import type { Member } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';
import {
  batch,
  by,
  deleting,
  fresh,
  getting,
  issue,
  observation,
  patient,
  posting,
  putting,
  statuses,
  transaction,
} from './samples.ts';

let world: World;
let hospital: World['hospital'];
let value: string;
let patientId: string;
let observationId: string;

beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
  value = fresh();
  patientId = (await hospital.create(patient(value))).id;
  observationId = (await hospital.create(observation(`Patient/${patientId}`))).id;
});
afterAll(() => world.close());

const client = (scope: string): Promise<Member> => world.network.client(hospital, scope);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('a client with system/Observation.rs', () => {
  let member: Member;
  beforeAll(async () => {
    member = await client('system/Observation.rs');
  });

  it('reads and finds Observations, and their history', async () => {
    expect((await member.get(`Observation/${observationId}`)).status).toBe(200);
    expect((await member.get(`Observation/${observationId}/_history`)).status).toBe(200);
    expect((await member.get(`Observation/${observationId}/_history/1`)).status).toBe(200);
    expect((await member.get(`Observation?subject=Patient/${patientId}`)).body.total).toBe(1);
    expect((await member.post('Observation/_search', `_id=${observationId}`, FORM)).body.total).toBe(1);
  });

  const refused: [string, () => [method: string, path: string, body?: object]][] = [
    ['create', () => ['POST', 'Observation', observation(`Patient/${patientId}`)]],
    [
      'update',
      () => ['PUT', `Observation/${observationId}`, observation(`Patient/${patientId}`, { id: observationId })],
    ],
    ['delete', () => ['DELETE', `Observation/${observationId}`]],
    ['update conditionally', () => ['PUT', 'Observation?code=x', observation(`Patient/${patientId}`)]],
    ['delete conditionally', () => ['DELETE', 'Observation?code=x']],
    ['read a Patient', () => ['GET', `Patient/${patientId}`]],
    ['read a Patient that there is not', () => ['GET', 'Patient/none']],
    ['read a version of a Patient', () => ['GET', `Patient/${patientId}/_history/1`]],
    ['read the history of a Patient', () => ['GET', `Patient/${patientId}/_history`]],
    ['find a Patient', () => ['GET', `Patient?${by(value)}`]],
    ['find a Patient by POST', () => ['POST', 'Patient/_search']],
    ['follow a chain into Patient', () => ['GET', `Observation?subject:Patient.${by(value)}`]],
    ['follow a chain that could lead into Patient', () => ['GET', 'Observation?patient.family=x']],
    ['ask by _has from Patient', () => ['GET', 'Observation?_has:Patient:nothing:x=y']],
    ['look at a Patient’s timeline', () => ['GET', `Patient/${patientId}/$timeline`]],
    ['look at everything about a Patient', () => ['GET', `Patient/${patientId}/$everything`]],
    ['look into the audit', () => ['GET', 'AuditEvent']],
    ['issue a keycode', () => ['POST', `Patient/${patientId}/$issue-keycode`]],
    ['book', () => ['POST', 'Appointment/$book', { resourceType: 'Appointment' }]],
    ['find slots', () => ['GET', 'Appointment/$find?start=2027-01-01&end=2027-01-02']],
  ];
  it.each(refused)('cannot %s', async (_, request) => {
    const [method, path, body] = request();
    const reply = await member.send(method, path, body);
    expect(reply.text).not.toContain('試験');
    if (reply.status === 400) expect(path).toContain('_has');
    else expect([reply.status, issue(reply).code]).toEqual([403, 'forbidden']);
  });

  it('gets no Patient by an include', async () => {
    for (const include of [
      'Observation:subject',
      'Observation:patient',
      'Observation:subject:Patient',
      'Observation:*',
      '*',
    ]) {
      const reply = await member.get(`Observation?_id=${observationId}&_include=${include}`);
      expect(reply.text).not.toContain('試験');
      if (reply.status === 200) expect(reply.body.entry).toHaveLength(1);
      else expect(reply.status).toBe(400);
    }
  });

  it('is held to its scopes inside of a batch and a transaction', async () => {
    const entries = [
      getting(`Observation/${observationId}`),
      getting(`Patient/${patientId}`),
      posting(observation(`Patient/${patientId}`)),
      putting(`Observation/${observationId}`, observation(`Patient/${patientId}`, { id: observationId })),
      deleting(`Observation/${observationId}`),
      getting(`Observation?subject:Patient.${by(value)}`),
    ];
    expect(statuses(await member.post('', batch(...entries)))).toEqual([200, 403, 403, 403, 403, 403]);
    for (const entry of entries.slice(1)) expect((await member.post('', transaction(entry))).status).toBe(403);
    expect((await member.post('', transaction(entries[0]))).status).toBe(200);
  });
});

describe('a client with system/Patient.rs', () => {
  it('cannot ask by _has what it cannot search', async () => {
    const member = await client('system/Patient.rs');
    expect((await member.get(`Patient?${by(value)}`)).body.total).toBe(1);
    const reply = await member.get('Patient?_has:Observation:subject:status=final');
    expect([reply.status, issue(reply).code]).toEqual([403, 'forbidden']);
    const nested = await member.get('Patient?organization.name=x');
    expect(nested.status).toBe(403);
    const back = await member.get(`Patient?${by(value)}&_revinclude=Observation:subject`);
    expect(back.body.entry).toHaveLength(1);
  });

  it('sees the Patient alone in what comes with it', async () => {
    const member = await client('system/Patient.rs');
    for (const operation of ['$everything', '$timeline']) {
      const reply = await member.get(`Patient/${patientId}/${operation}`);
      const types = (reply.body.entry ?? []).map(
        (entry: { resource: { resourceType: string } }) => entry.resource.resourceType,
      );
      expect(types.filter((type: string) => type !== 'Patient')).toEqual([]);
    }
  });
});

describe('each letter of a scope opens one kind of interaction', () => {
  const kinds: [string, string, (id: string) => [string, string, object?]][] = [
    ['c', 'create', () => ['POST', 'Patient', patient(fresh())]],
    ['r', 'read', (id) => ['GET', `Patient/${id}`]],
    ['u', 'update', (id) => ['PUT', `Patient/${id}`, patient(fresh(), { id })]],
    ['d', 'delete', (id) => ['DELETE', `Patient/${id}`]],
    ['s', 'search', () => ['GET', 'Patient?_count=1']],
  ];
  it.each(kinds)('%s: %s', async (letter) => {
    const member = await client(`system/Patient.${letter}`);
    const allowed: string[] = [];
    for (const [kind, , request] of kinds) {
      const { id } = await hospital.create(patient(fresh()));
      const [method, path, body] = request(id);
      const { status } = await member.send(method, path, body);
      if (status === 403) continue;
      expect(status).toBeLessThan(300);
      allowed.push(kind);
    }
    expect(allowed).toEqual([letter]);
  });

  it.each([
    ['a conditional create needs search', 'system/Patient.c', 'POST', 'Patient', { 'if-none-exist': 'family=x' }],
    ['a conditional update needs search', 'system/Patient.cu', 'PUT', 'Patient?family=x', {}],
    ['a conditional update needs create', 'system/Patient.us', 'PUT', 'Patient?family=x', {}],
    ['a conditional delete needs search', 'system/Patient.d', 'DELETE', 'Patient?family=x', {}],
  ])('%s', async (_, scope, method, path, headers) => {
    const body = method === 'DELETE' ? undefined : patient(fresh());
    expect((await (await client(scope)).send(method, path, body, headers)).status).toBe(403);
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import type { PersonRole } from '../../src/access/roles.ts';
import { tokenHash } from '../../src/identity/callers.ts';
import { insertGrant } from '../../src/store/authorization.ts';
import { insertClient } from '../../src/store/identity.ts';
import { Keys } from '../../src/store/keys.ts';
import { readSecrets } from '../../src/store/secret.ts';
import { insertPersonToken } from '../../src/store/token.ts';
import { type Crowd, openCrowd, type SignedUp } from '../support/people.ts';
import { openWorld, type World } from '../support/world.ts';

/** What a person's token opens over HTTP: scopes and roles together, the launch patient, and queries, in reading and in writing. */

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LABORATORY = `category=${CATEGORY}|laboratory`;

let world: World;
let crowd: Crowd;
let keys: Keys;
let ids: { patient: string; other: string; lab: string; vital: string; others: string };
const people = new Map<string, SignedUp>();

beforeAll(async () => {
  world = await openWorld();
  crowd = await openCrowd(world.server, world.network.operator);
  keys = new Keys((await readSecrets(crowd.database)).get('keys') ?? '');
  const { hospital } = world;
  const patient = await hospital.create({ resourceType: 'Patient', gender: 'female', name: [{ family: '山田' }] });
  const birthDate = '1950-02-03';
  const other = await hospital.create({ resourceType: 'Patient', birthDate, name: [{ family: '佐藤' }] });
  const made = async (of: string, category: string) => (await hospital.create(observation(of, category))).id;
  ids = {
    patient: patient.id,
    other: other.id,
    lab: await made(patient.id, 'laboratory'),
    vital: await made(patient.id, 'vital-signs'),
    others: await made(other.id, 'laboratory'),
  };
  for (const role of ['physician', 'clerk', 'read-only'] as const)
    people.set(role, await crowd.signUp(hospital, [role]));
  people.set('administrator', await crowd.signUp(hospital, ['administrator', 'physician', 'coordinator']));
});
afterAll(async () => {
  await crowd.close();
  await world.close();
});

const observation = (patient: string, category: string) => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
  code: { text: 'x' },
  subject: { reference: `Patient/${patient}` },
});

/** Requests with a token of the person that was granted exactly this. */
async function as(role: PersonRole, scope: string, patient?: string) {
  const { database } = crowd;
  const person = people.get(role) as SignedUp;
  const session = await crowd.people.session(person.sessionToken);
  const [client, grant, token] = [`app-${randomUUID()}`, randomUUID(), randomBytes(32).toString('base64url')];
  const institution = keys.rid('Organization', 'operator');
  await insertClient(database, { id: client, institution, name: 'An app', scope, kind: 'app', authMethod: 'none' });
  await insertGrant(database, {
    id: grant,
    client,
    person: person.id,
    session: session?.id ?? '',
    offlineSeconds: null,
    institution: null,
    patient: patient === undefined ? null : { rid: keys.rid('Patient', patient), id: patient },
    scope,
    oidcScope: '',
  });
  await insertPersonToken(database, { hash: tokenHash(token), grant, scope, seconds: 300 });
  return async (method: string, path: string, body?: object) => {
    const response = await world.server.fhir(`/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text ? JSON.parse(text) : undefined };
  };
}

const found = ({ body }: { body: { entry?: { resource: { resourceType: string; id: string } }[] } }) =>
  (body.entry ?? []).map(({ resource }) => `${resource.resourceType}/${resource.id}`).sort();

describe('scopes of a person', () => {
  it('name what is missing, in the words of the token', async () => {
    const user = await as('physician', 'user/Patient.rs');
    expect((await user('GET', 'Observation')).text).toContain('user/Observation.s');
    const launched = await as('physician', 'patient/Patient.rs', ids.patient);
    expect((await launched('GET', `Observation/${ids.lab}`)).text).toContain('patient/Observation.r');
    const both = await as('physician', 'patient/Patient.rs user/Practitioner.rs', ids.patient);
    expect((await both('GET', 'Observation')).text).toContain('user/Observation.s or patient/Observation.s');
    for (const ask of [user, launched]) expect((await ask('GET', 'Observation')).status).toBe(403);
  });

  it('of patients only tell nothing of observations by way of others', async () => {
    const ask = await as('physician', 'user/Patient.rs');
    expect(found(await ask('GET', 'Patient?_revinclude=Observation:subject'))).toHaveLength(2);
    expect((await ask('GET', `Patient?_has:Observation:subject:${LABORATORY}`)).status).toBe(403);
    expect(found(await ask('GET', `Patient/${ids.patient}/$everything`))).toEqual([`Patient/${ids.patient}`]);
  });
});

describe('roles of a person', () => {
  it('keep a clerk from what is clinical, whatever the scopes', async () => {
    const ask = await as('clerk', 'user/*.cruds');
    const direct = await ask('GET', `Observation/${ids.lab}`);
    expect([direct.status, direct.text]).toEqual([403, expect.stringContaining('clerk')]);
    expect(found(await ask('GET', 'Patient?_revinclude=Observation:subject'))).toHaveLength(2);
    expect((await ask('GET', `Patient?_has:Observation:subject:${LABORATORY}`)).status).toBe(403);
    expect(found(await ask('GET', `Patient/${ids.patient}/$everything`))).toEqual([`Patient/${ids.patient}`]);
    expect((await ask('POST', 'Observation', observation(ids.patient, 'laboratory'))).status).toBe(403);
  });

  it('let who may only read write nothing, and use no operation that writes', async () => {
    const ask = await as('read-only', 'user/*.cruds');
    expect((await ask('GET', `Observation/${ids.lab}`)).status).toBe(200);
    expect((await ask('POST', 'Observation', observation(ids.patient, 'laboratory'))).status).toBe(403);
    const keycode = await ask('POST', `Patient/${ids.patient}/$issue-keycode`, { resourceType: 'Parameters' });
    expect([keycode.status, keycode.text]).toEqual([403, expect.stringContaining('people with the role')]);
  });
});

describe('the notices of the institution', () => {
  const notice = { name: 'notice', valueReference: { reference: 'Communication/none' } };
  const mark = { resourceType: 'Parameters', parameter: [notice] };

  it('are for no scope that is narrowed to a patient or by a query', async () => {
    for (const ask of [
      await as('physician', 'patient/Communication.cruds', ids.patient),
      await as('physician', 'user/Communication.cruds?status=completed'),
    ]) {
      expect((await ask('GET', '$notices')).status).toBe(403);
      expect((await ask('POST', '$mark-read', mark)).status).toBe(403);
    }
    expect((await (await as('physician', 'user/Communication.r'))('GET', '$notices')).status).toBe(200);
  });

  it('are not marked as read, in a person’s name and for good, by an app that may only read', async () => {
    for (const [scope, status] of [
      ['user/Communication.rs', 403],
      ['user/Communication.ru', 404],
    ] as const) {
      const ask = await as('physician', scope);
      expect((await ask('POST', '$mark-read', mark)).status).toBe(status);
      expect((await ask('POST', 'Communication/none/$mark-read', { resourceType: 'Parameters' })).status).toBe(status);
    }
  });
});

describe('an administrator', () => {
  it('administers by no scope that is narrowed to a patient or by a query', async () => {
    const { organization, practitioner } = people.get('administrator') as SignedUp;
    const narrowed = [
      await as('administrator', 'patient/*.cruds', ids.patient),
      await as('administrator', 'user/Organization.cruds?active=true user/Practitioner.cruds?active=true'),
      await as(
        'administrator',
        `user/Observation.cruds patient/*.cruds user/Communication.cruds?status=completed`,
        ids.patient,
      ),
    ];
    const invitation = { resourceType: 'Parameters', parameter: [{ name: 'login', valueString: 'let.in' }] };
    for (const ask of narrowed) {
      for (const [method, path] of [
        ['POST', `${organization}/$invite`],
        ['GET', `${organization}/$people`],
        ['POST', `${organization}/$suspend`],
        ['POST', `${organization}/$register-client`],
        ['POST', `${organization}/$require-terminals`],
        ['GET', `${organization}/$export-own`],
        ['POST', `${practitioner}/$set-roles`],
        ['POST', `${practitioner}/$reset`],
        ['GET', `${practitioner}/$sessions`],
        ['POST', `${practitioner}/$end-session`],
        ['POST', '$publish-notice'],
        ['GET', '$terms-acceptances'],
      ] as const) {
        const answer = await ask(method, path, method === 'POST' ? invitation : undefined);
        expect([path, answer.status, answer.text]).toEqual([
          path,
          403,
          expect.stringContaining('scopes do not include user/'),
        ]);
      }
    }
    const whole = await as('administrator', 'patient/*.r user/Organization.rs', ids.patient);
    expect((await whole('GET', `${organization}/$people`)).status).toBe(200);
    expect((await whole('POST', `${organization}/$invite`, invitation)).status).toBe(403);
  });
});

describe('the launch patient', () => {
  it('is all that the token speaks of', async () => {
    const ask = await as('physician', 'patient/*.cruds', ids.patient);
    expect(found(await ask('GET', 'Observation'))).toEqual(
      [`Observation/${ids.lab}`, `Observation/${ids.vital}`].sort(),
    );
    expect(found(await ask('GET', 'Patient'))).toEqual([`Patient/${ids.patient}`]);
    expect((await ask('GET', 'Patient?_summary=count')).body.total).toBe(1);
    expect((await ask('GET', `Patient/${ids.other}`)).text).toBe((await ask('GET', `Patient/${randomUUID()}`)).text);
    expect((await ask('GET', `Observation/${ids.others}/_history`)).status).toBe(404);
    expect((await ask('GET', 'Organization')).body.total).toBe(0);
  });

  it('is whom it writes about, before and after', async () => {
    const ask = await as('physician', 'patient/Observation.cruds', ids.patient);
    const made = await ask('POST', 'Observation', observation(ids.patient, 'laboratory'));
    expect(made.status).toBe(201);
    expect((await ask('POST', 'Observation', observation(ids.other, 'laboratory'))).status).toBe(422);
    const moved = { ...observation(ids.other, 'laboratory'), id: made.body.id };
    expect((await ask('PUT', `Observation/${made.body.id}`, moved)).status).toBe(422);
    expect((await ask('DELETE', `Observation/${ids.others}`)).status).toBe(404);
    const wide = await as('physician', 'patient/Observation.cu user/Patient.r', ids.patient);
    expect((await wide('POST', 'Observation', observation(ids.other, 'laboratory'))).status).toBe(403);
    const total = await world.hospital.get(`Observation?subject=Patient/${ids.other}&_summary=count`);
    expect(total.body.total).toBe(1);
    expect((await ask('DELETE', `Observation/${made.body.id}`)).status).toBe(204);
  });

  it('is the only one of whom an operation is asked that acts as the system', async () => {
    const parameters = { resourceType: 'Parameters' };
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'POST', url: `Patient/${ids.other}/$issue-keycode` }, resource: parameters }],
    };
    const keycodes = async () => (await crowd.database.query('SELECT FROM keycode')).rows.length;
    for (const [scope, patient] of [
      ['patient/*.cruds', ids.patient],
      ['user/*.rs patient/Patient.u', ids.patient],
      ['user/Patient.cruds?gender=female user/Observation.rs', undefined],
    ] as const) {
      const ask = await as('physician', scope, patient);
      const before = await keycodes();
      const refused = await ask('POST', `Patient/${ids.other}/$issue-keycode`, parameters);
      expect([scope, refused.status]).toEqual([scope, 404]);
      expect(refused.text).toBe((await ask('POST', `Patient/${randomUUID()}/$issue-keycode`, parameters)).text);
      expect((await ask('POST', '', batch)).body.entry[0].response.status).toMatch(/^404/);
      expect(await keycodes()).toBe(before);
      expect((await ask('POST', `Patient/${ids.patient}/$issue-keycode`, parameters)).status).toBe(200);
    }
  });

  it('is the only one whose consent is withdrawn', async () => {
    const parameters = (parameter: object[] = []) => ({ resourceType: 'Parameters', parameter });
    const { body } = await world.hospital.post(`Patient/${ids.other}/$issue-keycode`, parameters());
    const keycode = body.parameter.find((one: { name: string }) => one.name === 'keycode');
    const redeemed = await world.clinic.post(
      '$redeem-keycode',
      parameters([keycode, { name: 'birthDate', valueDate: '1950-02-03' }, { name: 'attest', valueBoolean: true }]),
    );
    expect(redeemed.status).toBe(200);
    const { entry } = (await world.hospital.get(`Consent?patient=Patient/${ids.other}`)).body;
    const withdraw = `Consent/${entry[0].resource.id}/$withdraw`;
    const ask = await as('physician', 'user/*.rs patient/Consent.u', ids.patient);
    expect((await ask('POST', withdraw, parameters())).status).toBe(404);
    expect((await (await as('physician', 'user/*.cruds'))('POST', withdraw, parameters())).status).toBe(200);
  });

  it('is nobody where the token has none', async () => {
    const ask = await as('physician', 'patient/*.cruds');
    expect((await ask('GET', 'Observation')).status).toBe(403);
  });
});

describe('a scope with a query', () => {
  it('opens what matches, and nothing else on any way', async () => {
    const ask = await as('physician', `user/Observation.rs?${LABORATORY} user/Patient.rs`);
    const lab = [`Observation/${ids.lab}`, `Observation/${ids.others}`].sort();
    expect(found(await ask('GET', 'Observation'))).toEqual(lab);
    expect((await ask('GET', 'Observation?_summary=count')).body.total).toBe(2);
    expect((await ask('GET', `Observation/${ids.vital}`)).status).toBe(404);
    expect((await ask('GET', `Observation/${ids.lab}`)).status).toBe(200);
    const vital = `Patient?_has:Observation:subject:category=${CATEGORY}|vital-signs`;
    expect(found(await ask('GET', vital))).toEqual([]);
    expect(
      found(await ask('GET', 'Patient?_revinclude=Observation:subject')).filter((name) => name.startsWith('Obs')),
    ).toEqual(lab);
  });

  it('lets write what matches before and after', async () => {
    const ask = await as('physician', `user/Observation.cruds?${LABORATORY} user/Patient.rs`);
    const made = await ask('POST', 'Observation', observation(ids.patient, 'laboratory'));
    expect(made.status).toBe(201);
    const refused = await ask('POST', 'Observation', observation(ids.patient, 'vital-signs'));
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('before and after')]);
    const { id } = made.body;
    expect((await ask('PUT', `Observation/${id}`, { ...observation(ids.patient, 'vital-signs'), id })).status).toBe(
      403,
    );
    const changed = { ...observation(ids.patient, 'laboratory'), id, status: 'amended' };
    expect((await ask('PUT', `Observation/${id}`, changed)).status).toBe(200);
    expect((await ask('GET', `Observation/${id}/_history/1`)).status).toBe(404);
    const vital = { ...observation(ids.patient, 'vital-signs'), id: ids.vital };
    expect(
      (await ask('PUT', `Observation/${ids.vital}`, { ...vital, ...observation(ids.patient, 'laboratory') })).status,
    ).toBe(404);
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['laboratory', 'vital-signs'].map((category) => ({
        resource: observation(ids.patient, category),
        request: { method: 'POST', url: 'Observation' },
      })),
    };
    expect((await ask('POST', '', bundle)).status).toBe(403);
    expect((await world.hospital.get('Observation?_summary=count')).body.total).toBe(4);
    expect((await ask('DELETE', `Observation/${id}`)).status).toBe(204);
  });
});

it('a person’s token ends with the session, on the next request', async () => {
  const visitor = await crowd.signUp(world.hospital, ['nurse']);
  people.set('nurse', visitor);
  const ask = await as('nurse', 'user/Patient.rs');
  expect((await ask('GET', 'Patient')).status).toBe(200);
  await crowd.people.logOut(visitor.sessionToken);
  expect((await ask('GET', 'Patient')).status).toBe(401);
});

import { randomBytes } from 'node:crypto';
import { Access } from '../../src/access/access.ts';
import { tokenHash } from '../../src/identity/callers.ts';
import { insertLaunch } from '../../src/store/interaction.ts';
import { liftInstitution, liftPerson } from '../../src/store/standing.ts';
import { addPatientRow } from './people-rows.ts';
import { addApp, addPerson, authorize, openPeopleWorld, type PeopleWorld } from './people-world.ts';
import { HOSPITAL } from './world.ts';

let world: PeopleWorld;
let patient: { readonly rid: bigint; readonly id: string };
beforeAll(async () => {
  world = await openPeopleWorld();
  patient = { rid: await addPatientRow(world.database, HOSPITAL.rid, 'launched'), id: 'launched' };
});
afterAll(() => world.close());
afterEach(() => expect(world.process.failed).toEqual([]));

async function launch(more: Partial<Parameters<typeof insertLaunch>[1]> = {}): Promise<string> {
  const text = randomBytes(32).toString('base64url');
  await insertLaunch(world.database, {
    hash: tokenHash(text),
    client: world.app,
    institution: HOSPITAL.rid,
    person: null,
    patient,
    seconds: 300,
    ...more,
  });
  return text;
}
const scope = 'openid launch patient/Observation.rs';
const callerOf = (token: string) => world.process.identity.callers.callerOf(token, { requestId: 'r' });

it('gives the app its patient without asking for one', async () => {
  const { tokens } = await authorize(world, world.physician, { scope, launch: await launch() });
  expect(world.process.asked).toMatchObject({ launchPatient: 'launched', needsPatient: false });
  expect(tokens.patient).toBe('launched');
  expect(await callerOf(tokens.access_token)).toMatchObject({ patient: patient.rid });
});

it('comes before a patient that a page would choose', async () => {
  await addPatientRow(world.database, HOSPITAL.rid, 'chosen');
  const { tokens } = await authorize(world, world.physician, { scope, launch: await launch() }, { patient: 'chosen' });
  expect(tokens.patient).toBe('launched');
});

it('is followed without a question where the person has allowed it before', async () => {
  const person = await addPerson(world.database, HOSPITAL.rid, 'nurse');
  await authorize(world, person, { scope, launch: await launch() }, { remember: true });
  world.process.asked = null;
  const { tokens } = await authorize(world, person, { scope, launch: await launch() });
  expect([world.process.asked, tokens.patient]).toEqual([null, 'launched']);
});

it('can be used once', async () => {
  const text = await launch();
  await authorize(world, world.physician, { scope, launch: text });
  await expect(authorize(world, world.physician, { scope, launch: text })).rejects.toMatchObject({
    error: 'invalid_request',
  });
});

it('cannot be used when its five minutes are over', async () => {
  const over = launch({ seconds: -1 });
  await expect(authorize(world, world.physician, { scope, launch: await over })).rejects.toMatchObject({
    error: 'invalid_request',
  });
});

it.each([
  ['its institution', 'institution', 'rid = 1'],
  ['the person who made it', 'person', 'id = $1'],
])('does not come back to life when %s is let in again', async (_, table, which) => {
  const person = await addPerson(world.database, HOSPITAL.rid, 'nurse');
  const values = table === 'person' ? [person] : [];
  const text = await launch({ person });
  const access = Access.system('test');
  const act = { at: new Date(), reason: null, words: 'x', reporter: null };
  const who = { id: person, institution: HOSPITAL.rid, name: 'x', active: true, suspendedAt: 1 };
  await world.database.query(`UPDATE ${table} SET suspended_at = now() WHERE ${which}`, values);
  const lifted = await world.database.transaction((tx) =>
    table === 'person' ? liftPerson(access, tx, who, act) : liftInstitution(access, tx, HOSPITAL.rid, act),
  );
  expect(lifted).toBe('done');
  await expect(authorize(world, person, { scope, launch: text })).rejects.toMatchObject({ error: 'invalid_request' });
});

it('is of no use to another app', async () => {
  const app = await addApp(world.database);
  await expect(authorize({ ...world, app }, world.physician, { scope, launch: await launch() })).rejects.toMatchObject({
    error: 'invalid_request',
  });
});

it.each([
  ['another person', async () => ({ person: world.clerk })],
  ['the people of another institution', async () => ({ institution: 2n })],
])('is not for %s', async (_, more) => {
  const made = await launch(await more());
  await expect(authorize(world, world.physician, { scope, launch: made })).rejects.toMatchObject({
    error: 'access_denied',
  });
});

it('with a patient whom the institution no longer sees shows nothing of that patient', async () => {
  const strange = { rid: await addPatientRow(world.database, 2n, 'strange'), id: 'strange' };
  const { tokens } = await authorize(world, world.physician, { scope, launch: await launch({ patient: strange }) });
  expect(await callerOf(tokens.access_token)).toMatchObject({ organization: HOSPITAL.rid, patient: strange.rid });
});

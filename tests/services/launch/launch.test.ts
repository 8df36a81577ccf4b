import { tokenHash } from '../../../src/identity/callers.ts';
import { insertClient } from '../../../src/store/identity.ts';
import { Keys } from '../../../src/store/keys.ts';
import { readSecrets } from '../../../src/store/secret.ts';
import type { Member } from '../../support/network.ts';
import { type Crowd, openCrowd } from '../../support/people.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let crowd: Crowd;
let keys: Keys;
beforeAll(async () => {
  world = await openWorld();
  crowd = await openCrowd(world.server, world.network.operator);
  keys = new Keys((await readSecrets(crowd.database)).get('keys') ?? '');
});
afterAll(async () => {
  await crowd.close();
  await world.close();
});

let count = 0;
async function addApp(owner: Pick<Member, 'organization'>, launchUris: readonly string[] = []): Promise<string> {
  const id = `app-${count++}`;
  const institution = keys.rid('Organization', owner.organization.split('/')[1] ?? '');
  const redirectUris = ['https://app.example/'];
  await insertClient(crowd.database, {
    id,
    institution,
    name: id,
    scope: 'openid launch',
    kind: 'app',
    authMethod: 'none',
    redirectUris,
    launchUris,
  });
  return id;
}

const asked = (client: string, patient?: string) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'client', valueString: client },
    ...(patient === undefined ? [] : [{ name: 'patient', valueReference: { reference: patient } }]),
  ],
});
const said = (
  reply: { body: { parameter: { name: string; valueString?: string; valueUrl?: string }[] } },
  name: string,
) => {
  const one = reply.body.parameter.find((parameter) => parameter.name === name);
  return one?.valueString ?? one?.valueUrl;
};

describe('$launch', () => {
  it('gives a launch and where to take it, for a patient whom the caller sees', async () => {
    const { id } = await world.hospital.create({ resourceType: 'Patient', active: true });
    const client = await addApp(world.hospital, ['https://app.example/launch?theme=dark']);
    const reply = await world.hospital.post('$launch', asked(client, `Patient/${id}`));
    expect([reply.status, reply.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const launch = said(reply, 'launch') ?? '';
    expect(launch).toMatch(/^[\w-]{43}$/);
    const url = new URL(said(reply, 'url') ?? '');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      theme: 'dark',
      iss: `${world.server.baseUrl}/fhir`,
      launch,
    });
    const { rows } = await crowd.database.query(
      'SELECT client, person, patient_id, used_at FROM launch WHERE hash = $1',
      [tokenHash(launch)],
    );
    expect(rows).toEqual([{ client, person: null, patient_id: id, used_at: null }]);
  });

  it('of a person is for that person', async () => {
    const nurse = await crowd.signUp(world.clinic, ['nurse']);
    const client = await addApp(world.network.operator);
    const reply = await nurse.post('$launch', asked(client));
    expect(said(reply, 'url')).toBeUndefined();
    const { rows } = await crowd.database.query('SELECT person::text AS person FROM launch WHERE hash = $1', [
      tokenHash(said(reply, 'launch') ?? ''),
    ]);
    expect(rows).toEqual([{ person: nurse.id }]);
  });

  it('tells nothing of patients that are closed, nor of apps and systems of others', async () => {
    const { id } = await world.stranger.create({ resourceType: 'Patient', active: true });
    const client = await addApp(world.hospital);
    const closed = await world.hospital.post('$launch', asked(client, `Patient/${id}`));
    const unknown = await world.hospital.post('$launch', asked(client, 'Patient/unknown'));
    expect([closed.status, closed.text]).toEqual([422, unknown.text]);
    for (const one of [
      await addApp(world.stranger),
      world.hospital.clientId,
      'unknown',
      '\u0001',
      'x'.repeat(70_000),
    ]) {
      const reply = await world.hospital.post('$launch', asked(one));
      expect([reply.status, reply.text]).toEqual([422, expect.stringContaining('no such app')]);
    }
    for (const patient of ['Organization/x', 'Patient', 'https://else.example/Patient/1', ''])
      expect((await world.hospital.post('$launch', asked(client, patient))).status).toBe(422);
    expect((await world.hospital.post('$launch', { resourceType: 'Parameters' })).status).toBe(422);
  });
});

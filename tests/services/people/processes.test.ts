import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { type RunningServer, startServer } from '../../support/server.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let second: RunningServer;
let crowd: Crowd;
let admin: SignedUp;
beforeAll(async () => {
  world = await openWorld();
  second = await startServer({ database: world.server.database! });
  crowd = await openCrowd(world.server, world.network.operator);
  admin = await crowd.signUp(world.clinic, ['administrator']);
});
afterAll(async () => {
  await crowd.close();
  await second.stop();
  await world.close();
});

describe('on the other server process', () => {
  it.each([
    ['disable', [], 401],
    ['reset', [], 401],
    ['end-session', [], 401],
    ['set-roles', [{ name: 'role', valueCode: 'administrator' }], 403],
  ])('$%s holds for the next request', async (operation, parameter, status) => {
    const nurse = await crowd.signUp(world.clinic, ['nurse'], { by: admin });
    const headers = { authorization: `Bearer ${await nurse.token()}` };
    const ask = async () => (await second.fhir('/Observation?_count=1', { headers })).status;
    expect(await ask()).toBe(200);
    const body = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
    expect((await admin.post(`${nurse.practitioner}/$${operation}`, body)).status).toBe(200);
    expect(await ask()).toBe(status);
  });
});

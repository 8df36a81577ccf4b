import { type Crowd, openCrowd, type SignedUp } from '../../support/people.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let crowd: Crowd;
beforeAll(async () => {
  world = await openWorld();
  crowd = await openCrowd(world.server, world.network.operator);
});
afterAll(async () => {
  await crowd.close();
  await world.close();
});

describe('a person', () => {
  it('is invited by the operator, and invites the next', async () => {
    const first = await crowd.signUp(world.clinic, ['administrator']);
    expect((await first.get(first.practitioner)).status).toBe(200);
    const nurse: SignedUp = await crowd.signUp(world.clinic, ['nurse'], { by: first });
    expect((await nurse.get(nurse.practitionerRole)).body).toMatchObject({
      active: true,
      practitioner: { reference: nurse.practitioner },
    });
  });
});

import fc from 'fast-check';
import type { Callers } from '../../src/identity/index.ts';
import { CARE, CLINIC, HOSPITAL, HOSPITAL2, openWorld, tokenOf, type World } from './world.ts';

let world: World;
let database: World['database'];
let process: World['process'];
let hospital: World['hospital'];
let clinic: World['clinic'];

beforeAll(async () => {
  world = await openWorld();
  ({ database, process, hospital, clinic } = world);
});

afterAll(() => world.close());

beforeEach(async () => {
  await database.query('DELETE FROM affiliation');
  await database.query('UPDATE institution SET active = true, suspended_at = NULL');
});

interface Affiliation {
  hospital: bigint;
  member: bigint;
  medical: boolean;
  care: boolean;
  timeline: boolean;
  active: boolean;
  starts: string;
  ends: string;
}

let nextRid = 1000n;

const affiliate = (one: Partial<Affiliation>) => {
  const all = {
    hospital: HOSPITAL.rid,
    member: CLINIC.rid,
    medical: true,
    care: false,
    timeline: true,
    active: true,
    starts: '-infinity',
    ends: 'infinity',
    ...one,
  };
  return database.query(
    `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active, starts, ends)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::timestamptz, $9::timestamptz)`,
    [nextRid++, all.hospital, all.member, all.medical, all.care, all.timeline, all.active, all.starts, all.ends],
  );
};

const callerOf = (token: string, callers: Callers = process.callers) => callers.callerOf(token, { requestId: 'r-1' });

describe('the network', () => {
  it('of a cooperating hospital is its own, for every service', async () => {
    const own = [HOSPITAL.rid];
    expect(await callerOf(await tokenOf(process, hospital))).toMatchObject({
      networks: own,
      medical: own,
      care: own,
      timeline: own,
    });
  });

  it('of a member is where it is registered now, for the services it is registered for', async () => {
    const token = await tokenOf(process, clinic);
    await affiliate({ medical: true, timeline: false });
    await affiliate({ hospital: HOSPITAL2.rid, medical: false, care: true });
    const caller = await callerOf(token);
    expect([...(caller?.networks ?? [])].sort()).toEqual([HOSPITAL.rid, HOSPITAL2.rid]);
    expect(caller).toMatchObject({ medical: [HOSPITAL.rid], care: [HOSPITAL2.rid], timeline: [HOSPITAL2.rid] });
  });

  it.each([
    ['not active', { active: false }],
    ['over', { ends: '2020-01-01' }],
    ['not begun', { starts: '2999-01-01' }],
    ["another's", { member: CARE.rid }],
    ['with an institution that is no hospital', { hospital: CARE.rid }],
    ['with a hospital that is not there', { hospital: 777n }],
  ])('has no hospital by an affiliation that is %s', async (_name, affiliation) => {
    const token = await tokenOf(process, clinic);
    await affiliate(affiliation);
    expect(await callerOf(token)).toMatchObject({ networks: [], medical: [], care: [], timeline: [] });
  });

  it.each(['suspended_at = now()', 'active = false'])('has no hospital that has %s', async (change) => {
    const token = await tokenOf(process, clinic);
    await affiliate({});
    expect(await callerOf(token)).toMatchObject({ networks: [HOSPITAL.rid] });
    await database.query(`UPDATE institution SET ${change} WHERE rid = $1`, [HOSPITAL.rid]);
    expect(await callerOf(token)).toMatchObject({ networks: [] });
  });

  it('is what the affiliations say, whatever they are', async () => {
    const token = await tokenOf(process, clinic);
    const affiliation = fc.record({
      hospital: fc.constantFrom(HOSPITAL.rid, HOSPITAL2.rid, CARE.rid),
      member: fc.constantFrom(CLINIC.rid, CARE.rid),
      medical: fc.boolean(),
      care: fc.boolean(),
      timeline: fc.boolean(),
      active: fc.boolean(),
      starts: fc.constantFrom('-infinity', '2020-01-01', '2999-01-01'),
      ends: fc.constantFrom('infinity', '2020-06-01', '2999-06-01'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(affiliation, { maxLength: 6 }), async (affiliations) => {
        await database.query('DELETE FROM affiliation');
        for (const one of affiliations) await affiliate(one);
        const live = affiliations.filter(
          (one) =>
            one.active &&
            one.member === CLINIC.rid &&
            one.hospital !== CARE.rid &&
            one.starts !== '2999-01-01' &&
            one.ends !== '2020-06-01',
        );
        const hospitals = (list: readonly Affiliation[]) => [...new Set(list.map((one) => one.hospital))].sort();
        const caller = await callerOf(token);
        const got = (['networks', 'medical', 'care', 'timeline'] as const).map((service) =>
          [...(caller?.[service] ?? [])].sort(),
        );
        expect(got).toEqual([
          hospitals(live),
          hospitals(live.filter((one) => one.medical)),
          hospitals(live.filter((one) => one.care)),
          hospitals(live.filter((one) => one.timeline)),
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

import type { Access } from '../../src/access/access.ts';
import type { Queryable } from '../../src/store/database.ts';
import { putGrant, removeGrant } from '../../src/store/grant.ts';
import { Reads } from '../../src/store/reads.ts';
import { access, caller, DAY, institution, ridOf, Stage, SYSTEM } from './stage.ts';

let stage: Stage;
const asked: string[] = [];
/** Remembers every statement, and lets each one begin only when it is told to. */
let hold: Promise<void> = Promise.resolve();
const watched: Queryable = {
  query: async (text, values) => {
    asked.push(text);
    await hold;
    return stage.database.query(text, values);
  },
};

const network = { timeline: [institution('hospital')] };
const HOSPITAL = access('hospital', {}, 'cooperating-hospital');
const GRANTED = access('granted', network);
const STRANGER = access('stranger');

beforeAll(async () => {
  stage = await Stage.open();
  const home = institution('hospital');
  await stage.store({
    'Patient/p': { owner: 'hospital', home, patients: [ridOf('Patient/p')] },
    'Observation/o': { owner: 'hospital', home, patients: [ridOf('Patient/p')] },
    'Communication/c': { class: 'w', owner: 'stranger' },
  });
  await stage.store({
    'Observation/o': { interaction: 'u', version: 2, owner: 'hospital', home, patients: [ridOf('Patient/p')] },
  });
});
afterAll(() => stage.close());
beforeEach(async () => {
  asked.length = 0;
  hold = Promise.resolve();
  await putGrant(SYSTEM, stage.database, {
    organization: institution('granted'),
    patient: ridOf('Patient/p'),
    hospital: institution('hospital'),
    consent: 1n,
    starts: Date.now() - DAY,
    ends: Date.now() + DAY,
  });
});

const one = (reads: Reads, access: Access, name: string) => {
  const [type = '', id = ''] = name.split('/');
  return reads.read(access, type, id, ridOf(name));
};

describe('reads that come together', () => {
  it('share a statement where the callers see the same', async () => {
    const reads = new Reads(watched);
    const other = access(
      'hospital',
      { clientId: 'another', requestId: 'q', purpose: 'HOPERAT' },
      'cooperating-hospital',
    );
    const found = await Promise.all([
      one(reads, HOSPITAL, 'Patient/p'),
      one(reads, other, 'Observation/o'),
      one(reads, HOSPITAL, 'Observation/o'),
      one(reads, HOSPITAL, 'Communication/c'),
    ]);
    expect(found.map((row) => row && `${row.type}/${row.id} ${row.version}`)).toEqual([
      'Patient/p 1',
      'Observation/o 2',
      'Observation/o 2',
      undefined,
    ]);
    expect(asked.length).toBe(1);
  });

  it('are each answered as their own caller sees it', async () => {
    const reads = new Reads(watched);
    const names = ['Patient/p', 'Observation/o', 'Communication/c'];
    const callers = [HOSPITAL, GRANTED, STRANGER];
    const found = await Promise.all(callers.flatMap((access) => names.map((name) => one(reads, access, name))));
    const seen = found.map((row) => row !== undefined);
    expect(seen).toEqual([true, true, false, true, true, false, false, false, true]);
    expect(asked.length).toBe(3);
  });

  it.each([
    ['organization', { organization: 1n }],
    ['networks', { networks: [1n] }],
    ['medical service', { medical: [1n] }],
    ['timeline service', { timeline: [] }],
    ['another hospital', { timeline: [institution('hospital'), 1n] }],
  ] as const)('share nothing between callers that differ in %s', async (_, more) => {
    const reads = new Reads(watched);
    await Promise.all([
      one(reads, GRANTED, 'Patient/p'),
      one(reads, access('granted', { ...network, ...more }), 'Patient/p'),
    ]);
    expect(asked.length).toBe(2);
  });

  it('share nothing between callers of different kinds, whose lists would read the same', async () => {
    const reads = new Reads(watched);
    const lists = { networks: [], medical: [1n, 2n], timeline: [] };
    const shifted = { networks: [1n], medical: [2n], timeline: [] };
    await Promise.all([
      one(reads, access('x', lists), 'Patient/p'),
      one(reads, access('x', shifted), 'Patient/p'),
      one(reads, access('x', lists, 'operator'), 'Patient/p'),
      one(reads, SYSTEM, 'Patient/p'),
    ]);
    expect(asked.length).toBe(4);
  });

  it('tell versions from what is current', async () => {
    const reads = new Reads(watched);
    const rid = ridOf('Observation/o');
    const [current, first, second, third] = await Promise.all([
      reads.read(HOSPITAL, 'Observation', 'o', rid),
      reads.readVersion(HOSPITAL, 'Observation', 'o', rid, 1),
      reads.readVersion(HOSPITAL, 'Observation', 'o', rid, 2),
      reads.readVersion(HOSPITAL, 'Observation', 'o', rid, 3),
    ]);
    expect([current?.version, first?.version, second?.version, third]).toEqual([2, 1, 2, undefined]);
    expect(asked.length).toBe(2);
  });

  it.each([
    ['id', 'Observation', 'other'],
    ['type', 'Patient', 'o'],
    ['type of another class', 'Communication', 'o'],
  ])('answer nothing for a key with another %s', async (_, type, id) => {
    const reads = new Reads(watched);
    const rid = ridOf('Observation/o');
    const [wrong, wrongVersion, right] = await Promise.all([
      reads.read(HOSPITAL, type, id, rid),
      reads.readVersion(HOSPITAL, type, id, rid, 1),
      reads.read(HOSPITAL, 'Observation', 'o', rid),
    ]);
    expect([wrong, wrongVersion]).toEqual([undefined, undefined]);
    expect(right?.id).toBe('o');
  });
});

describe('a read that comes after a withdrawal', () => {
  it('finds nothing, also while one that came before is under way', async () => {
    const reads = new Reads(watched);
    const held = Promise.withResolvers<void>();
    hold = held.promise;
    const before = one(reads, GRANTED, 'Patient/p');
    await new Promise((resolve) => setImmediate(resolve));
    await removeGrant(SYSTEM, stage.database, 1n);
    const after = one(reads, GRANTED, 'Patient/p');
    held.resolve();
    await before;
    expect(await after).toBeUndefined();
    expect(asked.length).toBe(2);
  });

  it('finds nothing once the caller’s network has ended', async () => {
    const reads = new Reads(watched);
    expect(await one(reads, GRANTED, 'Patient/p')).toBeDefined();
    expect(await one(reads, access('granted', { timeline: [] }), 'Patient/p')).toBeUndefined();
  });
});

describe('reads that fail', () => {
  it('fail for all that shared them, and for nobody after', async () => {
    const reads = new Reads(watched);
    hold = Promise.reject(new Error('the line is cut'));
    const both = await Promise.allSettled([one(reads, HOSPITAL, 'Patient/p'), one(reads, HOSPITAL, 'Observation/o')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    hold = Promise.resolve();
    expect(await one(reads, HOSPITAL, 'Patient/p')).toBeDefined();
  });

  it.each([undefined, null] as unknown as Access[])('fail for the Access %p', async (none) => {
    const reads = new Reads(watched);
    await expect(one(reads, none, 'Patient/p')).rejects.toThrow();
    await expect(reads.readVersion(none, 'Patient', 'p', ridOf('Patient/p'), 1)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  it('fail for what only looks like an Access, of the system too', async () => {
    const reads = new Reads(watched);
    for (const forged of [
      { caller: null, isSystem: true },
      { caller: caller('hospital'), isSystem: false },
    ])
      await expect(one(reads, forged as unknown as Access, 'Patient/p')).rejects.toThrow('without an Access');
    expect(asked).toEqual([]);
  });
});

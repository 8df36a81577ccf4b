import { randomUUID } from 'node:crypto';
import { Access, type Caller, type Person } from '../../src/access/access.ts';
import type { PersonRole } from '../../src/access/roles.ts';
import type { Database } from '../../src/store/database.ts';
import {
  accountsOf,
  approvers,
  type Disclosure,
  disclosures,
  insertDisclosure,
  unnamedUsersAfter,
  usersAfter,
} from '../../src/store/disclosure.ts';
import { tally } from '../../src/store/statistics.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const SYSTEM = Access.system('test');
const NOW = Date.parse('2027-02-10T00:00:00Z');
let clone: Clone;
let database: Database;
const [ann, bob, boss, gone] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await database.query(
    `INSERT INTO institution (rid, id, kind, name) VALUES (1, 'operator', 'operator', 'o'), (2, 'hospital', 'cooperating-hospital', 'h'),
       (3, 'clinic', 'medical', 'c')`,
  );
  await database.query(
    `INSERT INTO affiliation (rid, hospital, member, medical, care, timeline, active) VALUES (90, 2, 3, true, true, true, true)`,
  );
  for (const [id, institution, login, role, active] of [
    [ann, 3, 'ann', 'physician', true],
    [bob, 3, 'bob', 'administrator', true],
    [boss, 1, 'boss', 'operator', true],
    [gone, 1, 'gone', 'operator', false],
  ])
    await database.query(
      `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at, active)
       VALUES ($1::uuid, $2::bigint, $3, $3, ARRAY[$4::text], '2027-01-15', now(), $5)`,
      [id, institution, login, role, active],
    );
});
afterAll(() => clone?.drop());

const caller = (organization: bigint, kind: string, id?: string, role?: PersonRole): Access =>
  Access.of({
    organization,
    organizationId: 'x',
    kind,
    clientId: 'c',
    scopes: [],
    networks: [],
    medical: [],
    care: [],
    timeline: [],
    purpose: 'HOPERAT',
    requestId: 'r',
    ...(id && { person: { id, roles: [role] } as unknown as Person }),
  } as unknown as Caller);

const disclosure = (more: Partial<Disclosure> = {}): Disclosure => ({
  id: randomUUID(),
  at: NOW,
  ground: 'protection',
  recipient: 'r',
  classes: ['name', 'login, with a comma'],
  purpose: 'p',
  legalReference: 'law',
  institution: 3n,
  persons: [],
  requester: 'x',
  requesterName: 'x',
  approver: boss,
  approverName: 'boss',
  secretUntil: null,
  ...more,
});
const asked = { institution: null, from: 0, to: NOW + 1, today: '2027-02-10', limit: 100 };
const seen = async (access: Access, { id }: Disclosure, more = {}) =>
  (await disclosures(access, database, { ...asked, ...more })).some((one) => one.id === id);

describe('users without their names', () => {
  const list = (after = '', limit = 10, secret = 's') => unnamedUsersAfter(SYSTEM, database, secret, after, limit);

  it('are those with names, each in a place of its own that only the secret tells', async () => {
    const all = await list();
    expect(all.map(({ roles }) => roles[0]).sort()).toEqual(['administrator', 'physician']);
    expect((await usersAfter(SYSTEM, database, '', 10)).map(({ login }) => login)).toEqual(['ann', 'bob']);
    for (const one of all) {
      expect(Object.keys(one).sort()).toEqual(['kind', 'place', 'roles']);
      expect(one.place).toMatch(/^[0-9a-f]{64}$/);
    }
    const [first, second] = all;
    expect(await list('', 1)).toEqual([first]);
    expect(await list(first?.place, 1)).toEqual([second]);
    expect(await list(second?.place)).toEqual([]);
    const places = (rows: { place: string }[]) => rows.map(({ place }) => place);
    expect(places(await list('', 10, 'other')).some((place) => places(all).includes(place))).toBe(false);
  });
});

describe('a disclosure', () => {
  it('about several tells each of them of itself alone, administrators and the operator of all', async () => {
    const one = disclosure({ persons: [ann, bob] });
    await insertDisclosure(SYSTEM, database, one);
    const told = async (access: Access) =>
      (await disclosures(access, database, asked)).find(({ id }) => id === one.id)?.persons;
    expect(await told(caller(3n, 'medical', ann, 'physician'))).toEqual([ann]);
    expect(await told(caller(3n, 'medical', bob, 'physician'))).toEqual([bob]);
    for (const access of [caller(3n, 'medical', bob, 'administrator'), caller(3n, 'medical'), caller(1n, 'operator')])
      expect(await told(access)).toEqual([ann, bob]);
  });

  it('comes back as it was put', async () => {
    const one = disclosure({ persons: [ann, bob] });
    await insertDisclosure(SYSTEM, database, one);
    const found = await disclosures(caller(1n, 'operator'), database, asked);
    expect(found.find(({ id }) => id === one.id)).toEqual({ ...one, institutionId: 'clinic', institutionName: 'c' });
  });

  it.each<[string, Partial<Disclosure>, readonly boolean[]]>([
    ['of all of an institution', {}, [true, true, true, true, false]],
    ['of one of its people', { persons: [ann] }, [true, true, true, true, false]],
    ['of another of its people', { persons: [bob] }, [true, true, true, false, false]],
    ['of everybody', { institution: null }, [true, true, true, true, true]],
    ['of everybody, as statistics', { institution: null, ground: 'statistics' }, [true, false, false, false, false]],
    [
      'of everybody, secret',
      { institution: null, ground: 'inquiry', secretUntil: 'infinity' },
      [true, false, false, false, false],
    ],
    ['that is secret', { ground: 'inquiry', secretUntil: '2027-02-11' }, [true, false, false, false, false]],
    ['that is secret for good', { ground: 'inquiry', secretUntil: 'infinity' }, [true, false, false, false, false]],
    ['that was secret until today', { ground: 'inquiry', secretUntil: '2027-02-10' }, [true, true, true, true, false]],
  ])('%s is told to whom it concerns', async (_, more, expected) => {
    const one = disclosure(more);
    await insertDisclosure(SYSTEM, database, one);
    const all = [
      caller(1n, 'operator'),
      caller(3n, 'medical'),
      caller(3n, 'medical', bob, 'administrator'),
      caller(3n, 'medical', ann, 'physician'),
      caller(2n, 'cooperating-hospital'),
    ];
    expect(await Promise.all(all.map((access) => seen(access, one)))).toEqual(expected);
  });

  it('is found by its time and institution', async () => {
    const one = disclosure({ at: NOW - 1000 });
    await insertDisclosure(SYSTEM, database, one);
    const operator = caller(1n, 'operator');
    expect(await seen(operator, one, { from: NOW - 1000, to: NOW - 999 })).toBe(true);
    expect(await seen(operator, one, { from: NOW - 999 })).toBe(false);
    expect(await seen(operator, one, { to: NOW - 1000 })).toBe(false);
    expect(await seen(operator, one, { institution: 2n })).toBe(false);
  });

  it.each<[string, Partial<Disclosure>]>([
    ['without one of the grounds', { ground: 'because' }],
    ['of nothing', { classes: [] }],
    ['by inquiry without its law', { ground: 'inquiry', legalReference: null }],
    ['that is secret on another ground', { secretUntil: '2028-01-01' }],
  ])('%s is kept out by the database too', async (_, more) => {
    await expect(insertDisclosure(SYSTEM, database, disclosure(more))).rejects.toMatchObject({ code: '23514' });
  });
});

it('knows whose accounts are whose, who may approve, and who the users are', async () => {
  expect(await accountsOf(SYSTEM, database, 3n, [ann, boss, randomUUID()])).toEqual(new Set([ann]));
  expect(await approvers(SYSTEM, database)).toEqual([{ id: boss, name: 'boss' }]);
  expect((await usersAfter(SYSTEM, database, '', 10)).map(({ login }) => login)).toEqual(['ann', 'bob']);
  expect((await usersAfter(SYSTEM, database, 'ann', 10)).map(({ login }) => login)).toEqual(['bob']);
});

describe('tallies', () => {
  const bounds = ['2026-12-01', '2027-01-01', '2027-02-01', '2027-03-01'].map((day) => Date.parse(day));

  it('count who has an account, from the month on in which it was made', async () => {
    expect(await tally(SYSTEM, database, { metric: 'users', by: 'kind', bounds })).toEqual([
      { row: 'medical', month: 1, value: 2, contributors: 2 },
      { row: 'medical', month: 2, value: 2, contributors: 2 },
    ]);
  });

  it('count acts of the audit and who is behind them, in a network under its hospital', async () => {
    for (const [interaction, type, at, outcome, organization] of [
      ['create', 'Communication', '2027-01-31T23:59:59.999Z', 0, 3],
      ['create', 'Communication', '2027-01-02', 0, 2],
      ['create', 'Communication', '2027-02-01', 0, 3],
      ['create', 'Communication', '2027-02-01', 4, 3],
      ['create', 'Communication', '2027-02-01', 0, 1],
      ['read', 'Communication', '2027-02-01', 0, 3],
      ['create', 'Appointment', '2027-02-01', 0, 3],
    ])
      await database.query(
        `INSERT INTO audit (at, id, organization, outcome, interaction, type) VALUES ($1::timestamptz, gen_random_uuid(), $2::bigint, $3::smallint, $4, $5)`,
        [at, organization, outcome, interaction, type],
      );
    expect(await tally(SYSTEM, database, { metric: 'messages', by: 'network', bounds })).toEqual([
      { row: 'h (hospital)', month: 1, value: 2, contributors: 2 },
      { row: 'h (hospital)', month: 2, value: 1, contributors: 1 },
    ]);
    expect(await tally(SYSTEM, database, { metric: 'bookings', by: 'kind', bounds })).toEqual([
      { row: 'medical', month: 2, value: 1, contributors: 1 },
    ]);
    expect(await tally(SYSTEM, database, { metric: 'logins', by: 'kind', bounds })).toEqual([]);
  });
});

it('needs an Access', async () => {
  const none = undefined as unknown as Access;
  await expect(insertDisclosure(none, database, disclosure())).rejects.toThrow('Access');
  await expect(disclosures(SYSTEM, database, asked)).rejects.toThrow('caller');
  await expect(approvers(none, database)).rejects.toThrow('Access');
  await expect(unnamedUsersAfter(none, database, '', '', 1)).rejects.toThrow('Access');
  await expect(usersAfter(none, database, '', 1)).rejects.toThrow('Access');
  await expect(tally(none, database, { metric: 'users', by: 'kind', bounds: [0, 1] })).rejects.toThrow('Access');
});

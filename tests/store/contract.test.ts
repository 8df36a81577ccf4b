import { Access } from '../../src/access/access.ts';
import {
  type ContractRow,
  contractByNumber,
  contractByRid,
  contractsOf,
  dueContracts,
  endedContracts,
  insertContract,
  lockContract,
  openContract,
  updateContract,
} from '../../src/store/contract.ts';
import type { Database } from '../../src/store/database.ts';
import { lockInstitution, putInstitution, setServices, standings } from '../../src/store/institution.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const system = Access.system('a test');
let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone.drop());
beforeEach(() => database.query('TRUNCATE contract'));

const row = (more: Partial<ContractRow> = {}): ContractRow => ({
  rid: 1n,
  id: 'c1',
  number: '000-000-0000',
  institution: 10n,
  institutionId: 'clinic',
  state: 'applied',
  application: 'q1',
  omissions: ['contact.name', '{"a",NULL}'],
  papers: ['DocumentReference/d', 'Binary/b'],
  services: 63,
  received: '2028-02-29',
  accepted: null,
  starts: null,
  termEnd: null,
  notice: null,
  contacted: null,
  ends: null,
  cause: null,
  nextServices: null,
  nextServicesOn: null,
  told: [],
  due: '2028-03-25',
  ...more,
});
const running = (more: Partial<ContractRow> = {}) =>
  row({ state: 'running', accepted: '2028-03-01', starts: '2028-03-01', termEnd: '2029-02-28', ...more });
const ended = (more: Partial<ContractRow> = {}) =>
  running({ state: 'ended', ends: '2028-12-31', cause: 'user', due: null, ...more });

describe('a contract', () => {
  it('comes back as it was stored, days as days', async () => {
    const full = ended({
      notice: '2028-11-01',
      contacted: '2028-11-02',
      nextServices: 7,
      nextServicesOn: '2028-04-01',
      told: ['acceptance-due', 'term-ends 2029-02-28'],
    });
    for (const one of [row(), { ...full, rid: 2n, id: 'c2', number: '1', institution: 11n }]) {
      await insertContract(system, database, one);
      expect(await contractByRid(system, database, one.rid)).toEqual(one);
      expect(await contractByNumber(system, database, one.number)).toEqual(one);
    }
    expect(await contractByRid(system, database, 9n)).toBeUndefined();
    expect(await contractByNumber(system, database, "' OR true")).toBeUndefined();
  });

  it('changes only in what is given', async () => {
    await insertContract(system, database, row());
    const change = {
      state: 'accepted',
      accepted: '2028-03-01',
      starts: '2028-03-02',
      termEnd: '2029-03-01',
      told: ['x'],
      due: null,
    } as const;
    await updateContract(system, database, 1n, change);
    await updateContract(system, database, 1n, {});
    expect(await contractByRid(system, database, 1n)).toEqual({ ...row(), ...change });
  });

  it('is one at a time for an institution, over as many as there were before', async () => {
    await insertContract(system, database, ended({ received: '2020-01-01' }));
    await insertContract(
      system,
      database,
      row({ rid: 2n, id: 'c2', number: '2', state: 'refused', cause: 'refused-2' }),
    );
    expect(await openContract(system, database, 10n)).toBeUndefined();
    await insertContract(system, database, running({ rid: 3n, id: 'c3', number: '3', received: '2028-03-01' }));
    expect((await openContract(system, database, 10n))?.id).toBe('c3');
    for (const state of ['applied', 'accepted', 'running'] as const)
      await expect(
        insertContract(system, database, running({ rid: 4n, id: 'c4', number: '4', state })),
      ).rejects.toMatchObject({ code: '23505' });
    expect((await contractsOf(system, database, 10n)).map(({ id }) => id)).toEqual(['c3', 'c2', 'c1']);
    expect(await contractsOf(system, database, 11n)).toEqual([]);
  });

  it('has a number that no other has', async () => {
    await insertContract(system, database, row());
    await expect(insertContract(system, database, row({ rid: 2n, institution: 11n }))).rejects.toMatchObject({
      code: '23505',
    });
  });

  it.each([
    ['runs without having been accepted', row({ state: 'running' })],
    ['is over without a cause', ended({ cause: null })],
    ['is refused without a cause', row({ state: 'refused' })],
    ['was accepted without a start', row({ accepted: '2028-03-01' })],
    ['changes to services on no day', running({ nextServices: 3 })],
    ['changes to no services', running({ nextServices: 0, nextServicesOn: '2028-04-01' })],
    ['has services that there are not', row({ services: 64 })],
  ])('is refused that %s', async (_, wrong) => {
    await expect(insertContract(system, database, wrong)).rejects.toMatchObject({ code: '23514' });
  });

  it('is seen as the last commit left it by who waited for its lock', async () => {
    await insertContract(system, database, row());
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const first = database.transaction(async (transaction) => {
      await lockContract(system, transaction, 1n);
      locked.resolve();
      await gate.promise;
      await updateContract(system, transaction, 1n, { services: 4 });
      order.push('first');
    });
    await locked.promise;
    const second = database.transaction(async (transaction) => {
      gate.resolve();
      const found = await lockContract(system, transaction, 1n);
      order.push(`second ${found?.services}`);
    });
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second 4']);
  });
});

describe('what is due', () => {
  it('is what has its day, or had it, page by page', async () => {
    const dues = ['2028-03-01', '2028-03-02', null, '2028-02-01', '2028-03-01'];
    for (const [i, due] of dues.entries())
      await insertContract(
        system,
        database,
        row({ rid: BigInt(i), id: `c${i}`, number: `${i}`, institution: BigInt(i), due }),
      );
    const on = (today: string, after: bigint | null, limit = 10) =>
      dueContracts(system, database, today, { after, limit });
    expect(await on('2028-03-01', null)).toEqual([0n, 3n, 4n]);
    expect(await on('2028-03-01', null, 2)).toEqual([0n, 3n]);
    expect(await on('2028-03-01', 3n, 2)).toEqual([4n]);
    expect(await on('2028-01-31', null)).toEqual([]);
    expect(await on('2028-03-02', -1n)).toEqual([0n, 1n, 3n, 4n]);
  });
});

describe('contracts that are over', () => {
  it('are those of institutions that have no other, the last one of each', async () => {
    const make = (n: number, more: Partial<ContractRow>) =>
      insertContract(system, database, ended({ rid: BigInt(n), id: `c${n}`, number: `${n}`, ...more }));
    await make(1, { institution: 1n, ends: '2028-06-30' });
    await make(2, { institution: 1n, ends: '2029-06-30' });
    await make(3, { institution: 2n });
    await insertContract(system, database, running({ rid: 4n, id: 'c4', number: '4', institution: 2n }));
    await insertContract(
      system,
      database,
      row({ rid: 5n, id: 'c5', number: '5', institution: 3n, state: 'withdrawn', cause: 'withdrawn' }),
    );
    await make(6, { institution: 4n });
    expect((await endedContracts(system, database)).map(({ id }) => id)).toEqual(['c2', 'c6']);
  });
});

describe('services of an institution', () => {
  const clinic = { rid: 10n, id: 'clinic', kind: 'medical', name: 'さくら診療所', active: true };
  const generation = async () =>
    (await database.query<{ generation: number }>('SELECT generation FROM institution WHERE rid = 10')).rows[0]
      ?.generation as number;

  it('are none at first, and end the generation when the last of them ends', async () => {
    await putInstitution(system, database, clinic);
    expect((await standings(system, database, [10n, 11n])).get(10n)).toEqual({
      rid: 10n,
      id: 'clinic',
      kind: 'medical',
      name: 'さくら診療所',
      services: 0,
      active: true,
    });
    const before = await generation();
    for (const services of [63, 1, 63]) await setServices(system, database, 10n, services);
    await putInstitution(system, database, { ...clinic, name: 'さくら' });
    expect((await lockInstitution(system, database, 10n))?.services).toBe(63);
    expect(await generation()).toBe(before);
    await setServices(system, database, 10n, 0);
    expect(await generation()).toBe(before + 1);
    await setServices(system, database, 10n, 0);
    await setServices(system, database, 10n, 63);
    expect(await generation()).toBe(before + 1);
    expect(await lockInstitution(system, database, 11n)).toBeUndefined();
  });
});

it('nothing of it is done without an Access, nor by a caller what is the system’s', async () => {
  const none = undefined as unknown as Access;
  const caller = { caller: {}, isSystem: false } as unknown as Access;
  const calls = [
    () => insertContract(none, database, row()),
    () => updateContract(none, database, 1n, {}),
    () => lockContract(none, database, 1n),
    () => contractByRid(none, database, 1n),
    () => contractByNumber(none, database, '1'),
    () => contractsOf(none, database, 1n),
    () => openContract(none, database, 1n),
    () => standings(none, database, [1n]),
    () => lockInstitution(none, database, 1n),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow('Access');
  await expect(endedContracts(caller, database)).rejects.toThrow('system');
  await expect(dueContracts(caller, database, '2028-01-01', { after: null, limit: 1 })).rejects.toThrow('system');
  await expect(setServices(caller, database, 1n, 1)).rejects.toThrow('contracts');
});

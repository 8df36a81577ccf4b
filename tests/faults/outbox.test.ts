import fc from 'fast-check';
import { Access } from '../../src/access/access.ts';
import type { Database, Queryable } from '../../src/store/database.ts';
import { advance, BEGINNING, changes, type OutboxChange, position } from '../../src/store/outbox.ts';
import { type Put, write } from '../../src/store/write.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { settled } from './settled.ts';

const access = Access.system('test');
let clone: Clone;
let database: Database;

beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open({ poolSize: 10, statementTimeoutMs: 30_000 });
});
afterAll(() => clone.drop());

let nextRid = 1n;

/** A first version of a resource of nobody's interest. */
function put(rid: bigint = nextRid++, version = 1): Put {
  return {
    rid,
    type: 'Basic',
    id: `basic-${rid}`,
    class: 'c',
    interaction: version === 1 ? 'c' : 'u',
    version,
    owner: 7n,
    home: null,
    patients: [],
    date: null,
    updated: 1_700_000_000_000 + version,
    sealed: false,
    rows: { keys: [], ranges: [], strings: [] },
    content: Buffer.from(`{"rid":"${rid}","version":${version}}`),
  };
}

const store = (queryable: Queryable, ...puts: Put[]) => write(access, queryable, puts, []);

interface Open {
  readonly queryable: Queryable;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

class CalledOff extends Error {}

/** A transaction that stays open until it is told how to end. */
async function begin(): Promise<Open> {
  const begun = Promise.withResolvers<Queryable>();
  const end = Promise.withResolvers<void>();
  const ended = database.transaction(async (transaction) => {
    await transaction.query('SELECT 1');
    begun.resolve(transaction);
    await end.promise;
  });
  ended.catch((error: unknown) => begun.reject(error));
  return {
    queryable: await begun.promise,
    commit: async () => {
      end.resolve();
      await ended;
    },
    rollback: async () => {
      end.reject(new CalledOff());
      await ended.catch((error: unknown) => {
        if (!(error instanceof CalledOff)) throw error;
      });
    },
  };
}

const name = ({ rid, version }: { rid: bigint; version: number }) => `${rid}/${version}`;

/** Everything after a transaction, in pages. */
async function drain(after = BEGINNING, limit = 3): Promise<OutboxChange[]> {
  await settled(database);
  const found: OutboxChange[] = [];
  for (let page = await changes(access, database, after, limit); page.length > 0; ) {
    found.push(...page);
    page = await changes(access, database, lastOf(page), limit);
  }
  return found;
}

const lastOf = (page: readonly OutboxChange[]) => page.at(-1)?.tx ?? BEGINNING;

/** Where a consumer stands that has been told everything. */
async function now(): Promise<bigint> {
  return lastOf(await drain());
}

describe('changes', () => {
  it('are the versions with their bytes, in the order of transactions and of places in them', async () => {
    const start = await now();
    const [a, b, c] = [put(), put(), put()];
    await store(database, b, a);
    await store(database, c);
    await store(database, put(a.rid, 2));
    const found = await drain(start);
    expect(found.map(name)).toEqual([`${b.rid}/1`, `${a.rid}/1`, `${c.rid}/1`, `${a.rid}/2`]);
    expect(found[1]).toMatchObject({
      type: 'Basic',
      id: a.id,
      interaction: 'c',
      at: a.updated,
      content: a.content,
      place: 2,
      organization: null,
    });
    expect(found.at(-1)?.interaction).toBe('u');
  });

  it('tell a deletion as one without content', async () => {
    const start = await now();
    const one = put();
    await store(database, one);
    await store(database, { ...put(one.rid, 2), interaction: 'd', content: null });
    expect((await drain(start)).map(({ interaction, content }) => [interaction, content === null])).toEqual([
      ['c', false],
      ['d', true],
    ]);
  });

  it('hold back what commits first until what began earlier has ended, and skip neither', async () => {
    const start = await now();
    const [early, late] = [put(), put()];
    const slow = await begin();
    await store(slow.queryable, early);
    await store(database, late);
    expect(await changes(access, database, start, 10)).toEqual([]);
    await slow.commit();
    expect((await drain(start)).map(name)).toEqual([`${early.rid}/1`, `${late.rid}/1`]);
  });

  it('go on after an earlier transaction that was rolled back', async () => {
    const start = await now();
    const slow = await begin();
    await store(slow.queryable, put());
    const late = put();
    await store(database, late);
    await slow.rollback();
    expect((await drain(start)).map(name)).toEqual([`${late.rid}/1`]);
  });

  it('are not held back by a transaction that only reads', async () => {
    const start = await now();
    const reader = await begin();
    const one = put();
    await store(database, one);
    expect((await drain(start)).map(name)).toEqual([`${one.rid}/1`]);
    await reader.rollback();
  });

  it('of one transaction come together, however many they are and however many statements wrote them', async () => {
    const start = await now();
    const puts = Array.from({ length: 4 }, () => put());
    await database.transaction(async (transaction) => {
      for (const one of puts) await store(transaction, one);
      await store(transaction, ...puts.map(({ rid }) => put(rid, 2)).reverse());
    });
    await store(database, put());
    await settled(database);
    const page = await changes(access, database, start, 1);
    expect(page).toHaveLength(8);
    for (const { rid } of puts)
      expect(page.filter((one) => one.rid === rid).map(({ version }) => version)).toEqual([1, 2]);
    expect(await changes(access, database, lastOf(page), 10)).toHaveLength(1);
  });

  it('are not given without an Access', async () => {
    await expect(changes(undefined as unknown as Access, database, BEGINNING, 1)).rejects.toThrow('Access');
    await expect(position(undefined as unknown as Access, database, 'x')).rejects.toThrow('Access');
    await expect(advance(undefined as unknown as Access, database, 'x', BEGINNING)).rejects.toThrow('Access');
  });
});

describe('a consumer', () => {
  it('starts at the beginning', async () => {
    expect(await position(access, database, 'a new one')).toBe(BEGINNING);
  });

  it('goes its own way, whatever others have read', async () => {
    const start = await now();
    for (const consumer of ['mail', 'export']) await advance(access, database, consumer, start);
    await store(database, put(), put());
    await store(database, put());
    const [first, , last] = (await drain(start)) as [OutboxChange, OutboxChange, OutboxChange];
    expect(await advance(access, database, 'mail', first.tx)).toBe(true);
    expect(await position(access, database, 'mail')).toBe(first.tx);
    expect(await position(access, database, 'export')).toBe(start);
    const next = await changes(access, database, await position(access, database, 'mail'), 10);
    expect(next.map(name)).toEqual([name(last)]);
    expect(await changes(access, database, await position(access, database, 'export'), 10)).toHaveLength(3);
  });

  it('never goes back', async () => {
    expect(await advance(access, database, 'forward', 20n)).toBe(true);
    expect(await advance(access, database, 'forward', 10n)).toBe(false);
    expect(await advance(access, database, 'forward', 20n)).toBe(false);
    expect(await position(access, database, 'forward')).toBe(20n);
  });

  it('is told again what it had read when it died before it advanced', async () => {
    const start = await now();
    await advance(access, database, 'mortal', start);
    await store(database, put(), put());
    await settled(database);
    const read = await database
      .transaction(async (transaction) => {
        const told = await changes(access, transaction, await position(access, transaction, 'mortal'), 10);
        await advance(access, transaction, 'mortal', lastOf(told));
        await transaction.query('SELECT pg_terminate_backend(pg_backend_pid())');
        return told;
      })
      .catch((error: unknown) => error as Error);
    expect(read).toBeInstanceOf(Error);
    expect(await position(access, database, 'mortal')).toBe(start);
    expect(await changes(access, database, start, 10)).toHaveLength(2);
  });
});

describe('whatever the interleaving', () => {
  const slot = fc.nat({ max: 3 });
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('write' as const), slot, count: fc.integer({ min: 1, max: 3 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('commit' as const), slot }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), slot }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), limit: fc.integer({ min: 1, max: 4 }) }) },
  );

  it('a reader is told each committed version exactly once, in the order of transactions, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const start = await now();
        let at = start;
        const open = new Map<number, { transaction: Open; written: string[] }>();
        const committed: string[] = [];
        const told: OutboxChange[] = [];
        const end = async (number: number, how: 'commit' | 'rollback') => {
          const one = open.get(number);
          if (!one) return;
          open.delete(number);
          await one.transaction[how]();
          if (how === 'commit') committed.push(...one.written);
        };
        for (const one of steps) {
          if (one.do === 'write') {
            const current = open.get(one.slot) ?? { transaction: await begin(), written: [] };
            open.set(one.slot, current);
            const puts = Array.from({ length: one.count }, () => put());
            await store(current.transaction.queryable, ...puts);
            current.written.push(...puts.map(name));
          } else if (one.do === 'read') {
            const page = await changes(access, database, at, one.limit);
            told.push(...page);
            at = page.at(-1)?.tx ?? at;
          } else await end(one.slot, one.do);
        }
        for (const number of [...open.keys()]) await end(number, 'rollback');
        told.push(...(await drain(at)));
        expect(told.map(name).sort()).toEqual(committed.sort());
        const order = told.map(({ tx }) => tx);
        expect(order).toEqual(order.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
      { numRuns: 20, seed: 20261122 },
    );
  });
});

import fc from 'fast-check';
import { AuditQueue, timeUuid } from '../../src/audit/queue.ts';
import { refuse } from '../../src/http/errors.ts';
import type { AuditRow } from '../../src/store/audit.ts';
import type { Queryable } from '../../src/store/database.ts';

const row = (request: string): AuditRow => ({
  id: timeUuid(1_780_000_000_000),
  at: 1_780_000_000_000,
  interaction: 'read',
  organization: 1n,
  person: null,
  client: 'client',
  purpose: 'TREAT',
  patient: null,
  type: 'Patient',
  resource: 2n,
  resourceId: 'p',
  version: 1,
  outcome: 0,
  request,
  detail: null,
});

/** A database whose statements end when the test says so. */
function slowDatabase() {
  const statements: { values: string; commit: () => void; fail: (error: Error) => void }[] = [];
  const database = {
    query: (_: string, values: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(values, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
        statements.push({ values: text, commit: () => resolve({ rows: [] }), fail: reject });
      }),
  } as unknown as Queryable;
  return { statements, database };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const settled = async (promise: Promise<void>) => {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  await turn();
  return done;
};

describe('the rows of reads', () => {
  it('are awaited until they are committed', async () => {
    const { statements, database } = slowDatabase();
    const added = new AuditQueue(database).add([row('a')]);
    await turn();
    expect(statements).toHaveLength(1);
    expect(await settled(added)).toBe(false);
    statements[0]?.commit();
    await added;
  });

  it('share one INSERT when they come together or while another is under way', async () => {
    const { statements, database } = slowDatabase();
    const queue = new AuditQueue(database);
    const first = [queue.add([row('a')]), queue.add([row('b')])];
    await turn();
    const later = [queue.add([row('c')]), queue.add([row('d'), row('e')])];
    await turn();
    expect(statements.map(({ values }) => 'abcde'.split('').filter((name) => values.includes(`"${name}"`)))).toEqual([
      ['a', 'b'],
    ]);
    statements[0]?.commit();
    await Promise.all(first);
    await turn();
    expect('abcde'.split('').filter((name) => statements[1]?.values.includes(`"${name}"`))).toEqual(['c', 'd', 'e']);
    expect(await settled(later[0] as Promise<void>)).toBe(false);
    statements[1]?.commit();
    await Promise.all(later);
  });

  it('that cannot be stored fail their requests, and not the next', async () => {
    const { statements, database } = slowDatabase();
    const queue = new AuditQueue(database);
    const failing = Promise.allSettled([queue.add([row('a')]), queue.add([row('b')])]);
    await turn();
    statements[0]?.fail(new Error('the connection is gone'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = queue.add([row('c')]);
    await turn();
    statements[1]?.commit();
    await next;
  });

  it('that the database refuses for themselves fail their own request alone', async () => {
    const { statements, database } = slowDatabase();
    const queue = new AuditQueue(database);
    const added = Promise.allSettled(['a', 'b', 'c'].map((name) => queue.add([row(name)])));
    await turn();
    statements[0]?.fail(refuse.badRequest('Text contains a character that cannot be stored'));
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      await turn();
      expect([statements.length, statements[i + 1]?.values.includes(`"${name}"`)]).toEqual([i + 2, true]);
      if (name === 'b') statements[i + 1]?.fail(refuse.badRequest('once more'));
      else statements[i + 1]?.commit();
    }
    expect((await added).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('may be none', async () => {
    const { statements, database } = slowDatabase();
    await new AuditQueue(database).add([]);
    expect(statements).toEqual([]);
  });

  it('are each stored once, before their answer, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }), async (turns) => {
        const stored = new Map<string, number>();
        const database = {
          query: async (_: string, values: readonly unknown[]) => {
            await turn();
            for (const name of JSON.stringify(values, (_key, v) => (typeof v === 'bigint' ? String(v) : v)).match(
              /n\d+!/g,
            ) ?? [])
              stored.set(name, (stored.get(name) ?? 0) + 1);
            return { rows: [] };
          },
        } as unknown as Queryable;
        const queue = new AuditQueue(database);
        const answers: Promise<void>[] = [];
        for (const [i, wait] of turns.entries()) {
          answers.push(queue.add([row(`n${i}!`)]).then(() => expect(stored.get(`n${i}!`)).toBe(1)));
          for (let j = 0; j < wait; j++) await turn();
        }
        await Promise.all(answers);
        expect(stored.size).toBe(turns.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a time UUID', () => {
  it('is of version 7 and variant 2, begins with its millisecond, and is never the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (at) => {
        const [one, two] = [timeUuid(at), timeUuid(at)];
        expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(Number.parseInt(one.slice(0, 13).replace('-', ''), 16)).toBe(at);
        expect(one).not.toBe(two);
      }),
    );
  });

  it('sorts by time as text', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), fc.integer({ min: 1, max: 2 ** 40 }), (at, more) => {
        expect(timeUuid(at) < timeUuid(at + more)).toBe(true);
      }),
    );
  });

  it('takes fractions of a millisecond', () => {
    expect(timeUuid(1.75).slice(0, 13)).toBe(timeUuid(1).slice(0, 13));
  });
});

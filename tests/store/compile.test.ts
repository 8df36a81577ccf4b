import fc from 'fast-check';
import type { Access } from '../../src/access/access.ts';
import { Compilation, condition, isAnchored } from '../../src/store/compile.ts';
import type { Bound, Query, SearchPlan, Sort } from '../../src/store/query.ts';
import { count, search } from '../../src/store/search.ts';
import { Values } from '../../src/store/sql.ts';
import { write } from '../../src/store/write.ts';
import { evaluate, evaluatePlan, type Row } from '../support/evaluate-query.ts';
import { access, type Draft, keys, put, ridOf, Stage, SYSTEM, WRITTEN } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

const TYPES = ['List', 'Binary'] as const;
const ME = access('me');
/** Values as they come: equal ones, neighbours, and the ends of what there is. */
const NUMBERS = [0, 1, 1.5, 2, -1, Number.MIN_VALUE, Number.MAX_VALUE, -8.64e15, 8.64e15] as const;
const TEXTS = ['', 'a', 'ab', 'abc', 'b', 'やま', 'やまだ', "it's", '%', '_', '\\', '\u{1f600}', '\u{10ffff}'] as const;
const KEYS = Array.from({ length: 5 }, (_, i) => keys.of(`key ${i}`));
const PARAMS = [keys.of('param 0'), keys.of('param 1')];
const UNITS = [0n, keys.of('unit')];
const SALTS = [keys.of('salt 0'), keys.of('salt 1')];
const NAMES = Array.from({ length: 8 }, (_, i) => `${TYPES[i % 2]}/${i}`);

const number = fc.constantFrom(...NUMBERS);
const text = fc.constantFrom(...TEXTS);
const param = fc.constantFrom(...PARAMS);
const salt = fc.constantFrom(...SALTS);
const list = <T>(one: fc.Arbitrary<T>, maxLength = 3) => fc.array(one, { maxLength });

interface Thing extends Draft {
  readonly name: string;
}

const thing: fc.Arbitrary<Thing> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    owner: fc.constantFrom('me', 'me', 'other'),
    keys: list(fc.constantFrom(...KEYS)),
    references: list(fc.record({ salt, name: fc.constantFrom(...NAMES) })),
    ranges: list(fc.record({ param, low: number, high: number, unit: fc.constantFrom(...UNITS) })),
    strings: list(fc.record({ param, value: text })),
    updated: fc.constantFrom(WRITTEN, WRITTEN + 1, WRITTEN + 1000),
  })
  .map(({ references, keys, ...more }) => ({
    ...more,
    keys: [...new Set([...keys, ...references.map(({ salt, name }) => salt ^ ridOf(name))])],
  }));
const things = fc.uniqueArray(thing, { maxLength: 8, selector: ({ name }) => name });

const bound: fc.Arbitrary<Bound> = fc.record({
  column: fc.constantFrom('low', 'high'),
  op: fc.constantFrom('<', '<=', '>', '>='),
  value: number,
});
const test = list(list(bound), 2);
const query = fc.letrec<{ tree: Query; leaf: Query }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    tie('leaf'),
    list(tie('tree')).map((all): Query => ({ kind: 'and', all })),
    list(tie('tree')).map((any): Query => ({ kind: 'or', any })),
    tie('tree').map((query): Query => ({ kind: 'not', query })),
    fc.record({
      kind: fc.constant('refersTo' as const),
      salts: list(salt, 2),
      types: fc.subarray([...TYPES]),
      query: tie('tree'),
    }),
    fc.record({ kind: fc.constant('referredBy' as const), salt, type: fc.constantFrom(...TYPES), query: tie('tree') }),
  ),
  leaf: fc.oneof(
    list(fc.constantFrom(...KEYS)).map((any): Query => ({ kind: 'keys', any })),
    fc.record({ kind: fc.constant('range' as const), param, test }),
    fc.record({ kind: fc.constant('range' as const), param, test, units: list(fc.constantFrom(...UNITS), 2) }),
    fc.record({
      kind: fc.constant('string' as const),
      param,
      mode: fc.constantFrom('prefix', 'contains'),
      value: text,
    }),
    fc.record({ kind: fc.constant('present' as const), table: fc.constantFrom('range', 'string'), param }),
    test.map((one): Query => ({ kind: 'updated', test: one })),
    list(fc.constantFrom(...NAMES)).map((names): Query => ({ kind: 'rids', any: names.map(ridOf) })),
  ),
})).tree;
const sort: fc.Arbitrary<Sort> = fc.oneof(
  fc.record({ by: fc.constantFrom('rid', 'id', 'updated'), desc: fc.boolean() }),
  fc.record({ by: fc.constantFrom('range', 'string'), param, desc: fc.boolean() }),
);
const plan: fc.Arbitrary<SearchPlan> = fc.record({
  type: fc.constantFrom(...TYPES),
  query,
  sort: list(sort, 3),
  includes: list(fc.record({ reverse: fc.boolean(), salt, types: fc.subarray([...TYPES]) }), 2),
  count: fc.integer({ min: 1, max: 3 }),
  total: fc.boolean(),
});

/** Stores the rows and nothing else; answers them as the model has them. */
async function lay(things: readonly Thing[]): Promise<(Row & { mine: boolean })[]> {
  await stage.database.query(
    'WITH a AS (DELETE FROM resource), b AS (DELETE FROM range), c AS (DELETE FROM string) DELETE FROM resource_version',
  );
  if (things.length > 0)
    await write(
      SYSTEM,
      stage.database,
      things.map(({ name, ...draft }) => put(name, draft)),
      [],
    );
  return things.map(({ name, owner, ...draft }) => {
    const { rid, type, id, rows, updated } = put(name, { owner, ...draft });
    return { rid, type, id, rows, updated, mine: owner === 'me' };
  });
}

async function matches(access: Access, query: Query): Promise<Set<bigint>> {
  const c = new Compilation(access, new Values());
  const { rows } = await stage.database.query<{ rid: bigint }>(
    `SELECT r.rid FROM resource r WHERE ${condition(query, 'r', c)}`,
    c.values.list,
  );
  return new Set(rows.map(({ rid }) => rid));
}

describe('a query tree as SQL', () => {
  it('matches what the model of the tree matches', async () => {
    await fc.assert(
      fc.asyncProperty(things, query, async (things, query) => {
        const rows = await lay(things);
        expect(await matches(SYSTEM, query)).toEqual(evaluate(query, rows));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('reaches through chains only what the caller sees', async () => {
    await fc.assert(
      fc.asyncProperty(things, query, async (things, query) => {
        const rows = await lay(things);
        const mine = new Set(rows.flatMap((row) => (row.mine ? [row.rid] : [])));
        const found = [...(await matches(ME, query))].filter((rid) => mine.has(rid));
        expect(new Set(found)).toEqual(evaluate(query, rows, (row) => mine.has(row.rid)));
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('finds its page, what goes along and how many there are', async () => {
    await fc.assert(
      fc.asyncProperty(things, plan, async (things, plan) => {
        const rows = await lay(things);
        const mine = new Set(rows.flatMap((row) => (row.mine ? [row.rid] : [])));
        const model = evaluatePlan(plan, rows, (row) => mine.has(row.rid));
        const found = await search(ME, stage.database, plan);
        const of = (mode: string) => found.rows.filter((row) => row.mode === mode).map((row) => row.rid);
        expect(of('match')).toEqual(model.page);
        expect(new Set(of('include'))).toEqual(model.included);
        expect(of('include').length).toBe(model.included.size);
        expect(await count(ME, stage.database, plan)).toBe(model.matches.length);
        expect(found.next !== undefined).toBe(model.matches.length > plan.count);
      }),
      { numRuns: 250, seed: 3 },
    );
  });

  it('is anchored only where nothing without an index row of its own can match', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (query) => {
        const rows = await lay([{ name: 'List/0', owner: 'me' }]);
        fc.pre(isAnchored(query));
        const found = await matches(SYSTEM, query);
        // Named by its key it needs no row.
        expect(
          found.size === 0 ||
            JSON.stringify(query, (_, v) => (typeof v === 'bigint' ? String(v) : v)).includes('"rids"'),
        ).toBe(true);
        expect(found).toEqual(evaluate(query, rows));
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('carries no value in its text', () => {
    fc.assert(
      fc.property(query, (query) => {
        const c = new Compilation(ME, new Values());
        const sql = condition(query, 'r', c);
        // The classes of the policy table are the only literals.
        expect(sql.match(/'[^']*'/g)?.filter((literal) => !/^'[fdswkco]'$/.test(literal)) ?? []).toEqual([]);
        expect(sql).not.toMatch(/[^ -~\n]|\\|%|\d{4}/);
        expect(sql.match(/\$\d+/g)?.every((one) => Number(one.slice(1)) <= c.values.list.length) ?? true).toBe(true);
      }),
      { seed: 5 },
    );
  });

  it('gives each leg a name of its own', () => {
    const leg = (query: Query): Query => ({ kind: 'refersTo', salts: [1n], types: ['List'], query });
    const c = new Compilation(SYSTEM, new Values());
    const sql = condition(
      { kind: 'and', all: [leg(leg({ kind: 'keys', any: [1n] })), leg({ kind: 'and', all: [] })] },
      'r',
      c,
    );
    const names = [...sql.matchAll(/FROM resource (\w+)/g)].map(([, name]) => name);
    expect(names.length).toBe(3);
    expect(new Set(names).size).toBe(3);
  });

  it.each([undefined, null])('is not made for the Access %p', (access) => {
    expect(() => new Compilation(access as unknown as Access, new Values())).toThrow('without an Access');
  });
});

describe('a text to look for', () => {
  const rows = {
    'List/0': { owner: 'me', strings: [{ param: PARAMS[0] as bigint, value: `${'x'.repeat(599)}\u{1f600}` }] },
  };
  const asking = (value: string, mode: 'prefix' | 'contains'): Query => ({
    kind: 'string',
    param: PARAMS[0] as bigint,
    mode,
    value,
  });

  it.each(['prefix', 'contains'] as const)('is cut where the index cuts, between characters (%s)', async (mode) => {
    await lay([]);
    await stage.store(rows);
    const stored = rows['List/0'].strings[0]?.value as string;
    for (const value of [stored, `${stored}${'z'.repeat(100)}`, stored.slice(0, 10)])
      expect([value.length, (await matches(SYSTEM, asking(value, mode))).size]).toEqual([value.length, 1]);
    for (const value of [`z${stored}`, `${'x'.repeat(599)}z`])
      expect((await matches(SYSTEM, asking(value, mode))).size).toBe(0);
  });
});

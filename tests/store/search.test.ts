import type { Access } from '../../src/access/access.ts';
import type { Query, SearchPlan, Sort } from '../../src/store/query.ts';
import { count, MAX_INCLUDED, matchingRids, type Position, search } from '../../src/store/search.ts';
import { access, type Draft, keys, ridOf, Stage, SYSTEM, WRITTEN } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(() =>
  stage.database.query(
    'WITH a AS (DELETE FROM resource), b AS (DELETE FROM range), c AS (DELETE FROM string) DELETE FROM resource_version',
  ),
);

const ME = access('me');
const ALL: Query = { kind: 'and', all: [] };
const DATE = keys.param('List', 'date');
const TITLE = keys.param('List', 'title');
const ITEM = keys.param('List', 'item');

const plan = (more: Partial<SearchPlan> = {}): SearchPlan => ({
  type: 'List',
  query: ALL,
  sort: [],
  includes: [],
  count: 10,
  total: false,
  ...more,
});

const dated = (low: number, high = low) => ({ param: DATE, low, high, unit: 0n });
const titled = (value: string) => ({ param: TITLE, value });

/** Ids on every page, by following where the last one ended. */
async function pages(access: Access, given: SearchPlan): Promise<string[][]> {
  const all: string[][] = [];
  for (let after: Position | undefined; ; ) {
    const { rows, next } = await search(access, stage.database, given, after);
    all.push(rows.map(({ id }) => id));
    if (!next) return all;
    after = next;
  }
}

/** All ids in the order of the sort, however they are cut into pages: the cut must not matter. */
async function order(...sort: readonly Sort[]): Promise<string[]> {
  const [whole = []] = await pages(ME, plan({ sort, count: 100 }));
  for (const count of [1, 2, 3]) expect((await pages(ME, plan({ sort, count }))).flat()).toEqual(whole);
  return whole;
}

describe('the order of a search', () => {
  const rows: Record<string, Draft> = {
    'List/a': { owner: 'me', ranges: [dated(5), dated(1)], strings: [titled('b'), titled('z')], updated: WRITTEN + 2 },
    'List/b': { owner: 'me', ranges: [dated(3)], strings: [titled('a')], updated: WRITTEN },
    'List/c': { owner: 'me', ranges: [dated(3)], updated: WRITTEN + 1 },
    'List/d': { owner: 'me', strings: [titled('a')], updated: WRITTEN },
    'List/e': {
      owner: 'me',
      ranges: [dated(-8.64e15), { param: 5n, low: -9e15, high: 9e15, unit: 0n }],
      updated: WRITTEN + 1,
    },
    'List/hidden': { owner: 'other', ranges: [dated(4)], strings: [titled('c')] },
  };
  /** Resource keys are what breaks ties. */
  const ties = (...ids: string[]) => ids.sort((a, b) => (ridOf(`List/${a}`) < ridOf(`List/${b}`) ? -1 : 1));

  beforeEach(() => stage.store(rows));

  it('is that of the resource keys where none is asked for', async () => {
    expect(await order()).toEqual(ties('a', 'b', 'c', 'd', 'e'));
  });

  it('is by the least value upwards and by the greatest downwards, without a value last either way', async () => {
    expect(await order({ by: 'range', param: DATE, desc: false })).toEqual(['e', 'a', ...ties('b', 'c'), 'd']);
    expect(await order({ by: 'range', param: DATE, desc: true })).toEqual(['a', ...ties('b', 'c'), 'e', 'd']);
    expect(await order({ by: 'string', param: TITLE, desc: false })).toEqual([
      ...ties('b', 'd'),
      'a',
      ...ties('c', 'e'),
    ]);
    expect(await order({ by: 'string', param: TITLE, desc: true })).toEqual([
      'a',
      ...ties('b', 'd'),
      ...ties('c', 'e'),
    ]);
  });

  it('is by one key after the other, each in its own direction', async () => {
    expect(await order({ by: 'string', param: TITLE, desc: false }, { by: 'range', param: DATE, desc: true })).toEqual([
      'b',
      'd',
      'a',
      'c',
      'e',
    ]);
    expect(await order({ by: 'updated', desc: true }, { by: 'range', param: DATE, desc: false })).toEqual([
      'a',
      'e',
      'c',
      'b',
      'd',
    ]);
    expect(await order({ by: 'updated', desc: false }, { by: 'id', desc: true })).toEqual(['d', 'b', 'e', 'c', 'a']);
  });

  it('is by id as text, or by key, in both directions', async () => {
    expect(await order({ by: 'id', desc: true })).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await order({ by: 'id', desc: false }, { by: 'updated', desc: true })).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await order({ by: 'rid', desc: true })).toEqual(ties('a', 'b', 'c', 'd', 'e').reverse());
    expect(await order({ by: 'rid', desc: false }, { by: 'updated', desc: true })).toEqual(
      ties('a', 'b', 'c', 'd', 'e'),
    );
  });

  it('is by code point, whatever the language', async () => {
    await stage.store(
      Object.fromEntries(
        ['Z', 'a', 'é', 'あ', 'ア', '\uffee', '\u{1f600}'].map((value, i) => [
          `List/${i}`,
          { owner: 'me', strings: [titled(value)], keys: [1n] } as Draft,
        ]),
      ),
    );
    const found = await pages(
      ME,
      plan({ query: { kind: 'keys', any: [1n] }, sort: [{ by: 'string', param: TITLE, desc: false }], count: 2 }),
    );
    expect(found.flat()).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });

  it('goes on from where a page ended though that match is gone, or another came', async () => {
    const sort: Sort[] = [{ by: 'id', desc: false }];
    const { rows, next } = await search(ME, stage.database, plan({ sort, count: 2 }));
    expect(rows.map(({ id }) => id)).toEqual(['a', 'b']);
    await stage.database.query(`UPDATE resource SET deleted = true WHERE id = 'b'`);
    await stage.store({ 'List/bb': { owner: 'me' }, 'List/aa': { owner: 'me' } });
    const after = await search(ME, stage.database, plan({ sort, count: 2 }), next);
    expect(after.rows.map(({ id }) => id)).toEqual(['bb', 'c']);
  });

  it('is not that of another search: its position does not fit', async () => {
    const { next } = await search(ME, stage.database, plan({ sort: [{ by: 'id', desc: false }], count: 1 }));
    await expect(search(ME, stage.database, plan({ count: 1 }), next)).rejects.toMatchObject({ status: 400 });
  });
});

describe('totals', () => {
  beforeEach(() =>
    stage.store({
      'List/a': { owner: 'me' },
      'List/b': { owner: 'me' },
      'List/c': { owner: 'me' },
      'List/d': { owner: 'other' },
    }),
  );

  it.each([
    [{ count: 3 }, 3],
    [{ count: 50 }, 3],
    [{ count: 2 }, undefined],
    [{ count: 2, total: true }, 3],
    [{ count: 0 }, 3],
    [{ count: 0, total: true }, 3],
  ])('of %j is %p', async (more, total) => {
    const found = await search(ME, stage.database, plan(more));
    expect(found.total).toBe(total);
    expect(await count(ME, stage.database, plan(more))).toBe(3);
  });

  it('are the same on later pages, where they were asked for', async () => {
    const first = await search(ME, stage.database, plan({ count: 2, total: true }));
    expect(await search(ME, stage.database, plan({ count: 2, total: true }), first.next)).toMatchObject({
      total: 3,
      rows: [{}],
    });
    const untold = await search(ME, stage.database, plan({ count: 2 }));
    expect((await search(ME, stage.database, plan({ count: 2 }), untold.next)).total).toBeUndefined();
  });

  it('are nought of what is invisible', async () => {
    expect(await search(access('nobody'), stage.database, plan({ total: true }))).toEqual({ rows: [], total: 0 });
  });
});

describe('what is found', () => {
  it('is told with its current version, as it is stored', async () => {
    await stage.store({ 'List/a': { owner: 'me', content: Buffer.from('first') } });
    await stage.store({
      'List/a': {
        owner: 'me',
        interaction: 'u',
        version: 2,
        updated: WRITTEN + 1,
        patients: [5n, 6n],
        class: 'o',
        content: Buffer.from('{"a":1.00}'),
      },
    });
    const { rows } = await search(SYSTEM, stage.database, plan());
    expect(rows).toMatchObject([
      {
        mode: 'match',
        rid: ridOf('List/a'),
        type: 'List',
        id: 'a',
        version: 2,
        updated: WRITTEN + 1,
        patient: null,
        patients: [5n, 6n],
        content: Buffer.from('{"a":1.00}'),
      },
    ]);
  });

  it('is neither deleted nor of another type', async () => {
    await stage.store({ 'List/a': { owner: 'me', keys: [1n] }, 'Binary/a': { owner: 'me', keys: [1n] } });
    await stage.store({ 'List/a': { owner: 'me', interaction: 'd', version: 2, content: null } });
    for (const query of [
      ALL,
      { kind: 'keys', any: [1n] } as Query,
      { kind: 'rids', any: [ridOf('List/a'), ridOf('Binary/a')] } as Query,
    ])
      expect((await search(SYSTEM, stage.database, plan({ query }))).rows).toEqual([]);
  });

  it('by a condition is at most so many, with their keys', async () => {
    await stage.store({ 'List/a': { owner: 'me' }, 'List/b': { owner: 'me' }, 'List/c': { owner: 'other' } });
    const two = await matchingRids(ME, stage.database, plan(), 2);
    expect(two.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect(two.every(({ rid, id }) => rid === ridOf(`List/${id}`))).toBe(true);
    expect((await matchingRids(ME, stage.database, plan(), 1)).length).toBe(1);
    expect(await matchingRids(access('nobody'), stage.database, plan(), 2)).toEqual([]);
  });
});

describe('what goes along', () => {
  const to = (name: string) => ITEM ^ ridOf(name);
  const forward = { reverse: false, salt: ITEM, types: ['Binary', 'List'] };
  const back = { reverse: true, salt: ITEM, types: ['List'] };
  const included = async (access: Access, more: Partial<SearchPlan>, after?: Position) => {
    const { rows } = await search(access, stage.database, plan(more), after);
    return rows.map(({ mode, type, id }) => `${mode} ${type}/${id}`).sort();
  };

  beforeEach(() =>
    stage.store({
      'List/a': { owner: 'me', keys: [1n, to('Binary/x'), to('Binary/y'), to('List/b'), to('Binary/none')] },
      'List/b': { owner: 'me', keys: [1n, to('Binary/x')] },
      'List/c': { owner: 'other', keys: [1n, to('List/a')] },
      'List/d': { owner: 'me', keys: [to('List/b'), to('List/d')] },
      'Binary/x': { owner: 'me' },
      'Binary/y': { owner: 'other' },
    }),
  );
  const query: Query = { kind: 'keys', any: [1n] };

  it('is once what the matches refer to, so far as it is visible, and no match', async () => {
    expect(await included(ME, { query, includes: [forward] })).toEqual([
      'include Binary/x',
      'match List/a',
      'match List/b',
    ]);
    expect(await included(SYSTEM, { query, includes: [forward] })).toEqual([
      'include Binary/x',
      'include Binary/y',
      'match List/a',
      'match List/b',
      'match List/c',
    ]);
  });

  it('is of the types that were asked for', async () => {
    expect(await included(ME, { query, includes: [{ ...forward, types: ['List'] }] })).toEqual([
      'match List/a',
      'match List/b',
    ]);
    expect(await included(ME, { query, includes: [{ ...forward, types: [] }] })).toEqual([
      'match List/a',
      'match List/b',
    ]);
  });

  it('is what refers to the matches, so far as it is visible', async () => {
    expect(await included(ME, { query, includes: [back] })).toEqual(['include List/d', 'match List/a', 'match List/b']);
    const a: Query = { kind: 'rids', any: [ridOf('List/a')] };
    expect(await included(ME, { query: a, includes: [back] })).toEqual(['match List/a']);
    expect(await included(SYSTEM, { query: a, includes: [back] })).toEqual(['include List/c', 'match List/a']);
  });

  it('is not searched for further ones', async () => {
    const d: Query = { kind: 'rids', any: [ridOf('List/d')] };
    expect(await included(ME, { query: d, includes: [forward] })).toEqual(['include List/b', 'match List/d']);
  });

  it('belongs to the matches of its page, of which the one beyond is none', async () => {
    const sort: Sort[] = [{ by: 'id', desc: false }];
    const first = await search(ME, stage.database, plan({ query, sort, count: 1, includes: [back, forward] }));
    expect(first.rows.map(({ mode, id }) => `${mode} ${id}`).sort()).toEqual(['include b', 'include x', 'match a']);
    expect(await included(ME, { query, sort, count: 1, includes: [back, forward] }, first.next)).toEqual([
      'include Binary/x',
      'include List/a',
      'include List/d',
      'match List/b',
    ]);
  });

  it('leaves out what is deleted', async () => {
    await stage.store({ 'Binary/x': { owner: 'me', interaction: 'd', version: 2, content: null } });
    expect(await included(ME, { query, includes: [forward] })).toEqual(['match List/a', 'match List/b']);
  });

  it('does not change what a position tells', async () => {
    for (const sort of [
      [],
      [{ by: 'id', desc: true }],
      [{ by: 'string', param: TITLE, desc: false }],
      [{ by: 'range', param: DATE, desc: true }],
    ] as Sort[][]) {
      const plain = await search(ME, stage.database, plan({ sort, count: 1 }));
      const along = await search(ME, stage.database, plan({ sort, count: 1, includes: [forward, back] }));
      expect(along.next).toEqual(plain.next);
      expect(along.rows[0]).toMatchObject({ mode: 'match', id: plain.rows[0]?.id });
    }
  });
});

describe('too many to go along', () => {
  const many = (owner: string, from: number, length: number) =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [`Binary/${from + i}`, { owner, keys: [ITEM ^ ridOf('List/a')] } as Draft]),
    );
  const asking = plan({ includes: [{ reverse: true, salt: ITEM, types: ['Binary'] }] });

  it('are refused, so that no answer is cut silently; the invisible do not count', async () => {
    await stage.store({ 'List/a': { owner: 'me' }, ...many('me', 0, MAX_INCLUDED), ...many('other', 10_000, 50) });
    const found = await search(ME, stage.database, asking);
    expect(found.rows.length).toBe(MAX_INCLUDED + 1);
    await expect(search(SYSTEM, stage.database, asking)).rejects.toMatchObject({
      status: 400,
      issues: [{ code: 'too-costly' }],
    });
    await stage.store(many('me', 20_000, 1));
    await expect(search(ME, stage.database, asking)).rejects.toMatchObject({
      status: 400,
      issues: [{ code: 'too-costly' }],
    });
  });
});

it.each([undefined, null] as unknown as Access[])('nothing is searched for the Access %p', async (none) => {
  await expect(search(none, stage.database, plan())).rejects.toThrow('without an Access');
  await expect(search(none, stage.database, plan({ count: 0 }))).rejects.toThrow('without an Access');
  await expect(count(none, stage.database, plan())).rejects.toThrow('without an Access');
  await expect(matchingRids(none, stage.database, plan(), 2)).rejects.toThrow('without an Access');
});

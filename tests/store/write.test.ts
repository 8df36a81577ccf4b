import fc from 'fast-check';
import { Access } from '../../src/access/access.ts';
import type { AuditRow } from '../../src/store/audit.ts';
import { type Queryable, sqlState } from '../../src/store/database.ts';
import { lockNames, type Put, write } from '../../src/store/write.ts';
import { caller, type Draft, institution, put, ridOf, Stage, SYSTEM, WRITTEN } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(() =>
  stage.database.query(
    'WITH a AS (DELETE FROM resource), b AS (DELETE FROM range), c AS (DELETE FROM string), d AS (DELETE FROM audit) DELETE FROM resource_version',
  ),
);

/** What is stored of a put, in the form of one. */
async function stored(rid: bigint) {
  const all = async <T>(text: string) => (await stage.database.query<T>(text, [rid])).rows;
  const [resource] = await all<Record<string, unknown>>(
    'SELECT *, class::text AS class FROM resource WHERE rid = $1::bigint',
  );
  const versions = await all<Record<string, unknown>>(
    'SELECT version, at, interaction::text AS interaction, organization, patient, patients, content FROM resource_version WHERE rid = $1::bigint ORDER BY version',
  );
  const ranges = await all<object>(
    'SELECT param, low, high, unit, patient FROM range WHERE rid = $1::bigint ORDER BY param, low, high, unit',
  );
  const strings = await all<object>(
    'SELECT param, value, patient FROM string WHERE rid = $1::bigint ORDER BY param, value',
  );
  return { resource, versions, ranges, strings };
}

const auditRow = (n: number, more: Partial<AuditRow> = {}): AuditRow => ({
  id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  at: WRITTEN,
  interaction: 'create',
  organization: 1n,
  person: null,
  client: 'client',
  purpose: 'TREAT',
  patient: null,
  type: 'List',
  resource: 2n,
  resourceId: 'a',
  version: 1,
  outcome: 0,
  request: 'r',
  detail: null,
  ...more,
});

const audits = async () =>
  (
    await stage.database.query<{ id: string; at: number; detail: string }>(
      'SELECT id::text, extract(epoch FROM at)::float8 * 1000 AS at, detail FROM audit ORDER BY id',
    )
  ).rows;

const key = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((s) => !s.includes('\0'));
/** Zero has no sign that anybody asks for. */
const double = fc.double({ noNaN: true }).map((n) => n + 0);
const draft: fc.Arbitrary<Draft> = fc.record({
  owner: fc.constantFrom('a', 'b'),
  class: fc.constantFrom('f', 'd', 's', 'w', 'c', 'k', 'o'),
  home: fc.option(key, { nil: null }),
  patients: fc.uniqueArray(key, { maxLength: 3 }),
  date: fc.option(double, { nil: null }),
  updated: fc.integer({ min: 0, max: 4e12 }),
  sealed: fc.boolean(),
  keys: fc.uniqueArray(key, { maxLength: 5 }),
  ranges: fc.array(fc.record({ param: key, low: double, high: double, unit: key }), { maxLength: 3 }),
  strings: fc.array(fc.record({ param: key, value: text }), { maxLength: 3 }),
  content: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
});

describe('write()', () => {
  it('stores what it is given, one or several, as it is', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(draft, { minLength: 1, maxLength: 3 }), async (drafts) => {
        const puts = drafts.map((one, i) => put(`List/${++run}-${i}`, one));
        await write(SYSTEM, stage.database, puts, []);
        for (const one of puts) expect(await stored(one.rid)).toEqual(as(one));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it.each([1, 2, 40])('takes one statement for %p resources with audit', async (many) => {
    let statements = 0;
    const counting = {
      query: (sql: string, values?: readonly unknown[]) => ++statements && stage.database.query(sql, values),
    } as Queryable;
    const puts = Array.from({ length: many }, (_, i) =>
      put(`List/${i}`, { owner: 'a', strings: [{ param: 1n, value: 'x' }] }),
    );
    await write(
      SYSTEM,
      counting,
      puts,
      puts.map((_, i) => auditRow(i)),
    );
    expect(statements).toBe(1);
    expect((await audits()).length).toBe(many);
    const { rows } = await stage.database.query<{ n: number }>('SELECT count(*)::int AS n FROM string');
    expect(rows[0]?.n).toBe(many);
  });

  it('replaces index rows with those of the new version, and keeps the old versions', async () => {
    const first = put('List/a', {
      owner: 'a',
      keys: [1n],
      ranges: [{ param: 1n, low: 1, high: 2, unit: 0n }],
      strings: [{ param: 1n, value: 'x' }],
      patients: [5n],
    });
    const other = put('List/b', { owner: 'a', keys: [9n], strings: [{ param: 1n, value: 'y' }] });
    await write(SYSTEM, stage.database, [first, other], []);
    const second = {
      ...first,
      interaction: 'u',
      version: 2,
      updated: WRITTEN + 1,
      sealed: true,
      patients: [6n, 7n],
      rows: { keys: [2n], ranges: [], strings: [{ param: 2n, value: 'z' }] },
      content: Buffer.from('second'),
    } as Put;
    await write(SYSTEM, stage.database, [second], []);
    const now = await stored(first.rid);
    expect(now.resource).toMatchObject({
      version: 2,
      keys: [2n],
      sealed: true,
      patient: null,
      patients: [6n, 7n],
      updated: WRITTEN + 1,
    });
    expect([now.ranges, now.strings]).toEqual([[], [{ param: 2n, value: 'z', patient: null }]]);
    expect(now.versions).toMatchObject([
      { version: 1, interaction: 'c', patient: 5n, content: first.content },
      { version: 2, interaction: 'u', patients: [6n, 7n], content: Buffer.from('second') },
    ]);
    expect(await stored(other.rid)).toEqual(as(other));
  });

  it('never changes whose a resource is, its type, its id or its class', async () => {
    const first = put('List/a', { owner: 'a', class: 'c' });
    await write(SYSTEM, stage.database, [first], []);
    await write(
      SYSTEM,
      stage.database,
      [{ ...first, version: 2, interaction: 'u', owner: institution('b'), class: 'f', type: 'Binary', id: 'z' }],
      [],
    );
    expect((await stored(first.rid)).resource).toMatchObject({
      owner: institution('a'),
      class: 'c',
      type: 'List',
      id: 'a',
      version: 2,
    });
  });

  it('leaves of what is deleted who could see it, and nothing to find it by', async () => {
    const first = put('List/a', {
      owner: 'a',
      home: 3n,
      patients: [5n],
      keys: [1n],
      ranges: [{ param: 1n, low: 1, high: 2, unit: 0n }],
      strings: [{ param: 1n, value: 'x' }],
    });
    await write(SYSTEM, stage.database, [first], []);
    await write(
      SYSTEM,
      stage.database,
      [{ ...first, interaction: 'd', version: 2, rows: { keys: [], ranges: [], strings: [] }, content: null }],
      [],
    );
    const gone = await stored(first.rid);
    expect(gone.resource).toMatchObject({
      deleted: true,
      version: 2,
      home: 3n,
      patient: 5n,
      owner: institution('a'),
      keys: [],
    });
    expect([gone.ranges, gone.strings]).toEqual([[], []]);
    expect(gone.versions).toMatchObject([{ content: first.content }, { interaction: 'd', content: null }]);
  });

  it('keeps what is deleted as sealed as it was', async () => {
    const none = { rows: { keys: [], ranges: [], strings: [] }, content: null };
    for (const sealed of [true, false]) {
      const first = put(`List/sealed-${sealed}`, { owner: 'a', sealed });
      await write(SYSTEM, stage.database, [first], []);
      await write(SYSTEM, stage.database, [{ ...first, ...none, interaction: 'd', version: 2, sealed: !sealed }], []);
      expect((await stored(first.rid)).resource).toMatchObject({ deleted: true, sealed });
      await write(SYSTEM, stage.database, [{ ...first, interaction: 'u', version: 3, sealed: !sealed }], []);
      expect((await stored(first.rid)).resource).toMatchObject({ deleted: false, sealed: !sealed });
    }
  });

  it('brings back what was deleted', async () => {
    const first = put('List/a', { owner: 'a' });
    await write(SYSTEM, stage.database, [first], []);
    await write(SYSTEM, stage.database, [{ ...first, interaction: 'd', version: 2, content: null }], []);
    await write(SYSTEM, stage.database, [{ ...first, interaction: 'u', version: 3 }], []);
    expect((await stored(first.rid)).resource).toMatchObject({ deleted: false, version: 3 });
  });

  it('says who wrote: the caller, the caller for whom the system acts, or nobody', async () => {
    const clinic = caller('clinic');
    const authors = [Access.of(clinic), Access.system('for a caller', clinic), SYSTEM];
    for (const [i, access] of authors.entries())
      await write(access, stage.database, [put(`List/${i}`, { owner: 'a' })], []);
    const written = await Promise.all(
      authors.map(async (_, i) => (await stored(ridOf(`List/${i}`))).versions[0]?.organization),
    );
    expect(written).toEqual([clinic.organization, clinic.organization, null]);
  });

  it('gives the versions of one statement their places in it', async () => {
    const puts = ['List/c', 'List/a', 'List/b'].map((name) => put(name, { owner: 'a' }));
    await write(SYSTEM, stage.database, puts, []);
    const { rows } = await stage.database.query<{ rid: bigint }>('SELECT rid FROM resource_version ORDER BY tx, place');
    expect(rows.map(({ rid }) => rid)).toEqual(puts.map(({ rid }) => rid));
  });

  it('stores nothing at all where one key is taken', async () => {
    await write(SYSTEM, stage.database, [put('List/a', { owner: 'a' })], []);
    const again = [put('List/b', { owner: 'a', strings: [{ param: 1n, value: 'x' }] }), put('List/a', { owner: 'a' })];
    const failure = await write(SYSTEM, stage.database, again, [auditRow(1)]).catch((error) => error);
    expect(sqlState(failure)).toBe('23505');
    expect((await stored(ridOf('List/b'))).resource).toBeUndefined();
    const { rows } = await stage.database.query<{ versions: number; strings: number }>(
      'SELECT (SELECT count(*)::int FROM resource_version) AS versions, (SELECT count(*)::int FROM string) AS strings',
    );
    expect(rows).toEqual([{ versions: 1, strings: 0 }]);
    expect(await audits()).toEqual([]);
  });

  it('stores nothing where it cannot be audited', async () => {
    const failure = await write(
      SYSTEM,
      stage.database,
      [put('List/a', { owner: 'a' })],
      [auditRow(1, { interaction: null as never })],
    ).catch((error) => error);
    expect(sqlState(failure)).toBe('23502');
    expect((await stored(ridOf('List/a'))).resource).toBeUndefined();
  });

  it('stores the audit to the millisecond', async () => {
    const at = [0, 1, 999, WRITTEN + 0.5, 4_102_444_800_001].map(Math.floor);
    await write(
      SYSTEM,
      stage.database,
      [put('List/a', { owner: 'a' })],
      at.map((one, i) => auditRow(i, { at: one, detail: `"{${one}}\\,'` })),
    );
    expect((await audits()).map((row) => [Math.round(row.at), row.detail])).toEqual(
      at.map((one) => [one, `"{${one}}\\,'`]),
    );
  });

  it.each([undefined, null])('throws for the Access %p', async (access) => {
    await expect(write(access as never, stage.database, [put('List/a', { owner: 'a' })], [])).rejects.toThrow(
      'without an Access',
    );
    await expect(lockNames(access as never, stage.database, [1n])).rejects.toThrow('without an Access');
  });
});

describe('locks of names', () => {
  it('let one in after the other', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 4 }, () =>
        stage.database.transaction(async (transaction) => {
          await lockNames(SYSTEM, transaction, [7n]);
          most = Math.max(most, ++inside);
          await transaction.query('SELECT pg_sleep(0.01)');
          inside--;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  it('are taken in one order for everybody, so that nobody waits for ever', async () => {
    const names = [3n, 1n, -2n, 2n ** 62n, 1n];
    const take = (order: readonly bigint[]) =>
      stage.database.transaction((transaction) => lockNames(SYSTEM, transaction, order), { retries: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, i) => take(i % 2 ? names : names.toReversed())));
  });

  it('end with the transaction', async () => {
    await stage.database.transaction((transaction) => lockNames(SYSTEM, transaction, [7n]));
    const { rows } = await stage.database.query<{ free: boolean }>(
      'SELECT pg_try_advisory_lock(7) AS free, pg_advisory_unlock(7)',
    );
    expect(rows[0]?.free).toBe(true);
  });

  it('of nothing ask nothing', async () => {
    await lockNames(SYSTEM, { query: () => Promise.reject(new Error('asked')) }, []);
  });
});

/** A put as `stored` tells it. */
function as(one: Put) {
  const { rid, type, id, version, owner, home, patients, date, updated, sealed, rows, content, interaction } = one;
  const patient = patients.length === 1 ? patients[0] : null;
  const several = patients.length > 1 ? [...patients] : null;
  return {
    resource: {
      rid,
      type,
      id,
      class: one.class,
      version,
      owner,
      home,
      patient,
      patients: several,
      date,
      updated,
      sealed,
      deleted: false,
      keys: [...rows.keys],
    },
    versions: [{ version, at: updated, interaction, organization: null, patient, patients: several, content }],
    ranges: rows.ranges
      .map((row) => ({ ...row, patient }))
      .sort(
        (a, b) =>
          compare(a.param, b.param) || compare(a.low, b.low) || compare(a.high, b.high) || compare(a.unit, b.unit),
      ),
    strings: rows.strings
      .map((row) => ({ ...row, patient }))
      .sort((a, b) => compare(a.param, b.param) || Buffer.compare(Buffer.from(a.value), Buffer.from(b.value))),
  };
}

const compare = <T extends bigint | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

import { dayOf } from '../../src/audit/seal.ts';
import { insertAudit } from '../../src/store/audit.ts';
import { lastSeal, mendClock, readClock, readDays, readSeals } from '../../src/store/audit-chain.ts';
import { dayHash, GENESIS, sealHash } from '../../src/store/audit-encoding.ts';
import { Chain, DAY, full, HOUR, NOON, SYSTEM } from './chain.ts';

let chain: Chain;
beforeEach(async () => {
  chain = await Chain.open();
});
afterEach(() => chain.close());

const seals = () => readSeals(SYSTEM, chain.database, { after: 0n, most: 1000 });
const rowsOf = async () => (await seals()).map(({ months }) => months.map(({ month, rows }) => `${month}:${rows}`));

describe('a turn of sealing', () => {
  it('seals what was committed, once, and makes no seal of nothing', async () => {
    expect(await chain.seal(NOON)).toMatchObject({ rows: 0, seals: 0, closed: [] });
    await chain.add([full(NOON), full(NOON)], [full(NOON)]);
    expect(await chain.seal(NOON)).toMatchObject({ rows: 3, seals: 1 });
    expect(await chain.seal(NOON)).toMatchObject({ rows: 0, seals: 0 });
    await chain.add([full(NOON)]);
    expect(await chain.seal(NOON)).toMatchObject({ rows: 1, seals: 1 });
    const [one, two, ...more] = await seals();
    expect(more).toEqual([]);
    expect(one).toMatchObject({ number: 1n, fromTx: -(2n ** 63n), day: '2026-11-23', sealedAt: NOON });
    expect(one?.previous).toEqual(GENESIS);
    expect(two).toMatchObject({ number: 2n, fromTx: one?.toTx });
    expect(two?.previous).toEqual(one?.hash);
    for (const seal of [one, two]) expect(seal && sealHash(seal)).toEqual(seal?.hash);
  });

  it('leaves out the rows of whoever began before a transaction that still runs, and takes them up when it has ended', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let inserted = () => {};
    const within = new Promise<void>((resolve) => {
      inserted = resolve;
    });
    const open = chain.database.transaction(async (transaction) => {
      await insertAudit(SYSTEM, transaction, [full(NOON, { client: 'slow' })]);
      inserted();
      await held;
    });
    await within;
    await chain.add([full(NOON)], [full(NOON)]);
    expect(await chain.sealNow(NOON)).toMatchObject({ rows: 0 });
    release();
    await open;
    expect(await chain.seal(NOON)).toMatchObject({ rows: 3, seals: 1 });
    expect(await chain.found()).toBeUndefined();
  });

  it('never takes the rows of a transaction that was rolled back', async () => {
    await chain.database
      .transaction(async (transaction) => {
        await insertAudit(SYSTEM, transaction, [full(NOON)]);
        throw new Error('not so');
      })
      .catch(() => undefined);
    await chain.add([full(NOON)]);
    expect(await chain.seal(NOON)).toMatchObject({ rows: 1 });
    expect(await chain.found()).toBeUndefined();
  });

  it('parts many rows into several seals, and no transaction', async () => {
    await chain.add(...[3, 1, 1, 5, 1, 1].map((many) => Array.from({ length: many }, () => full(NOON))));
    expect(await chain.seal(NOON, 3)).toMatchObject({ rows: 12 });
    expect((await rowsOf()).flat()).toEqual(['2026-11:3', '2026-11:7', '2026-11:2']);
    expect(await chain.found()).toBeUndefined();
  });

  it('tells the months of the rows apart, whatever time they claim', async () => {
    await chain.add([
      full(NOON),
      full(Date.parse('2026-11-30T23:59:59.999Z')),
      full(Date.parse('2026-12-01T00:00:00Z')),
    ]);
    await chain.add([full(0), full(Date.parse('9999-12-31T23:59:59Z'))]);
    await chain.seal(NOON);
    expect(await rowsOf()).toEqual([['1970-01:1', '2026-11:2', '2026-12:1', '9999-12:1']]);
    expect(await chain.found()).toBeUndefined();
  });

  it('is made by one of several processes, and the chain stays whole', async () => {
    const other = await chain.anotherPool();
    for (let i = 0; i < 10; i++) {
      await Promise.all([
        chain.add([full(NOON)]),
        chain.sealNow(NOON),
        chain.sealNow(NOON, 1),
        chain.sealBy(other, NOON),
      ]);
    }
    await chain.seal(NOON);
    const all = await seals();
    expect(all.map(({ number }) => number)).toEqual(all.map((_, i) => BigInt(i + 1)));
    expect(all.flatMap(({ months }) => months).reduce((sum, { rows }) => sum + rows, 0)).toBe(10);
    expect(await chain.found()).toBeUndefined();
  });
});

describe('a day', () => {
  it('is that of the zone', () => {
    expect(dayOf(Date.parse('2026-11-23T14:59:59.999Z'), 'Asia/Tokyo')).toBe('2026-11-23');
    expect(dayOf(Date.parse('2026-11-23T15:00:00Z'), 'Asia/Tokyo')).toBe('2026-11-24');
    expect(dayOf(Date.parse('0999-01-01T00:00:00Z'), 'UTC')).toMatch(/^0?999-01-01$/);
  });

  it('is closed by the first turn after it, and the next day begins with its hash', async () => {
    const midnight = Date.parse('2026-11-24T00:00:00+09:00');
    await chain.add([full(NOON)]);
    await chain.seal(NOON);
    await chain.add([full(midnight - 1)]);
    await chain.seal(midnight - 1);
    await chain.add([full(midnight - 1), full(midnight)]);
    const { closed } = await chain.seal(midnight);
    const [first, second, third] = await seals();
    expect(closed).toEqual([
      expect.objectContaining({
        number: 1,
        day: '2026-11-23',
        firstSeal: 1n,
        lastSeal: 2n,
        rows: 2n,
        closedAt: midnight,
      }),
    ]);
    const [day] = await readDays(SYSTEM, chain.database);
    expect(day && dayHash(day, second?.hash as Buffer)).toEqual(day?.hash);
    expect([first?.day, second?.day, third?.day]).toEqual(['2026-11-23', '2026-11-23', '2026-11-24']);
    expect(third?.previous).toEqual(day?.hash);
    expect(await chain.found()).toBeUndefined();
  });

  it('without a row has no end, and those after it are numbered on', async () => {
    for (const days of [0, 1, 5]) {
      await chain.add([full(NOON + days * DAY)]);
      await chain.seal(NOON + days * DAY);
    }
    await chain.seal(NOON + 9 * DAY);
    await chain.seal(NOON + 10 * DAY);
    expect((await readDays(SYSTEM, chain.database)).map(({ number, day }) => [number, day])).toEqual([
      [1, '2026-11-23'],
      [2, '2026-11-24'],
      [3, '2026-11-28'],
    ]);
    expect(await chain.found()).toBeUndefined();
  });

  it('bears a clock that was set forward by years, and back again', async () => {
    for (const now of [NOON, NOON + 5000 * DAY, NOON + HOUR, NOON - DAY, NOON + 2 * HOUR]) {
      await chain.add([full(now)]);
      await chain.seal(now);
    }
    expect((await readDays(SYSTEM, chain.database)).map(({ day }) => day)).toEqual([
      '2026-11-23',
      '2040-08-01',
      '2026-11-23',
      '2026-11-22',
    ]);
    expect(await chain.found()).toBeUndefined();
  });
});

describe('after a restore into a cluster whose transactions are numbered lower', () => {
  /** As if this cluster had had a billion transactions more when it was dumped. */
  const restore = () =>
    chain.database.transaction(async (transaction) => {
      await transaction.script(`ALTER TABLE audit_clock ADD COLUMN was bigint; UPDATE audit_clock SET was = shift, shift = shift + 1000000000;
        ALTER TABLE audit ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint + 1000000000`);
    });
  const arrive = () =>
    chain.database.transaction(async (transaction) => {
      await transaction.script(`UPDATE audit_clock SET shift = was; ALTER TABLE audit_clock DROP COLUMN was;
        ALTER TABLE audit ALTER COLUMN tx SET DEFAULT pg_current_xact_id()::text::bigint + 0`);
    });

  it('the numbers go on above those that are there, sealed or not', async () => {
    await restore();
    await chain.add([full(NOON)]);
    await chain.seal(NOON);
    await chain.add([full(NOON)], [full(NOON)]);
    await arrive();
    expect(await chain.sealNow(NOON)).toMatchObject({ rows: 0, behind: true });
    expect((await chain.verify()).notes.map(({ kind }) => kind)).toContain('clock-behind');
    const moved = await mendClock(SYSTEM, chain.database);
    expect(moved).toBeGreaterThan(900_000_000n);
    expect(await mendClock(SYSTEM, chain.database)).toBe(0n);
    await chain.add([full(NOON)]);
    expect(await chain.seal(NOON)).toMatchObject({ rows: 3, behind: false });
    expect(await chain.found()).toBeUndefined();
    const { next } = await readClock(SYSTEM, chain.database);
    expect((await lastSeal(SYSTEM, chain.database))?.toTx).toBeLessThan(next);
  });

  it('a number that somebody made up moves nothing on', async () => {
    await chain.add([full(NOON)]);
    await chain.seal(NOON);
    await chain.tamper(
      `INSERT INTO audit (id, at, outcome, interaction, tx) VALUES (gen_random_uuid(), now(), 0, 'read', 9223372036854775807)`,
    );
    expect(await mendClock(SYSTEM, chain.database)).toBe(0n);
    await chain.add([full(NOON)]);
    expect(await chain.seal(NOON)).toMatchObject({ rows: 1, behind: false });
    expect(await chain.found()).toBe('row-inserted');
  });
});

it('rows from before the chain come first, in the order of their time', async () => {
  await chain.add([full(NOON + 2), full(NOON), full(NOON + 1)]);
  await chain.tamper('UPDATE audit SET tx = (extract(epoch FROM at) * 1000)::bigint - 10000000000000');
  await chain.add([full(NOON)]);
  expect(await chain.seal(NOON)).toMatchObject({ rows: 4, seals: 1 });
  expect(await chain.found()).toBeUndefined();
});

it.each(['chainedRows', 'readSeals', 'readClock'])('%s needs the Access of the system', async (name) => {
  const chainOf = (await import('../../src/store/audit-chain.ts')) as unknown as Record<
    string,
    (...a: unknown[]) => unknown
  >;
  for (const none of [undefined, {}])
    await expect(async () => chainOf[name]?.(none, chain.database, { after: 0n, upTo: 1n, most: 1 })).rejects.toThrow(
      'Access of the system',
    );
});

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Database } from '../../src/store/database.ts';
import {
  failTries,
  giveBack,
  isToBeTold,
  settleTries,
  sweepTries,
  type Taken,
  type ThrottleLimit,
  takeTries,
} from '../../src/store/throttle.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { HOUR, MINUTE, NO_ACCESS, NOW, system } from './people-stage.ts';

let clone: Clone;
let database: Database;
let second: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  [database, second] = await Promise.all([clone.open(), clone.open()]);
});
afterAll(() => clone.drop());

const LIMIT: ThrottleLimit = {
  failures: 3,
  window: 15 * MINUTE,
  firstLock: MINUTE,
  longestLock: 8 * MINUTE,
  afterLock: 1,
};
const one = (limit = LIMIT) => ({ key: randomUUID(), limit });
const take = (throttles: readonly { key: string; limit: ThrottleLimit }[], now = NOW, on = database) =>
  takeTries(system, on, throttles, now);
const row = async (key: string) =>
  (
    await database.query<{ free: number; failures: number; lockouts: number; locked_until: number | null }>(
      'SELECT free, failures, lockouts, locked_until FROM throttle WHERE key = $1',
      [key],
    )
  ).rows[0];
/** Takes one try and lets it fail; what is locked by it, undefined where there was none to take. */
async function fail(throttle: { key: string; limit: ThrottleLimit }, now: number) {
  const { taken, full } = await take([throttle], now);
  return full.length > 0 ? undefined : failTries(system, database, taken, now);
}

describe('tries', () => {
  it('are taken until none is left, and taking none takes nothing', async () => {
    const throttle = one();
    for (let i = 0; i < 3; i++) expect((await take([throttle])).full).toEqual([]);
    expect(await take([throttle])).toEqual({ taken: [], full: [throttle.key] });
    const other = one();
    expect((await take([throttle, other])).full).toEqual([throttle.key]);
    expect(await row(other.key)).toBeUndefined();
  });

  it('are no more than there are, however many take at once from two pools', async () => {
    const [a, b] = [one(), one({ ...LIMIT, failures: 7 })];
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, i) => take(i % 3 ? [a, b] : [b, a], NOW, i % 2 ? database : second)),
    );
    expect(results.filter(({ full }) => full.length === 0)).toHaveLength(3);
    expect(await row(a.key)).toMatchObject({ free: 0 });
    expect(await row(b.key)).toMatchObject({ free: 4 });
  });

  it('come back when they succeed, and never more than there were', async () => {
    const throttle = one();
    const { taken } = await take([throttle]);
    await giveBack(system, database, taken);
    expect(await row(throttle.key)).toMatchObject({ free: 3 });
    await giveBack(system, database, taken);
    expect(await row(throttle.key)).toMatchObject({ free: 3 });
  });

  it('of a window that is over do not come back into the next', async () => {
    const throttle = one();
    const { taken } = await take([throttle]);
    await take([throttle], NOW + LIMIT.window);
    await giveBack(system, database, taken);
    expect(await row(throttle.key)).toMatchObject({ free: 2 });
  });

  it('lock when the last has failed, twice as long each time, up to a limit', async () => {
    const throttle = one();
    let now = NOW;
    expect(await fail(throttle, now)).toEqual([]);
    expect(await fail(throttle, now)).toEqual([]);
    expect(await fail(throttle, now)).toEqual([throttle.key]);
    for (const minutes of [1, 2, 4, 8, 8]) {
      expect((await row(throttle.key))!.locked_until).toBe(now + minutes * MINUTE);
      expect(await fail(throttle, now + minutes * MINUTE - 1)).toBeUndefined();
      now += minutes * MINUTE;
      expect(await fail(throttle, now)).toEqual([throttle.key]);
    }
    now += 8 * MINUTE + LIMIT.window;
    expect(await fail(throttle, now)).toEqual([]);
    expect(await row(throttle.key)).toMatchObject({ lockouts: 0, failures: 1, free: 2, locked_until: null });
  });

  it('leave as many after a lock as the limit says', async () => {
    const throttle = one({ ...LIMIT, failures: 4, afterLock: 2 });
    for (let i = 0; i < 4; i++) await fail(throttle, NOW);
    const now = NOW + MINUTE;
    expect(await fail(throttle, now)).toEqual([]);
    expect(await fail(throttle, now)).toEqual([throttle.key]);
  });

  it('that never end count until the window is over', async () => {
    const throttle = one();
    for (let i = 0; i < 3; i++) await take([throttle], NOW + i);
    expect((await take([throttle], NOW + LIMIT.window - 1)).full).toEqual([throttle.key]);
    expect((await take([throttle], NOW + LIMIT.window)).full).toEqual([]);
  });

  it('are forgotten where somebody has proved to be there, and the others given back', async () => {
    const [mine, place] = [one(), one()];
    await fail(mine, NOW);
    const { taken } = await take([mine, place]);
    await settleTries(system, database, taken, [mine.key]);
    expect(await row(mine.key)).toBeUndefined();
    expect(await row(place.key)).toMatchObject({ free: 3, failures: 0 });
  });

  it('wait for each other in one order: nobody stands in a circle', async () => {
    const throttles = Array.from({ length: 6 }, () => one({ ...LIMIT, failures: 1e6 }));
    const some = (i: number) => throttles.filter((_, n) => (i >> n) & 1).toSorted(() => (i % 2 ? 1 : -1));
    await Promise.all(
      Array.from({ length: 120 }, async (_, i) => {
        const on = i % 2 ? database : second;
        const { taken } = await take(some((i % 62) + 1), NOW, on);
        if (i % 3 === 0) await failTries(system, on, taken.toReversed(), NOW);
        else if (i % 3 === 1) await giveBack(system, on, taken);
        else
          await on.transaction((tx) => settleTries(system, tx, taken, []), { isolation: 'read committed', retries: 0 });
      }),
    );
    const rows = await Promise.all(throttles.map(({ key }) => row(key)));
    for (const { free, failures } of rows.map((found) => found!)) expect(free + failures).toBe(1e6);
  });

  it('that failed, succeeded or are under way never add up to more than the limit', async () => {
    const step = fc.constantFrom('take', 'fail', 'succeed', 'wait');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const throttle = one();
        const open: Taken[] = [];
        let [now, failed] = [NOW, 0];
        for (const what of steps) {
          if (what === 'take') open.push(...(await take([throttle], now)).taken);
          else if (what === 'wait') now += 20_000;
          else {
            const taken = open.shift();
            if (taken && what === 'fail') {
              failed += 1;
              await failTries(system, database, [taken], now);
            } else if (taken) await giveBack(system, database, [taken]);
          }
          const found = await row(throttle.key);
          if (found && found.free + found.failures + open.length > LIMIT.failures) return false;
        }
        return failed <= LIMIT.failures + Math.ceil((now - NOW) / MINUTE) + 1;
      }),
      { numRuns: 40 },
    );
  });
});

describe('the audit', () => {
  it('is to say once a minute that somebody is turned away', async () => {
    const throttle = one();
    await take([throttle]);
    const told = (now: number, on = database) => isToBeTold(system, on, [throttle.key], { now, pause: MINUTE });
    const first = await Promise.all(Array.from({ length: 10 }, (_, i) => told(NOW, i % 2 ? database : second)));
    expect(first.filter(Boolean)).toHaveLength(1);
    expect(await told(NOW + MINUTE - 1)).toBe(false);
    expect(await told(NOW + MINUTE)).toBe(true);
  });
});

describe('rows that count for nothing', () => {
  it('go a few at a time', async () => {
    const late = NOW + 100 * HOUR;
    const old = Array.from({ length: 15 }, () => one());
    for (const throttle of old) await take([throttle]);
    const fresh = one();
    await take([fresh], late);
    const count = async () =>
      Number((await database.query<{ n: bigint }>('SELECT count(*) AS n FROM throttle')).rows[0]!.n);
    const before = await count();
    await sweepTries(system, database, late);
    expect(await count()).toBe(before - 10);
    while (before && (await count()) > 1) await sweepTries(system, database, late);
    expect(await row(fresh.key)).toBeDefined();
  });
});

it.each<[string, () => Promise<unknown>]>([
  ['takeTries', () => takeTries(NO_ACCESS, database, [], NOW)],
  ['giveBack', () => giveBack(NO_ACCESS, database, [])],
  ['failTries', () => failTries(NO_ACCESS, database, [], NOW)],
  ['settleTries', () => settleTries(NO_ACCESS, database, [], [])],
  ['isToBeTold', () => isToBeTold(NO_ACCESS, database, [], { now: NOW, pause: 0 })],
  ['sweepTries', () => sweepTries(NO_ACCESS, database, NOW)],
])('%s() throws without an Access', async (name, call) => {
  await expect(call()).rejects.toThrow(`${name}() without an Access`);
});

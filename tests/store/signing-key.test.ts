import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { Database } from '../../src/store/database.ts';
import { endSigningKeys, findSigningKeys, insertSigningKey, type SigningKeyRow } from '../../src/store/signing-key.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { DAY, NOW } from './people-stage.ts';

let clone: Clone;
let [database, second] = [] as unknown as [Database, Database];
beforeAll(async () => {
  clone = await cloneDatabase();
  [database, second] = [await clone.open(), await clone.open()];
});
afterAll(() => clone.drop());
beforeEach(async () => void (await database.query('DELETE FROM signing_key')));

type New = Omit<SigningKeyRow, 'ends'>;
const key = (kid: string, more: Partial<New> = {}): New => ({
  kid,
  alg: 'ES256',
  made: NOW,
  signs: NOW,
  sealed: randomBytes(40),
  sealed_kid: 'secret',
  ...more,
});
const insert = (one: New) => insertSigningKey(database, one);
const end = (signs: number, ends: number, now: number, alg = 'ES256') =>
  endSigningKeys(database, { alg, signs, ends, now });
const kids = async (now: number) => (await findSigningKeys(database, now)).map(({ kid }) => kid);
const stored = async () =>
  (await database.query<{ kid: string }>('SELECT kid FROM signing_key ORDER BY kid')).rows.map(({ kid }) => kid);

describe('a key', () => {
  it('comes back as it was put, to the millisecond and to the byte', async () => {
    const one = key('a', { made: NOW - 123, signs: NOW + 2 * DAY + 1, sealed: Buffer.from([0, 255, 92, 39, 0, 10]) });
    await insert(one);
    const [row] = await findSigningKeys(second, NOW);
    expect({ ...row, sealed: Buffer.from(row!.sealed) }).toEqual({ ...one, ends: null });
  });

  it('is published before it signs, and as long as nothing follows it', async () => {
    await insert(key('a', { signs: NOW + DAY }));
    expect([await kids(NOW), await kids(NOW + 10_000 * DAY)]).toEqual([['a'], ['a']]);
  });

  it('has its name for itself', async () => {
    await insert(key('a'));
    await expect(insert(key('a', { alg: 'RS256' }))).rejects.toMatchObject({ code: '23505' });
    expect(await findSigningKeys(database, NOW)).toMatchObject([{ alg: 'ES256' }]);
  });

  it('stands behind those that signed before it, whenever it was put', async () => {
    await insert(key('c', { signs: NOW + 2 }));
    await insert(key('b', { signs: NOW + 1 }));
    await insert(key('z', { signs: NOW }));
    await insert(key('a', { signs: NOW + 2 }));
    expect(await kids(NOW)).toEqual(['z', 'b', 'a', 'c']);
  });
});

describe('an end', () => {
  it('is for keys of the algorithm that signed before a time, not at it', async () => {
    await insert(key('before', { signs: NOW - 1 }));
    await insert(key('at'));
    await insert(key('after', { signs: NOW + 1 }));
    await insert(key('other', { signs: NOW - 1, alg: 'RS256' }));
    await end(NOW, NOW + DAY, NOW);
    const ends = Object.fromEntries((await findSigningKeys(database, NOW)).map((row) => [row.kid, row.ends]));
    expect(ends).toEqual({ before: NOW + DAY, at: null, after: null, other: null });
  });

  it('is the last moment at which the key is published no more', async () => {
    await insert(key('a'));
    await end(NOW + 1, NOW + DAY, NOW);
    expect([await kids(NOW + DAY - 1), await kids(NOW + DAY)]).toEqual([['a'], []]);
  });

  it('is never put off by a later one', async () => {
    await insert(key('a'));
    await end(NOW + 1, NOW + DAY, NOW);
    await end(NOW + 1, NOW + 9 * DAY, NOW);
    expect(await findSigningKeys(database, NOW)).toMatchObject([{ ends: NOW + DAY }]);
  });

  it('lets those be forgotten that have ended, of every algorithm, and no other', async () => {
    await insert(key('gone'));
    await insert(key('gone too', { alg: 'RS256' }));
    await end(NOW + 1, NOW + DAY, NOW);
    await end(NOW + 1, NOW + DAY, NOW, 'RS256');
    await insert(key('here', { signs: NOW + DAY }));
    await end(NOW, NOW + 9 * DAY, NOW + DAY - 1);
    expect(await stored()).toEqual(['gone', 'gone too', 'here']);
    await end(NOW, NOW + 9 * DAY, NOW + DAY + 1);
    expect(await stored()).toEqual(['here']);
    expect(await kids(NOW + 100 * DAY)).toEqual(['here']);
  });

  it('given by several at once is that of one of them', async () => {
    await insert(key('a'));
    const times = [1, 2, 3, 4, 5, 6].map((days) => NOW + days * DAY);
    await Promise.all(
      times.map((ends, i) =>
        endSigningKeys(i % 2 ? database : second, { alg: 'ES256', signs: NOW + 1, ends, now: NOW }),
      ),
    );
    expect(times).toContain((await findSigningKeys(database, NOW))[0]?.ends);
  });
});

/** What each step does to a list of keys, as one would say it. */
type Step =
  | { readonly kind: 'make'; readonly alg: string; readonly ahead: number }
  | { readonly kind: 'end'; readonly alg: string; readonly back: number; readonly stays: number }
  | { readonly kind: 'wait'; readonly days: number };

it('whatever is made and ended in whatever order: published are those without an end and those before it', async () => {
  const alg = fc.constantFrom('ES256', 'RS256');
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant('make' as const), alg, ahead: fc.integer({ min: -2, max: 3 }) }),
    fc.record({ kind: fc.constant('end' as const), alg, back: fc.integer({ min: -2, max: 2 }), stays: fc.nat(3) }),
    fc.record({ kind: fc.constant('wait' as const), days: fc.nat(3) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      await database.query('DELETE FROM signing_key');
      const model: { kid: string; alg: string; signs: number; ends: number | null }[] = [];
      let now = NOW;
      for (const [i, one] of steps.entries()) {
        if (one.kind === 'wait') now += one.days * DAY;
        else if (one.kind === 'make') {
          const made = { kid: `k${String(i).padStart(2, '0')}`, alg: one.alg, signs: now + one.ahead * DAY };
          await insert(key(made.kid, made));
          model.push({ ...made, ends: null });
        } else {
          const [signs, ends] = [now - one.back * DAY, now + one.stays * DAY];
          await end(signs, ends, now, one.alg);
          for (const known of model)
            if (known.alg === one.alg && known.signs < signs && known.ends === null) known.ends = ends;
        }
        const published = model
          .filter(({ ends }) => ends === null || ends > now)
          .toSorted((a, b) => a.signs - b.signs || (a.kid < b.kid ? -1 : 1));
        const found = await findSigningKeys(database, now);
        expect(found.map(({ kid, ends }) => ({ kid, ends }))).toEqual(
          published.map(({ kid, ends }) => ({ kid, ends })),
        );
      }
    }),
    { numRuns: 30 },
  );
});

import { createPublicKey } from 'node:crypto';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { Secret } from '../../src/identity/secret.ts';
import { SigningKeys } from '../../src/identity/signing-keys.ts';
import type { Database } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-04-01T00:00:00Z');

let clone: Clone;
let database: Database;
beforeEach(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterEach(() => clone.drop());

function keysAt(clock: { now: number }, secret = new Secret('one', Buffer.alloc(32, 1))): SigningKeys {
  const secrets = { newest: async () => secret, of: async () => secret };
  return new SigningKeys({ database, secrets, now: () => clock.now, log: () => undefined });
}

const kids = (set: { keys: readonly { kid?: string; alg?: string }[] }, alg = 'ES256') =>
  set.keys.filter((key) => key.alg === alg).map(({ kid }) => kid);

it('there is one of each algorithm from the start, and processes that start together have the same', async () => {
  const clock = { now: START };
  const [one, two] = await Promise.all([keysAt(clock).current(), keysAt(clock).current()]);
  expect(one).toEqual(two);
  expect(one.keys.map(({ alg }) => alg)).toEqual(['RS256', 'ES256', 'ES384']);
  expect(new Set(one.keys.map(({ kid }) => kid)).size).toBe(3);
});

it('the next is published before it signs, and the last one stays until its tokens are over', async () => {
  const clock = { now: START };
  const keys = keysAt(clock);
  const other = keysAt(clock);
  const [first] = kids(await keys.current());
  const day = async (days: number, minutes = 0) => {
    clock.now = START + days * DAY + minutes * 60_000;
    await keys.rotate();
    return kids(await other.current());
  };
  expect(await day(87)).toEqual([first]);
  const announced = await day(88, 1);
  expect(announced).toHaveLength(2);
  expect(announced[0]).toBe(first); // the first of the list signs
  const next = announced[1];
  expect(await day(89)).toEqual([first, next]);
  expect(await day(90, 1)).toEqual([next, first]);
  expect(await day(91)).toEqual([next, first]);
  expect(await day(92, 2)).toEqual([next]);
  expect(await day(178)).toEqual([next]);
  expect(await day(179)).toHaveLength(2);
});

it('whoever was asleep for a year goes on at once', async () => {
  const clock = { now: START };
  const [first] = kids(await keysAt(clock).current());
  clock.now = START + 400 * DAY;
  const late = keysAt(clock);
  await late.rotate();
  expect(kids(await late.current())).toEqual([first, expect.any(String)]);
  clock.now += 2 * DAY + 60_000;
  await late.rotate();
  expect(kids(await late.current())[0]).not.toBe(first);
});

it('a token of the last key is verified with what is published after the change', async () => {
  const clock = { now: START };
  const keys = keysAt(clock);
  const signing = (await keys.current()).keys.find(({ alg }) => alg === 'ES384');
  if (!signing) throw new Error('no key');
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES384', kid: signing.kid ?? '' })
    .sign(await importJWK(signing, 'ES384'));
  clock.now = START + 88 * DAY + 1;
  await keys.rotate();
  clock.now = START + 90 * DAY + 60_001;
  await keys.rotate();
  const set = await keys.current();
  expect(set.keys.find(({ alg }) => alg === 'ES384')?.kid).not.toBe(signing.kid);
  const published = set.keys.find(({ kid }) => kid === signing.kid);
  const key = createPublicKey({ key: published as never, format: 'jwk' });
  await expect(jwtVerify(token, key)).resolves.toBeDefined();
});

it('several processes that rotate at once make one key each', async () => {
  const clock = { now: START };
  await keysAt(clock).current();
  clock.now = START + 88 * DAY + 1;
  const processes = [keysAt(clock), keysAt(clock), keysAt(clock)];
  await Promise.all(processes.map((keys) => keys.rotate()));
  const { rows } = await database.query<{ alg: string; n: number }>(
    'SELECT alg, count(*)::int AS n FROM signing_key GROUP BY alg',
  );
  expect(rows.map(({ n }) => n)).toEqual([2, 2, 2]);
});

it('who has the database alone has no key', async () => {
  const clock = { now: START };
  const set = await keysAt(clock).current();
  const { rows } = await database.query<{ text: string }>(
    `SELECT encode(sealed, 'escape') || kid AS text FROM signing_key`,
  );
  for (const key of set.keys) for (const { text } of rows) expect(text).not.toContain(String(key.d));
  await expect(keysAt(clock, new Secret('one', Buffer.alloc(32, 2))).current()).rejects.toThrow();
});

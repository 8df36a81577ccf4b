import { randomUUID } from 'node:crypto';
import type { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import { erasedAmong } from '../../src/store/erased.ts';
import { isBeingErased } from '../../src/store/erasure.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';
import { NO_ACCESS, system } from './people-stage.ts';

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
});
afterAll(() => clone?.drop());

it('the keys of what was erased are known, of either sign, and no others', async () => {
  const list = [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n];
  await database.query(`INSERT INTO erased_resource SELECT unnest($1::bigint[])`, [`{${list.join(',')}}`]);
  expect(await erasedAmong(system, database, [...list, 1n, 2n])).toEqual(new Set(list));
  expect(await erasedAmong(system, database, [])).toEqual(new Set());
  await expect(erasedAmong(NO_ACCESS as Access, database, [1n])).rejects.toThrow('without an Access');
});

it.each([
  ['planned', null, null, false],
  ['running', 'audit', null, true],
  ['done', null, '2027-01-01', false],
  ['cancelled', null, null, false],
])('an institution whose erasure is %s: %s', async (state, step, finished, expected) => {
  const institution = BigInt(Math.floor(Math.random() * 2 ** 40));
  await database.query(
    `INSERT INTO erasure (id, institution, institution_id, contract, ended, due, hash, state, step, finished_at)
     VALUES ($1::uuid, $2::bigint, 'x', $1::text, '2026-12-31', now(), sha256(''), $3, $4, $5::timestamptz)`,
    [randomUUID(), institution, state, step, finished],
  );
  expect(await isBeingErased(system, database, institution)).toBe(expected);
  expect(await isBeingErased(system, database, institution + 1n)).toBe(false);
});

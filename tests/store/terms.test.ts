import { randomUUID } from 'node:crypto';
import { Access } from '../../src/access/access.ts';
import type { Database } from '../../src/store/database.ts';
import {
  acceptances,
  acceptTerms,
  allTerms,
  currentTerms,
  insertTerms,
  type TermsVersion,
  termsDue,
} from '../../src/store/terms.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

const SYSTEM = Access.system('test');
const at = (text: string) => Date.parse(text);
const version = (name: string, effective: string, published = effective): TermsVersion => ({
  version: name,
  published: at(published),
  effective: at(effective),
  prevails: true,
  override: null,
  title: `t ${name}`,
  body: `b ${name}`,
  titleEn: null,
  bodyEn: null,
  document: 'd',
  notice: null,
});

let clone: Clone;
let database: Database;
const [ann, bob] = [randomUUID(), randomUUID()];
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open();
  await database.query(
    `INSERT INTO institution (rid, id, kind, name) VALUES (3, 'clinic', 'medical', 'c'), (4, 'care', 'care', 'k')`,
  );
  for (const [id, institution, login] of [
    [ann, 3, 'ann'],
    [bob, 4, 'bob'],
  ])
    await database.query(
      `INSERT INTO person (id, institution, login, name, roles, created_at, reviewed_at)
       VALUES ($1::uuid, $2::bigint, $3, 'n', '{physician}', now(), now())`,
      [id, institution, login],
    );
});
afterAll(() => clone?.drop());

it('has nothing in force, and nothing due, before any was published', async () => {
  expect(await currentTerms(SYSTEM, database, at('2026-01-01'))).toBeUndefined();
  expect(await termsDue(SYSTEM, database, ann, at('2026-01-01'))).toBe(false);
});

it('has in force what took effect last, to the millisecond; of two the one published later', async () => {
  await insertTerms(SYSTEM, database, version('1', '2026-01-01T00:00:00Z'));
  await insertTerms(SYSTEM, database, version('3', '2026-03-01T00:00:00Z', '2026-01-20T00:00:00Z'));
  await insertTerms(SYSTEM, database, version('2', '2026-03-01T00:00:00Z', '2026-01-10T00:00:00Z'));
  const inForce = async (text: string) => (await currentTerms(SYSTEM, database, at(text)))?.version;
  expect(await inForce('2025-12-31T23:59:59.999Z')).toBeUndefined();
  expect(await inForce('2026-01-01T00:00:00Z')).toBe('1');
  expect(await inForce('2026-02-28T23:59:59.999Z')).toBe('1');
  expect(await inForce('2026-03-01T00:00:00Z')).toBe('3');
  expect((await allTerms(SYSTEM, database)).map((one) => one.version)).toEqual(['3', '2', '1']);
  expect((await allTerms(SYSTEM, database))[2]).toEqual(version('1', '2026-01-01T00:00:00Z'));
});

it('publishes no version twice', async () => {
  await expect(insertTerms(SYSTEM, database, version('1', '2030-01-01'))).rejects.toMatchObject({ code: '23505' });
});

it('is due for each person until that person has accepted what is in force', async () => {
  const [early, late] = [at('2026-02-01'), at('2026-04-01')];
  expect(await acceptTerms(SYSTEM, database, { person: ann, version: '1', at: early })).toBe(true);
  expect(await acceptTerms(SYSTEM, database, { person: ann, version: '1', at: late })).toBe(false);
  expect(await termsDue(SYSTEM, database, ann, early)).toBe(false);
  expect(await termsDue(SYSTEM, database, bob, early)).toBe(true);
  expect(await termsDue(SYSTEM, database, ann, late)).toBe(true);
  expect(await acceptTerms(SYSTEM, database, { person: randomUUID(), version: '1', at: early })).toBe(false);
  await expect(acceptTerms(SYSTEM, database, { person: ann, version: 'none', at: early })).rejects.toMatchObject({
    code: '23503',
  });
});

it('of several at a time accepts one', async () => {
  const tries = Array.from({ length: 8 }, (_, i) =>
    acceptTerms(SYSTEM, database, { person: bob, version: '3', at: i }),
  );
  expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
});

it('tells who has accepted a version and who has not, of one institution or of all, page by page', async () => {
  const asked = { version: '1', institution: null, after: '', limit: 10 };
  const found = await acceptances(SYSTEM, database, asked);
  expect(found.map(({ login, at: time }) => [login, time])).toEqual([
    ['ann', at('2026-02-01')],
    ['bob', null],
  ]);
  expect((await acceptances(SYSTEM, database, { ...asked, institution: 4n })).map(({ login }) => login)).toEqual([
    'bob',
  ]);
  expect((await acceptances(SYSTEM, database, { ...asked, limit: 1 })).map(({ login }) => login)).toEqual(['ann']);
  expect((await acceptances(SYSTEM, database, { ...asked, after: 'ann' })).map(({ login }) => login)).toEqual(['bob']);
});

it('forgets what a person accepted with the account', async () => {
  await database.query('DELETE FROM person WHERE id = $1::uuid', [ann]);
  expect((await database.query('SELECT 1 FROM terms_accepted WHERE person = $1::uuid', [ann])).rows).toEqual([]);
});

it('needs an Access', async () => {
  const none = undefined as unknown as Access;
  await expect(currentTerms(none, database, 0)).rejects.toThrow('Access');
  await expect(allTerms(none, database)).rejects.toThrow('Access');
  await expect(termsDue(none, database, bob, 0)).rejects.toThrow('Access');
  await expect(insertTerms(none, database, version('9', '2026-01-01'))).rejects.toThrow('Access');
});

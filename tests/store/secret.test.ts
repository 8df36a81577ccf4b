import type { Queryable } from '../../src/store/database.ts';
import { answers } from '../../src/store/secret.ts';

const database = (query: () => Promise<unknown>) => ({ query }) as unknown as Queryable;

it.each([
  ['answers', () => Promise.resolve({ rows: [] }), true],
  ['refuses', () => Promise.reject(new Error('gone')), false],
  ['says nothing', () => new Promise(() => undefined), false],
])('a database that %s', async (_, query, expected) => {
  expect(await answers(database(query), 20)).toBe(expected);
});

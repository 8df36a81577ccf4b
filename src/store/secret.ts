import type { Queryable } from './database.ts';

/** The secrets of this database by name; made by the first migration, the same for every process. */
export async function readSecrets(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ name: string; value: string }>('SELECT name, value FROM secret');
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** Whether the database answers now. */
export function answers(database: Queryable): Promise<boolean> {
  return database.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

import type { Queryable } from './database.ts';

/** The secrets of this database by name; made by the first migration, the same for every process. */
export async function readSecrets(database: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ name: string; value: string }>('SELECT name, value FROM secret');
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** Whether the database answers now; one that says nothing in time, as behind a network that is gone, does not. */
export function answers(database: Queryable, withinMs = 3000): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    const tell = (there: boolean) => {
      clearTimeout(timer);
      resolve(there);
    };
    database.query('SELECT 1').then(
      () => tell(true),
      () => tell(false),
    );
  });
}

import type { Database } from '../../../src/store/database.ts';

/** Every row of every table as text, bytes as hexadecimal digits. */
export async function dump(database: Database): Promise<Map<string, string[]>> {
  const { rows: tables } = await database.query<{ name: string }>(
    `SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  const all = new Map<string, string[]>();
  for (const { name } of tables) {
    const { rows } = await database.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
    all.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return all;
}

/** Tables with rows in which the text is, as it is or within bytes. */
export function tablesWith(all: ReadonlyMap<string, readonly string[]>, text: string): string[] {
  const hex = Buffer.from(text).toString('hex');
  const base64 = [0, 1, 2].map((skip) =>
    Buffer.concat([Buffer.alloc(skip), Buffer.from(text)])
      .toString('base64')
      .slice(skip === 0 ? 0 : 4, -4),
  );
  const forms = [text, hex, ...base64.flatMap((one) => [one, Buffer.from(one).toString('hex')])].filter(
    (one) => one.length > 5,
  );
  return [...all].flatMap(([table, rows]) =>
    rows.some((row) => forms.some((form) => row.includes(form))) ? [table] : [],
  );
}

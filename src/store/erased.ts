import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { bigints } from './sql.ts';

/** Which of these keys belonged to resources that were erased. */
export async function erasedAmong(
  access: Access,
  database: Queryable,
  rids: readonly bigint[],
): Promise<ReadonlySet<bigint>> {
  if (!access) throw new Error('erasedAmong() without an Access');
  if (rids.length === 0) return new Set();
  const { rows } = await database.query<{ rid: bigint }>(
    'SELECT rid FROM erased_resource WHERE rid = ANY($1::bigint[])',
    [bigints(rids)],
  );
  return new Set(rows.map(({ rid }) => rid));
}

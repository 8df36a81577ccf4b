import type { Access } from '../access/access.ts';
import type { Leg } from '../access/sight.ts';
import type { Queryable } from './database.ts';
import { narrow } from './narrow.ts';
import { bigints, Values } from './sql.ts';

/**
 * Which of these resources, as the transaction has left them, the token's scopes do not let the caller create, update or delete. Asks
 * nothing where scopes leave the types whole.
 */
export async function outOfScope(
  access: Access,
  transaction: Queryable,
  rids: readonly bigint[],
  types: readonly string[],
  leg: Extract<Leg, 'create' | 'update' | 'delete'>,
): Promise<ReadonlySet<bigint>> {
  if (!access) throw new Error('outOfScope() without an Access');
  const values = new Values();
  const { condition } = narrow('r', access, values, types, leg);
  if (rids.length === 0 || condition === undefined) return new Set();
  const { rows } = await transaction.query<{ rid: bigint }>(
    `SELECT r.rid FROM resource r WHERE r.rid = ANY(${values.add(bigints(rids), 'bigint[]')}) AND (${condition}) IS NOT TRUE`,
    values.list,
  );
  return new Set(rows.map(({ rid }) => rid));
}

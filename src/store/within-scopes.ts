import type { Access } from '../access/access.ts';
import { type Leg, scopesExtent } from '../access/sight.ts';
import type { Queryable } from './database.ts';
import { anyPart } from './narrow.ts';
import { Values } from './sql.ts';

/**
 * Whether the token's scopes reach this very resource on a way, whatever the person's roles: a scope that is narrowed to a patient or by a query
 * does so only for what it is narrowed to. What the policy says of the resource is for the operation to ask, which may act as the system.
 */
export async function isWithinScopes(
  access: Access,
  database: Queryable,
  { type, id, rid }: { readonly type: string; readonly id: string; readonly rid: bigint },
  leg: Leg,
): Promise<boolean> {
  if (!access) throw new Error('isWithinScopes() without an Access');
  const extent = scopesExtent(access, type, leg);
  if (extent === 'all' || extent === 'none') return extent === 'all';
  const values = new Values();
  const { rows } = await database.query(
    `SELECT 1 FROM resource r WHERE r.rid = ${values.add(rid, 'bigint')} AND r.id = ${values.add(id, 'text')}
       AND ${anyPart(extent, 'r', values)}`,
    values.list,
  );
  return rows.length > 0;
}

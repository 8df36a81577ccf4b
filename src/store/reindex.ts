import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import type { IndexRows } from './rows.ts';
import { type Column, rowset } from './rowset.ts';
import { Values } from './sql.ts';
import { indexParts } from './write.ts';

/** By which release of the indexing rules the index rows were made. */
export interface IndexState {
  readonly release: number;
  /** Key of the last resource that a renewal under way is done with; null where none is. */
  readonly after: bigint | null;
}

/** A current resource with its bytes, to be indexed again. */
export interface Current {
  readonly rid: bigint;
  readonly version: number;
  readonly patient: bigint | null;
  readonly patients: readonly bigint[] | null;
  readonly content: Buffer;
}

/** The state as it is, and nobody else renews before the end of the transaction. */
export async function lockIndexState(access: Access, transaction: Queryable): Promise<IndexState> {
  if (!access) throw new Error('lockIndexState() without an Access');
  const { rows } = await transaction.query<IndexState & Record<string, unknown>>(
    'SELECT release, after FROM index_state FOR UPDATE',
  );
  return rows[0] as IndexState;
}

export async function putIndexState(access: Access, transaction: Queryable, state: IndexState): Promise<void> {
  if (!access) throw new Error('putIndexState() without an Access');
  await transaction.query('UPDATE index_state SET release = $1::int, after = $2::bigint', [state.release, state.after]);
}

/** The next current resources in the order of their keys; none of them changes before the end of the transaction. */
export async function currentAfter(
  access: Access,
  transaction: Queryable,
  after: bigint | null,
  limit: number,
): Promise<Current[]> {
  if (!access.isSystem) throw new Error('all resources are for the system alone');
  const { rows } = await transaction.query<Current & Record<string, unknown>>(
    `SELECT r.rid, r.version, r.patient, r.patients, v.content FROM resource r JOIN resource_version v USING (rid, version)
     WHERE NOT r.deleted AND r.rid > coalesce($1::bigint, (-9223372036854775808)::bigint) ORDER BY r.rid LIMIT $2::int FOR UPDATE OF r`,
    [after, limit],
  );
  return rows;
}

type Renewed = Current & { readonly rows: IndexRows };

const COLUMNS: readonly Column<Renewed>[] = [
  { name: 'rid', type: 'bigint', of: ({ rid }) => rid },
  { name: 'keys', type: 'bigint[]', of: ({ rows }) => rows.keys },
];

/** Puts other index rows in the place of those that the resources have; their versions stay as they are. */
export async function replaceIndex(
  access: Access,
  transaction: Queryable,
  resources: readonly Renewed[],
): Promise<void> {
  if (!access) throw new Error('replaceIndex() without an Access');
  if (resources.length === 0) return;
  const values = new Values();
  const replaced = resources.map(({ rid, patient, patients, rows }) => ({
    rid,
    rows,
    replaces: true,
    patients: patients ?? (patient === null ? [] : [patient]),
  }));
  const parts = indexParts(replaced, values);
  const update = `UPDATE resource r SET keys = u.keys::bigint[] FROM ${rowset(resources, COLUMNS, values)} WHERE r.rid = u.rid`;
  await transaction.query(`WITH ${parts.join(',\n')} ${update}`, values.list);
}

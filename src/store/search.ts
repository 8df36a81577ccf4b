import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import { Compilation, condition, isAnchored, live, sortExpression } from './compile.ts';
import type { Queryable } from './database.ts';
import type { Include, SearchPlan, Sort } from './query.ts';
import { Values } from './sql.ts';
import { visible } from './visible.ts';

export interface FoundRow {
  readonly mode: 'match' | 'include';
  readonly rid: bigint;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly updated: number;
  readonly patient: bigint | null;
  readonly patients: readonly bigint[] | null;
  /** The bytes as stored. */
  readonly content: Buffer;
}

/** Where a page ended: the sort values of its last match, then its rid (as text, for it is 64 bits). */
export type Position = readonly (number | string | null)[];

export interface Found {
  readonly rows: readonly FoundRow[];
  /** Present when there are more matches. */
  readonly next?: Position;
  /** All matches that the caller may see; known when asked for, or when one page holds them all. */
  readonly total?: number;
}

/** More included resources than this are refused: an answer is never cut silently. */
export const MAX_INCLUDED = 2000;

/** One page of a search with its includes, in one statement; the total, where it is asked for, in a second. */
export async function search(access: Access, database: Queryable, plan: SearchPlan, after?: Position): Promise<Found> {
  if (plan.count === 0) return { rows: [], total: await count(access, database, plan) };
  const sorts = orderOf(plan.sort);
  const c = new Compilation(access, new Values());
  const { rows } = await database.query(pageStatement(plan, sorts, c, after), c.values.list);
  const matches = rows.filter((row) => row.mode === 'match');
  const included = rows.filter((row) => row.mode === 'include');
  if (included.length > MAX_INCLUDED) {
    throw refuse.badRequest(
      `More than ${MAX_INCLUDED} resources would be included; ask for fewer matches (_count) or fewer includes`,
      undefined,
      'too-costly',
    );
  }
  const more = matches.length > plan.count;
  if (more) matches.pop();
  const last = matches.at(-1);
  const next =
    more && last
      ? sorts.map((sort, i) => (sort.by === 'rid' ? String(last.rid) : (last[`s${i}`] as number | string | null)))
      : undefined;
  const complete = !more && after === undefined;
  const total = complete ? matches.length : plan.total ? await count(access, database, plan) : undefined;
  return {
    rows: [...matches, ...included] as unknown as FoundRow[],
    ...(next && { next }),
    ...(total !== undefined && { total }),
  };
}

/** How many resources match and are visible. */
export async function count(access: Access, database: Queryable, plan: SearchPlan): Promise<number> {
  const c = new Compilation(access, new Values());
  const text = `SELECT count(*)::float8 AS total FROM resource r WHERE ${matching(plan, c)}`;
  const { rows } = await database.query(text, c.values.list);
  return rows[0]?.total as number;
}

/** At most `limit` resources that match and are visible, as keys: for conditional interactions and references. */
export async function matchingRids(
  access: Access,
  database: Queryable,
  plan: SearchPlan,
  limit: number,
): Promise<{ rid: bigint; id: string }[]> {
  const c = new Compilation(access, new Values());
  const text = `SELECT r.rid, r.id FROM resource r WHERE ${matching(plan, c)} ORDER BY r.rid LIMIT ${c.values.add(limit, 'int')}`;
  const { rows } = await database.query(text, c.values.list);
  return rows as unknown as { rid: bigint; id: string }[];
}

const matching = (plan: SearchPlan, c: Compilation) =>
  `${live('r', [plan.type], c.values, isAnchored(plan.query))} AND ${condition(plan.query, 'r', c)} AND ${visible('r', c.access, c.values, [plan.type], 'search')}`;

/** The resource key is the last key of every order, so that it is total and pages neither repeat nor skip. */
const orderOf = (sort: readonly Sort[]): readonly Sort[] =>
  sort.at(-1)?.by === 'rid' ? sort : [...sort, { by: 'rid', desc: false }];

function pageStatement(plan: SearchPlan, sorts: readonly Sort[], c: Compilation, after?: Position): string {
  const keys = sorts.map((sort, i) => `${sortExpression(sort, 'r', c, isAnchored(plan.query))} AS s${i}`);
  const order = sorts.map((sort, i) => `s${i} ${sort.desc ? 'DESC' : 'ASC'} NULLS LAST`).join(', ');
  const columns = 'rid, type, id, version, updated, patient, patients';
  const page = `SELECT * FROM (SELECT ${columns.replaceAll(/\w+/g, 'r.$&')}, r.keys, ${keys.join(', ')} FROM resource r WHERE ${matching(plan, c)}) found
    ${after ? `WHERE ${beyond(sorts, after, c.values)}` : ''} ORDER BY ${order} LIMIT ${c.values.add(plan.count + 1, 'int')}`;
  const sortColumns = sorts.map((_, i) => `s${i}`);
  const matches =
    `SELECT 'match' AS mode, ${columns}, ${sortColumns.join(', ')}, v.content FROM page JOIN resource_version v USING (rid, version)`.replace(
      columns,
      columns.replaceAll(/\w+/g, 'page.$&'),
    );
  if (plan.includes.length === 0) return `WITH page AS (${page}) ${matches} ORDER BY ${order}`;
  const shown = `shown AS (SELECT rid, keys FROM page ORDER BY ${order} LIMIT ${c.values.add(plan.count, 'int')})`;
  const included = plan.includes.map((include) => `(${candidates(include, c)})`).join(' UNION ');
  const nothing = sorts
    .map(
      (sort) => `NULL::${sort.by === 'string' || sort.by === 'id' ? 'text' : sort.by === 'rid' ? 'bigint' : 'float8'}`,
    )
    .join(', ');
  return `WITH page AS (${page}), ${shown}, included AS (${included} LIMIT ${c.values.add(MAX_INCLUDED + 1, 'int')})
    SELECT * FROM (${matches} UNION ALL SELECT 'include', ${columns.replaceAll(/\w+/g, 't.$&')}, ${nothing}, v.content
      FROM included JOIN resource t ON t.rid = included.rid JOIN resource_version v ON v.rid = t.rid AND v.version = t.version
      WHERE t.rid NOT IN (SELECT rid FROM shown)) answer
    ORDER BY mode DESC, ${order}`;
}

/** Rids of what an include would add; each candidate is visible before anything is counted or cut. */
function candidates(include: Include, c: Compilation): string {
  const leg = c.alias();
  const salt = c.values.add(include.salt, 'bigint');
  const reached = include.reverse
    ? `${leg}.keys && ARRAY(SELECT shown.rid # ${salt} FROM shown)`
    : `${leg}.rid = ANY(ARRAY(SELECT k.key # ${salt} FROM shown, unnest(shown.keys) AS k(key)))`;
  return `SELECT ${leg}.rid FROM resource ${leg} WHERE ${live(leg, include.types, c.values, true)} AND ${reached} AND ${visible(leg, c.access, c.values, include.types, 'read')}`;
}

/** Rows after the position in the order: equal in the first keys, beyond it in the next; a missing value comes last. */
function beyond(sorts: readonly Sort[], after: Position, values: Values): string {
  if (after.length !== sorts.length)
    throw refuse.badRequest('The page link does not fit this search; start again from the first page');
  const cast = (sort: Sort) =>
    sort.by === 'rid' ? 'bigint' : sort.by === 'string' || sort.by === 'id' ? 'text' : 'float8';
  const at = sorts.map((sort, i) => values.add(after[i], cast(sort)));
  const any = sorts.flatMap((sort, i) => {
    if (after[i] === null) return [];
    const equal = sorts.slice(0, i).map((_, k) => `s${k} IS NOT DISTINCT FROM ${at[k]}`);
    const further = `(s${i} ${sort.desc ? '<' : '>'} ${at[i]}${sort.by === 'rid' ? '' : ` OR s${i} IS NULL`})`;
    return [[...equal, further].join(' AND ')];
  });
  return `(${any.map((all) => `(${all})`).join(' OR ')})`;
}

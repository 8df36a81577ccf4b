import type { Access } from '../access/access.ts';
import type { Query, Sort } from './query.ts';
import { rowCondition } from './row-condition.ts';
import type { Values } from './sql.ts';
import { visible } from './visible.ts';

/** The state of one statement's compilation. Aliases are numbered, so that legs never share one. */
export class Compilation {
  readonly access: Access;
  readonly values: Values;
  #legs = 0;

  constructor(access: Access, values: Values) {
    if (!access) throw new Error('a query without an Access');
    this.access = access;
    this.values = values;
  }

  alias(): string {
    return `l${++this.#legs}`;
  }
}

/** The query tree as a condition on `alias` (a row of `resource`). Each leg that reaches another resource asks `visible` of it. */
export function condition(query: Query, alias: string, c: Compilation): string {
  return rowCondition(query, alias, c.values, (leg, from) =>
    leg.kind === 'refersTo' ? refersTo(leg, from, c) : referredBy(leg, from, c),
  );
}

/**
 * A chain, found from the far end: the visible resources that match, and the keys that refer to them. A reference key is the
 * parameter's salt XOR the target's rid, so the set of keys is computed in the statement and looked up in the GIN index.
 */
function refersTo(query: Extract<Query, { kind: 'refersTo' }>, alias: string, c: Compilation): string {
  const leg = c.alias();
  const any = query.salts.map(
    (salt) => `${alias}.keys && ARRAY(SELECT ${leg}.rid # ${c.values.add(salt, 'bigint')} FROM resource ${leg}
      WHERE ${live(leg, query.types, c.values, isAnchored(query.query))} AND ${condition(query.query, leg, c)} AND ${visible(leg, c.access, c.values, query.types, 'search')})`,
  );
  return any.length === 0 ? 'FALSE' : `(${any.join(' OR ')})`;
}

/** `_has`: XOR with the salt turns the keys of the referring resources back into the rids of what they refer to. */
function referredBy(query: Extract<Query, { kind: 'referredBy' }>, alias: string, c: Compilation): string {
  const leg = c.alias();
  return `${alias}.rid IN (SELECT k.key # ${c.values.add(query.salt, 'bigint')} FROM resource ${leg}, unnest(${leg}.keys) AS k(key)
    WHERE ${live(leg, [query.type], c.values, isAnchored(query.query))} AND ${condition(query.query, leg, c)} AND ${visible(leg, c.access, c.values, [query.type], 'search')})`;
}

/**
 * Whether every match must have an index row or key of its type, so that the planner needs no other way in. Keys and parameter numbers
 * are hashes over the type, and a deleted resource has none.
 */
export function isAnchored(query: Query): boolean {
  switch (query.kind) {
    case 'and':
      return query.all.some(isAnchored);
    case 'or':
      return query.any.length > 0 && query.any.every(isAnchored);
    case 'keys':
    case 'range':
    case 'string':
    case 'present':
    case 'refersTo':
    case 'rids':
      return true;
    case 'not':
    case 'updated':
    case 'referredBy':
      return false;
    default:
      return query satisfies never;
  }
}

/**
 * Rows of these types that are not deleted. Beside an anchored query this is a check and no way in: an expression that no index
 * knows keeps the planner from joining the type's whole index to a handful of rows.
 */
export function live(alias: string, types: readonly string[], values: Values, anchored = false): string {
  const one = types.length === 1;
  const of = one ? `= ${values.once(`type:${types[0]}`, types[0], 'text')}` : `= ANY(${values.add(types, 'text[]')})`;
  if (anchored) return `CASE WHEN ${alias}.deleted THEN NULL ELSE ${alias}.type END ${of}`;
  return `NOT ${alias}.deleted AND ${alias}.type ${of}`;
}

/** A sort key as an expression, and how a row without the value compares: nulls last in both directions. */
export function sortExpression(sort: Sort, alias: string, c: Compilation, anchored: boolean): string {
  switch (sort.by) {
    case 'rid':
      // Sorted, where few rows are expected; otherwise read in the order of the index on (type, rid).
      return anchored ? `${alias}.rid + 0` : `${alias}.rid`;
    case 'id':
      return `${alias}.id`;
    case 'updated':
      return `${alias}.updated`;
    case 'range':
      return `(SELECT ${sort.desc ? 'max(x.low)' : 'min(x.low)'} FROM range x WHERE x.rid = ${alias}.rid AND x.param = ${c.values.add(sort.param, 'bigint')})`;
    case 'string':
      return `(SELECT ${sort.desc ? 'max(x.value)' : 'min(x.value)'} FROM string x WHERE x.rid = ${alias}.rid AND x.param = ${c.values.add(sort.param, 'bigint')})`;
    default:
      return sort satisfies never;
  }
}

import type { Query, RangeTest } from './query.ts';
import { bigints, type Values } from './sql.ts';

/** The nodes that lead to other resources. */
export type LegQuery = Extract<Query, { kind: 'refersTo' | 'referredBy' }>;
/** What turns such a node into SQL; or refuses to, where only the row itself may be looked at. */
export type Legs = (query: LegQuery, alias: string) => string;

/** The query tree as a condition on `alias`, a row of `resource`; of other resources only what `legs` makes of them. */
export function rowCondition(query: Query, alias: string, values: Values, legs: Legs): string {
  switch (query.kind) {
    case 'and':
      return conjunction(query.all, alias, values, legs);
    case 'or':
      return query.any.length === 0
        ? 'FALSE'
        : `(${query.any.map((q) => rowCondition(q, alias, values, legs)).join(' OR ')})`;
    case 'not':
      return `NOT ${rowCondition(query.query, alias, values, legs)}`;
    case 'keys':
      return `${alias}.keys && ${values.add(bigints(query.any), 'bigint[]')}`;
    case 'range':
      return `EXISTS (SELECT 1 FROM range x WHERE x.rid = ${alias}.rid AND x.param = ${values.add(query.param, 'bigint')}
        AND ${test('x.low', 'x.high', query.test, values)}${query.units ? ` AND x.unit = ANY(${values.add(bigints(query.units), 'bigint[]')})` : ''})`;
    case 'string':
      return `EXISTS (SELECT 1 FROM string x WHERE x.rid = ${alias}.rid AND x.param = ${values.add(query.param, 'bigint')} AND ${text(query, values)})`;
    case 'present':
      return `EXISTS (SELECT 1 FROM ${query.table} x WHERE x.rid = ${alias}.rid AND x.param = ${values.add(query.param, 'bigint')})`;
    case 'updated':
      return test(`${alias}.updated`, `${alias}.updated`, query.test, values);
    case 'rids':
      return `${alias}.rid = ANY(${values.add(bigints(query.any), 'bigint[]')})`;
    case 'refersTo':
    case 'referredBy':
      return legs(query, alias);
    default:
      return query satisfies never;
  }
}

/** Keys that must all be there go into one GIN search, which intersects them. */
function conjunction(all: readonly Query[], alias: string, values: Values, legs: Legs): string {
  const flat = all.flatMap((q) => (q.kind === 'and' ? q.all : [q]));
  if (flat.some((q) => q.kind === 'and')) return conjunction(flat, alias, values, legs);
  const single = flat.flatMap((q) => (q.kind === 'keys' && q.any.length === 1 ? q.any : []));
  const rest = flat.filter((q) => !(q.kind === 'keys' && q.any.length === 1));
  const parts = rest.map((q) => rowCondition(q, alias, values, legs));
  if (single.length > 0) parts.unshift(`${alias}.keys @> ${values.add(bigints([...new Set(single)]), 'bigint[]')}`);
  return parts.length === 0 ? 'TRUE' : `(${parts.join(' AND ')})`;
}

function test(low: string, high: string, ranges: RangeTest, values: Values): string {
  const column = { low, high };
  const any = ranges.map(
    (all) =>
      `(${all.map((b) => `${column[b.column]} ${b.op} ${values.add(b.value, 'float8')}`).join(' AND ') || 'TRUE'})`,
  );
  return any.length === 0 ? 'FALSE' : `(${any.join(' OR ')})`;
}

function text(query: Extract<Query, { kind: 'string' }>, values: Values): string {
  const value = cut(query.value);
  if (query.mode === 'contains') return `position(${values.add(value, 'text')} IN x.value) > 0`;
  // In collation C all strings with a prefix lie between it and the prefix followed by the last code point.
  return `x.value >= ${values.add(value, 'text')} AND x.value < ${values.add(`${value}\u{10ffff}`, 'text')}`;
}

/** As long as the index keeps a string: 600 code points. */
const cut = (text: string) => (text.length <= 600 ? text : [...text].slice(0, 600).join(''));

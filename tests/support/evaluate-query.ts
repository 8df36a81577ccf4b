import type { Bound, Include, Query, RangeTest, SearchPlan, Sort } from '../../src/store/query.ts';
import type { IndexRows } from '../../src/store/rows.ts';

/**
 * What a search must find, worked out in memory from the definition of each node: the model against which the SQL, and what makes
 * the rows and the tree, are tested.
 */
export interface Row {
  readonly rid: bigint;
  readonly type: string;
  readonly id?: string;
  readonly rows: IndexRows;
  /** `meta.lastUpdated`, epoch milliseconds. */
  readonly updated: number;
}

/** Resource keys of the visible rows that the query matches, of any type; chains pass only through visible rows. */
export function evaluate(
  query: Query,
  rows: readonly Row[],
  visible: (row: Row) => boolean = () => true,
): ReadonlySet<bigint> {
  const seen = rows.filter(visible);
  return new Set(seen.filter((row) => matches(query, row, seen)).map((row) => row.rid));
}

export interface Found {
  /** All matches, in the order of the plan; ties by resource key, upwards. */
  readonly matches: readonly bigint[];
  /** The first page of them. */
  readonly page: readonly bigint[];
  /** What the page includes, without the page itself. */
  readonly included: ReadonlySet<bigint>;
}

export function evaluatePlan(
  plan: SearchPlan,
  rows: readonly Row[],
  visible: (row: Row) => boolean = () => true,
): Found {
  const seen = rows.filter(visible);
  const found = seen.filter((row) => row.type === plan.type && matches(plan.query, row, seen)).sort(order(plan.sort));
  const page = found.slice(0, plan.count);
  const onPage = new Set(page.map((row) => row.rid));
  const included = seen.filter((row) => !onPage.has(row.rid) && plan.includes.some((one) => includes(one, row, page)));
  return {
    matches: found.map((row) => row.rid),
    page: [...onPage],
    included: new Set(included.map((row) => row.rid)),
  };
}

function matches(query: Query, row: Row, all: readonly Row[]): boolean {
  switch (query.kind) {
    case 'and':
      return query.all.every((part) => matches(part, row, all));
    case 'or':
      return query.any.some((part) => matches(part, row, all));
    case 'not':
      return !matches(query.query, row, all);
    case 'keys':
      return query.any.some((key) => row.rows.keys.includes(key));
    case 'range':
      return row.rows.ranges.some(
        (one) =>
          one.param === query.param && passes(query.test, one) && (!query.units || query.units.includes(one.unit)),
      );
    case 'string':
      return row.rows.strings.some(
        ({ param, value }) =>
          param === query.param &&
          (query.mode === 'prefix' ? value.startsWith(query.value) : value.includes(query.value)),
      );
    case 'present':
      return row.rows[query.table === 'range' ? 'ranges' : 'strings'].some((one) => one.param === query.param);
    case 'updated':
      return passes(query.test, { low: row.updated, high: row.updated });
    case 'rids':
      return query.any.includes(row.rid);
    case 'refersTo':
      return all.some(
        (target) =>
          query.types.includes(target.type) &&
          query.salts.some((salt) => row.rows.keys.includes(salt ^ target.rid)) &&
          matches(query.query, target, all),
      );
    case 'referredBy':
      return all.some(
        (source) =>
          source.type === query.type &&
          source.rows.keys.includes(query.salt ^ row.rid) &&
          matches(query.query, source, all),
      );
    default:
      return query satisfies never;
  }
}

function passes(test: RangeTest, range: { readonly low: number; readonly high: number }): boolean {
  return test.some((bounds) => bounds.every((bound) => holds(bound, range[bound.column])));
}

function holds({ op, value }: Bound, stored: number): boolean {
  switch (op) {
    case '<':
      return stored < value;
    case '<=':
      return stored <= value;
    case '>':
      return stored > value;
    case '>=':
      return stored >= value;
    default:
      return op satisfies never;
  }
}

function includes({ reverse, salt, types }: Include, row: Row, page: readonly Row[]): boolean {
  if (!types.includes(row.type)) return false;
  return page.some((match) =>
    reverse ? row.rows.keys.includes(salt ^ match.rid) : match.rows.keys.includes(salt ^ row.rid),
  );
}

type SortValue = bigint | number | string | null;

/** Rows without a value come last in either direction. */
function order(sort: readonly Sort[]): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const rule of sort) {
      const left = sortValue(rule, a);
      const right = sortValue(rule, b);
      if (left === right) continue;
      if (left === null) return 1;
      if (right === null) return -1;
      return compare(left, right) * (rule.desc ? -1 : 1);
    }
    return compare(a.rid, b.rid);
  };
}

/** Of several values the first in the direction of the sort. */
function sortValue(sort: Sort, row: Row): SortValue {
  if (sort.by === 'rid') return row.rid;
  if (sort.by === 'updated') return row.updated;
  if (sort.by === 'id') return row.id ?? '';
  const values: SortValue[] =
    sort.by === 'range'
      ? row.rows.ranges.filter(({ param }) => param === sort.param).map(({ low }) => low)
      : row.rows.strings.filter(({ param }) => param === sort.param).map(({ value }) => value);
  const [first = null] = values.sort((a, b) => compare(a, b) * (sort.desc ? -1 : 1));
  return first;
}

/** Text is compared by code point, as PostgreSQL's collation C does. */
function compare(a: SortValue, b: SortValue): number {
  if (typeof a === 'string' && typeof b === 'string') return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (a === null || b === null || a === b) return 0;
  return a < b ? -1 : 1;
}

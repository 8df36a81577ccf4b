import { refuse } from '../http/errors.ts';
import type { Bound as Limit, Query, RangeTest, SearchPlan } from '../store/query.ts';
import type { IndexRows } from '../store/rows.ts';
import type { Change, Engine, Resolved } from './engine.ts';
import { indexResource } from './indexing/index.ts';
import { rewritten } from './references.ts';

interface Row {
  readonly rid: bigint;
  readonly id: string;
  readonly rows: IndexRows;
}

/**
 * What a transaction is about to make, as the index will know it: conditional references are resolved as if all that the
 * transaction writes were written (https://hl7.org/fhir/R4/http.html#trules, the fifth rule).
 */
export class Beside {
  readonly #engine: Engine;
  readonly #changes: readonly Change[];
  readonly #resolved: readonly Resolved[];
  readonly #target: (text: string) => string | undefined;
  readonly #changed = new Map<string, ReadonlySet<bigint>>();
  readonly #rows = new Map<string, readonly Row[]>();

  constructor(
    engine: Engine,
    changes: readonly Change[],
    resolved: readonly Resolved[],
    target: (text: string) => string | undefined,
  ) {
    this.#engine = engine;
    this.#changes = changes;
    this.#resolved = resolved;
    this.#target = target;
  }

  /** Resources of the type that the transaction writes or deletes: what the database has of them will not stay. */
  changed(type: string): ReadonlySet<bigint> {
    const known = this.#changed.get(type);
    if (known) return known;
    const { keys } = this.#engine;
    const rids = this.#resolved.flatMap((r) =>
      r.type === type && !r.found && r.id !== undefined ? [keys.rid(type, r.id)] : [],
    );
    const changed = new Set(rids);
    this.#changed.set(type, changed);
    return changed;
  }

  /** Resources that the transaction makes or changes and that match. Throws 400 for a chain, which leads out of it. */
  matching({ type, query }: SearchPlan): Row[] {
    const known = this.#rows.get(type) ?? this.#index(type);
    this.#rows.set(type, known);
    return known.filter((row) => matches(query, row, this.#engine.now()));
  }

  #index(type: string): Row[] {
    const { keys, baseUrl, zone } = this.#engine;
    return this.#resolved.flatMap((r, i) => {
      const { resource, decimals } = this.#changes[i] as Change;
      if (r.type !== type || r.found || r.id === undefined || r.interaction === 'delete' || !resource) return [];
      const bound = { ...rewritten(resource, this.#target), id: r.id };
      const plain = decimals ? JSON.parse(JSON.stringify(bound)) : bound;
      return [{ rid: keys.rid(type, r.id), id: r.id, rows: indexResource(plain, { keys, baseUrl, zone }) }];
    });
  }
}

function matches(query: Query, row: Row, now: number): boolean {
  const { keys, ranges, strings } = row.rows;
  switch (query.kind) {
    case 'and':
      return query.all.every((one) => matches(one, row, now));
    case 'or':
      return query.any.some((one) => matches(one, row, now));
    case 'not':
      return !matches(query.query, row, now);
    case 'keys':
      return query.any.some((key) => keys.includes(key));
    case 'range':
      return ranges.some(
        (one) => one.param === query.param && within(query.test, one) && (query.units?.includes(one.unit) ?? true),
      );
    case 'string':
      return strings.some(
        ({ param, value }) =>
          param === query.param &&
          (query.mode === 'contains' ? value.includes(query.value) : value.startsWith(query.value)),
      );
    case 'present':
      return (query.table === 'range' ? ranges : strings).some(({ param }) => param === query.param);
    case 'updated':
      return within(query.test, { low: now, high: now });
    case 'rids':
      return query.any.includes(row.rid);
    case 'refersTo':
    case 'referredBy':
      throw refuse.badRequest(
        'A chain or _has cannot choose among the resources of the same transaction; refer to them by fullUrl',
        undefined,
        'not-supported',
      );
    default:
      return query satisfies never;
  }
}

const within = (test: RangeTest, range: { readonly low: number; readonly high: number }) =>
  test.some((all) => all.every((limit) => holds(limit, range[limit.column])));

function holds({ op, value }: Limit, stored: number): boolean {
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

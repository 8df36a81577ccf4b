/**
 * The query tree: a condition on resources that the search floor makes and `store/compile.ts` turns into SQL. It knows no FHIR:
 * parameters and values come as 64-bit keys (store/keys.ts), dates as epoch milliseconds, numbers as doubles.
 * Every node is readonly; the compiler switches over `kind` exhaustively. It stands here because a scope may narrow by one.
 */
export type Query =
  | { readonly kind: 'and'; readonly all: readonly Query[] }
  | { readonly kind: 'or'; readonly any: readonly Query[] }
  | { readonly kind: 'not'; readonly query: Query }
  /** The resource carries at least one of these index keys. */
  | { readonly kind: 'keys'; readonly any: readonly bigint[] }
  /** The resource has a row of `param` in the range table that passes the test (and has the unit, if one is given). */
  | { readonly kind: 'range'; readonly param: bigint; readonly test: RangeTest; readonly units?: readonly bigint[] }
  /** The resource has a folded string of `param` that starts with, or contains, the (folded) value. */
  | { readonly kind: 'string'; readonly param: bigint; readonly mode: 'prefix' | 'contains'; readonly value: string }
  /** The resource has any row of `param` in the range or string table. */
  | { readonly kind: 'present'; readonly table: 'range' | 'string'; readonly param: bigint }
  /** `meta.lastUpdated`, in epoch milliseconds; `low` and `high` are both that instant. */
  | { readonly kind: 'updated'; readonly test: RangeTest }
  /** One of these resources, by resource key (`_id`). */
  | { readonly kind: 'rids'; readonly any: readonly bigint[] }
  /** Chain: refers through one of `salts` (reference parameters) to a resource of `types` that matches and is visible. */
  | {
      readonly kind: 'refersTo';
      readonly salts: readonly bigint[];
      readonly types: readonly string[];
      readonly query: Query;
    }
  /** `_has`: a visible resource of `type` that matches refers to this one through `salt`. */
  | { readonly kind: 'referredBy'; readonly salt: bigint; readonly type: string; readonly query: Query };

/** A disjunction of conjunctions over the bounds of a stored range: `[[a, b], [c]]` is (a and b) or c. */
export type RangeTest = readonly (readonly Bound[])[];
export interface Bound {
  readonly column: 'low' | 'high';
  readonly op: '<' | '<=' | '>' | '>=';
  readonly value: number;
}

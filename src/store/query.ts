import type { Query } from '../access/query.ts';

export type { Bound, Query, RangeTest } from '../access/query.ts';

/** Rows without a value of the sort key come last in either direction; the resource key breaks ties. */
export type Sort =
  | { readonly by: 'rid'; readonly desc: boolean }
  | { readonly by: 'id'; readonly desc: boolean }
  | { readonly by: 'updated'; readonly desc: boolean }
  | { readonly by: 'range'; readonly param: bigint; readonly desc: boolean }
  | { readonly by: 'string'; readonly param: bigint; readonly desc: boolean };

/** Include: visible resources that a match refers to (or, `reverse`, that refer to a match) through `salt`. */
export interface Include {
  readonly reverse: boolean;
  readonly salt: bigint;
  /** Types that the included resource may have. */
  readonly types: readonly string[];
}

export interface SearchPlan {
  readonly type: string;
  readonly query: Query;
  readonly sort: readonly Sort[];
  readonly includes: readonly Include[];
  /** Matches on a page, 0 for none (`_summary=count`). */
  readonly count: number;
  readonly total: boolean;
}

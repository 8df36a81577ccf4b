import type { Query } from '../../store/query.ts';

/** Frozen nodes of the query tree; the smallest that says the same. */
export const and = (all: readonly Query[]): Query =>
  all.length === 1 && all[0] ? all[0] : Object.freeze({ kind: 'and', all });
export const or = (any: readonly Query[]): Query =>
  any.length === 1 && any[0] ? any[0] : Object.freeze({ kind: 'or', any });
export const not = (query: Query): Query => Object.freeze({ kind: 'not', query });
export const keys = (any: readonly bigint[]): Query => Object.freeze({ kind: 'keys', any: [...new Set(any)] });

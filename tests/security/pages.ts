import type { SearchPlan } from '../../src/store/query.ts';
import { evaluatePlan } from '../support/evaluate-query.ts';
import { type Laid, nameOf } from './ground.ts';

/** One page of a search as it is compared: resources as `Type/id/version`, the matches in their order. */
export interface Page {
  readonly matches: readonly string[];
  /** Sorted: their order is nobody's promise. */
  readonly included: readonly string[];
  readonly total: number | undefined;
}

/** What the pages of a search must be where nothing but the visible rows exists. */
export function modelPages(plan: SearchPlan, visible: readonly Laid[]): Page[] {
  const byRid = new Map(visible.map((row) => [row.rid, `${nameOf(row)}/${row.version}`]));
  const named = (rids: Iterable<bigint>) => [...rids].map((rid) => byRid.get(rid) as string);
  const { matches } = evaluatePlan({ ...plan, includes: [], count: 1 }, visible);
  if (plan.count === 0) return [{ matches: [], included: [], total: matches.length }];
  const starts = Array.from({ length: Math.max(1, Math.ceil(matches.length / plan.count)) }, (_, i) => i * plan.count);
  return starts.map((start) => {
    const page = matches.slice(start, start + plan.count);
    const { included } = evaluatePlan({ ...plan, query: { kind: 'rids', any: page } }, visible);
    const total = plan.total || starts.length === 1 ? matches.length : undefined;
    return { matches: named(page), included: named(included).sort(), total };
  });
}

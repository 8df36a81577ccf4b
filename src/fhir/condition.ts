import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import { parseQuery } from '../http/query.ts';
import type { Queryable } from '../store/database.ts';
import type { SearchPlan } from '../store/query.ts';
import { matchingRids } from '../store/search.ts';
import type { Engine } from './engine.ts';
import { permitType } from './permit.ts';
import { plan } from './plan.ts';

/** A search that stands for one resource: of a conditional interaction, or in place of a reference. */
export interface Condition {
  readonly type: string;
  readonly query: string;
  readonly plan: SearchPlan;
  /** Of the lock: the same for every spelling of the criteria. */
  readonly name: bigint;
}

/** Parameters that shape a result and choose nothing. */
const RESULT = /^_(count|cursor|format|include|pretty|revinclude|sort|summary|total)$/;

/** Throws 400 for criteria that choose nothing, 403 for a type that the caller may not search. */
export function conditionOf(engine: Engine, access: Access, type: string, query: string): Condition {
  permitType(access, type, 'search');
  const pairs = parseQuery(query.replace(/^\?/, ''));
  const { plan: search } = plan(engine, access, type, pairs, false);
  if (search.query.kind === 'and' && search.query.all.length === 0) {
    throw refuse.badRequest('The condition has no criteria', undefined, 'required');
  }
  const criteria = pairs
    .filter(([name]) => !RESULT.test(name))
    .map((pair) => pair.join('='))
    .sort();
  return { type, query, plan: search, name: engine.keys.of(['condition', type, ...criteria].join('\u001f')) };
}

/** Those that match and that the caller sees, at most `limit`: two are too many already. */
export const matching = (access: Access, condition: Condition, transaction: Queryable, limit = 2) =>
  matchingRids(access, transaction, condition.plan, limit);

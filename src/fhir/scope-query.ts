import type { Caller, Filters, Scope } from '../access/access.ts';
import type { Query } from '../access/query.ts';
import { filterName } from '../access/sight.ts';
import { FhirError, refuse } from '../http/errors.ts';
import { parseQuery } from '../http/query.ts';
import type { Keys } from '../store/keys.ts';
import type { Engine } from './engine.ts';
import { planSearch } from './search/index.ts';
import { RESULT_PARAMETERS } from './search/result.ts';

type Context = Pick<Engine, 'keys' | 'baseUrl' | 'zone'>;

/**
 * The query of a scope (`patient/Observation.rs?category=laboratory`) as a condition on resources of its type, by the plan that a search
 * with the same parameters has. "Experimental" in SMART 2.2 and refused here: modifiers, chains, `_has`, `_filter`, and whatever
 * shapes a result. So the condition looks at the resource alone.
 *
 * @throws FhirError 400
 */
export function scopeQuery({ keys, baseUrl, zone }: Context, type: string, text: string): Query {
  const pairs = parseQuery(text);
  const strange = pairs.find(([name]) => /[:.]/.test(name) || Object.hasOwn(RESULT_PARAMETERS, name));
  if (strange || pairs.length === 0)
    throw refuse.badRequest(`The query of a scope does not take ${strange?.[0].slice(0, 64) ?? 'nothing'}`);
  return planSearch(type, pairs, { keys, baseUrl, zone, lenient: false }).plan.query;
}

/** Whether a scope may have this query: what the authorization server asks before it grants one. */
export function understandsQuery(context: Context, type: string, text: string): boolean {
  try {
    scopeQuery(context, type, text);
    return true;
  } catch (error) {
    if (error instanceof FhirError) return false;
    throw error;
  }
}

const NONE: Filters = new Map();
/** By the database's keys and the scopes' own list, which identity keeps as long as their text is in use: a query is read once. */
const compiled = new WeakMap<Keys, WeakMap<readonly Scope[], Filters>>();

/** The conditions of a caller's scopes. One that is not understood any more is missing, and its scope gives nothing. */
export function filtersOf(context: Context, { scopes }: Caller): Filters {
  if (scopes.every(({ query }) => query === undefined)) return NONE;
  const byScopes = compiled.get(context.keys) ?? new WeakMap<readonly Scope[], Filters>();
  compiled.set(context.keys, byScopes);
  const known = byScopes.get(scopes);
  if (known) return known;
  const filters = new Map<string, Query>();
  for (const { type, query } of scopes) {
    if (query !== undefined && understandsQuery(context, type, query))
      filters.set(filterName(type, query), scopeQuery(context, type, query));
  }
  byScopes.set(scopes, filters);
  return filters;
}

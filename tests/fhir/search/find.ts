import type { SearchContext } from '../../../src/fhir/search/index.ts';
import { planSearch } from '../../../src/fhir/search/index.ts';
import { FhirError } from '../../../src/http/errors.ts';
import { evaluatePlan, type Found, type Row } from '../../support/evaluate-query.ts';
import { baseUrl, index, keys, zone } from '../indexing/context.ts';

export const NOW = Date.parse('2026-06-01T00:00:00Z');

export const context: SearchContext = { keys, baseUrl, zone, lenient: false, now: NOW };

export interface Stored {
  readonly resourceType: string;
  readonly id: string;
  readonly meta?: { readonly lastUpdated?: string };
  readonly [element: string]: unknown;
}

export const row = (resource: Stored): Row => ({
  rid: keys.rid(resource.resourceType, resource.id),
  type: resource.resourceType,
  rows: index(resource),
  updated: resource.meta?.lastUpdated === undefined ? NOW : Date.parse(resource.meta.lastUpdated),
});

/** `name=value&…` as it stands, without percent-encoding, each parameter split at its first `=`. */
export function params(query: string): [string, string][] {
  return query.split('&').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

export const plan = (type: string, query: string, more: Partial<SearchContext> = {}) =>
  planSearch(type, query === '' ? [] : params(query), { ...context, ...more });

export function run(
  type: string,
  query: string,
  resources: readonly Stored[],
  more: Partial<SearchContext> = {},
): Found {
  return evaluatePlan(plan(type, query, more).plan, resources.map(row));
}

/** Ids of the matches, in the order found. */
export function find(type: string, query: string, resources: readonly Stored[], more: Partial<SearchContext> = {}) {
  const ids = new Map(resources.map((one) => [keys.rid(one.resourceType, one.id), one.id]));
  return run(type, query, resources, more).matches.map((rid) => ids.get(rid));
}

/** The refusal of a search: its status and text. Fails the test if it is not refused, or by another error. */
export function refusal(
  type: string,
  query: string | readonly (readonly [string, string])[],
  more: Partial<SearchContext> = {},
) {
  try {
    planSearch(type, typeof query === 'string' ? params(query) : query, { ...context, ...more });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    return { status: error.status, text: error.message };
  }
  throw new Error(`${type}?${query} was not refused`);
}

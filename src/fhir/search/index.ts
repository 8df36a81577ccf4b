import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { daysQuery } from '../indexing/days.ts';
import { indexedParameters } from '../indexing/parameters.ts';
import { chainQuery, hasQuery, readName } from './chain.ts';
import { DEFAULT_LIMITS, type Limits, type Planned, type SearchContext, type SearchParams } from './context.ts';
import { filterQuery } from './filter.ts';
import { RESULT_PARAMETERS, type ResultOptions } from './result.ts';
import { and } from './tree.ts';
import { UnknownParameter } from './unknown.ts';
import { assertText, printable } from './values.ts';

export { supportedSearchParameters } from './capabilities.ts';
export type { Planned, SearchContext, SearchParams } from './context.ts';
export { includes, reverseIncludes } from './include.ts';
export { sortableParameters } from './result.ts';

const REPEATABLE: ReadonlySet<string> = new Set(['_include', '_revinclude']);

/** Parameters of the standard that this server knows of and does not have; lenient handling ignores them. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  '_elements',
  '_contained',
  '_containedType',
  '_filter',
  '_query',
  '_list',
  '_text',
  '_content',
  '_type',
  '_score',
  '_at',
  '_since',
]);

/**
 * Turns the parameters of a search on one resource type into a plan (https://hl7.org/fhir/R4/search.html). Throws FhirError 400 for whatever it
 * cannot honour to the letter; nothing that filters is dropped but an unknown parameter under lenient handling, which `ignored` names.
 */
export function planSearch(type: string, params: SearchParams, searchContext: SearchContext): Planned {
  const context: SearchContext & Limits = { ...DEFAULT_LIMITS, ...searchContext };
  const options: ResultOptions = { sort: [], includes: [], count: context.defaultCount, total: false, summary: false };
  const filters: Query[] = [];
  const self: string[] = [];
  const ignored: string[] = [];
  const seen = new Set<string>();

  for (const [name, value] of params) {
    assertText('A parameter name', name);
    assertText(name, value);
    if (value.trim() === '')
      throw refuse.badRequest(
        `${printable(name)} has no value; leave the parameter out or give it one`,
        undefined,
        'value',
      );
    const read = Object.hasOwn(RESULT_PARAMETERS, name) ? RESULT_PARAMETERS[name] : undefined;
    if (read) {
      if (seen.has(name) && !REPEATABLE.has(name))
        throw refuse.badRequest(`${name} is given more than once`, undefined, 'value');
      seen.add(name);
      const understood = read(value, options, type, context);
      if (understood !== null) self.push(`${name}=${encode(understood)}`);
      continue;
    }
    try {
      filters.push(filter(type, name, value, context));
      self.push(`${encode(name)}=${encode(value)}`);
    } catch (error) {
      if (!(context.lenient && error instanceof UnknownParameter)) throw error;
      ignored.push(name);
    }
  }
  assertBounded(filters, options, context);

  const countOnly = options.summary || options.count === 0;
  return {
    plan: Object.freeze({
      type,
      query: and([...filters, ...days(type, filters, context)]),
      sort: options.sort,
      includes: countOnly ? [] : options.includes,
      count: countOnly ? 0 : options.count,
      total: options.total || countOnly,
    }),
    self: self.join('&'),
    ignored,
    ...(countOnly && { summary: 'count' as const }),
    ...(options.cursor !== undefined && { cursor: options.cursor }),
    ...(options.pretty !== undefined && { pretty: options.pretty }),
  };
}

function filter(type: string, name: string, value: string, context: SearchContext & Limits): Query {
  if (UNSUPPORTED.has(name)) throw new UnknownParameter(type, name, name);
  if (/^_(rev)?include:/.test(name)) {
    throw refuse.badRequest(
      `${printable(name)} is not supported: included resources are not searched for further ones`,
      undefined,
      'not-supported',
    );
  }
  if (name.startsWith('_has:')) return hasQuery(type, name, value, context);
  if (name.includes('.')) return chainQuery(type, name, value, context);
  const { code, modifier } = readName(name);
  return filterQuery(type, code, modifier, name, value, context);
}

/** For each date parameter of a bounded time the days that it may lie on: a way in by key. */
function days(type: string, filters: readonly Query[], { keys }: SearchContext): Query[] {
  return [...indexedParameters(type).values()].flatMap(({ type: kind, code }) => {
    if (kind !== 'date') return [];
    const param = keys.param(type, code);
    const tests = filters.flatMap((query) => (query.kind === 'range' && query.param === param ? [query.test] : []));
    const query = tests.length > 0 ? daysQuery(keys, param, tests) : null;
    return query ? [query] : [];
  });
}

function assertBounded(
  filters: readonly Query[],
  { includes }: ResultOptions,
  { maxFilters, maxIncludes }: Limits,
): void {
  if (filters.length > maxFilters)
    throw refuse.badRequest(
      `A search takes at most ${maxFilters} filters, not ${filters.length}`,
      undefined,
      'too-costly',
    );
  if (includes.length > maxIncludes)
    throw refuse.badRequest(
      `A search takes at most ${maxIncludes} includes, not ${includes.length}`,
      undefined,
      'too-costly',
    );
}

/** Percent-encoded but for the separators that make a search URL legible. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2C|2F|24)/g, (escaped) => decodeURIComponent(escaped));
}

import { refuse } from '../../http/errors.ts';
import type { Include, Sort } from '../../store/query.ts';
import { indexedParameters, sources } from '../indexing/parameters.ts';
import type { Limits, SearchContext } from './context.ts';
import { include, reverseInclude } from './include.ts';
import { printable } from './values.ts';

/** What the result parameters ask for, while the search is read. */
export interface ResultOptions {
  sort: readonly Sort[];
  includes: readonly Include[];
  count: number;
  total: boolean;
  summary: boolean;
  cursor?: string;
  pretty?: boolean;
}

/** Reads one result parameter. Returns the value as it was understood, or null for one that shows nowhere in a link. */
type Read = (value: string, options: ResultOptions, type: string, context: SearchContext & Limits) => string | null;

/** The parameters that shape the result (R4 §3.1.1.5); each may be given once but the includes. */
export const RESULT_PARAMETERS: Readonly<Record<string, Read>> = {
  _sort: (value, options, type, context) => {
    options.sort = sort(type, value, context);
    return value;
  },
  _count: (value, options, _, { maxCount }) => {
    if (!/^\d{1,9}$/.test(value))
      throw refuse.badRequest(`_count=${printable(value)} is not a whole number from 0`, undefined, 'value');
    options.count = Math.min(Number(value), maxCount);
    return String(options.count);
  },
  _total: (value, options) => {
    if (value !== 'none' && value !== 'accurate' && value !== 'estimate') {
      throw refuse.badRequest(`_total takes none, accurate or estimate, not ${printable(value)}`, undefined, 'value');
    }
    options.total = value !== 'none';
    return value;
  },
  _summary: (value, options) => {
    if (value !== 'count' && value !== 'false') {
      throw refuse.badRequest(
        `_summary takes count or false on this server, not ${printable(value)}`,
        undefined,
        'not-supported',
      );
    }
    options.summary = value === 'count';
    return value;
  },
  _include: (value, options, type, context) => {
    options.includes = [...options.includes, include(type, value, context)];
    return value;
  },
  _revinclude: (value, options, type, context) => {
    options.includes = [...options.includes, reverseInclude(type, value, context)];
    return value;
  },
  _cursor: (value, options) => {
    options.cursor = value;
    return null;
  },
  _pretty: (value, options) => {
    if (value !== 'true' && value !== 'false')
      throw refuse.badRequest(`_pretty takes true or false`, undefined, 'value');
    options.pretty = value === 'true';
    return value;
  },
  /** What the answer looks like is negotiated before the search; here it is only kept in the links. */
  _format: (value) => value,
};

/** `_sort=family,-_lastUpdated` (R4 §3.1.1.5.2). */
function sort(type: string, value: string, { keys, maxSort }: SearchContext & Limits): readonly Sort[] {
  const rules = value.split(',');
  if (rules.length > maxSort)
    throw refuse.badRequest(`_sort has ${rules.length} keys; at most ${maxSort} are accepted`, undefined, 'too-costly');
  return rules.map((rule): Sort => {
    const desc = rule.startsWith('-');
    const code = desc ? rule.slice(1) : rule;
    if (code === '_id') return { by: 'id', desc };
    if (code === '_lastUpdated') return { by: 'updated', desc };
    const [source, ...others] = sortable(type, code) ? sources(type, code) : [];
    if (source === undefined || others.length > 0) {
      throw refuse.badRequest(
        `_sort=${printable(code)} is not supported on ${type}; it sorts by ${sortableParameters(type).join(', ')}`,
        undefined,
        'not-supported',
      );
    }
    const by = indexedParameters(type).get(code)?.type === 'string' ? 'string' : 'range';
    return { by, param: keys.param(type, source), desc };
  });
}

const SORTABLE: ReadonlySet<string> = new Set(['date', 'number', 'quantity', 'string']);

function sortable(type: string, code: string): boolean {
  return SORTABLE.has(indexedParameters(type).get(code)?.type ?? '');
}

/** What `_sort` takes on a type. */
export function sortableParameters(type: string): readonly string[] {
  const codes = [...indexedParameters(type).keys()].filter(
    (code) => sortable(type, code) && sources(type, code).length === 1,
  );
  return ['_id', ...codes];
}

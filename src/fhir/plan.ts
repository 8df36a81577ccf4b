import type { Access } from '../access/access.ts';
import { type Leg, reachable } from '../access/sight.ts';
import { refuse } from '../http/errors.ts';
import type { Query } from '../store/query.ts';
import type { Engine } from './engine.ts';
import { type Planned, planSearch } from './search/index.ts';

/**
 * The search floor's plan of a query, in this server's zone and with its keys, and only over types that the token's scopes and the
 * person's roles open. What of a type they open is for the predicate to say.
 */
export function plan(
  engine: Engine,
  access: Access,
  type: string,
  query: readonly (readonly [string, string])[],
  lenient: boolean,
): Planned {
  const planned = planSearch(type, query, {
    keys: engine.keys,
    baseUrl: engine.baseUrl,
    zone: engine.zone,
    lenient,
    now: engine.now(),
  });
  if (access.isSystem) return planned;
  const includes = planned.plan.includes.map((include) => ({ ...include, types: open(access, include.types, 'read') }));
  return {
    ...planned,
    plan: {
      ...planned.plan,
      query: restrict(access, planned.plan.query),
      includes: includes.filter((i) => i.types.length > 0),
    },
  };
}

/** A chain or `_has` is a search of the other type too. */
function restrict(access: Access, query: Query): Query {
  switch (query.kind) {
    case 'and':
      return { kind: 'and', all: query.all.map((q) => restrict(access, q)) };
    case 'or':
      return { kind: 'or', any: openLinks(access, query.any).map((q) => restrict(access, q)) };
    case 'not':
      return { kind: 'not', query: restrict(access, query.query) };
    case 'refersTo':
      return { ...query, types: someOpen(access, query.types), query: restrict(access, query.query) };
    case 'referredBy':
      someOpen(access, [query.type]);
      return { ...query, query: restrict(access, query.query) };
    default:
      return query;
  }
}

/** Of a chain that leads to several types, the links to those that the token may search; refused where there is none. */
function openLinks(access: Access, any: readonly Query[]): readonly Query[] {
  const links = any.filter((q) => q.kind === 'refersTo');
  if (links.length === 0) return any;
  const opened = new Set(someOpen(access, [...new Set(links.flatMap((q) => q.types))]));
  return any.filter((q) => q.kind !== 'refersTo' || q.types.some((type) => opened.has(type)));
}

function someOpen(access: Access, types: readonly string[]): readonly string[] {
  const opened = open(access, types, 'search');
  if (opened.length === 0)
    throw refuse.forbidden(`The token's scopes do not include the search of ${types.join(', ')}`);
  return opened;
}

const open = (access: Access, types: readonly string[], leg: Leg) =>
  types.filter((type) => reachable(access, type, leg));

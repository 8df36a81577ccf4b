import type { Access } from '../access/access.ts';
import { type Extent, extentOf, isNarrowed, type Leg, type Part, reachableTypes } from '../access/sight.ts';
import { rowCondition } from './row-condition.ts';
import type { Values } from './sql.ts';

/** What scopes and roles leave of the rows of a statement. */
export interface Narrowed {
  /** The types that are left; undefined where the statement knew none and none is excluded. */
  readonly types: readonly string[] | undefined;
  /** Beside the policy's predicate; undefined where nothing has to be said, so that the statement is the same as without scopes. */
  readonly condition: string | undefined;
}

/**
 * The part of the predicate that follows from the token: scopes with the letters that the leg needs, the launch patient, queries of
 * scopes, the person's roles. What the policy says of each row comes beside it.
 *
 * @param version  alias of `resource_version`, where it is about one version: what a query matches today it need not have matched
 *   then, so that under a query only the current version is seen; and an earlier version must have been about the launch patient too
 */
export function narrow(
  alias: string,
  access: Access,
  values: Values,
  types: readonly string[] | undefined,
  leg: Leg,
  version?: string,
): Narrowed {
  if (!isNarrowed(access, leg)) return { types, condition: undefined };
  const extents = (types ?? reachableTypes(access, leg)).map((type) => [type, extentOf(access, type, leg)] as const);
  const open = extents.filter(([, extent]) => extent !== 'none');
  const left = open.map(([type]) => type);
  if (left.length === 0) return { types: left, condition: 'FALSE' };
  if (types && left.length === types.length && open.every(([, extent]) => extent === 'all'))
    return { types, condition: undefined };
  const branches = grouped(open).map(([list, extent]) => {
    const ofType = `${alias}.type = ANY(${values.once(`types:${list}`, list, 'text[]')})`;
    return extent === 'all' ? ofType : `(${ofType} AND ${anyPart(extent, alias, values, version)})`;
  });
  return { types: left, condition: branches.length === 1 ? branches[0] : `(${branches.join(' OR ')})` };
}

type Open = Exclude<Extent, 'none'>;

/** Types with the same extent stand together. */
function grouped(extents: readonly (readonly [string, Extent])[]): [string[], Open][] {
  const groups = new Map<string, [string[], Open]>();
  for (const [type, extent] of extents) {
    if (extent === 'none') continue;
    const whole = extent === 'all' ? 'all' : extent.every((part) => part.query === null) ? 'patient' : type;
    const group = groups.get(whole) ?? [[], extent];
    group[0].push(type);
    groups.set(whole, group);
  }
  return [...groups.values()];
}

/** The rows of at least one of the parts. */
export function anyPart(parts: readonly Part[], alias: string, values: Values, version?: string): string {
  const any = parts.map(({ patient, query }) => {
    const all: string[] = [];
    if (patient !== null) {
      const launched = values.once('launched', patient, 'bigint');
      all.push(`${alias}.patient = ${launched}`);
      if (version) all.push(`${version}.patient = ${launched}`);
    }
    if (query !== null) {
      all.push(rowCondition(query, alias, values, refuseLegs));
      if (version) all.push(`${version}.version = ${alias}.version`);
    }
    return all.join(' AND ');
  });
  return any.length === 1 ? `(${any[0]})` : `(${any.map((all) => `(${all})`).join(' OR ')})`;
}

/** Whoever made the tree must have refused these before: a scope does not reach through other resources. */
function refuseLegs(): never {
  throw new Error('the query of a scope leads to other resources');
}

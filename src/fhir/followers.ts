import type { Access } from '../access/access.ts';
import { partyRule, policyTable } from '../access/policy.ts';
import type { Queryable } from '../store/database.ts';
import { followers, type Moved, respread } from '../store/party.ts';
import type { Engine, Resource } from './engine.ts';
import { indexedParameters } from './indexing/parameters.ts';
import { readJson } from './json.ts';
import { spreadOf } from './put.ts';

/** How far a change of parties runs along what follows what: a circle ends there at the latest. */
const MOST_ROUNDS = 20;

export interface MovedFrom extends Moved {
  readonly owner: bigint;
}

/**
 * Brings the parties of what follows (`PartyRule.follows`) up to date with what it follows: results with their order. Whoever is a
 * party of the order no more is none of the results. Whoever has become one is shown results only where one institution owns both:
 * nobody hands out another's results by naming somebody later.
 */
export async function followUp(
  engine: Engine,
  access: Access,
  transaction: Queryable,
  changed: readonly MovedFrom[],
): Promise<void> {
  let moved = changed;
  for (let round = 0; moved.length > 0 && round < MOST_ROUNDS; round++) {
    const causes = new Map(moved.flatMap((cause) => keysOf(engine, cause.rid).map((key) => [key, cause] as const)));
    const found = await followers(access, transaction, [...causes.keys()]);
    const limited = found.flatMap(({ rid, type, owner, content }) => {
      const resource = readJson(content, Number.POSITIVE_INFINITY).tree as Resource;
      const spread = spreadOf(engine, type, rid, resource, true);
      if (!spread) return [];
      const own = moved.filter((cause) => cause.owner === owner && spread.follows.includes(cause.rid));
      return [{ ...spread, only: own.flatMap(({ added }) => added) }];
    });
    const owners = new Map(found.map(({ rid, owner }) => [rid, owner]));
    const next = await respread(access, transaction, limited);
    moved = next.map((one) => ({ ...one, owner: owners.get(one.rid) as bigint }));
  }
}

/** The reference parameters under which the elements of `follows` are indexed, by type. */
export const FOLLOWING: ReadonlyMap<string, readonly string[]> = new Map(
  [...policyTable().keys()].flatMap((type) => {
    const codes = (partyRule(type)?.follows ?? []).map((element) => parameterOf(type, element));
    return codes.length > 0 ? [[type, codes] as const] : [];
  }),
);

function parameterOf(type: string, element: string): string {
  const path = `${type}.${element}`;
  const found = [...indexedParameters(type).values()].find(
    (one) => one.type === 'reference' && one.expression.split('|').some((part) => part.trim() === path),
  );
  if (!found) throw new Error(`no search parameter finds ${path}`);
  return found.code;
}

const keysOf = ({ keys }: Engine, rid: bigint): bigint[] =>
  [...FOLLOWING].flatMap(([type, codes]) => codes.map((code) => keys.reference(type, code, rid)));

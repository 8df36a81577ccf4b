import type { Access } from '../access/access.ts';
import { partyRule, policyTable } from '../access/policy.ts';
import { refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { followers, followsItself, type Moved, respread, type Spread, spread, withdrawSpread } from '../store/party.ts';
import type { Engine, Prepared, Resource, Write } from './engine.ts';
import { indexedParameters } from './indexing/parameters.ts';
import { readJson } from './json.ts';
import { spreadOf } from './put.ts';

/** How far a change of parties runs along what follows what: a circle ends there at the latest. */
const MOST_ROUNDS = 20;

interface MovedFrom extends Moved {
  readonly owner: bigint;
}

/** Works out who the parties of what was written are now, and of what follows it. After the writing, in its transaction. */
export async function settleParties(write: Write): Promise<void> {
  const { engine, access, transaction, changes } = write;
  // A party changes nothing that makes parties, and its write brings nobody new by what is followed.
  const own = ({ owner }: Prepared) => access.isSystem || owner === access.caller?.organization;
  const spreads = changes.filter(own).flatMap(({ type, rid, resource, current }) => {
    const found = resource && spreadOf(engine, type, rid, resource, current !== undefined);
    return found ? [{ ...found, type }] : [];
  });
  const moved = spreads.length > 0 ? await spread(access, transaction, spreads) : [];
  // What is new and alone is followed by nothing. Only now: what is followed is locked since it was spread.
  const closing = spreads.filter(({ replaces, follows }) => follows.length > 0 && (replaces || changes.length > 1));
  await refuseCircles(write, closing);
  const gone = changes.filter(({ type, resource }) => !resource && partyRule(type)).map(({ rid }) => rid);
  await withdrawSpread(access, transaction, gone);
  const owners = new Map(changes.map(({ rid, owner }) => [rid, owner]));
  const all = [...moved, ...gone.map((rid) => ({ rid, added: [] }))];
  const changed = all.map((one) => ({ ...one, owner: owners.get(one.rid) as bigint }));
  await followUp(engine, access, transaction, changed);
}

/**
 * Brings the parties of what follows (`PartyRule.follows`) up to date with what it follows: results with their order. Whoever is a
 * party of the order no more is none of the results. Whoever has become one is shown results only where one institution owns both:
 * nobody hands out another's results by naming somebody later.
 */
async function followUp(
  engine: Engine,
  access: Access,
  transaction: Queryable,
  changed: readonly MovedFrom[],
): Promise<void> {
  let moved = changed;
  for (let round = 0; moved.length > 0 && round < MOST_ROUNDS; round++) {
    const found = await followers(
      access,
      transaction,
      moved.flatMap(({ rid }) => keysOf(engine, rid)),
    );
    const limited = found.flatMap(({ rid, type, owner, content }) => {
      const resource = readJson(content, Number.POSITIVE_INFINITY).tree as Resource;
      const own = spreadOf(engine, type, rid, resource, true);
      if (!own) return [];
      const causes = moved.filter((cause) => cause.owner === owner && own.follows.includes(cause.rid));
      return [{ ...own, only: causes.flatMap(({ added }) => added) }];
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

/** Refuses what would follow itself: a circle keeps each of its parties in it, whoever is named no more. */
async function refuseCircles(
  { engine: { keys }, access, transaction }: Write,
  spreads: readonly (Spread & { readonly type: string })[],
): Promise<void> {
  const salts = [...FOLLOWING].flatMap(([type, codes]) => codes.map((code) => keys.param(type, code)));
  for (const { rid, type } of spreads) {
    if (await followsItself(access, transaction, rid, salts))
      throw refuse.unprocessable(`The ${type} would follow itself, by way of what it follows`, type);
  }
}

const keysOf = ({ keys }: Engine, rid: bigint): bigint[] =>
  [...FOLLOWING].flatMap(([type, codes]) => codes.map((code) => keys.reference(type, code, rid)));

import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { erasedAmong } from '../store/erased.ts';
import { content, type Locked, lock } from '../store/read.ts';
import { lockNames, write } from '../store/write.ts';
import { auditOf } from './audit.ts';
import { checkResource } from './check.ts';
import { resolveConditions } from './conditions.ts';
import type { Change, Engine, Prepared, Resolved, Resource, Write } from './engine.ts';
import { settleParties } from './followers.ts';
import { readJson } from './json.ts';
import { type Outcome, outcomes } from './outcome.ts';
import { permitChange } from './permit.ts';
import { isPartial, type Permitted, permitRows } from './permit-rows.ts';
import { inEntry, type Places } from './places.ts';
import { put as makePut, spreadOf } from './put.ts';
import { checkReferences, type LocalReference, resolveReferences } from './references.ts';
import { ANY_VERSION } from './request.ts';
import { isStale, stillStanding } from './still-standing.ts';

export type { Outcome } from './outcome.ts';

export interface CommitOptions {
  /** The transaction of an operation that goes on; without it the changes are a transaction of their own. */
  readonly within?: Queryable;
  /** To name the Bundle's entries in errors. */
  readonly places?: Places | undefined;
}

/**
 * Makes all the changes or none (https://hl7.org/fhir/R4/http.html#transaction). Answers after COMMIT, in the order of the changes.
 */
export async function commit(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  { within, places }: CommitOptions = {},
): Promise<Outcome[]> {
  if (changes.length === 0) return [];
  const references: LocalReference[][] = [];
  for (const [i, change] of changes.entries())
    references.push(resolveReferences(engine, change, await inEntry(places, i, () => checkResource(change))));
  const run = (transaction: Queryable) => step(engine, access, changes, references, transaction, places);
  if (within) return run(within);
  if (isPlainCreate(engine, access, changes, references)) return retryTaken(() => run(engine.database));
  return retryTaken(() => engine.database.transaction(run));
}

/** One resource without conditions, rules or parties is stored by one statement, which is a transaction by itself. */
function isPlainCreate(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  references: readonly LocalReference[][],
): boolean {
  const [change] = changes;
  if (changes.length !== 1 || change?.interaction !== 'create' || change.ifNoneExist !== undefined) return false;
  if (isPartial(access, change)) return false;
  if (rulesOf(engine, change).length > 0) return false;
  return (
    !spreadOf(engine, change.type, 0n, change.resource as Resource, false) &&
    !references[0]?.some((r) => r.query !== undefined)
  );
}

/** A key that is taken: for a new id the server draws another, for an id of the client's the next try finds the resource. */
export async function retryTaken<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if ((error as { code?: string }).code !== '23505' || tries >= 3) throw error;
    }
  }
}

/** The steps of a write, in order. */
async function step(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  references: LocalReference[][],
  transaction: Queryable,
  places: Places,
): Promise<Outcome[]> {
  const resolved = await resolveConditions(engine, access, changes, references, transaction, places);
  await waitForNames(engine, access, changes, resolved, transaction);
  const current = await lockCurrent(engine, access, resolved, transaction, places);
  const prepared: (Prepared | undefined)[] = [];
  for (const [i, r] of resolved.entries())
    prepared.push(
      await inEntry(places, i, () => prepare(engine, access, r, changes[i] as Change, current, transaction)),
    );
  const each = async <T>(work: (change: Prepared) => T | Promise<T>): Promise<T[]> => {
    const results: T[] = [];
    for (const [i, change] of prepared.entries())
      if (change) results.push(await inEntry(places, i, () => work(change)));
    return results;
  };
  const active = await each(async (change) => {
    await permitChange(access, change);
    return change;
  });
  const permitted = prepared.flatMap((change, i): Permitted[] =>
    change ? [{ change, asked: (changes[i] as Change).interaction }] : [],
  );
  await permitRows(
    access,
    transaction,
    permitted.filter(({ change }) => change.current),
  );
  const referenced = await checkReferences(engine, access, resolved, active, references, transaction, places);
  const writing: Write = { engine, access, transaction, referenced, changes: active };
  await each(async (change) => {
    for (const rule of rulesOf(engine, change)) await rule.before?.(writing, change);
  });
  const at = engine.now();
  const decimals = changes.some((change) => change.decimals);
  const puts = await each((change) => makePut(engine, writing, change, at, decimals));
  const audit = puts.flatMap((put) => auditOf(access, put));
  // Locks may have been waited for.
  if (isStale(access)) await stillStanding(access, transaction);
  if (puts.length > 0) await write(access, transaction, puts, audit);
  await permitRows(
    access,
    transaction,
    permitted.filter(({ asked }) => asked !== 'delete'),
  );
  await settleParties(writing);
  await each(async (change) => {
    for (const rule of rulesOf(engine, change)) await rule.after?.(writing, change);
  });
  return outcomes(resolved, prepared, puts, at);
}

const rulesOf = (engine: Engine, { type, interaction }: Pick<Prepared, 'type' | 'interaction'>) =>
  engine.rules.filter(({ types, on }) => types.includes(type) && (on?.includes(interaction) ?? true));

async function waitForNames(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  resolved: readonly Resolved[],
  transaction: Queryable,
): Promise<void> {
  const names: bigint[] = [];
  for (const [i, { type, id, resource = changes[i]?.resource }] of resolved.entries())
    for (const rule of engine.rules)
      if (rule.waits && rule.types.includes(type))
        names.push(...(await rule.waits(engine, transaction, { type, id, ...(resource && { resource }) })));
  await lockNames(access, transaction, names);
}

/** Locks what is going to change. A resource is in a transaction once, also as what a conditional create has found. */
async function lockCurrent(
  engine: Engine,
  access: Access,
  resolved: readonly Resolved[],
  transaction: Queryable,
  places: Places,
): Promise<Map<bigint, Locked>> {
  const rids = new Set<bigint>();
  const once = (r: Resolved, i: number) =>
    inEntry(places, i, () => {
      const rid = engine.keys.rid(r.type, r.id as string);
      if (rids.has(rid)) {
        throw refuse.badRequest(
          `Another entry of this transaction changes ${r.type}/${r.id}; send them one after the other`,
          undefined,
          'duplicate',
        );
      }
      if (!r.found) rids.add(rid);
    });
  for (const [i, r] of resolved.entries())
    if (r.interaction !== 'create' && r.id !== undefined && !r.found) await once(r, i);
  for (const [i, r] of resolved.entries()) if (r.found && r.id !== undefined) await once(r, i);
  const locked = await lock(access, transaction, [...rids], [...new Set(resolved.map((r) => r.type))]);
  const fresh = resolved.filter((r) => r.interaction === 'update' && r.id !== undefined && !r.found);
  return withErased(engine, access, transaction, fresh, locked);
}

/** An id that was erased is as one that another keeps: nobody sees it, and nobody is given it. */
async function withErased(
  { keys }: Engine,
  access: Access,
  transaction: Queryable,
  resolved: readonly Resolved[],
  locked: Map<bigint, Locked>,
): Promise<Map<bigint, Locked>> {
  const missing = new Map(resolved.map(({ type, id = '' }) => [keys.rid(type, id), { type, id }] as const));
  for (const rid of locked.keys()) missing.delete(rid);
  for (const rid of await erasedAmong(access, transaction, [...missing.keys()]))
    locked.set(rid, { rid, ...missing.get(rid), seen: false } as Locked);
  return locked;
}

/** Undefined where nothing has to be written. */
function prepare(
  engine: Engine,
  access: Access,
  resolved: Resolved,
  change: Change,
  locked: ReadonlyMap<bigint, Locked>,
  transaction: Queryable,
): Prepared | undefined {
  if (resolved.found) return undefined;
  const { type } = resolved;
  const id = resolved.id ?? randomUUID();
  const rid = engine.keys.rid(type, id);
  const row = resolved.interaction === 'create' ? undefined : locked.get(rid);
  if (row && (row.type !== type || row.id !== id))
    throw refuse.conflict(`The id ${id} cannot be used; choose another`, `${type}.id`);
  const current = row?.seen ? row : undefined;
  // Before anything else that could tell what another keeps from what is not there.
  if (change.ifMatch !== undefined && !current) throw unmatched(change.ifMatch, undefined);
  if (resolved.interaction !== 'create') {
    const creates =
      resolved.interaction === 'update' && !row && (engine.updateCreate || resolved.interaction !== change.interaction);
    if (!current && !creates) throw refuse.notFound();
    if (current?.deleted && resolved.interaction !== 'delete' && !engine.updateCreate) throw refuse.gone();
    if (change.ifMatch !== undefined && !matches(change.ifMatch, current)) throw unmatched(change.ifMatch, current);
    if (current?.deleted && resolved.interaction === 'delete') return undefined;
  }
  const caller = access.caller?.organization;
  const ruled = engine.rules
    .find((rule) => rule.owner && rule.types.includes(type))
    ?.owner?.(access, change.resource as Resource, rid);
  const owner = current?.owner ?? change.owner ?? ruled ?? caller;
  if (owner === undefined) throw new Error(`a new ${type} of the system needs an owner`);
  let before: Promise<Resource> | undefined;
  const previous = () => {
    if (!current) throw new Error('a new resource has no previous version');
    // A deletion has no content; what it deleted is the version before it.
    before ??= content(access, transaction, rid, current.version - (current.deleted ? 1 : 0)).then(
      (bytes) => readJson(bytes ?? Buffer.alloc(0), Number.POSITIVE_INFINITY).tree as Resource,
    );
    return before;
  };
  const interaction = resolved.interaction === 'update' && !current ? 'create' : resolved.interaction;
  return {
    interaction,
    type,
    id,
    rid,
    current,
    owner,
    previous,
    resource: change.interaction === 'delete' ? undefined : (resolved.resource ?? (change.resource as Resource)),
  };
}

const matches = (ifMatch: number, current: Locked | undefined) =>
  ifMatch === ANY_VERSION ? current?.deleted === false : current?.version === ifMatch;

function unmatched(ifMatch: number, current: Locked | undefined): Error {
  const asked = ifMatch === ANY_VERSION ? 'and If-Match asks for one' : `not ${ifMatch}`;
  const version = current && ifMatch !== ANY_VERSION ? current.version : 'none';
  return refuse.preconditionFailed(`The current version is ${version}, ${asked}; read it again and repeat the change`);
}

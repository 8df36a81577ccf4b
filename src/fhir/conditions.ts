import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { FhirError, refuse } from '../http/errors.ts';
import { parseQuery } from '../http/query.ts';
import type { Queryable } from '../store/database.ts';
import type { SearchPlan } from '../store/query.ts';
import { read } from '../store/read.ts';
import { matchingRids } from '../store/search.ts';
import { lockNames } from '../store/write.ts';
import type { Change, Engine, Resolved } from './engine.ts';
import { permitType } from './permit.ts';
import { plan } from './plan.ts';
import { type LocalReference, rewritten } from './references.ts';

interface Condition {
  readonly type: string;
  readonly query: string;
  readonly plan: SearchPlan;
  /** Of the lock: the same for every spelling of the criteria. */
  readonly name: bigint;
}

/**
 * Evaluates every condition of the transaction under an advisory lock of its (institution, type, criteria), so that two writers
 * with one condition pass one after the other and the second finds what the first has made.
 */
export async function resolveConditions(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  references: readonly LocalReference[][],
  transaction: Queryable,
): Promise<Resolved[]> {
  const condition = (type: string, query: string) => conditionOf(engine, access, type, query);
  const writes = changes.map((change) =>
    change.ifNoneExist !== undefined || change.criteria !== undefined
      ? condition(change.type, change.ifNoneExist ?? change.criteria ?? '')
      : undefined,
  );
  const named = writes.filter((w) => w !== undefined);
  if (new Set(named.map((w) => w.name)).size < named.length) {
    throw refuse.badRequest('Two entries of one transaction have the same condition', 'Bundle.entry', 'duplicate');
  }
  await lockNames(
    access,
    transaction,
    named.map((w) => w.name),
  );
  const resolved: Resolved[] = [];
  for (const [i, change] of changes.entries())
    resolved.push(await resolve(engine, access, change, writes[i], transaction));
  return bind(access, changes, resolved, references, transaction, condition);
}

async function resolve(
  engine: Engine,
  access: Access,
  change: Change,
  condition: Condition | undefined,
  transaction: Queryable,
): Promise<Resolved> {
  const { interaction, type } = change;
  if (!condition) return { interaction, type, id: change.id ?? (interaction === 'create' ? randomUUID() : undefined) };
  const matches = await matching(access, condition, transaction);
  if (matches.length > 1)
    throw refuse.preconditionFailed(
      `More than one ${type} matches ${condition.query}; make the criteria narrower`,
      'multiple-matches',
    );
  const [match] = matches;
  if (interaction === 'create') {
    if (!match) return { interaction, type, id: randomUUID() };
    const stored = await read(access, transaction, type, match.id, match.rid);
    return {
      interaction,
      type,
      id: match.id,
      found: {
        id: match.id,
        version: stored?.version ?? 0,
        at: stored?.at ?? 0,
        ...(stored?.content && { content: stored.content }),
      },
    };
  }
  if (interaction === 'delete')
    return match
      ? { interaction, type, id: match.id }
      : { interaction, type, id: undefined, found: { id: '', version: 0, at: 0 } };
  return updateTarget(engine, change, match);
}

/** Conditional update: no match creates, one match updates; an id in the body must agree (https://hl7.org/fhir/R4/http.html#cond-update). */
function updateTarget(engine: Engine, change: Change, match: { id: string } | undefined): Resolved {
  const { type, resource } = change;
  const given = resource?.id;
  if (match) {
    if (given !== undefined && given !== match.id)
      throw refuse.badRequest(`The criteria match ${type}/${match.id}, the resource has another id`, `${type}.id`);
    return { interaction: 'update', type, id: match.id };
  }
  if (given !== undefined && !engine.updateCreate)
    throw refuse.badRequest('Nothing matches; leave the id out to create, for the server gives ids', `${type}.id`);
  return given === undefined
    ? { interaction: 'create', type, id: randomUUID() }
    : { interaction: 'update', type, id: given };
}

function conditionOf(engine: Engine, access: Access, type: string, query: string): Condition {
  permitType(access, type, 'search');
  const { plan: search, self } = plan(engine, access, type, parseQuery(query), false);
  if (search.query.kind === 'and' && search.query.all.length === 0) {
    throw refuse.badRequest('The condition has no criteria', undefined, 'required');
  }
  const name = engine.keys.of(`condition\u001f${access.caller?.organization ?? ''}\u001f${type}\u001f${self}`);
  return { type, query, plan: search, name };
}

const matching = (access: Access, condition: Condition, transaction: Queryable) =>
  matchingRids(access, transaction, condition.plan, 2);

/** Gives the references of a transaction their targets, in the resources and in `bound`. */
async function bind(
  access: Access,
  changes: readonly Change[],
  resolved: readonly Resolved[],
  references: readonly LocalReference[][],
  transaction: Queryable,
  condition: (type: string, query: string) => Condition,
): Promise<Resolved[]> {
  const bound = new Map<string, { type: string; id: string }>();
  for (const [i, change] of changes.entries()) {
    const id = resolved[i]?.id;
    if (!change.fullUrl || id === undefined) continue;
    if (bound.has(change.fullUrl))
      throw refuse.badRequest(
        `Two entries have the fullUrl ${change.fullUrl}`,
        `Bundle.entry[${i}].fullUrl`,
        'duplicate',
      );
    bound.set(change.fullUrl, { type: change.type, id });
  }
  const seen = new Set<string>();
  for (const reference of references.flat()) {
    if (reference.query === undefined || reference.queryType === undefined || seen.has(reference.reference)) continue;
    seen.add(reference.reference);
    bound.set(
      reference.reference,
      await only(access, condition(reference.queryType, reference.query), reference.path, transaction),
    );
  }
  if (bound.size === 0) return [...resolved];
  const names = new Map([...bound].map(([text, { type, id }]) => [text, `${type}/${id}`]));
  // Copies: the transaction may be tried again, and find other targets then.
  return resolved.map((r, i) => {
    const resource = changes[i]?.resource;
    return { ...r, bound, ...(resource && !r.found && { resource: rewritten(resource, names) }) };
  });
}

async function only(
  access: Access,
  condition: Condition,
  path: string,
  transaction: Queryable,
): Promise<{ type: string; id: string }> {
  const matches = await matching(access, condition, transaction);
  if (matches.length === 1) return { type: condition.type, id: matches[0]?.id as string };
  const problem = matches.length === 0 ? 'matches nothing' : 'matches more than one resource';
  throw new FhirError(412, [
    {
      severity: 'error',
      code: matches.length === 0 ? 'not-found' : 'multiple-matches',
      diagnostics: `The conditional reference ${condition.type}?${condition.query} ${problem}`,
      expression: [path],
    },
  ]);
}

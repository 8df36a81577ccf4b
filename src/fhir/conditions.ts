import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { FhirError, refuse } from '../http/errors.ts';
import { parseQuery } from '../http/query.ts';
import { insertAudit } from '../store/audit.ts';
import type { Queryable } from '../store/database.ts';
import type { SearchPlan } from '../store/query.ts';
import { read } from '../store/read.ts';
import { matchingRids } from '../store/search.ts';
import { lockNames } from '../store/write.ts';
import { auditOfSearch } from './audit.ts';
import type { Change, Engine, Resolved } from './engine.ts';
import { permitType } from './permit.ts';
import { inEntry, type Places } from './places.ts';
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
 * Evaluates every condition of the transaction under an advisory lock of its (type, criteria), so that two writers with one condition
 * pass one after the other, whoever they are, and the second finds what the first has made and it may see.
 */
export async function resolveConditions(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  references: readonly LocalReference[][],
  transaction: Queryable,
  places: Places,
): Promise<Resolved[]> {
  const writes: (Condition | undefined)[] = [];
  for (const [i, { type, ifNoneExist, criteria }] of changes.entries()) {
    const query = ifNoneExist ?? criteria;
    writes.push(
      query === undefined ? undefined : await inEntry(places, i, () => conditionOf(engine, access, type, query)),
    );
  }
  const named = writes.filter((w) => w !== undefined);
  const again = writes.findIndex((w, i) => w && writes.findIndex((other) => other?.name === w.name) < i);
  if (again >= 0)
    await inEntry(places, again, () => {
      throw refuse.badRequest(
        `Another entry of this transaction has the same condition: ${writes[again]?.query}`,
        undefined,
        'duplicate',
      );
    });
  await lockNames(
    access,
    transaction,
    named.map((w) => w.name),
  );
  const resolved: Resolved[] = [];
  for (const [i, change] of changes.entries())
    resolved.push(await inEntry(places, i, () => resolve(engine, access, change, writes[i], transaction)));
  return bind(engine, access, changes, resolved, references, transaction, places);
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
    if (stored)
      await insertAudit(
        access,
        transaction,
        auditOfSearch(access, engine.now(), 'search-type', type, condition.query, [stored]),
      );
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
  const pairs = parseQuery(query.replace(/^\?/, ''));
  const { plan: search } = plan(engine, access, type, pairs, false);
  if (search.query.kind === 'and' && search.query.all.length === 0) {
    throw refuse.badRequest('The condition has no criteria', undefined, 'required');
  }
  const criteria = pairs
    .filter(([name]) => !RESULT.test(name))
    .map((pair) => pair.join('='))
    .sort();
  return { type, query, plan: search, name: engine.keys.of(['condition', type, ...criteria].join('\u001f')) };
}

/** Parameters that shape a result and choose nothing. */
const RESULT = /^_(count|cursor|format|include|pretty|revinclude|sort|summary|total)$/;

const matching = (access: Access, condition: Condition, transaction: Queryable) =>
  matchingRids(access, transaction, condition.plan, 2);

type Bound = { readonly type: string; readonly id: string };

/** Gives the references of a transaction their targets, in the resources and in `bound`. */
async function bind(
  engine: Engine,
  access: Access,
  changes: readonly Change[],
  resolved: readonly Resolved[],
  references: readonly LocalReference[][],
  transaction: Queryable,
  places: Places,
): Promise<Resolved[]> {
  const bound = new Map<string, Bound>();
  for (const [i, { fullUrl, type }] of changes.entries()) {
    const id = resolved[i]?.id;
    if (!fullUrl || id === undefined) continue;
    if (bound.has(fullUrl))
      await inEntry(places, i, () => {
        throw refuse.badRequest(`Another entry has the fullUrl ${fullUrl.slice(0, 200)}`, undefined, 'duplicate');
      });
    bound.set(fullUrl, { type, id });
  }
  for (const [i, found] of references.entries()) {
    if (resolved[i]?.found) continue;
    for (const { reference, query, queryType, path } of found) {
      if (query === undefined || queryType === undefined || bound.has(reference)) continue;
      const one = () => only(access, conditionOf(engine, access, queryType, query), path, transaction);
      bound.set(reference, await inEntry(places, i, one));
    }
  }
  if (bound.size === 0) return [...resolved];
  // Copies: the transaction may be tried again, and find other targets then.
  return resolved.map((r, i) => {
    const { resource, fullUrl } = changes[i] as Change;
    if (!resource || r.found) return r;
    const own = relatives(fullUrl, references[i] ?? [], bound);
    const target = (text: string) => own.get(text) ?? bound.get(text);
    const texts = (references[i] ?? []).flatMap(({ reference }) => {
      const found = target(reference);
      return found ? [[reference, found] as const] : [];
    });
    return {
      ...r,
      bound: new Map(texts),
      resource: rewritten(resource, (text) => {
        const found = target(text);
        return found && `${found.type}/${found.id}`;
      }),
    };
  });
}

/**
 * Relative references of an entry whose fullUrl is a RESTful address mean the entries beside it
 * (https://hl7.org/fhir/R4/bundle.html#references).
 */
function relatives(
  fullUrl: string | undefined,
  references: readonly LocalReference[],
  bound: ReadonlyMap<string, Bound>,
): Map<string, Bound> {
  const base = /^(https?:\/\/[^?#]*\/)[A-Z][A-Za-z]*\/[A-Za-z0-9\-.]{1,64}$/.exec(fullUrl ?? '')?.[1];
  if (base === undefined) return new Map();
  return new Map(
    references.flatMap(({ reference }) => {
      const found = bound.get(base + reference);
      return found ? [[reference, found] as const] : [];
    }),
  );
}

async function only(access: Access, condition: Condition, path: string, transaction: Queryable): Promise<Bound> {
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

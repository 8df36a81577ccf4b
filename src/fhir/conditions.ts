import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import { insertAudit } from '../store/audit.ts';
import type { Queryable } from '../store/database.ts';
import { read } from '../store/read.ts';
import { lockNames } from '../store/write.ts';
import { auditOfSearch } from './audit.ts';
import { bind } from './bind.ts';
import { type Condition, conditionOf, matching } from './condition.ts';
import type { Change, Engine, Resolved } from './engine.ts';
import { inEntry, type Places } from './places.ts';
import type { LocalReference } from './references.ts';

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
  const names = new Set<bigint>();
  for (const [i, condition] of writes.entries()) {
    if (!condition) continue;
    await inEntry(places, i, () => {
      if (names.has(condition.name)) {
        const diagnostics = `Another entry of this transaction has the same condition: ${condition.query.slice(0, 200)}`;
        throw refuse.badRequest(diagnostics, undefined, 'duplicate');
      }
    });
    names.add(condition.name);
  }
  await lockNames(access, transaction, [...names]);
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

import type { Access } from '../access/access.ts';
import { FhirError, refuse } from '../http/errors.ts';
import type { Queryable } from '../store/database.ts';
import { Beside } from './beside.ts';
import { type Condition, conditionOf, matching } from './condition.ts';
import type { Change, Engine, Resolved } from './engine.ts';
import { inEntry, type Places } from './places.ts';
import { type LocalReference, rewritten } from './references.ts';

type Bound = { readonly type: string; readonly id: string };

const nameOf = (bound: Bound | undefined) => bound && `${bound.type}/${bound.id}`;

/** Gives the references of a transaction their targets, in the resources and in `bound`. */
export async function bind(
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
  const searches = new Set(
    references.flat().flatMap(({ query, reference }) => (query === undefined ? [] : [reference])),
  );
  if (searches.size > engine.maxEntries)
    throw refuse.badRequest(
      `At most ${engine.maxEntries} references may be searches, not ${searches.size}; refer by id or fullUrl`,
      undefined,
      'too-costly',
    );
  const beside = new Beside(engine, changes, resolved, (text) => nameOf(bound.get(text)));
  for (const [i, found] of references.entries()) {
    if (resolved[i]?.found) continue;
    for (const { reference, query, queryType, path } of found) {
      if (query === undefined || queryType === undefined || bound.has(reference)) continue;
      const one = () => only(access, conditionOf(engine, access, queryType, query), path, transaction, beside);
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
      resource: rewritten(resource, (text) => nameOf(target(text))),
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

/** The one resource that the condition chooses, once all that the transaction writes is written; 412 for none and for several. */
async function only(
  access: Access,
  condition: Condition,
  path: string,
  transaction: Queryable,
  beside: Beside,
): Promise<Bound> {
  const changed = beside.changed(condition.type);
  const stored = await matching(access, condition, transaction, 2 + changed.size);
  const matches = [...stored.filter(({ rid }) => !changed.has(rid)), ...beside.matching(condition.plan)];
  if (matches.length === 1) return { type: condition.type, id: matches[0]?.id as string };
  const problem = matches.length === 0 ? 'matches nothing' : 'matches more than one resource';
  throw new FhirError(412, [
    {
      severity: 'error',
      code: matches.length === 0 ? 'not-found' : 'multiple-matches',
      diagnostics: `The conditional reference ${condition.type}?${condition.query.slice(0, 200)} ${problem}`,
      expression: [path],
    },
  ]);
}

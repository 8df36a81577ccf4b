import type { Access } from '../access/access.ts';
import { extentOf } from '../access/sight.ts';
import { refuse } from '../http/errors.ts';
import { outOfScope } from '../store/allowed.ts';
import type { Queryable } from '../store/database.ts';
import type { Change, Prepared } from './engine.ts';

/** A change, and what was asked for: an update may turn out to create. */
export interface Permitted {
  readonly asked: Change['interaction'];
  readonly change: Pick<Prepared, 'rid' | 'type' | 'current'>;
}

/** Whether a scope lets the caller do this only with some resources of the type: then a change is looked at before and after. */
export const isPartial = (access: Access, { type, interaction }: Pick<Change, 'type' | 'interaction'>): boolean =>
  Array.isArray(extentOf(access, type, interaction));

/**
 * A scope for one patient, or with a query, lets change what is about the patient, or matches, before the change and after it
 * (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html). Asked of the rows in the transaction, so that it is the
 * index's answer, as a search would give it.
 *
 * @throws FhirError 403: the caller sees the resource, or has just sent it
 */
export async function permitRows(access: Access, transaction: Queryable, changes: readonly Permitted[]): Promise<void> {
  const partial = changes.filter(({ asked, change }) => isPartial(access, { type: change.type, interaction: asked }));
  for (const [leg, list] of Map.groupBy(partial, ({ asked }) => asked)) {
    const rids = list.map(({ change }) => change.rid);
    const types = [...new Set(list.map(({ change }) => change.type))];
    const out = await outOfScope(access, transaction, rids, types, leg);
    const refused = list.find(({ change }) => out.has(change.rid));
    if (refused) {
      const { type } = refused.change;
      throw refuse.forbidden(
        `The token's scopes let it ${leg} only such ${type} as are about its patient, or match the scope's query, before and after`,
      );
    }
  }
}

import type { Json, Resource, Rule } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { ROLE_SYSTEM } from './practitioner-role.ts';

/**
 * What the service says of a person's account in the directory is said by nobody else: the codes of our roles, and of what carries them whose
 * they are, where, and whether they hold. Whoever writes the directory could else show a clerk to the whole network as its physician.
 */
export const roleCodesRule: Rule = {
  types: ['PractitionerRole'],
  before: async ({ access }, change) => {
    if (access.isSystem || change.interaction === 'delete' || !change.resource) return;
    const before = change.current && !change.current.deleted ? await change.previous() : undefined;
    const said = before ? rolesSaid(before) : '';
    if (rolesSaid(change.resource) !== said)
      throw refuse.unprocessable(
        `Codes of ${ROLE_SYSTEM} follow from a person’s account; change its roles with $set-roles`,
        'PractitionerRole.code',
      );
    if (said === '') return;
    for (const element of ['practitioner', 'organization', 'active'])
      if (JSON.stringify(before?.[element]) !== JSON.stringify(change.resource[element]))
        throw refuse.unprocessable(
          `What stands for a person’s account keeps its ${element}; use $disable, $enable or $invite`,
          `PractitionerRole.${element}`,
        );
  },
};

/** The codes of our roles, wherever they stand, in one order. */
function rolesSaid({ code }: Resource): string {
  const concepts = Array.isArray(code) ? (code as Json[]) : [];
  const codings = concepts.flatMap(({ coding }) => (Array.isArray(coding) ? (coding as Json[]) : []));
  return codings
    .flatMap(({ system, code }) => (system === ROLE_SYSTEM ? [String(code)] : []))
    .sort()
    .join(' ');
}

import type { Json, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { refuse } from '../../http/errors.ts';
import type { People } from '../../identity/people/index.ts';
import { lockAdministered, putRights } from '../../store/person-rights.ts';
import {
  ADMINISTRATION,
  audit,
  instant,
  institutionOf,
  lockColleagues,
  noSystem,
  parameters,
  rolesIn,
} from './administration.ts';

/** The most people that are confirmed at once. */
const MOST = 500;

/**
 * `Organization/[id]/$review-rights`: an administrator confirms that named people are to have the roles that they have. All or none; who has
 * other roles than were looked at is not confirmed.
 */
export const reviewRightsOperation = (people: People): Operation => ({
  ...ADMINISTRATION,
  name: 'review-rights',
  types: ['Organization'],
  methods: ['POST'],
  permission: 'u',
  documentation:
    'Confirms the roles of people after a review. In: person (repeated; parts: practitioner, role – all that the person has). Out: reviewed (how many), nextDue.',
  run: async (request) => {
    noSystem(request, 'review-rights');
    const { engine, access } = request;
    const sent = parameters(request.body, 'person');
    if (sent.length === 0 || sent.length > MOST)
      throw refuse.badRequest(`1 to ${MOST} parameters person are needed`, AT, 'required');
    const now = engine.now();
    const named = sent.map((one) => ({ practitioner: practitionerIn(request, one), roles: parts(one, 'role') }));
    // In one order, so that two reviews at once do not wait for each other.
    named.sort((a, b) => (a.practitioner.rid < b.practitioner.rid ? -1 : 1));
    await engine.database.transaction(
      async (tx) => {
        await lockColleagues(request, tx);
        const institution = await institutionOf(request, tx);
        for (const { practitioner, roles } of named) {
          const person = await lockAdministered(access, tx, practitioner.rid);
          if (!person || person.practitioner_id !== practitioner.id || person.institution !== institution.rid)
            throw refuse.unprocessable('Each person must be one of the institution’s people', AT);
          const looked = rolesIn(roles, institution.kind);
          if (looked.length !== person.roles.length || !looked.every((role) => person.roles.includes(role)))
            throw refuse.conflict(`The roles of Practitioner/${practitioner.id} are others; look at them again`, AT);
          await putRights(access, tx, person, { reviewedAt: now });
          await audit(request, tx, 'rights-reviewed', person, `roles: ${person.roles.join(', ')}`);
        }
      },
      { isolation: 'read committed' },
    );
    const parameter = [
      { name: 'reviewed', valueInteger: named.length },
      { name: 'nextDue', valueDateTime: instant(now + people.policy.rightsReview) },
    ];
    return { status: 200, body: { resourceType: 'Parameters', parameter } };
  },
});

const AT = "Parameters.parameter.where(name = 'person')";

const parts = ({ part }: Json, name: string) =>
  parameters({ resourceType: 'Parameters', parameter: part } as Resource, name);

function practitionerIn({ engine }: OperationRequest, one: Json): { readonly id: string; readonly rid: bigint } {
  const reference = (parts(one, 'practitioner')[0]?.valueReference as { reference?: unknown } | undefined)?.reference;
  const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
  if (local?.type !== 'Practitioner')
    throw refuse.badRequest('Each person needs the part practitioner, a reference to a Practitioner', AT, 'required');
  return { id: local.id, rid: engine.keys.rid('Practitioner', local.id) };
}

import type { PeoplePolicy } from '../../identity/people/index.ts';
import type { PersonRow } from '../../store/person-rights.ts';
import { instant } from './administration.ts';

/** A person as parameters, for whoever looks after the institution. */
export function personParameters(person: PersonRow, policy: PeoplePolicy): readonly object[] {
  const when = (name: string, at: number | null) => (at === null ? [] : [{ name, valueDateTime: instant(at) }]);
  return [
    { name: 'login', valueString: person.login },
    { name: 'name', valueString: person.name },
    { name: 'practitioner', valueReference: { reference: `Practitioner/${person.practitioner_id}` } },
    ...(person.practitioner_role_id === null
      ? []
      : [
          {
            name: 'practitionerRole',
            valueReference: { reference: `PractitionerRole/${person.practitioner_role_id}` },
          },
        ]),
    ...person.roles.map((role) => ({ name: 'role', valueCode: role })),
    { name: 'standing', valueCode: person.standing },
    ...person.factors.map((kind) => ({ name: 'secondFactor', valueCode: kind })),
    ...when('created', person.created_at),
    ...when('invitedUntil', person.invited_until),
    ...when('lastLogin', person.last_login_at),
    { name: 'failedSince', valueInteger: person.failures },
    ...when('reviewed', person.reviewed_at),
    ...when('reviewDue', person.reviewed_at + policy.rightsReview),
  ];
}

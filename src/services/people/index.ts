import type { Service } from '../../fhir/engine.ts';
import type { People } from '../../identity/people/index.ts';
import { inviteOperation } from './invite.ts';
import { peopleOperation } from './people.ts';
import { practitionerRule } from './practitioner.ts';
import { reviewRightsOperation } from './review-rights.ts';
import { roleCodesRule } from './role-codes.ts';
import { endSessionOperation, sessionsOperation } from './sessions.ts';
import { disableOperation, enableOperation, resetOperation, setRolesOperation } from './standing.ts';

/** The people of an institution, as its administrators look after them. */
export function peopleService(people: People): Service {
  return {
    name: 'people',
    operations: [
      inviteOperation(people),
      peopleOperation(people),
      setRolesOperation(people),
      disableOperation(people),
      enableOperation(people),
      resetOperation(people),
      sessionsOperation(people),
      endSessionOperation,
      reviewRightsOperation(people),
    ],
    rules: [practitionerRule, roleCodesRule],
  };
}

import type { PersonRole } from '../../access/roles.ts';
import type { Answer, Operation, OperationRequest } from '../../fhir/engine.ts';
import type { People } from '../../identity/people/index.ts';
import type { AuditWord } from '../../store/audit-words.ts';
import type { Queryable } from '../../store/database.ts';
import { deleteFactors } from '../../store/factor.ts';
import { deleteInvitation } from '../../store/invitation.ts';
import { clearPassword } from '../../store/person-password.ts';
import { findAdministered, type PersonRow, putRights } from '../../store/person-rights.ts';
import { deleteSessions } from '../../store/session.ts';
import {
  ADMINISTRATION,
  audit,
  keepAnAdministrator,
  lockColleagues,
  NOT_STORED,
  noSystem,
  onBehalf,
  parameters,
  personOf,
  rolesIn,
} from './administration.ts';
import { invitationParameters } from './invite.ts';
import { personParameters } from './person.ts';
import { followRole } from './practitioner-role.ts';

const CHANGE = { ...ADMINISTRATION, types: ['Practitioner'], methods: ['POST'], permission: 'u' } as const;

/** `Practitioner/[id]/$set-roles`: what the person may from the next request on. */
export const setRolesOperation = (people: People): Operation => ({
  ...CHANGE,
  name: 'set-roles',
  documentation: 'Gives the person these roles and no others. In: role (one or more). Out: the person.',
  run: (request) =>
    change(request, people, 'set-roles', async (tx, person) => {
      const institution = await findAdministered(request.access, tx, person.institution);
      const roles = rolesIn(parameters(request.body, 'role'), institution?.kind ?? '');
      if (person.roles.includes('administrator') && !roles.includes('administrator'))
        await keepAnAdministrator(request, tx, person);
      await follow(request, tx, person, { roles, active: person.standing !== 'disabled' });
      await putRights(request.access, tx, person, { roles, reviewedAt: request.engine.now() });
      return `from ${person.roles.join(', ')} to ${roles.join(', ')}`;
    }),
});

/** `Practitioner/[id]/$disable`: the account is shut; its sessions and tokens are dead from the commit on. */
export const disableOperation = (people: People): Operation => ({
  ...CHANGE,
  name: 'disable',
  documentation: 'Shuts the account of a person who has left or is away. Out: the person.',
  run: (request) =>
    change(request, people, 'disable', async (tx, person) => {
      if (person.standing === 'disabled') return null;
      if (person.roles.includes('administrator')) await keepAnAdministrator(request, tx, person);
      await putRights(request.access, tx, person, { active: false });
      await deleteSessions(request.access, tx, person.id);
      await deleteInvitation(request.access, tx, person.id);
      await follow(request, tx, person, { roles: person.roles as readonly PersonRole[], active: false });
      return 'account shut';
    }),
});

/** `Practitioner/[id]/$enable`: opens a shut account again. What it had before it was shut stays dead; a suspension stays. */
export const enableOperation = (people: People): Operation => ({
  ...CHANGE,
  name: 'enable',
  documentation: 'Opens an account that was shut. A suspension is not lifted by it. Out: the person.',
  run: (request) =>
    change(request, people, 'enable', async (tx, person) => {
      await putRights(request.access, tx, person, { active: true });
      await follow(request, tx, person, { roles: person.roles as readonly PersonRole[], active: true });
      return 'account opened';
    }),
});

/** `Practitioner/[id]/$reset`: the person begins anew, with another invitation. */
export const resetOperation = (people: People): Operation => ({
  ...CHANGE,
  name: 'reset',
  documentation:
    'Takes password, second factors, sessions and tokens from a person who has lost them, and invites anew. Out: code and link of the invitation (shown once), expires.',
  run: async (request) => {
    noSystem(request, 'reset');
    const { engine, access } = request;
    const invitation = await engine.database.transaction(
      async (tx) => {
        await lockColleagues(request, tx);
        const person = await personOf(request, tx);
        if (person.roles.includes('administrator') && person.standing === 'active')
          await keepAnAdministrator(request, tx, person);
        const now = engine.now();
        await clearPassword(access, tx, { person: person.id, now, former: people.policy.passwordHistory });
        await deleteFactors(access, tx, person.id);
        await deleteSessions(access, tx, person.id);
        await putRights(access, tx, person, { anew: true });
        await audit(request, tx, 'reset', person, 'password and second factors taken, invited anew');
        return people.invite(access, tx, person.id);
      },
      { isolation: 'read committed' },
    );
    const parameter = invitationParameters(engine, invitation);
    return { status: 200, headers: NOT_STORED, body: { resourceType: 'Parameters', parameter } };
  },
});

/** Changes a person, whom it locks, and answers them as they are then. @param work  what is said in the audit; null: nothing was changed */
async function change(
  request: OperationRequest,
  people: People,
  interaction: AuditWord,
  work: (tx: Queryable, person: PersonRow) => Promise<string | null>,
): Promise<Answer> {
  noSystem(request, interaction);
  const person = await request.engine.database.transaction(
    async (tx) => {
      await lockColleagues(request, tx);
      const before = await personOf(request, tx);
      const detail = await work(tx, before);
      if (detail !== null) await audit(request, tx, interaction, before, detail);
      return personOf(request, tx);
    },
    { isolation: 'read committed' },
  );
  return { status: 200, body: { resourceType: 'Parameters', parameter: personParameters(person, people.policy) } };
}

async function follow(
  request: OperationRequest,
  tx: Queryable,
  person: PersonRow,
  to: { readonly roles: readonly PersonRole[]; readonly active: boolean },
): Promise<void> {
  const { engine, access } = request;
  const institution = await findAdministered(access, tx, person.institution);
  if (!institution || person.practitioner_id === null) return;
  const system = onBehalf(request, 'the rights of a person were changed');
  const practitionerRoleId = await followRole(engine, system, tx, institution, person, to);
  if (practitionerRoleId !== person.practitioner_role_id) await putRights(access, tx, person, { practitionerRoleId });
}

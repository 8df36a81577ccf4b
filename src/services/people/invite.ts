import { randomUUID } from 'node:crypto';
import type { Access } from '../../access/access.ts';
import { commit, retryTaken } from '../../fhir/commit.ts';
import type { Engine, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { parseReference } from '../../fhir/indexing/reference.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { foldedLogin, type People } from '../../identity/people/index.ts';
import type { Queryable } from '../../store/database.ts';
import { type Administered, insertPerson } from '../../store/person-rights.ts';
import { lock } from '../../store/read.ts';
import {
  ADMINISTRATION,
  audit,
  instant,
  institutionOf,
  lockColleagues,
  NOT_STORED,
  noSystem,
  onBehalf,
  parameters,
  rolesIn,
} from './administration.ts';
import { createRole } from './practitioner-role.ts';

/**
 * `Organization/[id]/$invite`: an account for a person, with the Practitioner and the PractitionerRole that stand for them, all or nothing. The
 * code of the invitation is in this answer and nowhere else. The operator invites an institution's first person.
 */
export const inviteOperation = (people: People): Operation => ({
  ...ADMINISTRATION,
  name: 'invite',
  types: ['Organization'],
  methods: ['POST'],
  permission: 'u',
  documentation:
    'Invites a person to the institution. In: login, name (string or HumanName), role (one or more), practitioner (a Practitioner of the institution; made if absent). Out: code and link of the invitation (shown once), expires, practitioner, practitionerRole.',
  run: async (request) => {
    noSystem(request, 'invite');
    const { engine, access } = request;
    const sent = read(request);
    const made = await retryTaken(() =>
      engine.database.transaction(
        async (tx) => {
          await lockColleagues(request, tx);
          const institution = await institutionOf(request, tx);
          const roles = rolesIn(parameters(request.body, 'role'), institution.kind);
          const system = onBehalf(request, 'a person was invited');
          const practitionerId = await practitionerOf(engine, system, tx, institution, sent);
          const practitioner = engine.keys.rid('Practitioner', practitionerId);
          const role = { practitionerId, roles, active: true };
          const practitionerRoleId = await createRole(engine, system, tx, institution, role);
          const person = {
            id: randomUUID(),
            institution: institution.rid,
            login: sent.login,
            name: sent.name,
            roles,
            practitioner,
            practitionerId,
            practitionerRoleId,
            now: engine.now(),
          };
          taken(await insertPerson(access, tx, person));
          const invitation = await people.invite(access, tx, person.id);
          const named = { practitioner, practitioner_id: practitionerId };
          await audit(request, tx, 'invite', named, `roles: ${roles.join(', ')}`);
          return { ...invitation, practitionerId, practitionerRoleId };
        },
        { isolation: 'read committed' },
      ),
    );
    const { practitionerId, practitionerRoleId } = made;
    return {
      status: 200,
      headers: NOT_STORED,
      body: {
        resourceType: 'Parameters',
        parameter: [
          ...invitationParameters(engine, made),
          { name: 'practitioner', valueReference: { reference: `Practitioner/${practitionerId}` } },
          { name: 'practitionerRole', valueReference: { reference: `PractitionerRole/${practitionerRoleId}` } },
        ],
      },
    };
  },
});

/** The code behind `#` does not reach any server with the address of the page. */
export const invitationParameters = (
  engine: Engine,
  { code, ends }: { readonly code: string; readonly ends: number },
) => [
  { name: 'code', valueString: code },
  { name: 'link', valueUrl: `${engine.baseUrl}/invitation#${code}` },
  { name: 'expires', valueDateTime: instant(ends) },
];

interface Sent {
  readonly login: string;
  readonly name: string;
  readonly humanName: object;
  readonly practitioner: string | undefined;
}

function read({ engine, body }: OperationRequest): Sent {
  const at = (name: string) => `Parameters.parameter.where(name = '${name}')`;
  const typed = parameter(body, 'login')?.valueString;
  if (typeof typed !== 'string') throw refuse.badRequest('login (valueString) is needed', at('login'), 'required');
  const login = foldedLogin(typed);
  if (login === undefined)
    throw refuse.badRequest(
      'login must be 3 to 64 letters a–z, digits and . _ @ + -, and begin with a letter or a digit',
      at('login'),
      'value',
    );
  const given = parameter(body, 'name');
  const human = given?.valueHumanName as { text?: unknown; family?: unknown; given?: unknown } | undefined;
  const name = typeof given?.valueString === 'string' ? given.valueString.trim() : textOf(human);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (name === undefined || !/^[^\x00-\x1f\x7f]{1,100}$/u.test(name) || !name.isWellFormed())
    throw refuse.badRequest(
      'name is needed: a valueString or valueHumanName of 1 to 100 characters',
      at('name'),
      'value',
    );
  const reference = (parameter(body, 'practitioner')?.valueReference as { reference?: unknown } | undefined)?.reference;
  const local = typeof reference === 'string' ? parseReference(reference, engine.baseUrl) : null;
  if (parameter(body, 'practitioner') && local?.type !== 'Practitioner')
    throw refuse.badRequest('practitioner must be a reference to a Practitioner', at('practitioner'), 'value');
  return { login, name, humanName: human ? { text: name, ...human } : { text: name }, practitioner: local?.id };
}

function textOf(name: { text?: unknown; family?: unknown; given?: unknown } | undefined): string | undefined {
  if (!name) return undefined;
  if (typeof name.text === 'string') return name.text.trim();
  const parts = [name.family, ...(Array.isArray(name.given) ? name.given : [])];
  return parts.filter((part) => typeof part === 'string').join(' ');
}

/** The Practitioner that is named, if the institution owns it; a new one where none is. */
async function practitionerOf(
  engine: Engine,
  system: Access,
  tx: Queryable,
  institution: Administered,
  { practitioner, humanName }: Sent,
): Promise<string> {
  if (practitioner !== undefined) {
    const rid = engine.keys.rid('Practitioner', practitioner);
    const known = (await lock(system, tx, [rid])).get(rid);
    if (!known || known.deleted || known.id !== practitioner || known.owner !== institution.rid)
      throw refuse.unprocessable(
        'practitioner must be a Practitioner of the institution',
        "Parameters.parameter.where(name = 'practitioner')",
      );
    return practitioner;
  }
  const resource: Resource = { resourceType: 'Practitioner', active: true, name: [humanName] };
  const change = { interaction: 'create', type: 'Practitioner', resource, owner: institution.rid } as const;
  const [made] = await commit(engine, system, [change], { within: tx });
  return made?.id as string;
}

function taken(result: Awaited<ReturnType<typeof insertPerson>>): void {
  switch (result) {
    case 'made':
      return;
    case 'login-taken':
      throw refuse.conflict(
        'The login is taken; choose another',
        "Parameters.parameter.where(name = 'login')",
        'duplicate',
      );
    case 'practitioner-taken':
      throw refuse.conflict(
        'The Practitioner stands for another account already',
        "Parameters.parameter.where(name = 'practitioner')",
        'duplicate',
      );
    case 'no-institution':
      throw refuse.notFound();
  }
}

import { Access } from '../../access/access.ts';
import { isOperator } from '../../access/administers.ts';
import { isPersonRole, PERSON_ROLES, type PersonRole } from '../../access/roles.ts';
import { auditOfAct } from '../../fhir/audit.ts';
import type { Json, Operation, OperationRequest, Resource } from '../../fhir/engine.ts';
import { shutOut, stillStanding } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import type { AuditWord } from '../../store/audit-words.ts';
import type { Queryable } from '../../store/database.ts';
import {
  type Administered,
  findAdministered,
  lockAdministered,
  lockAdministrators,
  type PersonRow,
} from '../../store/person-rights.ts';

/** Who looks after people: administrators their own institution's, the operator everybody's. */
export const ADMINISTRATION: Pick<Operation, 'level' | 'kinds' | 'roles'> = Object.freeze({
  level: 'instance',
  kinds: [],
  roles: ['administrator', 'operator'] as const,
});

/** Who holds the key of an institution's system does not thereby let people in: of systems only the operator's may. 403. */
export function noSystem({ access }: OperationRequest, name: string): void {
  if (!access.caller?.person && !isOperator(access))
    throw refuse.forbidden(`$${name} is for an institution's administrators, and for the operator`);
}

/** The institution of the request. 404 for one that the caller does not look after, there or not. */
export async function institutionOf(
  { engine, access, id }: OperationRequest,
  database: Queryable,
): Promise<Administered> {
  const found = await findAdministered(access, database, engine.keys.rid('Organization', id as string));
  if (!found || found.id !== id) throw refuse.notFound();
  return found;
}

/** The person whose Practitioner the request names, locked. 404 where there is none, or it is of an institution that the caller does not look after. */
export async function personOf({ engine, access, id }: OperationRequest, tx: Queryable): Promise<PersonRow> {
  const person = await lockAdministered(access, tx, engine.keys.rid('Practitioner', id as string));
  if (!person || person.practitioner_id !== id) throw refuse.notFound();
  return person;
}

/** The service itself writes what follows, at the caller's request. */
export const onBehalf = ({ access }: OperationRequest, reason: string): Access => Access.system(reason, access.caller);

/**
 * 422 where an institution would have no administrator left who can log in: nobody there could let one in again. The operator may.
 */
export async function keepAnAdministrator(
  { access }: OperationRequest,
  tx: Queryable,
  leaves: PersonRow,
): Promise<void> {
  if (isOperator(access)) return;
  const administrators = await lockAdministrators(access, tx, leaves.institution);
  if (administrators.every((id) => id === leaves.id))
    throw refuse.unprocessable(
      'This is the institution’s last administrator; make somebody else one first, or ask the operator',
      'Practitioner',
    );
}

/**
 * First in the transaction, before any other person is locked: two who administer and act on each other at once come one after the other, and
 * whoever was shut out meanwhile, or does not administer any more, does nothing. 401 then.
 */
export async function lockColleagues({ access }: OperationRequest, tx: Queryable): Promise<void> {
  const { caller } = access;
  if (caller?.person) {
    const role = isOperator(access) ? 'operator' : 'administrator';
    const colleagues = await lockAdministrators(access, tx, caller.organization, role);
    if (!colleagues.includes(caller.person.id)) throw shutOut();
  }
  await stillStanding(access, tx);
}

/** Every repetition of a parameter. */
export function parameters(body: Resource | undefined, name: string): readonly Json[] {
  if (body?.resourceType !== 'Parameters' || !Array.isArray(body.parameter)) return [];
  return (body.parameter as unknown[]).filter(
    (one): one is Json => !!one && typeof one === 'object' && (one as Json).name === name,
  );
}

/** The roles that were sent, once each in the order of the list. 400 for what is none, 422 for one that the institution cannot give. */
export function rolesIn(sent: readonly Json[], kind: string): readonly PersonRole[] {
  const at = "Parameters.parameter.where(name = 'role')";
  if (sent.length === 0) throw refuse.badRequest('One role or more is needed: role (valueCode)', at, 'required');
  const given = sent.map(({ valueCode }) => valueCode);
  if (!given.every(isPersonRole))
    throw refuse.badRequest(`role must be one of ${PERSON_ROLES.join(', ')}`, at, 'code-invalid');
  const possible = kind === 'operator' ? OPERATORS : INSTITUTIONS;
  const wrong = given.find((role) => !possible.includes(role));
  if (wrong) throw refuse.unprocessable(`People of this institution cannot be ${wrong}`, at);
  return PERSON_ROLES.filter((role) => given.includes(role));
}

const OPERATORS: readonly PersonRole[] = ['operator', 'read-only'];
const INSTITUTIONS: readonly PersonRole[] = PERSON_ROLES.filter((role) => role !== 'operator');

/** Writes what was done to a person into the audit. */
export async function audit(
  { engine, access }: OperationRequest,
  tx: Queryable,
  interaction: AuditWord,
  person: Pick<PersonRow, 'practitioner' | 'practitioner_id'>,
  detail: string,
): Promise<void> {
  await insertAudit(access, tx, [
    auditOfAct(access, engine.now(), interaction, {
      outcome: 0,
      type: 'Practitioner',
      resource: person.practitioner,
      resourceId: person.practitioner_id,
      detail,
    }),
  ]);
}

/** What holds a secret is kept by nobody on the way. */
export const NOT_STORED = Object.freeze({ 'Cache-Control': 'no-store' });

export const instant = (at: number): string => new Date(at).toISOString();

import type { Access } from '../../access/access.ts';
import type { PersonRole } from '../../access/roles.ts';
import { commit } from '../../fhir/commit.ts';
import type { Engine, Resource } from '../../fhir/engine.ts';
import type { Queryable } from '../../store/database.ts';
import type { Administered, PersonRow } from '../../store/person-rights.ts';
import { content, lock } from '../../store/read.ts';

export const ROLE_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/person-role';

/** Codes of http://hl7.org/fhir/valueset-practitioner-role.html that mean the same. */
const HL7_SYSTEM = 'http://terminology.hl7.org/CodeSystem/practitioner-role';
const HL7: Readonly<Partial<Record<PersonRole, string>>> = {
  physician: 'doctor',
  nurse: 'nurse',
  pharmacist: 'pharmacist',
};

/** The codes of PractitionerRole that follow from roles. */
export const codesOf = (roles: readonly PersonRole[]): readonly object[] =>
  roles.map((role) => {
    const hl7 = HL7[role];
    return { coding: [{ system: ROLE_SYSTEM, code: role }, ...(hl7 ? [{ system: HL7_SYSTEM, code: hl7 }] : [])] };
  });

/** The operator's institution is no Organization, so that its people refer to it by name. */
const organization = ({ id, kind, name }: Administered) =>
  kind === 'operator' ? { type: 'Organization', display: name } : { reference: `Organization/${id}` };

/** A PractitionerRole for a person's account; answers its id. */
export async function createRole(
  engine: Engine,
  system: Access,
  tx: Queryable,
  institution: Administered,
  { practitionerId, roles, active }: { practitionerId: string; roles: readonly PersonRole[]; active: boolean },
): Promise<string> {
  const resource: Resource = {
    resourceType: 'PractitionerRole',
    active,
    practitioner: { reference: `Practitioner/${practitionerId}` },
    organization: organization(institution),
    code: codesOf(roles),
  };
  const change = { interaction: 'create', type: 'PractitionerRole', resource, owner: institution.rid } as const;
  const [made] = await commit(engine, system, [change], { within: tx });
  return made?.id as string;
}

/** Lets the PractitionerRole of an account follow it; one that somebody has deleted is made anew. Answers its id. */
export async function followRole(
  engine: Engine,
  system: Access,
  tx: Queryable,
  institution: Administered,
  person: PersonRow,
  { roles, active }: { readonly roles: readonly PersonRole[]; readonly active: boolean },
): Promise<string> {
  const id = person.practitioner_role_id;
  const practitionerId = person.practitioner_id as string;
  const rid = id === null ? undefined : engine.keys.rid('PractitionerRole', id);
  const current = rid === undefined ? undefined : (await lock(system, tx, [rid])).get(rid);
  if (id === null || !current || current.deleted || current.owner !== institution.rid)
    return createRole(engine, system, tx, institution, { practitionerId, roles, active });
  const bytes = (await content(system, tx, current.rid, current.version)) as Buffer;
  const resource = { ...(JSON.parse(String(bytes)) as Resource), active, code: codesOf(roles) };
  await commit(engine, system, [{ interaction: 'update', type: 'PractitionerRole', id, resource }], { within: tx });
  return id;
}

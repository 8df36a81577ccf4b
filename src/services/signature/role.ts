import type { Access } from '../../access/access.ts';
import type { Resource, Rule } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany } from '../../store/read.ts';
import { SYSTEM } from './terms.ts';
import type { Roles } from './trust/current.ts';

/**
 * The number of a dental institution: prefecture (01 to 47), 点数表 3, and seven digits. One that begins with 9 is made of a telephone number,
 * for want of another, and says nothing.
 */
const DENTAL = /^(?:0[1-9]|[1-3]\d|4[0-7])3\d{7}$/;

/** The ten-digit numbers that an Organization gives. */
const numbersOf = (organization: Resource | undefined): readonly unknown[] => {
  const identifiers = Array.isArray(organization?.identifier) ? organization.identifier : [];
  return identifiers.filter(({ system }) => system === SYSTEM.institutionNumber).map(({ value }) => value);
};

/** The hcRoles that may sign letters of an institution, by its Organization. */
export function rolesOf(roles: Roles, organization: Resource | undefined): readonly string[] {
  const [number, ...more] = numbersOf(organization);
  const dental = more.length === 0 && typeof number === 'string' && DENTAL.test(number);
  return dental ? roles.dental : roles.medical;
}

/** Who may sign depends on the number, so that an institution does not give itself another: that is the operator's to say. */
export const numberRule: Rule = {
  types: ['Organization'],
  before: async ({ access }, change) => {
    if (access.isSystem || access.caller?.kind === 'operator') return;
    if (change.owner !== change.rid || !change.current || !change.resource) return;
    if (numbersOf(await change.previous()).join() === numbersOf(change.resource).join()) return;
    throw refuse.unprocessable('Only the operator changes the number of an institution', 'Organization.identifier');
  },
};

/** The Organization of an institution as it is now. */
export async function organizationOf(access: Access, database: Queryable, rid: bigint): Promise<Resource | undefined> {
  const [found] = await readMany(access, database, ['Organization'], [rid]);
  return found?.content ? (JSON.parse(String(found.content)) as Resource) : undefined;
}

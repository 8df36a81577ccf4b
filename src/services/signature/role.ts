import type { Access } from '../../access/access.ts';
import type { Resource } from '../../fhir/engine.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany } from '../../store/read.ts';
import { SYSTEM } from './terms.ts';
import type { Roles } from './trust/current.ts';

/** 点数表 of 歯科: the third digit of an institution's ten-digit number. */
const DENTAL = '3';

/** The hcRoles that may sign letters of an institution, by its Organization. */
export function rolesOf(roles: Roles, organization: Resource | undefined): readonly string[] {
  const identifiers = Array.isArray(organization?.identifier) ? organization.identifier : [];
  const numbers = identifiers.filter(({ system }) => system === SYSTEM.institutionNumber);
  const dental = numbers.length === 1 && /^\d{10}$/.test(numbers[0].value) && numbers[0].value[2] === DENTAL;
  return dental ? roles.dental : roles.medical;
}

/** The Organization of an institution as it is now. */
export async function organizationOf(access: Access, database: Queryable, rid: bigint): Promise<Resource | undefined> {
  const [found] = await readMany(access, database, ['Organization'], [rid]);
  return found?.content ? (JSON.parse(String(found.content)) as Resource) : undefined;
}

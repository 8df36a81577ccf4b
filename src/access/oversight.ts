import type { Access } from './access.ts';
import { type PersonRole, rolesRead } from './roles.ts';

/** Roles of people who look after the audit of their institution. Others see there what they did themselves; systems see all of it. */
export const OVERSEERS: readonly PersonRole[] = ['coordinator', 'administrator', 'operator'];

/** Whether the caller sees in the audit what all of its institution did, or only what the person did. */
export const overseesAudit = ({ caller }: Access): boolean =>
  !caller?.person || caller.person.roles.some((role) => OVERSEERS.includes(role));

/** Whether queries may be shown as they were asked: they name patients, whom an administrator as such does not see. */
export const seesQueries = ({ caller }: Access): boolean =>
  !caller?.person || rolesRead(caller.person.roles, 'Patient');

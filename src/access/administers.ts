import type { Access } from './access.ts';

/**
 * Whether the caller looks after an institution's people, systems and terminals: the operator (its system, or one of its people with that
 * role) for every institution, an institution's administrator for its own. An institution's systems do not: who holds the key of a system does
 * not thereby let people in.
 *
 * @param institution  rid of its Organization
 */
export function administers(access: Access, institution: bigint): boolean {
  if (isOperator(access)) return true;
  const { caller } = access;
  return caller?.organization === institution && (caller.person?.roles.includes('administrator') ?? false);
}

/** The operator's own system, or one of its people who has that role. */
export function isOperator(access: Access): boolean {
  const { caller } = access;
  return caller?.kind === 'operator' && (caller.person?.roles.includes('operator') ?? true);
}

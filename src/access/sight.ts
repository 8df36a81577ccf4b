import type { Access, Caller, Scope } from './access.ts';
import { policyTable } from './policy.ts';
import type { Query } from './query.ts';
import { rolesRead, rolesWrite } from './roles.ts';

/**
 * What of a type a caller's scopes and roles leave to it, before the policy is asked whose the single resource is. Scopes of a
 * system speak for its institution, those of a person (`user/`, `patient/`) for the person: each counts only for its own kind of caller.
 */

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';

/**
 * The ways by which a statement comes to a row, and the letters of which one is enough:
 *
 * - `read`: asked for by its id or its patient's, or brought along with what was found (`_include`, `_revinclude`);
 * - `search`: found by what it says, which is what a chain, `_has` and a condition do too;
 * - `name`: named by what the caller writes;
 * - `change`: about to be changed;
 * - `create`, `update`, `delete`: allowed to be so.
 */
export type Leg = 'read' | 'search' | 'name' | 'change' | 'create' | 'update' | 'delete';

const LETTERS: Readonly<Record<Leg, readonly Letter[]>> = {
  read: ['r'],
  search: ['s'],
  name: ['r', 's'],
  change: ['r', 's', 'u', 'd'],
  create: ['c'],
  update: ['u'],
  delete: ['d'],
};

/** Rows of which all of this holds; at least one of both is given. */
export interface Part {
  /** rid of the patient whom it is about, and nobody else. */
  readonly patient: bigint | null;
  readonly query: Query | null;
}

/** Every row of a type, none, or those of at least one part. */
export type Extent = 'all' | 'none' | readonly Part[];

/** What the caller may reach of a type on this way. */
export function extentOf(access: Access, type: string, leg: Leg): Extent {
  const { caller } = access;
  return caller
    ? extentBy(
        access,
        caller,
        type,
        LETTERS[leg].filter((letter) => rolesAllow(caller, type, letter)),
      )
    : 'all';
}

/** The same by the scopes alone, whatever the person's roles: for operations, which name their roles themselves. */
export function scopesExtent(access: Access, type: string, leg: Leg): Extent {
  const { caller } = access;
  return caller ? extentBy(access, caller, type, LETTERS[leg]) : 'all';
}

function extentBy(access: Access, caller: Caller, type: string, letters: readonly Letter[]): Extent {
  const parts: Part[] = [];
  for (const letter of letters) {
    for (const scope of caller.scopes) {
      if (!scope[letter] || (scope.type !== '*' && scope.type !== type)) continue;
      const part = partOf(access, caller, scope);
      if (part === 'all') return 'all';
      if (part && !parts.some((one) => one.patient === part.patient && one.query === part.query)) parts.push(part);
    }
  }
  return parts.length === 0 ? 'none' : parts;
}

/** Whether there is anything at all that the caller may not reach on this way: false only where every type is open as it is. */
export function isNarrowed({ caller }: Access, leg: Leg): boolean {
  if (!caller) return false;
  if (caller.person) return true;
  return !caller.scopes.some(
    (scope) =>
      scope.type === '*' &&
      scope.context === undefined &&
      scope.query === undefined &&
      LETTERS[leg].some((letter) => scope[letter]),
  );
}

/** Whether the caller may reach anything of a type on this way. */
export const reachable = (access: Access, type: string, leg: Leg): boolean => extentOf(access, type, leg) !== 'none';

/**
 * The same by the scopes alone, whatever the person's roles; of `*` as a type: whether a scope is for every type.
 *
 * @param extent  `whole`: only scopes count that no patient and no query narrows
 */
export function scopesReach(access: Access, type: string, leg: Leg, extent: 'whole' | 'any' = 'any'): boolean {
  const { caller } = access;
  if (!caller) return true;
  const letters = LETTERS[leg];
  return caller.scopes.some((scope) => {
    if (!letters.some((letter) => scope[letter]) || (scope.type !== '*' && scope.type !== type)) return false;
    const part = partOf(access, caller, scope);
    return type === '*' || extent === 'whole' ? part === 'all' : part !== undefined;
  });
}

/** The types of which the caller may reach anything on this way. */
export function reachableTypes(access: Access, leg: Leg): string[] {
  return [...policyTable().keys()].filter((type) => reachable(access, type, leg));
}

/** Resources that a caller knows of by itself, and may name without being able to read them. */
export function knownTo({ organization, person, patient }: Caller): readonly bigint[] {
  return [organization, person?.practitioner, patient].filter((rid) => rid !== undefined && rid !== null);
}

/** All of a caller that decides about its extents, as text: callers with the same see the same. */
export function sightKey({ caller }: Access): string {
  if (!caller) return '';
  const scopes = caller.scopes.map(
    ({ context, type, query, c, r, u, d, s }) =>
      `${context ?? ''}/${type}.${[c, r, u, d, s].map(Number).join('')}?${query ?? ''}`,
  );
  return [...scopes, caller.person?.roles.join() ?? '', caller.patient ?? ''].join(' ');
}

function rolesAllow({ person }: Caller, type: string, letter: Letter): boolean {
  if (!person) return true;
  return letter === 'r' || letter === 's' ? rolesRead(person.roles, type) : rolesWrite(person.roles, type);
}

/** Undefined where the scope gives nothing: of another kind of caller, without its patient, or with a query that nobody has read. */
function partOf(access: Access, caller: Caller, scope: Scope): Part | 'all' | undefined {
  if ((scope.context === undefined) !== (caller.person === undefined)) return undefined;
  const patient = scope.context === 'patient' ? (caller.patient ?? undefined) : null;
  const query = scope.query === undefined ? null : access.filters.get(filterName(scope.type, scope.query));
  if (patient === undefined || query === undefined) return undefined;
  return patient === null && query === null ? 'all' : Object.freeze({ patient, query });
}

/** Under which the tree of a scope's query is found in `Access.filters`. */
export const filterName = (type: string, query: string): string => `${type}?${query}`;

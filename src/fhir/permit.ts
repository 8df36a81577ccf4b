import type { Access, Caller, Interaction } from '../access/access.ts';
import { mayWrite, partyRule, policyClass } from '../access/policy.ts';
import { rolesRead, rolesWrite } from '../access/roles.ts';
import { type Leg, type Letter, scopesReach } from '../access/sight.ts';
import { isResourceType } from '../definitions/index.ts';
import { refuse } from '../http/errors.ts';
import type { Prepared, Resource } from './engine.ts';

const LETTER: Readonly<Record<Interaction, Letter>> = {
  create: 'c',
  read: 'r',
  update: 'u',
  delete: 'd',
  search: 's',
};

/** 404 for a type that R4 does not have; 403 for one that this caller could never use so, whatever the data. */
export function permitType(access: Access, type: string, interaction: Interaction): void {
  if (!isResourceType(type)) throw refuse.unknown(`FHIR R4 has no resource type ${JSON.stringify(type.slice(0, 64))}`);
  if (policyClass(type) === 'x') throw refuse.forbidden(`${type} is not served here`);
  if (access.isSystem) return;
  permitScope(access, type, LETTER[interaction]);
  permitRoles(access, type, LETTER[interaction]);
  const kind = access.caller?.kind ?? '';
  if (interaction !== 'read' && interaction !== 'search' && !mayWrite(type, kind)) {
    throw refuse.forbidden(`${type} is not written by institutions of kind ${kind}${ADVICE[type] ?? ''}`);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  Consent: '; consents are made by $issue-keycode and $redeem-keycode, and ended by $withdraw',
  AuditEvent: '; the server records every access itself',
};

/** What each letter of a scope lets a caller do. */
export const LEG: Readonly<Record<Letter, Leg>> = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' };

/**
 * 403 where the token's scopes could never let the caller do this with the type; `*`: where none is for every type.
 *
 * @param extent  `whole`: a scope that is narrowed to a patient or by a query does not count
 */
export function permitScope(access: Access, type: string, letter: Letter, extent: 'whole' | 'any' = 'any'): void {
  const { caller } = access;
  if (!caller || scopesReach(access, type, LEG[letter], extent)) return;
  const contexts = extent === 'whole' && caller.person ? ['user'] : contextsOf(caller);
  const missing = contexts.map((context) => `${context}/${type}.${letter}`);
  throw refuse.forbidden(`The token's scopes do not include ${missing.join(' or ')}`);
}

/** 403 where none of the person's roles could ever do this with the type. */
function permitRoles({ caller }: Access, type: string, letter: Letter): void {
  const roles = caller?.person?.roles;
  if (!roles) return;
  const reads = letter === 'r' || letter === 's';
  if (!(reads ? rolesRead(roles, type) : rolesWrite(roles, type)))
    throw refuse.forbidden(`People with the role ${roles.join(', ')} do not ${reads ? 'read' : 'write'} ${type}`);
}

/** In whose name the token's scopes speak. */
function contextsOf({ person, patient, scopes }: Caller): readonly string[] {
  if (!person) return ['system'];
  if (patient === undefined) return ['user'];
  return scopes.some(({ context }) => context === 'user') ? ['user', 'patient'] : ['patient'];
}

/** May the caller change what it sees? The refusal is 422, since it depends on the data. */
export async function permitChange(access: Access, change: Prepared): Promise<void> {
  const { current } = change;
  if (access.isSystem || !current) return;
  const own = current.owner === access.caller?.organization;
  const policy = policyClass(change.type);
  if (policy === 'd' && access.caller?.kind === 'operator') return;
  // The operator's papers are written by their service alone, and its rule says why.
  if (policy === 'o') return;
  if (change.interaction === 'delete') {
    const elsewhere = policy === 'c' && current.home !== null && current.home !== access.caller?.organization;
    if (elsewhere)
      throw refuse.unprocessable(
        'An entry in a hospital’s timeline is deleted by that hospital only; correct it with an update',
        change.type,
      );
    if (own || (policy === 'c' && current.home === access.caller?.organization)) return;
    throw refuse.unprocessable(`Only the institution that owns this ${change.type} may delete it`, change.type);
  }
  if (current.deleted && policy === 'c' && current.home !== null && current.home !== access.caller?.organization)
    throw refuse.unprocessable('What a hospital deleted in its timeline stays deleted; write a new entry', change.type);
  if (own) return;
  const elements = policy === 'w' ? (partyRule(change.type)?.partyMayChange ?? []) : [];
  if (elements.length === 0)
    throw refuse.unprocessable(`Only the institution that owns this ${change.type} may change it`, change.type);
  const changed = changedElements(await change.previous(), change.resource as Resource, elements);
  if (changed.length > 0) {
    throw refuse.unprocessable(
      `A party to this ${change.type} may change only ${elements.join(', ')}`,
      `${change.type}.${changed[0]}`,
    );
  }
}

/** Top-level elements that differ beyond what is allowed; `id`, the narrative and what the server says in `meta` aside. */
function changedElements(before: Resource, after: Resource, allowed: readonly string[]): string[] {
  const free = new Set(['id', 'text', ...allowed]);
  const parts = new Map(allowed.flatMap((path) => (path.includes('.') ? [path.split('.') as [string, string]] : [])));
  const compared = (resource: Resource, name: string) =>
    canonical(name === 'meta' ? labels(resource) : without(resource[name], parts.get(name)));
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !free.has(name) && compared(before, name) !== compared(after, name));
}

/** Profiles, tags and security labels; undefined where there are none. */
function labels({ meta }: Resource): unknown {
  const { versionId: _, lastUpdated: __, ...given } = meta ?? {};
  return Object.keys(given).length > 0 ? given : undefined;
}

/** A list with one part of each of its items left out. */
function without(value: unknown, part: string | undefined): unknown {
  if (!part || !Array.isArray(value)) return value;
  return value.map((item) => (item && typeof item === 'object' ? { ...item, [part]: undefined } : item));
}

/** JSON with sorted keys, so that order does not count as a difference. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, v) =>
      v && typeof v === 'object' && !Array.isArray(v) && !(v instanceof Number) ? sorted(v) : v,
    ) ?? ''
  );
}

const sorted = (object: object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

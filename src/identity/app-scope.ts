import type { Scope } from '../access/access.ts';
import { contextOf, formatScopes, intersectScopes, parseScope, parseScopes } from './scope.ts';

/** Scopes that are not of resources: who the person is, the launch, and for how long. */
export const SPECIAL_SCOPES = [
  'openid',
  'profile',
  'fhirUser',
  'launch',
  'launch/patient',
  'online_access',
  'offline_access',
] as const;

const isSpecial = (text: string): boolean => SPECIAL_SCOPES.some((scope) => scope === text);

/** The scopes of an app: those of resources, and the others by name. */
export interface AppScopes {
  readonly special: readonly string[];
  readonly resources: readonly Scope[];
}

/** Whether the server can tell resources by the query of a scope: `?category=laboratory`. */
export type Understands = (type: string, query: string) => boolean;

/**
 * The scopes of an app that acts for a person: `user/` and `patient/`, OpenID Connect and launch. The part that is not understood where
 * any is not.
 */
export function parseAppScopes(text: string, understands: Understands): AppScopes | { readonly unknown: string } {
  const parts = text.split(' ');
  const special = [...new Set(parts.filter(isSpecial))];
  const others = parts.filter((part) => !isSpecial(part));
  for (const part of others) {
    const scope = parseScope(part);
    const known = scope && contextOf(scope) !== 'system';
    if (!known || (scope.query !== undefined && !understands(scope.type, scope.query))) return { unknown: part };
  }
  if (others.length === 0) return { special, resources: [] };
  const resources = parseScopes(others.join(' '));
  return resources ? { special, resources } : { unknown: others[0] ?? '' };
}

export const formatAppScopes = ({ special, resources }: AppScopes): string =>
  [...special.toSorted(), ...(resources.length > 0 ? [formatScopes(resources)] : [])].join(' ');

/**
 * What of the scopes asked for an app may have: each as it was spelled where the app is registered for all of it, so that an app of
 * SMART v1 finds its own words again; otherwise what is left of it in v2.
 */
export function grantable(requested: string, registered: AppScopes): string[] {
  const granted = requested.split(' ').flatMap((part) => {
    if (isSpecial(part)) return registered.special.includes(part) ? [part] : [];
    const scope = parseScope(part);
    if (!scope) return [];
    const left = formatScopes(intersectScopes([scope], registered.resources));
    return left === formatScopes([scope]) ? [part] : left === '' ? [] : left.split(' ');
  });
  return [...new Set(granted)];
}

/** Whether all that is asked for was allowed before, in whatever spelling. */
export function covers(allowed: readonly string[], asked: readonly string[]): boolean {
  const resources = allowed.flatMap((part) => parseScope(part) ?? []);
  return asked.every((part) => {
    if (isSpecial(part)) return allowed.includes(part);
    const scope = parseScope(part);
    return scope !== undefined && formatScopes(intersectScopes([scope], resources)) === formatScopes([scope]);
  });
}

/** The scopes of resources in a token's scope; undefined where something else stands there that is none of ours. */
export function resourceScopes(text: string): readonly Scope[] | undefined {
  const parts = text.split(' ').filter((part) => part !== '' && !isSpecial(part));
  return parts.length === 0 ? [] : parseScopes(parts.join(' '));
}

/** Whether a patient must be known for the scopes to mean something. */
export const needsPatient = (scopes: readonly string[]): boolean =>
  scopes.includes('launch/patient') || scopes.some((scope) => scope.startsWith('patient/'));

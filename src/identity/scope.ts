import type { Scope } from '../access/access.ts';
import { policyTable } from '../access/policy.ts';

/**
 * SMART scopes of system clients (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html). Exactly the
 * grammar: v2 letters in the order c r u d s, or one of the words of v1. Scopes with a query are not granted yet, so they
 * are refused as anything else that is not understood.
 */
const GRAMMAR = /^system\/(\*|[A-Z][A-Za-z]+)\.(?:(?=[cruds])(c?r?u?d?s?)|(read|write|\*))$/;

const LETTERS = ['c', 'r', 'u', 'd', 's'] as const;

/** "Any SMART v1 scope" in letters of v2: `.read` is rs, `.write` is cud. */
const V1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** What each type may be used for, as bits in the order of `LETTERS`. The entry `*` holds for every type. */
type Permissions = ReadonlyMap<string, number>;

/** One scope; undefined when it is not exactly of the grammar or names a type that R4 does not have. */
export function parseScope(text: string): Scope | undefined {
  const match = GRAMMAR.exec(text);
  const type = match?.[1];
  if (!match || !type || (type !== '*' && !policyTable().has(type))) return undefined;
  const letters = match[2] ?? V1[match[3] ?? ''] ?? '';
  return scopeOf(type, bitsOf(letters));
}

/**
 * A space-separated list (RFC 6749 §3.3); undefined when it is empty or any part of it is not a scope.
 */
export function parseScopes(text: string): readonly Scope[] | undefined {
  const scopes = text.split(' ').map(parseScope);
  return scopes.includes(undefined) ? undefined : (scopes as Scope[]);
}

/** The normal form: v2, one scope for each type in alphabetical order with `*` first, nothing that `*` already says. */
export function formatScopes(scopes: readonly Scope[]): string {
  return format(permissions(scopes));
}

/**
 * What of `requested` is covered by `registered`: for every type exactly the letters that both allow. Empty when nothing is.
 */
export function intersectScopes(requested: readonly Scope[], registered: readonly Scope[]): readonly Scope[] {
  const [left, right] = [permissions(requested), permissions(registered)];
  const both = new Map<string, number>();
  for (const type of new Set(['*', ...left.keys(), ...right.keys()])) {
    both.set(type, effective(left, type) & effective(right, type));
  }
  return normal(both);
}

function bitsOf(letters: string): number {
  return LETTERS.reduce((bits, letter, place) => (letters.includes(letter) ? bits | (1 << place) : bits), 0);
}

function lettersOf(bits: number): string {
  return LETTERS.filter((_, place) => bits & (1 << place)).join('');
}

function scopeOf(type: string, bits: number): Scope {
  const has = (letter: (typeof LETTERS)[number]) => (bits & (1 << LETTERS.indexOf(letter))) !== 0;
  return Object.freeze({ type, c: has('c'), r: has('r'), u: has('u'), d: has('d'), s: has('s') });
}

function permissions(scopes: readonly Scope[]): Permissions {
  const map = new Map<string, number>();
  for (const scope of scopes) {
    const letters = LETTERS.filter((letter) => scope[letter]).join('');
    map.set(scope.type, (map.get(scope.type) ?? 0) | bitsOf(letters));
  }
  return map;
}

function effective(map: Permissions, type: string): number {
  return (map.get(type) ?? 0) | (map.get('*') ?? 0);
}

function normal(map: Permissions): readonly Scope[] {
  const all = map.get('*') ?? 0;
  return [...map]
    .filter(([type, bits]) => (type === '*' ? bits !== 0 : (bits & ~all) !== 0))
    .sort(([a], [b]) => (a < b ? -1 : 1)) // '*' is before every letter
    .map(([type, bits]) => scopeOf(type, type === '*' ? bits : bits | all));
}

function format(map: Permissions): string {
  return normal(map)
    .map((scope) => `system/${scope.type}.${lettersOf(permissions([scope]).get(scope.type) ?? 0)}`)
    .join(' ');
}

import type { Scope } from '../access/access.ts';
import { policyTable } from '../access/policy.ts';

/**
 * SMART scopes for resources (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html). Exactly the grammar: v2
 * letters in the order c r u d s, with a query where a type is named; or one of the words of v1.
 */
const GRAMMAR =
  /^(system|user|patient)\/(\*|[A-Z][A-Za-z]+)\.(?:(?=[cruds])(c?r?u?d?s?)(?:\?([\x21-\x7e]+))?|(read|write|\*))$/;

const LETTERS = ['c', 'r', 'u', 'd', 's'] as const;

/** "Any SMART v1 scope" in letters of v2: `.read` is rs, `.write` is cud. */
const V1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** Longest query of a scope, in characters: it goes into every statement of its token. */
const MAX_QUERY = 500;
/** Most parts of a list, and most of them with a query. */
const MAX_SCOPES = 200;
const MAX_QUERIES = 20;

export type Context = NonNullable<Scope['context']> | 'system';
export const contextOf = ({ context }: Scope): Context => context ?? 'system';

/** One scope; undefined when it is not exactly of the grammar or names a type that R4 does not have. */
export function parseScope(text: string): Scope | undefined {
  const match = GRAMMAR.exec(text);
  const [, context, type, v2, query, v1] = match ?? [];
  if (!type || (type !== '*' && !policyTable().has(type))) return undefined;
  if (query !== undefined && (type === '*' || query.length > MAX_QUERY)) return undefined;
  return scopeOf({ context: context as Context, type, query, bits: bitsOf(v2 ?? V1[v1 ?? ''] ?? '') });
}

/**
 * A space-separated list (RFC 6749 §3.3); undefined when it is empty, too long, or any part of it is not a scope.
 *
 * @param context  in whose name all of them must speak
 */
export function parseScopes(text: string, context?: Context): readonly Scope[] | undefined {
  const parts = text.split(' ');
  if (parts.length > MAX_SCOPES) return undefined;
  const scopes = parts.map(parseScope);
  if (scopes.some((scope) => !scope || (context !== undefined && contextOf(scope) !== context))) return undefined;
  const queries = scopes.filter((scope) => scope?.query !== undefined);
  return queries.length > MAX_QUERIES ? undefined : (scopes as Scope[]);
}

/** The normal form: v2, one scope for each type and query in alphabetical order with `*` first, nothing that another already says. */
export const formatScopes = (scopes: readonly Scope[]): string => normal(scopes.map(partOf)).map(format).join(' ');

/**
 * What of `requested` is covered by `registered`: of every type exactly the letters that both allow, under both queries. Empty when
 * nothing is.
 */
export function intersectScopes(requested: readonly Scope[], registered: readonly Scope[]): readonly Scope[] {
  const both: Part[] = [];
  for (const one of requested.map(partOf)) {
    for (const other of registered.map(partOf)) {
      if (one.context !== other.context) continue;
      if (one.type !== other.type && one.type !== '*' && other.type !== '*') continue;
      const type = one.type === '*' ? other.type : one.type;
      both.push({
        context: one.context,
        type,
        query: conjunction(one.query, other.query),
        bits: one.bits & other.bits,
      });
    }
  }
  return normal(both).map(scopeOf);
}

/** One scope in pieces; what it may be used for as bits in the order of `LETTERS`. */
interface Part {
  readonly context: Context;
  readonly type: string;
  readonly query: string | undefined;
  readonly bits: number;
}

function partOf(scope: Scope): Part {
  const bits = bitsOf(LETTERS.filter((letter) => scope[letter]).join(''));
  return { context: contextOf(scope), type: scope.type, query: scope.query, bits };
}

function scopeOf({ context, type, query, bits }: Part): Scope {
  const [c, r, u, d, s] = LETTERS.map((_, place) => (bits & (1 << place)) !== 0) as [
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
  ];
  return Object.freeze({
    ...(context !== 'system' && { context }),
    type,
    ...(query !== undefined && { query }),
    c,
    r,
    u,
    d,
    s,
  });
}

function bitsOf(letters: string): number {
  return LETTERS.reduce((bits, letter, place) => (letters.includes(letter) ? bits | (1 << place) : bits), 0);
}

const lettersOf = (bits: number): string => LETTERS.filter((_, place) => bits & (1 << place)).join('');

const format = ({ context, type, query, bits }: Part): string =>
  `${context}/${type}.${lettersOf(bits)}${query === undefined ? '' : `?${query}`}`;

/** A search with the parameters of both: all of them must hold. */
function conjunction(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return [...new Set([...one.split('&'), ...other.split('&')])].join('&');
}

function normal(parts: readonly Part[]): readonly Part[] {
  const name = ({ context, type, query }: Part) => `${context}/${type}?${query ?? ''}`;
  const merged = new Map<string, Part>();
  for (const part of parts) {
    const known = merged.get(name(part));
    merged.set(name(part), { ...part, bits: part.bits | (known?.bits ?? 0) });
  }
  const without = (context: Context, type: string) => merged.get(`${context}/${type}?`)?.bits ?? 0;
  return [...merged.values()]
    .flatMap((part): Part[] => {
      const { context, type, query, bits } = part;
      if (type === '*') return bits === 0 ? [] : [part];
      const all = without(context, '*');
      if (query === undefined) return (bits & ~all) === 0 ? [] : [{ ...part, bits: bits | all }];
      const left = bits & ~(all | without(context, type));
      return left === 0 ? [] : [{ ...part, bits: left }];
    })
    .sort((a, b) => (name(a) < name(b) ? -1 : 1)); // '*' is before every letter
}

import { isResourceType } from '../../definitions/index.ts';
import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { indexedParameters, targetsOf } from '../indexing/parameters.ts';
import type { Limits, SearchContext } from './context.ts';
import { filterQuery } from './filter.ts';
import { or } from './tree.ts';
import { UnknownParameter } from './unknown.ts';
import { printable } from './values.ts';

/** How many target types a chain without a type may try before it must name one. */
const MAX_CHAIN_TYPES = 8;

/** `code:modifier` → its two parts. */
export function readName(name: string): { readonly code: string; readonly modifier: string | null } {
  const colon = name.indexOf(':');
  return colon < 0 ? { code: name, modifier: null } : { code: name.slice(0, colon), modifier: name.slice(colon + 1) };
}

/**
 * A chained parameter of one level (R4 §3.1.1.5.6): `subject:Patient.identifier`, `patient.name:exact`. Without a type it tries every target
 * that has the parameter.
 */
export function chainQuery(type: string, name: string, value: string, context: SearchContext & Limits): Query {
  const [link = '', rest = '', ...deeper] = name.split('.');
  if (deeper.length > 0 || rest.startsWith('_has:')) {
    throw refuse.badRequest(
      `${printable(name)} is a chain of more than one link; this server follows one`,
      undefined,
      'too-costly',
    );
  }
  const { code, modifier } = readName(link);
  const targets = linkTargets(type, name, code, modifier, context);
  const { code: end, modifier: endModifier } = readName(rest);
  const having = targets.filter((target) => indexedParameters(target).has(end));
  if (having.length === 0) throw new UnknownParameter(targets[0] ?? type, name, end);
  if (having.length > MAX_CHAIN_TYPES) {
    throw refuse.badRequest(
      `${printable(name)} could lead to ${having.length} types; name one: ${code}:${having[0]}.${end}`,
      undefined,
      'too-costly',
    );
  }
  const salts = [context.keys.param(type, code)];
  return or(
    having.map((target): Query => {
      const query = filterQuery(target, end, endModifier, name, value, context);
      return Object.freeze({ kind: 'refersTo', salts, types: [target], query });
    }),
  );
}

/** The types to which a link leads: those of the parameter, or the one that the modifier names. */
function linkTargets(
  type: string,
  name: string,
  code: string,
  modifier: string | null,
  context: SearchContext,
): readonly string[] {
  const parameter = indexedParameters(type).get(code);
  if (!parameter) throw new UnknownParameter(type, name, code);
  if (parameter.type !== 'reference') {
    throw refuse.badRequest(
      `${printable(name)}: ${code} is a ${parameter.type} parameter; only references can be chained`,
      undefined,
      'not-supported',
    );
  }
  const targets = targetsOf(type, code).filter((target) => reachable(target, context));
  if (modifier === null) return targets;
  if (!targets.includes(modifier)) {
    throw refuse.badRequest(
      `${printable(name)}: ${code} does not lead to ${printable(modifier)}; it leads to ${targets.join(', ')}`,
      undefined,
      'not-supported',
    );
  }
  return [modifier];
}

/** Reverse chaining (R4 §3.1.1.5.7): `_has:Observation:patient:code`, resources to which a matching Observation refers. */
export function hasQuery(type: string, name: string, value: string, context: SearchContext & Limits): Query {
  const [, source = '', link = '', ...rest] = name.split(':');
  const end = rest.join(':');
  if (!isResourceType(source) || !reachable(source, context) || link === '' || end === '') {
    throw refuse.badRequest(
      `${printable(name)} is not of the form _has:Type:reference:parameter`,
      undefined,
      'not-supported',
    );
  }
  if (end.startsWith('_has:') || end.includes('.')) {
    throw refuse.badRequest(
      `${printable(name)} is a chain of more than one link; this server follows one`,
      undefined,
      'too-costly',
    );
  }
  const parameter = indexedParameters(source).get(link);
  if (!parameter) throw new UnknownParameter(source, name, link);
  if (parameter.type !== 'reference' || !targetsOf(source, link).includes(type)) {
    throw refuse.badRequest(
      `${printable(name)}: ${source}'s ${link} does not refer to ${type}`,
      undefined,
      'not-supported',
    );
  }
  const { code, modifier } = readName(end);
  const query = filterQuery(source, code, modifier, name, value, context);
  return Object.freeze({ kind: 'referredBy', salt: context.keys.param(source, link), type: source, query });
}

/** Audit events are kept elsewhere than resources. */
export function reachable(type: string, { types }: SearchContext): boolean {
  return types ? types.has(type) : type !== 'AuditEvent';
}

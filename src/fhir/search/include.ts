import { resourceTypes } from '../../definitions/index.ts';
import { refuse } from '../../http/errors.ts';
import type { Include } from '../../store/query.ts';
import { indexedParameters, targetsOf } from '../indexing/parameters.ts';
import { reachable } from './chain.ts';
import type { SearchContext } from './context.ts';
import { printable } from './values.ts';

/** `_include=Type:parameter[:Target]`: what the matches refer to (R4 §3.1.1.5.8). */
export function include(type: string, value: string, context: SearchContext): Include {
  const [source = '', code = '', target, ...rest] = value.split(':');
  const parameter = source === type && rest.length === 0 ? indexedParameters(type).get(code) : undefined;
  const targets = parameter?.type === 'reference' ? targetsOf(type, code).filter((one) => reachable(one, context)) : [];
  const types = target === undefined ? targets : targets.filter((one) => one === target);
  if (types.length === 0) throw refused('_include', value, includes(type));
  return Object.freeze({ reverse: false, salt: context.keys.param(type, code), types });
}

/** `_revinclude=Type:parameter[:Target]`: what refers to the matches. */
export function reverseInclude(type: string, value: string, context: SearchContext): Include {
  const [source = '', code = '', target, ...rest] = value.split(':');
  const parameter = reachable(source, context) && rest.length === 0 ? indexedParameters(source).get(code) : undefined;
  const refers = parameter?.type === 'reference' && targetsOf(source, code).includes(type);
  if (!refers || (target !== undefined && target !== type))
    throw refused('_revinclude', value, reverseIncludes(type, context));
  return Object.freeze({ reverse: true, salt: context.keys.param(source, code), types: [source] });
}

function refused(name: string, value: string, allowed: readonly string[]): Error {
  return refuse.badRequest(
    `${name}=${printable(value)} is not supported; ${name} takes ${allowed.join(', ') || 'nothing on this type'}`,
    undefined,
    'not-supported',
  );
}

/** What `_include` takes on a type: `Observation:subject`. */
export function includes(type: string): readonly string[] {
  return [...indexedParameters(type).values()]
    .filter((one) => one.type === 'reference')
    .map((one) => `${type}:${one.code}`);
}

const reverse = new Map<string, readonly string[]>();

/** What `_revinclude` takes on a type: `Observation:subject` on Patient. */
export function reverseIncludes(type: string, context: Pick<SearchContext, 'types'> = {}): readonly string[] {
  let all = reverse.get(type);
  if (!all) {
    all = resourceTypes().flatMap((source) =>
      [...indexedParameters(source).values()]
        .filter((one) => one.type === 'reference' && targetsOf(source, one.code).includes(type))
        .map((one) => `${source}:${one.code}`),
    );
    reverse.set(type, all);
  }
  return all.filter((one) => reachable(one.slice(0, one.indexOf(':')), context as SearchContext));
}

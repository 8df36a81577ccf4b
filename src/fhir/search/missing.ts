import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { keysOf } from '../indexing/keys-of.ts';
import { sources } from '../indexing/parameters.ts';
import type { Criterion } from './criterion.ts';
import { keys, not, or } from './tree.ts';

/** `:missing=true|false` (R4 §3.1.1.4.5): the parameter has no value, or has one. */
export function missingQuery(criterion: Criterion, values: readonly string[]): Query {
  const [value] = values;
  if (values.length !== 1 || (value !== 'true' && value !== 'false')) {
    throw refuse.badRequest(`${criterion.name} takes true or false`, undefined, 'value');
  }
  const present = presence(criterion);
  return value === 'true' ? not(present) : present;
}

function presence({ type, parameter, keys: names }: Criterion): Query {
  const codes = sources(type, parameter.code);
  switch (parameter.type) {
    case 'date':
    case 'number':
    case 'quantity':
      return or(codes.map((code) => ({ kind: 'present', table: 'range', param: names.param(type, code) })));
    case 'string':
      return or(codes.map((code) => ({ kind: 'present', table: 'string', param: names.param(type, code) })));
    default:
      return keys(codes.map((code) => keysOf.present(names, type, code)));
  }
}

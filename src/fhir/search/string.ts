import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { fold } from '../indexing/fold.ts';
import { keysOf } from '../indexing/keys-of.ts';
import { LONGEST_STRING } from '../indexing/leaf.ts';
import { sources } from '../indexing/parameters.ts';
import type { Criterion } from './criterion.ts';
import { keys, or } from './tree.ts';
import { printable, unescaped } from './values.ts';

/** String parameters (https://hl7.org/fhir/R4/search.html#string): folded and from the start; `:contains` anywhere; `:exact` to the character. */
export function stringQuery(criterion: Criterion, values: readonly string[]): Query {
  const { type, parameter, modifier, keys: names } = criterion;
  const codes = sources(type, parameter.code);
  if (modifier === 'exact') {
    return keys(values.flatMap((value) => codes.map((code) => keysOf.exact(names, type, code, unescaped(value)))));
  }
  const mode = modifier === 'contains' ? 'contains' : 'prefix';
  return foldedQuery(
    criterion,
    codes.map((code) => names.param(type, code)),
    mode,
    values,
  );
}

/** Folded text in the rows of any of these numbers. */
export function foldedQuery(
  { name }: Criterion,
  params: readonly bigint[],
  mode: 'prefix' | 'contains',
  values: readonly string[],
): Query {
  return or(
    values.flatMap((text) => {
      const value = fold(unescaped(text));
      if (value === '')
        throw refuse.badRequest(`${name}: ${printable(text)} has no letter or digit to search for`, undefined, 'value');
      if ([...value].length > LONGEST_STRING)
        throw refuse.badRequest(`${name} is longer than ${LONGEST_STRING} characters`, undefined, 'too-long');
      return params.map((param): Query => ({ kind: 'string', param, mode, value }));
    }),
  );
}

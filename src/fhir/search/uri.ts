import type { Query } from '../../store/query.ts';
import { keysOf } from '../indexing/keys-of.ts';
import { sources } from '../indexing/parameters.ts';
import type { Criterion } from './criterion.ts';
import { keys } from './tree.ts';
import { unescaped } from './values.ts';

/** Uri parameters (https://hl7.org/fhir/R4/search.html#uri): the whole, to the character. A canonical without a version finds every version. */
export function uriQuery({ type, parameter, keys: names }: Criterion, values: readonly string[]): Query {
  const codes = sources(type, parameter.code);
  return keys(values.flatMap((value) => codes.map((code) => keysOf.uri(names, type, code, unescaped(value)))));
}

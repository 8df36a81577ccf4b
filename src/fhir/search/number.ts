import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { sources } from '../indexing/parameters.ts';
import type { Criterion } from './criterion.ts';
import { decimal, narrow } from './decimal.ts';
import { numberTest, takePrefix } from './prefix.ts';
import { or } from './tree.ts';
import { printable, unescaped } from './values.ts';

/** Number parameters (https://hl7.org/fhir/R4/search.html#number): `5.4`, `gt100`, `ap1e2`. */
export function numberQuery({ type, parameter, keys, name }: Criterion, values: readonly string[]): Query {
  return or(
    values.flatMap((value) => {
      const { prefix, rest } = takePrefix(narrow(unescaped(value)));
      const number = decimal(rest);
      if (!number)
        throw refuse.badRequest(
          `${name}: ${printable(value)} is not a number with an optional prefix`,
          undefined,
          'value',
        );
      const test = numberTest(prefix, number);
      return sources(type, parameter.code).map(
        (code): Query => ({ kind: 'range', param: keys.param(type, code), test }),
      );
    }),
  );
}

import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { keysOf } from '../indexing/keys-of.ts';
import { sources } from '../indexing/parameters.ts';
import { UNIT_SYSTEMS } from '../indexing/quantity.ts';
import type { Criterion } from './criterion.ts';
import { decimal, narrow } from './decimal.ts';
import { numberTest, takePrefix } from './prefix.ts';
import { or } from './tree.ts';
import { printable, split, unescaped } from './values.ts';

/**
 * Quantity parameters (https://hl7.org/fhir/R4/search.html#quantity): `5.4` in any unit, `5.4|http://unitsofmeasure.org|mg`, and
 * `5.4||mg` where `mg` is the unit's code in any system or its text. Units are not converted.
 */
export function quantityQuery({ type, parameter, keys, name }: Criterion, values: readonly string[]): Query {
  return or(
    values.flatMap((value) => {
      const [amount = '', system = '', unit = '', ...rest] = split(value, '|').map(unescaped);
      const { prefix, rest: digits } = takePrefix(narrow(amount));
      const number = decimal(digits);
      if (!number || rest.length > 0 || (system !== '' && unit === '')) {
        throw refuse.badRequest(
          `${name}: ${printable(value)} is not of the form [prefix]number, number|system|code or number||code`,
          undefined,
          'value',
        );
      }
      const test = numberTest(prefix, number);
      const systems = system === '' ? ['', ...UNIT_SYSTEMS] : [system];
      const units = unit === '' ? {} : { units: systems.map((one) => keysOf.unit(keys, one, unit)) };
      return sources(type, parameter.code).map(
        (code): Query => ({ kind: 'range', param: keys.param(type, code), test, ...units }),
      );
    }),
  );
}

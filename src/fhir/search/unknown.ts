import { FhirError } from '../../http/errors.ts';
import { indexedParameters } from '../indexing/parameters.ts';
import { printable } from './values.ts';

/** 400 for a parameter that the type does not have or that is not indexed, with those that it has. Lenient handling ignores it instead. */
export class UnknownParameter extends FhirError {
  constructor(type: string, name: string, code: string) {
    const codes = [...indexedParameters(type).keys()].join(', ');
    const where = name === code ? '' : ` (in ${printable(name)})`;
    const diagnostics = `${type} has no search parameter ${printable(code)}${where}; it has ${codes}`;
    super(400, [{ severity: 'error', code: 'not-supported', diagnostics }]);
  }
}

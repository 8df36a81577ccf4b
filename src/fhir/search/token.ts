import { codes } from '../../definitions/index.ts';
import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { keysOf, phoneDigits } from '../indexing/keys-of.ts';
import { branchesOf, sources } from '../indexing/parameters.ts';
import type { Criterion } from './criterion.ts';
import { foldedQuery } from './string.ts';
import { keys, not } from './tree.ts';
import { printable, split, unescaped } from './values.ts';

/** Token parameters (https://hl7.org/fhir/R4/search.html#token): `code`, `system|code`, `|code`, `system|`; `:not`; `:text`. */
export function tokenQuery(criterion: Criterion, values: readonly string[]): Query {
  const { type, parameter, modifier, keys: names } = criterion;
  const own = sources(type, parameter.code);
  if (modifier === 'text')
    return foldedQuery(
      criterion,
      own.map((code) => keysOf.text(names, type, code)),
      'prefix',
      values,
    );
  const matches = keys(values.flatMap((value) => own.flatMap((code) => tokenKeys(criterion, code, value))));
  return modifier === 'not' ? not(matches) : matches;
}

export interface Token {
  /** Null: any system, or none; '' : no system. */
  readonly system: string | null;
  /** Null: any code of the system. */
  readonly code: string | null;
}

/** Reads the four forms of a token. */
export function readToken(name: string, value: string): Token {
  const [first = '', second, ...rest] = split(value, '|').map(unescaped);
  if (rest.length > 0 || (first === '' && (second ?? '') === '')) {
    throw refuse.badRequest(
      `${name}: ${printable(value)} is not of the form code, system|code, |code or system|`,
      undefined,
      'value',
    );
  }
  if (second === undefined) return { system: null, code: first };
  return { system: first, code: second === '' ? null : second };
}

function tokenKeys(criterion: Criterion, source: string, value: string): readonly bigint[] {
  const { type, keys: names, name } = criterion;
  const { system, code } = readToken(name, value);
  if (code === null) return [keysOf.system(names, type, source, system ?? '')];
  if (system === null) return [keysOf.code(names, type, source, code), ...phone(criterion, source, code)];
  const key = keysOf.token(names, type, source, system, code);
  return implied(criterion, source, system, code) ? [key, keysOf.token(names, type, source, '', code)] : [key];
}

/** A `code` element has no system of its own; its required value set says which one is meant. */
function implied({ type }: Criterion, source: string, system: string, code: string): boolean {
  return branchesOf(type, source).some(
    ({ datatype, element }) =>
      datatype === 'code' &&
      element?.binding !== undefined &&
      codes(element.binding)?.has(`${system}|${code}`) === true,
  );
}

function phone({ type, keys: names }: Criterion, source: string, value: string): readonly bigint[] {
  if (!branchesOf(type, source).some(({ datatype }) => datatype === 'ContactPoint')) return [];
  const digits = phoneDigits(value);
  return digits === '' ? [] : [keysOf.phone(names, type, source, digits)];
}

import type { SearchParameter } from '../../definitions/index.ts';
import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { indexedParameters, targetsOf } from '../indexing/parameters.ts';
import type { Limits, SearchContext } from './context.ts';
import type { Criterion } from './criterion.ts';
import { dateQuery, updatedQuery } from './date.ts';
import { missingQuery } from './missing.ts';
import { numberQuery } from './number.ts';
import { quantityQuery } from './quantity.ts';
import { idQuery, referenceQuery } from './reference.ts';
import { stringQuery } from './string.ts';
import { tokenQuery } from './token.ts';
import { UnknownParameter } from './unknown.ts';
import { uriQuery } from './uri.ts';
import { alternatives, printable } from './values.ts';

/** Modifiers by type of parameter; a reference takes target types besides. */
const MODIFIERS: Readonly<Record<SearchParameter['type'], readonly string[]>> = {
  token: ['missing', 'not', 'text'],
  string: ['missing', 'exact', 'contains'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
  uri: ['missing'],
  reference: ['missing', 'identifier'],
  composite: [],
  special: [],
};

/**
 * The query of `code[:modifier]=value` on resources of `type`. Refuses an unknown parameter (UnknownParameter), a modifier that does not
 * apply, and a value that cannot be read.
 */
export function filterQuery(
  type: string,
  code: string,
  modifier: string | null,
  name: string,
  value: string,
  context: SearchContext & Limits,
): Query {
  const parameter = indexedParameters(type).get(code);
  if (!parameter) throw new UnknownParameter(type, name, code);
  const criterion: Criterion = { type, parameter, modifier, name, keys: context.keys, context };
  if (modifier !== null) assertApplies(criterion, modifier);
  const values = alternatives(name, value, context.maxOr);
  return modifier === 'missing' ? missingQuery(criterion, values) : byType(criterion, values);
}

function assertApplies({ type, parameter }: Criterion, modifier: string): void {
  const allowed = modifiersOf(type, parameter);
  if (allowed.includes(modifier)) return;
  const those = allowed.length > 0 ? `it takes ${allowed.map((one) => `:${one}`).join(', ')}` : 'it takes none';
  const what = `${type}'s ${parameter.type} parameter ${parameter.code}`;
  throw refuse.badRequest(
    `The modifier :${printable(modifier)} does not apply to ${what}; ${those}`,
    undefined,
    'not-supported',
  );
}

/** The modifiers of a parameter, without the colon. */
function modifiersOf(type: string, { code, type: kind }: SearchParameter): readonly string[] {
  if (code === '_id' || code === '_lastUpdated') return [];
  return kind === 'reference' ? [...MODIFIERS.reference, ...targetsOf(type, code)] : MODIFIERS[kind];
}

function byType(criterion: Criterion, values: readonly string[]): Query {
  const { code, type: kind } = criterion.parameter;
  if (code === '_id') return idQuery(criterion, values);
  if (code === '_lastUpdated') return updatedQuery(criterion, values);
  switch (kind) {
    case 'token':
      return tokenQuery(criterion, values);
    case 'string':
      return stringQuery(criterion, values);
    case 'date':
      return dateQuery(criterion, values);
    case 'number':
      return numberQuery(criterion, values);
    case 'quantity':
      return quantityQuery(criterion, values);
    case 'uri':
      return uriQuery(criterion, values);
    case 'reference':
      return referenceQuery(criterion, values);
    case 'composite':
    case 'special':
      throw new UnknownParameter(criterion.type, criterion.name, code);
  }
}

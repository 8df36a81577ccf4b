import { refuse } from '../../http/errors.ts';
import type { Query } from '../../store/query.ts';
import { keysOf } from '../indexing/keys-of.ts';
import { targetsOf } from '../indexing/parameters.ts';
import { parseReference } from '../indexing/reference.ts';
import type { Criterion } from './criterion.ts';
import { readToken } from './token.ts';
import { keys } from './tree.ts';
import { printable, unescaped } from './values.ts';

const ID = /^[A-Za-z0-9.-]{1,64}$/;

/**
 * Reference parameters (https://hl7.org/fhir/R4/search.html#reference): `123` (of any target type), `Patient/123`, a URL here or
 * elsewhere, `urn:…`; `:Patient=123`; `:identifier=system|value`.
 */
export function referenceQuery(criterion: Criterion, values: readonly string[]): Query {
  return keys(
    values.flatMap((value) =>
      criterion.modifier === 'identifier'
        ? identifierKeys(criterion, value)
        : referenceKeys(criterion, unescaped(value)),
    ),
  );
}

function identifierKeys({ type, parameter: { code }, keys: names, name }: Criterion, value: string): readonly bigint[] {
  const token = readToken(name, value);
  if (token.code === null) return [keysOf.identifierSystem(names, type, code, token.system ?? '')];
  if (token.system === null) return [keysOf.identifierValue(names, type, code, token.code)];
  return [keysOf.identifier(names, type, code, token.system, token.code)];
}

function referenceKeys(
  { type, parameter: { code }, modifier, keys: names, name, context }: Criterion,
  value: string,
): readonly bigint[] {
  if (ID.test(value)) {
    const targets = modifier === null ? targetsOf(type, code) : [modifier];
    return targets.map((target) => names.reference(type, code, names.rid(target, value)));
  }
  const local = parseReference(value, context.baseUrl);
  if (local) {
    if (modifier !== null && local.type !== modifier) {
      throw refuse.badRequest(`${name}: ${printable(value)} is no ${modifier}`, undefined, 'value');
    }
    if (local.version !== undefined)
      return [keysOf.uri(names, type, code, `${local.type}/${local.id}/_history/${local.version}`)];
    return [names.reference(type, code, names.rid(local.type, local.id))];
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(value)) {
    throw refuse.badRequest(
      `${name}: ${printable(value)} is no reference; give an id, Type/id or an absolute URL`,
      undefined,
      'value',
    );
  }
  return [keysOf.uri(names, type, code, value)];
}

/** `_id`: ids of the searched type. */
export function idQuery({ type, keys: names, name }: Criterion, values: readonly string[]): Query {
  const any = values.map((value) => {
    const id = unescaped(value);
    if (!ID.test(id))
      throw refuse.badRequest(
        `${name}: ${printable(value)} is not an id (1 to 64 of A–Z a–z 0–9 - .)`,
        undefined,
        'value',
      );
    return names.rid(type, id);
  });
  return Object.freeze({ kind: 'rids', any });
}

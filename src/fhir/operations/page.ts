import { reachable } from '../../access/sight.ts';
import { isResourceType } from '../../definitions/index.ts';
import { refuse } from '../../http/errors.ts';
import type { OperationRequest } from '../engine.ts';
import { interval } from '../indexing/date.ts';

/** Which entries of a patient a request asks for, and which page of them. */
export interface Asked {
  /** Types that are offered, asked for, and open to the token. */
  readonly types: readonly string[];
  /** Epoch milliseconds. */
  readonly since: number | undefined;
  readonly count: number;
  readonly cursor: string | undefined;
  /** Address below the FHIR base, without what only turns the page. */
  readonly self: string;
  /** All values of another parameter; undefined where it is not given. */
  all(name: string): string[] | undefined;
}

export interface Offer {
  readonly operation: string;
  readonly types: readonly string[];
  /** Names beside _type, _since and _count. */
  readonly parameters: readonly string[];
  readonly count: number;
  readonly maxCount: number;
}

/** `Patient/[id]/$operation?_type&_since&_count`: _type may be repeated or hold several, `_since` is a date or an instant. */
export function askedOf({ engine, access, query, id }: OperationRequest, offer: Offer): Asked {
  const offered = ['_type', '_since', '_count', ...offer.parameters];
  const values = new Map<string, string[]>();
  for (const [name, value] of query) {
    if (![...offered, '_cursor', '_format'].includes(name)) {
      throw refuse.badRequest(
        `$${offer.operation} takes ${offered.join(', ')}, not ${name.slice(0, 64)}`,
        undefined,
        'not-supported',
      );
    }
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const all = (name: string) => values.get(name)?.flatMap((value) => value.split(','));
  const one = (name: string) => {
    const given = values.get(name);
    if (given && given.length > 1) throw refuse.badRequest(`${name} is given more than once`, undefined, 'value');
    return given?.[0];
  };
  const wanted = all('_type');
  const strange = wanted?.find((type) => !isResourceType(type));
  if (strange !== undefined)
    throw refuse.badRequest(`_type: there is no resource type ${strange.slice(0, 64)}`, undefined, 'value');
  const given = one('_since');
  const since = given === undefined ? undefined : interval(given, engine.zone)?.low;
  if (given !== undefined && since === undefined)
    throw refuse.badRequest('_since must be a date or an instant', undefined, 'value');
  const count = one('_count') ?? String(offer.count);
  if (!/^0*[1-9][0-9]{0,8}$/.test(count))
    throw refuse.badRequest('_count must be a positive integer', undefined, 'value');
  const text = query
    .filter(([name]) => name !== '_cursor' && name !== '_format')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    types: offer.types.filter((type) => reachable(access, type, 'read') && (wanted?.includes(type) ?? true)),
    since,
    count: Math.min(Number(count), offer.maxCount),
    cursor: one('_cursor'),
    self: `Patient/${encodeURIComponent(id ?? '')}/$${offer.operation}${text ? `?${text}` : ''}`,
    all,
  };
}

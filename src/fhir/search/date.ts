import { refuse } from '../../http/errors.ts';
import type { Query, RangeTest } from '../../store/query.ts';
import { type Interval, interval } from '../indexing/date.ts';
import { sources } from '../indexing/parameters.ts';
import type { Criterion } from './criterion.ts';
import { narrow } from './decimal.ts';
import { intervalTest, takePrefix } from './prefix.ts';
import { or } from './tree.ts';
import { printable, unescaped } from './values.ts';

/** Date parameters (https://hl7.org/fhir/R4/search.html#date): `2024-05`, `ge2024-05-01`, `lt2024-05-01T09:30+09:00`. A date is one of the configured zone. */
export function dateQuery(criterion: Criterion, values: readonly string[]): Query {
  const { type, parameter, keys } = criterion;
  return or(
    values.flatMap((value) => {
      const test = dateTest(criterion, value);
      return sources(type, parameter.code).map(
        (code): Query => ({ kind: 'range', param: keys.param(type, code), test }),
      );
    }),
  );
}

/** `_lastUpdated`, an instant of milliseconds. */
export function updatedQuery(criterion: Criterion, values: readonly string[]): Query {
  return or(values.map((value): Query => ({ kind: 'updated', test: dateTest(criterion, value) })));
}

function dateTest({ name, context: { zone, now } }: Criterion, value: string): RangeTest {
  const { prefix, rest } = takePrefix(narrow(unescaped(value)));
  // A plus sign that was not percent-encoded arrives as a space.
  const searched = interval(rest.replace(/(T[\d:.]+) (\d\d:\d\d)$/, '$1+$2'), zone);
  if (!searched) {
    throw refuse.badRequest(
      `${name}: ${printable(value)} is not a date that exists, YYYY[-MM[-DD[Thh:mm[:ss[.fff]][Z|±hh:mm]]]], with an optional prefix`,
      undefined,
      'value',
    );
  }
  return intervalTest(prefix, searched.low, searched.high, about(searched, now));
}

/** R4's recommendation: 10 % of the gap between now and the date. */
function about({ low, high }: Interval, now: number | undefined): Interval {
  const gap = now === undefined ? 0 : Math.max(0, low - now, now - high) / 10;
  return { low: low - gap, high: high + gap };
}

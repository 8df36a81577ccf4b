import type { Keys } from '../../store/keys.ts';
import type { Query, RangeTest } from '../../store/query.ts';
import type { Interval } from './date.ts';
import { keysOf } from './keys-of.ts';

/**
 * Days as index keys. A date in the range table is found in the order of time alone; as a key it is intersected with the other keys
 * of a search, so that one doctor's week is not sought among all of the doctor's appointments, nor among all of the week's.
 * The key narrows, the range still decides.
 */
const DAY = 86_400_000;

/** A value that touches more days of UTC has the key of any day instead, as has a parameter with several values. */
const MOST_OF_VALUE = 3;
/** A search over more days goes without. */
const MOST_OF_SEARCH = 45;

const dayOf = (instant: number) => Math.floor(instant / DAY);

/** The keys of a date parameter with these values. */
export function dayKeys(keys: Keys, param: bigint, values: readonly Interval[]): readonly bigint[] {
  const [only] = values;
  const days = values.length === 1 && only ? daysBetween(only.low, only.high, MOST_OF_VALUE) : null;
  return days ? days.map((day) => keysOf.day(keys, param, day)) : [keysOf.anyDay(keys, param)];
}

/** What the range tests of one date parameter, each of which must hold, ask of its keys; null where they reach too far. */
export function daysQuery(keys: Keys, param: bigint, tests: readonly RangeTest[]): Query | null {
  const from = Math.max(...tests.map((test) => limit(test, '>')));
  const to = Math.min(...tests.map((test) => limit(test, '<')));
  const days = daysBetween(Math.min(from, to), Math.max(from, to), MOST_OF_SEARCH);
  return (
    days && { kind: 'keys', any: [...days.map((day) => keysOf.day(keys, param, day)), keysOf.anyDay(keys, param)] }
  );
}

function daysBetween(low: number, high: number, most: number): readonly number[] | null {
  const first = dayOf(low);
  const count = dayOf(high) - first + 1;
  return count <= most ? Array.from({ length: count }, (_, i) => first + i) : null;
}

/** What a single stored interval that passes the test reaches (`>`: its end at least, `<`: its beginning at most); else infinite. */
function limit(test: RangeTest, direction: '<' | '>'): number {
  const sign = direction === '>' ? 1 : -1;
  const each = test.map((bounds) =>
    Math.max(...bounds.filter(({ op }) => op.startsWith(direction)).map(({ value }) => sign * value)),
  );
  return sign * Math.min(...each);
}

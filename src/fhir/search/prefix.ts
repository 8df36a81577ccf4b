import type { Bound, RangeTest } from '../../store/query.ts';

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** Takes the comparison off the front of a value; `eq` where there is none (https://hl7.org/fhir/R4/search.html#prefix). */
export function takePrefix(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const match = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[^a-z])/.exec(text);
  return match ? { prefix: match[1] as Prefix, rest: text.slice(2) } : { prefix: 'eq', rest: text };
}

const low = (op: Bound['op'], value: number): Bound => ({ column: 'low', op, value });
const high = (op: Bound['op'], value: number): Bound => ({ column: 'high', op, value });

/**
 * Tests of a stored interval against that of the search value, both closed, by the letter of the standard: `eq` is
 * containment of the stored in the searched, `gt` is that some of the stored lies above, `ge` is `gt` or `eq`.
 * `about` is the interval that `ap` must overlap.
 */
export function intervalTest(
  prefix: Prefix,
  from: number,
  to: number,
  about: { readonly low: number; readonly high: number },
): RangeTest {
  switch (prefix) {
    case 'eq':
      return [[low('>=', from), high('<=', to)]];
    case 'ne':
      return [[low('<', from)], [high('>', to)]];
    case 'gt':
      return [[high('>', to)]];
    case 'lt':
      return [[low('<', from)]];
    case 'ge':
      return [[high('>', to)], [low('>=', from), high('<=', to)]];
    case 'le':
      return [[low('<', from)], [low('>=', from), high('<=', to)]];
    case 'sa':
      return [[low('>', to)]];
    case 'eb':
      return [[high('<', from)]];
    case 'ap':
      return [[low('<=', about.high), high('>=', about.low)]];
  }
}

/** A number as it was written: `value`, and the half-open interval [from, to) of what rounds to it. */
export interface Precise {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Tests of a stored number or range against a searched number. Only `eq` and `ne` see the precision in which it is written; the
 * others take it as exact (R4 §3.1.1.4.6). `ap` is within 10 %.
 */
export function numberTest(prefix: Prefix, { value, from, to }: Precise): RangeTest {
  const tenth = Math.abs(value) / 10;
  switch (prefix) {
    case 'eq':
      return [[low('>=', from), high('<', to)]];
    case 'ne':
      return [[low('<', from)], [high('>=', to)]];
    case 'gt':
    case 'sa':
      return [[prefix === 'gt' ? high('>', value) : low('>', value)]];
    case 'lt':
    case 'eb':
      return [[prefix === 'lt' ? low('<', value) : high('<', value)]];
    case 'ge':
      return [[high('>=', value)]];
    case 'le':
      return [[low('<=', value)]];
    case 'ap':
      return [[low('<=', value + tenth), high('>=', value - tenth)]];
  }
}

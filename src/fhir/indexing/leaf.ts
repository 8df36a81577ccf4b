import type { Keys } from '../../store/keys.ts';
import type { IndexRows, RangeRow, StringRow } from '../../store/rows.ts';
import { fold } from './fold.ts';

/** What turns one value at the end of a path into index rows. The value's shape was validated on write, but nothing here may throw. */
export type Leaf = (value: unknown, rows: Rows) => void;

/** A search parameter of one resource type, ready to index: its names as keys of one database. */
export interface Param {
  readonly type: string;
  readonly code: string;
  readonly keys: Keys;
  /** `keys.param(type, code)`. */
  readonly param: bigint;
}

/** The longest folded string that is indexed, in code points. */
export const LONGEST_STRING = 600;

/** How much of a text is read for the index, so that a book costs no more than a page. */
const LONGEST_READ = 8 * LONGEST_STRING;

/** How many of the last rows are compared with a new one: a bound on work, not on what is right. */
const NEAR = 32;

/** The index rows of one resource while they are collected. */
export class Rows {
  readonly keys = new Set<bigint>();
  readonly ranges: RangeRow[] = [];
  readonly strings: StringRow[] = [];
  /** Values of date parameters, by the parameter's number. */
  readonly dates = new Map<bigint, RangeRow[]>();
  readonly zone: string;
  readonly baseUrl: string;

  constructor(zone: string, baseUrl: string) {
    this.zone = zone;
    this.baseUrl = baseUrl;
  }

  key(key: bigint): void {
    this.keys.add(key);
  }

  /** Bounds the wrong way round, as an invalid Period has them, are turned. */
  range(param: bigint, from: number, to: number, unit = 0n): void {
    const [low, high] = from <= to ? [from, to] : [to, from];
    for (let at = this.ranges.length - 1; at >= 0 && at >= this.ranges.length - NEAR; at--) {
      const row = this.ranges[at];
      if (row?.low === low && row.high === high && row.param === param && row.unit === unit) return;
    }
    this.ranges.push({ param, low, high, unit });
  }

  date(param: bigint, from: number, to: number): void {
    const before = this.ranges.length;
    this.range(param, from, to);
    const added = this.ranges.slice(before);
    if (added.length > 0) this.dates.set(param, [...(this.dates.get(param) ?? []), ...added]);
  }

  /**
   * Folds the text. One that another of the parameter begins with is not kept: whatever finds it finds the longer.
   * A text of nothing but marks stays as an empty row, so that `:missing` is right.
   */
  string(param: bigint, text: string): void {
    const value = cut(fold(text.length > LONGEST_READ ? text.slice(0, LONGEST_READ).toWellFormed() : text));
    for (let at = this.strings.length - 1; at >= 0 && at >= this.strings.length - NEAR; at--) {
      const row = this.strings[at];
      if (row?.param !== param) continue;
      if (row.value.startsWith(value)) return;
      if (value.startsWith(row.value)) {
        this.strings[at] = { param, value };
        return;
      }
    }
    this.strings.push({ param, value });
  }

  done(): IndexRows {
    return { keys: [...this.keys], ranges: this.ranges, strings: this.strings };
  }
}

function cut(text: string): string {
  if (text.length <= LONGEST_STRING) return text;
  return [...text.slice(0, 2 * LONGEST_STRING)].slice(0, LONGEST_STRING).join('');
}

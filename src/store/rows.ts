/** What `fhir/indexing` hands to the store for one version of one resource. */
export interface IndexRows {
  /** Distinct keys of token, reference, uri, exact-string values, and of presence (`:missing`) for parameters that have them. */
  readonly keys: readonly bigint[];
  readonly ranges: readonly RangeRow[];
  readonly strings: readonly StringRow[];
}

/** Dates: epoch milliseconds, first and last millisecond of the value's precision. Numbers: low = high = the value. */
export interface RangeRow {
  readonly param: bigint;
  readonly low: number;
  readonly high: number;
  /** Key of a quantity's unit; a quantity is stored once per way its unit can be named. 0n where there is none. */
  readonly unit: bigint;
}

/** A folded string, at most 600 code points. */
export interface StringRow {
  readonly param: bigint;
  readonly value: string;
}

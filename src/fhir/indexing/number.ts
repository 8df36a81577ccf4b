import type { Leaf } from './leaf.ts';

/** The bounds of a range that is open to one side. */
export const LOWEST = -Number.MAX_VALUE;
export const HIGHEST = Number.MAX_VALUE;

/** Index rows of a number parameter (R4 §3.1.1.4.6) for a value of this datatype, or null where it is no number. */
export function numberLeaf(datatype: string, param: bigint): Leaf | null {
  if (datatype === 'integer' || datatype === 'decimal' || datatype === 'positiveInt' || datatype === 'unsignedInt') {
    return (value, rows) => {
      const number = numberOf(value);
      if (number !== null) rows.range(param, number, number);
    };
  }
  if (datatype !== 'Range') return null;
  return (value, rows) => {
    const { low, high } = value as { low?: { value?: unknown }; high?: { value?: unknown } };
    const first = numberOf(low?.value);
    const last = numberOf(high?.value);
    if (first !== null || last !== null) rows.range(param, first ?? LOWEST, last ?? HIGHEST);
  };
}

/** A JSON number, or a decimal that is kept as text to keep its digits. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

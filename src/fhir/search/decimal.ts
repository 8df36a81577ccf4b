import type { Precise } from './prefix.ts';

const DECIMAL = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads a decimal and the interval that its digits imply (R4 §3.1.1.4.6): `100` is [99.5, 100.5), `5.40` is [5.395, 5.405).
 * With an exponent the standard's example counts one digit more than is written: `1e2` is [95, 105). The bounds are
 * computed on the text, so that no binary rounding moves them. Null if it is not a decimal.
 */
export function decimal(text: string): Precise | null {
  const match = DECIMAL.exec(narrow(text));
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = Number(exponent ?? 0) - fraction.length;
  const value = Number(`${digits}e${scale}`);
  if (!Number.isFinite(value)) return null;
  const [unit, place] = exponent === undefined ? [10n, scale - 1] : [100n, scale - 2];
  const at = (tenths: bigint): number => Number(`${tenths}e${place}`);
  return { value, from: at(digits * unit - 5n), to: at(digits * unit + 5n) };
}

/** Full-width digits and signs as they are typed in Japan: `１２．５` → `12.5`. */
export function narrow(text: string): string {
  return text.normalize('NFKC').replaceAll('\u2212', '-').trim();
}

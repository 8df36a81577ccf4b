import { randomInt } from 'node:crypto';

/**
 * 契約者ID: what callers at the desk are asked for. Nine digits by chance and a check digit (ISO/IEC 7812-1, mod 10), so that it is neither
 * guessed nor misheard; spoken in groups.
 */
export function newNumber(random: () => number = () => randomInt(1_000_000_000)): string {
  const digits = String(random()).padStart(9, '0');
  const all = digits + checkDigit(digits);
  return `${all.slice(0, 3)}-${all.slice(3, 6)}-${all.slice(6)}`;
}

/** A number as it is stored, from what somebody typed: full-width digits, blanks and all kinds of hyphens; undefined for what can be none. */
export function readNumber(typed: string): string | undefined {
  const digits = typed
    .slice(0, 64)
    .normalize('NFKC')
    .replaceAll(/[\s\p{Dash}ー]/gu, '');
  if (!/^\d{10}$/.test(digits) || checkDigit(digits.slice(0, 9)) !== digits[9]) return undefined;
  return `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}`;
}

function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

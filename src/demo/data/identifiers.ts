import { createHash } from 'node:crypto';

/** Namespace of the demo's name-based UUIDs. */
const NAMESPACE = Buffer.from('0f7c5b0e6a1d4c2e9b3a8d5e7f1c2b4a', 'hex');

/** A UUID of version 5 (RFC 9562 §5.5): the same for the same name, so that the demo's data are the same for the same moment. */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A DICOM UID derived from a UUID (DICOM PS3.5 §B.2): `2.25.` and the UUID as a decimal number. */
export function nameUid(name: string): string {
  return `2.25.${BigInt(`0x${nameUuid(name).replaceAll('-', '')}`)}`;
}

/**
 * Check digit of an institution code: digits weighted 2, 1, 2 … from the right, the digits of the products added, and what is
 * missing to the next ten.
 */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const product = Number(digits.at(-1 - i)) * (i % 2 === 0 ? 2 : 1);
    sum += Math.floor(product / 10) + (product % 10);
  }
  return String((10 - (sum % 10)) % 10);
}

/** Ten-digit code of a medical institution: prefecture (2), fee table (1 = 医科), area (2) and number (4), check digit. */
export function institutionCode(prefecture: string, area: string, number: string): string {
  const digits = `${prefecture}1${area}${number}`;
  return digits + checkDigit(digits);
}

/** Code of an institution that has none, such as a care agency: 9 and the last nine digits of its telephone number. */
export function telephoneCode(telephone: string): string {
  return `9${telephone.replaceAll(/\D/g, '').slice(-9)}`;
}

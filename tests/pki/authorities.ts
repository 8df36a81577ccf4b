/** Authorities of the tests: synthetic, made anew, with keys that cost little. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Certificate, readCertificate } from '../../src/pki/certificate.ts';
import { type Crl, readCrl } from '../../src/pki/crl.ts';
import {
  type CertificateParts,
  type CrlParts,
  type ExtensionParts,
  issueCertificate,
  issueCrl,
} from '../../src/pki/issue.ts';
import type { NameParts } from '../../src/pki/names.ts';

export const DAY = 86_400_000;
/** When all of it happens. */
export const NOON = Date.parse('2026-06-15T12:00:00Z');

export const ecKey = (namedCurve = 'P-256'): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
export const rsaKey = (modulusLength = 2048, publicExponent = 0x10001): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey;

export const named = (commonName: string, ...more: NameParts): NameParts => [
  ['C', 'JP'],
  ['O', 'Tasuki Test'],
  ...more,
  ['CN', commonName],
];

export interface Party {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  /** By which it issues, in place of the one in its certificate. */
  readonly name?: Uint8Array;
}

export type PartyParts = Partial<Omit<CertificateParts, 'issuer' | 'key'>> & { readonly key?: KeyObject };

/** Issued by `issuer`, by itself without one; ten years around NOON unless said otherwise. */
export function party(name: string, issuer: Party | undefined, parts: PartyParts = {}): Party {
  const { key = ecKey(), ...rest } = parts;
  const der = issueCertificate({
    subject: named(name),
    issuer: issuer ?? { key },
    key,
    notBefore: NOON - 1826 * DAY,
    notAfter: NOON + 1826 * DAY,
    ...rest,
  });
  return { certificate: readCertificate(der), key };
}

export const CA: ExtensionParts = Object.freeze({
  basicConstraints: { ca: true },
  keyUsage: ['keyCertSign', 'cRLSign'] as const,
});

export const authority = (
  name: string,
  issuer: Party | undefined,
  extensions: ExtensionParts = {},
  parts: PartyParts = {},
): Party => party(name, issuer, { ...parts, extensions: { ...CA, ...extensions } });

export const DOCTOR_POLICY = '1.2.392.100495.1.5.1.1.3.1';

/** As an HPKI certificate for signatures is. */
export const DOCTOR: ExtensionParts = Object.freeze({
  keyUsage: ['nonRepudiation'] as const,
  certificatePolicies: [DOCTOR_POLICY],
  critical: { certificatePolicies: true },
  hcRoles: ['Medical Doctor'],
  subjectAltName: [{ directoryName: named('試験 太郎') }],
  crlDistributionPoints: [{ names: [{ uri: 'http://crl.example/sign.crl' }] }],
});

export const doctor = (issuer: Party, extensions: ExtensionParts = {}, parts: PartyParts = {}): Party =>
  party('SHIKEN TARO', issuer, { ...parts, extensions: { ...DOCTOR, ...extensions } });

/** Made at NOON, due a day later, unless said otherwise. */
export const list = (issuer: Party, parts: Partial<Omit<CrlParts, 'issuer'>> = {}): Crl =>
  readCrl(issueCrl({ issuer, thisUpdate: NOON, nextUpdate: NOON + DAY, ...parts }));

/** The bytes with one bit or more of one byte changed. */
export function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at]! ^= mask;
  return changed;
}

/** Extensions of certificates (RFC 5280 §4.2). */
import type { Name } from './names.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** What is in the OCTET STRING. */
  readonly value: Uint8Array;
}

export const EXTENSIONS = Object.freeze({
  subjectDirectoryAttributes: '2.5.29.9',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
});

export const ANY_POLICY = '2.5.29.32.0';
export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** In the order of their bits (RFC 5280 §4.2.1.3); nonRepudiation is also called contentCommitment. */
export const KEY_USAGES = Object.freeze([
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const);

export type KeyUsage = (typeof KEY_USAGES)[number];

/** RFC 5280 §4.2.1.6; of the forms that nothing here decides on only the kind is kept, and the bytes. */
export type GeneralName =
  | { readonly kind: 'directoryName'; readonly name: Name }
  | { readonly kind: 'uri' | 'dns' | 'email'; readonly text: string }
  | { readonly kind: 'ip' | 'otherName' | 'registeredId' | 'x400Address' | 'ediPartyName'; readonly bytes: Uint8Array };

export type GeneralNameKind = GeneralName['kind'];

export interface DistributionPoint {
  /** Full names, with names relative to the issuer made full. */
  readonly names: readonly GeneralName[];
  /** Whether it has reasons: then its lists cover some reasons only. */
  readonly someReasons: boolean;
  /** Present for lists by another issuer: indirect ones. */
  readonly crlIssuer: readonly GeneralName[];
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

export interface KnownExtensions {
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Object identifiers. */
  readonly extendedKeyUsage?: ReadonlySet<string>;
  readonly certificatePolicies?: ReadonlySet<string>;
  readonly policyMappings?: readonly { readonly issuerDomain: string; readonly subjectDomain: string }[];
  readonly policyConstraints?: { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number };
  readonly inhibitAnyPolicy?: number;
  readonly nameConstraints?: NameConstraints;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly subjectKeyIdentifier?: Uint8Array;
  readonly crlDistributionPoints?: readonly DistributionPoint[];
  readonly subjectAltName?: readonly GeneralName[];
}

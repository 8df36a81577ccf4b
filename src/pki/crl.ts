/** Certificate revocation lists (RFC 5280 §5). */
import type { Refusal, Scheme } from './algorithms.ts';
import type { GeneralName } from './extensions.ts';
import type { Name } from './names.ts';

/** By their number (RFC 5280 §5.3.1); 7 is not used. */
export const REASONS = Object.freeze([
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const);

export type Reason = NonNullable<(typeof REASONS)[number]>;

export interface CrlEntry {
  /** Epoch milliseconds. */
  readonly revocationDate: number;
  readonly reason: Reason;
  /** When the key is known or suspected to have been compromised, or the certificate became invalid; epoch milliseconds. */
  readonly invalidityDate?: number;
}

export interface IssuingDistributionPoint {
  readonly names: readonly GeneralName[];
  readonly onlyContainsUserCerts: boolean;
  readonly onlyContainsCACerts: boolean;
  readonly onlyContainsAttributeCerts: boolean;
  readonly onlySomeReasons: boolean;
  readonly indirectCRL: boolean;
}

export interface Crl {
  readonly der: Uint8Array;
  /** tbsCertList as it was signed. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2;
  readonly issuer: Name;
  /** Epoch milliseconds. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** How many entries. */
  readonly size: number;
  /** The entries of this serial number: one at most, unless the authority made a mistake. */
  lookup(serial: bigint): readonly CrlEntry[];
  readonly crlNumber?: bigint;
  readonly authorityKeyIdentifier?: Uint8Array;
  readonly issuingDistributionPoint?: IssuingDistributionPoint;
  /** BaseCRLNumber of a delta list, which alone proves nothing. */
  readonly deltaBase?: bigint;
  /** Certificates that expired at this time or later stay on the list (X.509 §9.5.2.8); epoch milliseconds. */
  readonly expiredCertsOnCrl?: number;
  /** An entry names another issuer: then the list is indirect, whatever else it says. */
  readonly hasCertificateIssuer: boolean;
  /** Object identifiers of critical extensions, of the list and of any entry, that are not understood: then it must not be used. */
  readonly unknownCritical: readonly string[];
  readonly scheme: Scheme | Refusal;
  readonly signature: Uint8Array;
}

/** @throws DerError on anything malformed. */
export function readCrl(_der: Uint8Array): Crl {
  throw new Error('not yet');
}

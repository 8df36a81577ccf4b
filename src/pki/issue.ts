/**
 * Makes certificates and revocation lists: for the demo's own authority and for tests, faulty ones included. It checks nothing; an authority
 * that others rely on needs far more than this.
 */
import type { KeyObject } from 'node:crypto';
import type { Scheme } from './algorithms.ts';
import type { Certificate } from './certificate.ts';
import type { Reason } from './crl.ts';
import type { Extension, KeyUsage } from './extensions.ts';
import type { NameParts } from './names.ts';

export interface Issuer {
  /** Gives the issuer's name and key identifier; without it the certificate is issued by its own subject. */
  readonly certificate?: Certificate;
  readonly key: KeyObject;
  /** In place of the subject of `certificate`: parts or DER. */
  readonly name?: NameParts | Uint8Array;
}

export interface GeneralNameParts {
  readonly directoryName?: NameParts;
  readonly uri?: string;
  readonly dns?: string;
  readonly email?: string;
}

export interface DistributionPointParts {
  readonly names: readonly GeneralNameParts[];
  readonly crlIssuer?: NameParts;
  readonly someReasons?: boolean;
}

/** What is left out is not in the certificate. Critical as RFC 5280 has it, unless `critical` says otherwise. */
export interface ExtensionParts {
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  readonly certificatePolicies?: readonly string[];
  readonly policyMappings?: readonly (readonly [issuerDomain: string, subjectDomain: string])[];
  readonly policyConstraints?: { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number };
  readonly inhibitAnyPolicy?: number;
  readonly nameConstraints?: {
    readonly permitted?: readonly GeneralNameParts[];
    readonly excluded?: readonly GeneralNameParts[];
  };
  readonly subjectAltName?: readonly GeneralNameParts[];
  readonly crlDistributionPoints?: readonly DistributionPointParts[];
  /** As HPKI has them, `Medical Doctor`. */
  readonly hcRoles?: readonly string[];
  /** The hash of the key when `true`, as it is by default. */
  readonly subjectKeyIdentifier?: boolean | Uint8Array;
  readonly authorityKeyIdentifier?: boolean | Uint8Array;
  /** Whether an extension is critical, by the names above, where that differs. */
  readonly critical?: Readonly<Record<string, boolean>>;
  /** Added as they are, at the end. */
  readonly raw?: readonly Extension[];
}

export interface CertificateParts {
  readonly subject: NameParts | Uint8Array;
  readonly issuer: Issuer;
  /** Of the subject; private, public, or SubjectPublicKeyInfo in DER. */
  readonly key: KeyObject | Uint8Array;
  /** Epoch milliseconds, to the second. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** 16 random bytes, when left out. */
  readonly serial?: bigint;
  readonly extensions?: ExtensionParts;
  /** By what it is signed, when not what suits the key. */
  readonly scheme?: Scheme;
  /** AlgorithmIdentifier, DER, written in place of the one of the scheme: outside, inside, or both. */
  readonly algorithm?: { readonly inner?: Uint8Array; readonly outer?: Uint8Array };
  /** 3 when left out; 1 leaves out all extensions. */
  readonly version?: 1 | 3;
}

/** DER. */
export function issueCertificate(_parts: CertificateParts): Uint8Array {
  throw new Error('not yet');
}

export interface CrlEntryParts {
  readonly serial: bigint;
  readonly revocationDate: number;
  readonly reason?: Reason;
  readonly invalidityDate?: number;
  /** Of an indirect list. */
  readonly certificateIssuer?: NameParts;
  readonly raw?: readonly Extension[];
}

export interface CrlParts {
  readonly issuer: Issuer & ({ readonly certificate: Certificate } | { readonly name: NameParts | Uint8Array });
  readonly thisUpdate: number;
  /** Left out when null. */
  readonly nextUpdate: number | null;
  readonly entries?: readonly CrlEntryParts[];
  /** 1 when left out; with null none is written. */
  readonly crlNumber?: bigint | null;
  readonly deltaBase?: bigint;
  readonly issuingDistributionPoint?: {
    readonly names?: readonly GeneralNameParts[];
    readonly onlyContainsUserCerts?: boolean;
    readonly onlyContainsCACerts?: boolean;
    readonly onlyContainsAttributeCerts?: boolean;
    readonly someReasons?: boolean;
    readonly indirectCRL?: boolean;
  };
  readonly expiredCertsOnCrl?: number;
  readonly authorityKeyIdentifier?: boolean | Uint8Array;
  readonly raw?: readonly Extension[];
  readonly scheme?: Scheme;
  readonly algorithm?: { readonly inner?: Uint8Array; readonly outer?: Uint8Array };
  /** 2 when left out; 1 leaves out all extensions. */
  readonly version?: 1 | 2;
}

/** DER. */
export function issueCrl(_parts: CrlParts): Uint8Array {
  throw new Error('not yet');
}

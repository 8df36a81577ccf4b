/** X.509 certificates (RFC 5280 §4), read strictly; every known extension is read with them, so that what is malformed is refused at once. */
import type { Refusal, Scheme } from './algorithms.ts';
import type { Extension, KnownExtensions } from './extensions.ts';
import type { Name } from './names.ts';

export interface Certificate {
  readonly der: Uint8Array;
  /** tbsCertificate as it was signed, tag and length included. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  readonly serial: bigint;
  /** Of the serial number: lower case, whole bytes, without a leading zero byte; `-` before a negative one. */
  readonly serialHex: string;
  readonly issuer: Name;
  readonly subject: Name;
  /** Epoch milliseconds; both ends belong to it. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** A Refusal where the certificate is signed by an algorithm that is not accepted. */
  readonly scheme: Scheme | Refusal;
  readonly signature: Uint8Array;
  /** All, in their order. */
  readonly extensions: readonly Extension[];
  /** Those that are understood. */
  readonly known: KnownExtensions;
  /** Object identifiers of critical extensions that are not understood: such a certificate must be refused (RFC 5280 §4.2). */
  readonly unknownCritical: readonly string[];
}

/** @throws DerError on anything malformed. */
export function readCertificate(_der: Uint8Array): Certificate {
  throw new Error('not yet');
}

/** SHA-256 of the whole, hex. */
export function fingerprint(_certificate: Certificate): string {
  throw new Error('not yet');
}

/** Subject and issuer are the same name (RFC 5280 §6.1: self-issued). */
export function isSelfIssued(_certificate: Certificate): boolean {
  throw new Error('not yet');
}

/** Whether the signature on the certificate is by the key in `spki`. */
export function isSignedBy(_certificate: Certificate, _spki: Uint8Array): boolean {
  throw new Error('not yet');
}

/**
 * As a person reads it: the common name of the directory name among the alternative names (kanji, in HPKI), else that of the subject, else
 * the whole subject.
 */
export function displayName(_certificate: Certificate): string {
  throw new Error('not yet');
}

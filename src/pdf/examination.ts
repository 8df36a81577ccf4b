import type { Finding } from './findings.ts';

/** `/ByteRange`: offset and length of what is signed before the signature value, offset and length of what is signed after it. */
export type ByteRange = readonly [number, number, number, number];

export type SignatureSubFilter = 'adbe.pkcs7.detached' | 'ETSI.CAdES.detached';

export interface SignatureFound {
  /** The bytes of the /Contents hex string, padding included. */
  readonly contents: Uint8Array;
  readonly byteRange: ByteRange;
  /** Where the signed bytes end. */
  readonly coveredEnd: number;
  readonly subFilter: SignatureSubFilter;
  readonly fieldName?: string;
  /** /M, as the signer's machine claims it; epoch milliseconds. */
  readonly signingTime?: number;
}

export interface DocumentTimestamp {
  /** The bytes of the /Contents hex string, padding included. */
  readonly contents: Uint8Array;
  readonly byteRange: ByteRange;
  /** Where its update ends. */
  readonly end: number;
}

/** DER, decoded; one for each revision that sets a /DSS. */
export interface SecurityStore {
  readonly certs: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly ocsps: readonly Uint8Array[];
}

export interface RevisionExtent {
  readonly start: number;
  readonly end: number;
  readonly kind: 'issued' | 'signature' | 'dss' | 'timestamp' | 'other';
}

export interface Examination {
  /** At least one for each check of PDF_CHECKS; all `passed` only when the whole file is accounted for. */
  readonly findings: readonly Finding[];
  /** Whenever its byte ranges can be told safely, also when a finding is not `passed`. */
  readonly signature?: SignatureFound;
  readonly documentTimestamps: readonly DocumentTimestamp[];
  readonly dss: readonly SecurityStore[];
  readonly revisions: readonly RevisionExtent[];
}

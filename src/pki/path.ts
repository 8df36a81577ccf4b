/** Certification paths (RFC 5280 §6.1): found among what is at hand, and validated. */
import type { RefusalCode } from './algorithms.ts';
import type { Certificate } from './certificate.ts';

export type PathFailureCode =
  /** The issuer's certificate, with that name and key, is not at hand. */
  | 'NO_ANCHOR'
  /** It ends in a root that is not trusted. */
  | 'UNTRUSTED_ROOT'
  /** The certificate with the key that should have issued has another name. */
  | 'NAME_CHAINING'
  | 'SIGNATURE_WRONG'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'NOT_A_CA'
  | 'PATH_LENGTH'
  | 'NO_KEY_CERT_SIGN'
  | 'UNKNOWN_CRITICAL_EXTENSION'
  | 'NAME_CONSTRAINTS'
  /** A policy is required, and none holds along the whole path. */
  | 'POLICY_REQUIRED'
  /** Policy mappings are not processed, so a certificate that has them is refused. */
  | 'POLICY_MAPPING'
  /** A certificate is not for the purpose (extended key usage). */
  | 'PURPOSE'
  /** Certificates that issue each other, and no anchor. */
  | 'CYCLE'
  /** The certificate itself is an anchor: nobody vouches for it but itself. */
  | 'LEAF_IS_ANCHOR'
  /** More paths than are worth trying. */
  | 'SEARCH_LIMIT'
  /** A signature or a key on the path is of an algorithm or a size that is not accepted. */
  | RefusalCode;

export interface PathRequest {
  readonly leaf: Certificate;
  /** What may stand between, in any order; not trusted. */
  readonly candidates: readonly Certificate[];
  /** Trusted by name and key; their validity, basicConstraints, keyUsage and nameConstraints count all the same. */
  readonly anchors: readonly Certificate[];
  /** The time for which every certificate must be valid; epoch milliseconds. */
  readonly at: number;
  /** An extended key usage: the leaf must have it, and a certificate between must not exclude it. */
  readonly purpose?: string;
}

export interface PathFound {
  readonly ok: true;
  /** The leaf first, the anchor last; two at least. */
  readonly path: readonly Certificate[];
  /** Policies that are valid for the leaf along the whole path; has 2.5.29.32.0 (anyPolicy) where any is. */
  readonly policies: ReadonlySet<string>;
}

export interface PathFailure {
  readonly ok: false;
  readonly code: PathFailureCode;
  /** For engineers, in English. */
  readonly detail: string;
  /** The one at fault. */
  readonly certificate: Certificate;
}

/** One path of all, or the most informative of the failures. The same for any order of candidates and anchors. */
export function buildPath(_request: PathRequest): PathFound | PathFailure {
  throw new Error('not yet');
}

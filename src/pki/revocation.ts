/** Whether the certificates of a path were revoked at a time, by lists (RFC 5280 §6.3). */
import type { Certificate } from './certificate.ts';
import type { Crl, Reason } from './crl.ts';

export type CrlNoteCode =
  /** The signature on the list is not by its issuer: it is ignored. */
  | 'CRL_SIGNATURE_WRONG'
  /** The list says that it is signed by a key other than those known of its issuer. */
  | 'CRL_OTHER_KEY'
  | 'CRL_ALGORITHM'
  /** The issuer's certificate does not allow its key to sign lists. */
  | 'CRL_SIGN_MISSING'
  | 'CRL_DELTA'
  | 'CRL_INDIRECT'
  | 'CRL_UNKNOWN_CRITICAL_EXTENSION'
  /** The list is of other certificates of the issuer: another distribution point or another kind. */
  | 'CRL_OUT_OF_SCOPE'
  | 'CRL_FROM_FUTURE'
  /** The list covers some reasons only: it can show a revocation, not that there is none. */
  | 'CRL_SOME_REASONS'
  | 'CRL_NO_NEXT_UPDATE'
  /** Older than the time asked about, and no longer current: it says nothing of that time. */
  | 'CRL_STALE'
  /** Made after the certificate expired, when its entry may have been taken off (RFC 5280 §3.3). */
  | 'CRL_AFTER_EXPIRY';

export interface CrlNote {
  readonly code: CrlNoteCode;
  readonly detail: string;
  readonly crl: Crl;
}

export interface RevocationRequest {
  /** As buildPath gives it: leaf first, anchor last. */
  readonly path: readonly Certificate[];
  /** In any order, of any issuer. */
  readonly crls: readonly Crl[];
  /** Certificates by which lists may be signed, where an authority signs them with another key. */
  readonly crlSigners?: readonly Certificate[];
  /** The time asked about; epoch milliseconds. */
  readonly at: number;
  /** The time of asking. */
  readonly now: number;
}

export interface Revocation {
  /** Epoch milliseconds. */
  readonly date: number;
  readonly reason: Reason;
  readonly invalidityDate?: number;
  readonly crl: Crl;
}

/**
 * `good`: a list made at the time asked about or later does not have it. `pending`: only a current list that is older says so; a later
 * revocation may not be known before `recheck`. `none`: undecided.
 */
export type RevocationState = 'good' | 'pending' | 'revoked' | 'none';

export interface CertificateStatus {
  readonly certificate: Certificate;
  readonly state: RevocationState;
  /** For engineers, in English. */
  readonly detail: string;
  /** The list that decided. */
  readonly crl?: Crl;
  /** With `revoked`, the revocation that counts; with `good` and `pending`, one that came later. */
  readonly revocation?: Revocation;
  /** With `pending`: when a newer list is due; epoch milliseconds. */
  readonly recheck?: number;
  /** Lists of the issuer that were not used or not enough, and why. */
  readonly notes: readonly CrlNote[];
}

/** One for each certificate but the anchor, in the order of the path. */
export function checkRevocation(_request: RevocationRequest): readonly CertificateStatus[] {
  throw new Error('not yet');
}

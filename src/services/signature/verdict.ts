/**
 * What a verification is asked and what it answers. Pure data, the same in the worker, in the database and in the tests, so that a
 * verification can be repeated years later from what was kept. Instants are epoch milliseconds, certificates and lists DER.
 */

export type Result = 'VALID' | 'INVALID' | 'INDETERMINATE';

/** `noted`: passed, with something to know. `skipped`: not reached, because a check that it needs did not pass. */
export type CheckStatus = 'passed' | 'noted' | 'failed' | 'undecided' | 'skipped';

/** The checks, in the order in which they are made and shown. */
export const CHECKS = Object.freeze([
  /** The bytes that were issued are the exact beginning of the file. */
  'issued-bytes',
  /** The update that carries the signature adds what a signature may add, and nothing else. */
  'increment',
  /** There is one signature field, and it is the update's own. */
  'signature-field',
  /** The signature covers everything up to its own end but its own value. */
  'byte-range',
  /** After it come only a DSS and document time-stamps. */
  'after-signature',
  /** The signature value is one well-formed DER SignedData, detached, with one signer. */
  'cms',
  /** The digest in the signature is that of the bytes. */
  'message-digest',
  /** The signature over the attributes is that of the certificate's key, by an algorithm that is accepted. */
  'signature',
  /** The signed attribute names the certificate (ESS signing-certificate-v2). */
  'signing-certificate',
  /** The time-stamp on the signature is sound and comes from a trusted authority. */
  'timestamp',
  /** The signer's certificate chains to a trusted anchor at that time. */
  'path',
  /** The signer's key is for non-repudiation. */
  'key-usage',
  /** The certificate was issued under an HPKI policy for signatures. */
  'policy',
  /** The signer has a role that may sign this document. */
  'role',
  /** No certificate of the two chains was revoked at that time. */
  'revocation',
  /** The certificate belongs to a registered practitioner of the sending institution. Decided outside the worker. */
  'binding',
] as const);

export type CheckName = (typeof CHECKS)[number];

export interface Check {
  readonly name: CheckName;
  /** `OK`, or what was found: an upper-case word such as `CERT_REVOKED`; words.ts has each in Japanese and English. */
  readonly code: string;
  readonly status: CheckStatus;
  /** For engineers, in English; nothing of the letter's content. */
  readonly detail: string;
  /** Facts that the check stands on: digests and serial numbers in hex, instants in ISO 8601. */
  readonly evidence?: Readonly<Record<string, string>>;
}

/** What is trusted, as one value. */
export interface Trust {
  /** Root certificates of signers. */
  readonly anchors: readonly Uint8Array[];
  /** Certificates that may stand between; not trusted by themselves. */
  readonly intermediates: readonly Uint8Array[];
  readonly timestampAnchors: readonly Uint8Array[];
  readonly timestampIntermediates: readonly Uint8Array[];
  /** Certificate revocation lists known to us, of signers and time-stamp authorities alike; verified by their issuers when used. */
  readonly crls: readonly Uint8Array[];
  /** Object identifiers; a signer's certificate needs a policy that is one of them or lies below one. */
  readonly policies: readonly string[];
  /** Object identifiers under which a certificate is refused, whatever else it carries: HPKI authentication. */
  readonly refusedPolicies: readonly string[];
}

export interface VerificationInput {
  readonly submitted: Uint8Array;
  /** As issued; undefined where it is not known which letter it should be. */
  readonly issued: Uint8Array | undefined;
  readonly trust: Trust;
  /** hcRole strings that may sign the document, such as `Medical Doctor`. */
  readonly roles: readonly string[];
  readonly now: number;
}

export interface Signer {
  /** SHA-256 of the certificate, hex. */
  readonly certificate: string;
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  /** Hex. */
  readonly serial: string;
  /** As the certificate gives it: the common name of the directory name among the alternative names (kanji), else of the subject. */
  readonly name: string;
  readonly roles: readonly string[];
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Verdict {
  readonly result: Result;
  readonly checks: readonly Check[];
  /** Of the trusted time-stamp. */
  readonly signedAt?: number;
  readonly signer?: Signer;
  /** Everything outside the file that the verdict stands on; what came in the file is here too, so that it can be archived. */
  readonly evidence: {
    /** Of both chains, leaf first, anchors last; then of who signed lists in an authority's place. */
    readonly certificates: readonly Uint8Array[];
    readonly crls: readonly Uint8Array[];
    /** The signature's time-stamp token. */
    readonly timestamp?: Uint8Array;
  };
  /** When a revocation list that is newer than the signature is due: until then a later revocation may not be known yet. */
  readonly recheckAfter?: number;
  /** When the certificate of the file's last time-stamp ends: before it, an archive time-stamp is due. */
  readonly renewBefore?: number;
}

/** One failed check makes it INVALID, else one undecided or skipped INDETERMINATE; VALID only when every check was made and passed. */
export function resultOf(checks: readonly Check[]): Result {
  if (checks.some(({ status }) => status === 'failed')) return 'INVALID';
  const passed = (name: CheckName) =>
    checks.some((check) => check.name === name) &&
    checks.every((check) => check.name !== name || check.status === 'passed' || check.status === 'noted');
  return CHECKS.every(passed) ? 'VALID' : 'INDETERMINATE';
}

import type { FindingCode } from '../../pdf/findings.ts';
import type { RefusalCode } from '../../pki/algorithms.ts';
import type { PathFailureCode } from '../../pki/path.ts';
import type { CrlNoteCode } from '../../pki/revocation.ts';
import type { TimestampCode } from '../../pki/timestamp.ts';

/** What a verification can find beyond what the rooms below it name. words.ts has each in Japanese and English. */
export const CODES = Object.freeze([
  // cms
  'CMS_MALFORMED',
  'CMS_SIGNER_COUNT',
  'CMS_VERSION',
  'CMS_CONTENT_TYPE',
  'CMS_NOT_DETACHED',
  'CMS_TOO_LARGE',
  'CMS_NO_ATTRIBUTES',
  'CMS_ATTRIBUTE_MISSING',
  'CMS_COUNTERSIGNED',
  'CMS_CERTIFICATE_MISSING',
  'CMS_STRAY',
  // message-digest, signature, signing-certificate
  'DIGEST_MISMATCH',
  'SIGNATURE_INVALID',
  'CMS_ALGORITHM_PROTECTION',
  'ESS_MALFORMED',
  'ESS_MISMATCH',
  'ESS_MISSING',
  'ESS_ABSENT_LEGACY',
  // timestamp
  'TST_MISSING',
  'TST_TOO_MANY',
  'TST_CERTIFICATE_MISSING',
  'TST_FUTURE',
  'TST_NO_ANCHOR',
  'TST_UNTRUSTED',
  'TST_CERT_EXPIRED',
  'TST_CERT_NOT_YET_VALID',
  'TST_EKU',
  'TST_KEY_USAGE',
  'TST_PATH',
  'TST_EXPIRED',
  'TST_ESS_WEAK',
  'ARCHIVED',
  'ARCHIVE_TST_INVALID',
  'ARCHIVE_TST_ORDER',
  // path
  'CERT_MALFORMED',
  'UNTRUSTED',
  'CERT_EXPIRED',
  'CERT_NOT_YET_VALID',
  // key-usage, policy, role
  'KEY_USAGE',
  'KEY_USAGE_BROAD',
  'POLICY_REFUSED',
  'NO_POLICY',
  'NOT_HPKI',
  'ROLE_MISSING',
  'WRONG_ROLE',
  // revocation
  'CERT_REVOKED',
  'CERT_REVOKED_LATER',
  'CERT_COMPROMISED',
  'CA_REVOKED',
  'TSA_REVOKED',
  'TSA_REVOKED_LATER',
  'TSA_COMPROMISED',
  'REVOCATION_PENDING',
  'CRL_MISSING',
  // binding, decided by the workflow
  'SIGNER_UNCONFIRMED',
  'SIGNER_NAME_DIFFERS',
  'SIGNER_REFUSED',
  'DECIDED_ELSEWHERE',
  // the verification itself
  'VERIFIER_TIMEOUT',
  'VERIFIER_MEMORY',
  'VERIFIER_FAILED',
] as const);

/** Every code of a check but `OK`. */
export type Code =
  | (typeof CODES)[number]
  | Exclude<FindingCode, 'OK'>
  | TimestampCode
  | PathFailureCode
  | CrlNoteCode
  | RefusalCode;

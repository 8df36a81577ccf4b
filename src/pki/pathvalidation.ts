/** What RFC 5280 §6.1 asks of each certificate of a path, but for the signatures, which the search for the path verified. */
import { describeKey, isRefused, type Refusal, type RefusalCode } from './algorithms.ts';
import { type Certificate, isSelfIssued } from './certificate.ts';
import { DerError } from './der.ts';
import { ANY_EXTENDED_KEY_USAGE, type NameConstraints } from './extensions.ts';
import { nameFault } from './nameconstraints.ts';
import { formatName } from './names.ts';
import { validPolicies } from './policies.ts';

export type ValidationFailureCode =
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
  /** A signature or a key on the path is of an algorithm or a size that is not accepted. */
  | RefusalCode;

export interface Fault<Code = ValidationFailureCode> {
  readonly code: Code;
  /** For engineers, in English. */
  readonly detail: string;
  /** The one at fault. */
  readonly certificate: Certificate;
}

/** The key's refusal, if it is not accepted. */
export function keyRefusal(certificate: Certificate): Refusal | undefined {
  try {
    const key = describeKey(certificate.spki);
    return isRefused(key) ? key : undefined;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { kind: 'refused', code: 'KEY_UNKNOWN', oid: '', detail: `a malformed key: ${error.message}` };
  }
}

/** The policies that are valid for the leaf, or what is wrong: the fault that is nearest to the anchor. `path`: leaf first, anchor last. */
export function validatePath(
  path: readonly Certificate[],
  at: number,
  purpose: string | undefined,
): ReadonlySet<string> | Fault {
  const downwards = path.toReversed();
  const leaf = path[0]!;
  const constraints: NameConstraints[] = [];
  /** How many more certificates that are not self-issued may stand before the leaf. */
  let remaining = Number.POSITIVE_INFINITY;
  for (const [depth, certificate] of downwards.entries()) {
    const isAnchor = depth === 0;
    const isLeaf = certificate === leaf;
    const selfIssued = isSelfIssued(certificate);
    const fault =
      ownFault(certificate, at) ??
      (isAnchor || isLeaf || selfIssued || remaining > 0
        ? undefined
        : { code: 'PATH_LENGTH' as const, detail: 'more certificates than an issuer allows below it' }) ??
      (isLeaf ? undefined : issuingFault(certificate, isAnchor)) ??
      (purpose === undefined || isAnchor ? undefined : purposeFault(certificate, isLeaf, purpose)) ??
      (isAnchor || (selfIssued && !isLeaf) ? undefined : constraintFault(certificate, constraints)) ??
      (!isAnchor && certificate.known.policyMappings !== undefined
        ? { code: 'POLICY_MAPPING' as const, detail: 'it maps policies' }
        : undefined);
    if (fault !== undefined) {
      return { ...fault, detail: `${formatName(certificate.subject)}: ${fault.detail}`, certificate };
    }
    if (!isAnchor && !selfIssued) remaining -= 1;
    remaining = Math.min(remaining, certificate.known.basicConstraints?.pathLength ?? remaining);
    if (certificate.known.nameConstraints !== undefined) constraints.push(certificate.known.nameConstraints);
  }
  return (
    validPolicies(downwards.slice(1)) ?? {
      code: 'POLICY_REQUIRED',
      detail: 'a policy is required, and none is valid along the whole path',
      certificate: leaf,
    }
  );
}

type Finding = Omit<Fault, 'certificate'>;

function ownFault(certificate: Certificate, at: number): Finding | undefined {
  const { notBefore, notAfter, unknownCritical } = certificate;
  const refusal = keyRefusal(certificate);
  if (refusal !== undefined) return { code: refusal.code, detail: refusal.detail };
  if (at < notBefore) return { code: 'NOT_YET_VALID', detail: `valid from ${new Date(notBefore).toISOString()}` };
  // Written so that a time that is not a number is refused.
  if (!(at <= notAfter)) return { code: 'EXPIRED', detail: `valid until ${new Date(notAfter).toISOString()}` };
  if (unknownCritical.length > 0) {
    return { code: 'UNKNOWN_CRITICAL_EXTENSION', detail: `critical and not understood: ${unknownCritical.join(', ')}` };
  }
  return undefined;
}

/**
 * Whether it may issue certificates. RFC 5280 §4.2.1.3, §4.2.1.9 have every authority's certificate carry both extensions; of anchors,
 * which are trusted for themselves, what is not written is not held against them.
 */
function issuingFault({ known, version }: Certificate, isAnchor: boolean): Finding | undefined {
  const { basicConstraints, keyUsage } = known;
  const old = isAnchor && version < 3;
  if (!old && basicConstraints?.ca !== true) return { code: 'NOT_A_CA', detail: 'not a certificate of an authority' };
  const mayIssue = keyUsage === undefined ? isAnchor : keyUsage.has('keyCertSign');
  return mayIssue ? undefined : { code: 'NO_KEY_CERT_SIGN', detail: 'its key is not for signing certificates' };
}

function purposeFault({ known }: Certificate, isLeaf: boolean, purpose: string): Finding | undefined {
  const purposes = known.extendedKeyUsage;
  const fits = isLeaf
    ? purposes?.has(purpose) === true
    : purposes === undefined || purposes.has(purpose) || purposes.has(ANY_EXTENDED_KEY_USAGE);
  return fits ? undefined : { code: 'PURPOSE', detail: `not for ${purpose}` };
}

function constraintFault(certificate: Certificate, constraints: readonly NameConstraints[]): Finding | undefined {
  for (const constraint of constraints) {
    const detail = nameFault(certificate, constraint);
    if (detail !== undefined) return { code: 'NAME_CONSTRAINTS', detail };
  }
  return undefined;
}

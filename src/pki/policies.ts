/**
 * Certificate policies along a path (RFC 5280 §6.1.2 to §6.1.5, as RFC 9618 reads it). Certificates with policy mappings are refused
 * elsewhere; without mappings the tree of valid policies is, at each depth, no more than a set, which cannot grow beyond what one
 * certificate has.
 */
import type { Certificate } from './certificate.ts';
import { isSelfIssued } from './certificate.ts';
import { ANY_POLICY } from './extensions.ts';

/** Undefined when a policy is required and none is valid. `below`: from the certificate that the anchor issued to the leaf. */
export function validPolicies(below: readonly Certificate[]): ReadonlySet<string> | undefined {
  let explicitPolicy = below.length + 1;
  let inhibitAny = below.length + 1;
  let valid: ReadonlySet<string> = new Set([ANY_POLICY]);
  for (const [at, certificate] of below.entries()) {
    const { certificatePolicies, policyConstraints, inhibitAnyPolicy } = certificate.known;
    const isLeaf = at === below.length - 1;
    const selfIssued = isSelfIssued(certificate);
    valid = narrowed(valid, certificatePolicies, inhibitAny > 0 || (!isLeaf && selfIssued));
    if (explicitPolicy === 0 && valid.size === 0) return undefined;

    if (isLeaf || !selfIssued) {
      explicitPolicy = Math.max(0, explicitPolicy - 1);
      inhibitAny = Math.max(0, inhibitAny - 1);
    }
    const required = policyConstraints?.requireExplicitPolicy;
    if (required !== undefined && (!isLeaf || required === 0)) explicitPolicy = Math.min(explicitPolicy, required);
    if (inhibitAnyPolicy !== undefined) inhibitAny = Math.min(inhibitAny, inhibitAnyPolicy);
  }
  return explicitPolicy === 0 && valid.size === 0 ? undefined : valid;
}

/** §6.1.3 (d) and (e). */
function narrowed(
  valid: ReadonlySet<string>,
  asserted: ReadonlySet<string> | undefined,
  anyCounts: boolean,
): ReadonlySet<string> {
  if (asserted === undefined) return new Set();
  if (asserted.has(ANY_POLICY) && anyCounts) return valid.has(ANY_POLICY) ? valid.union(asserted) : valid;
  const explicit = new Set([...asserted].filter((policy) => policy !== ANY_POLICY));
  return valid.has(ANY_POLICY) ? explicit : explicit.intersection(valid);
}

import { type Certificate, displayName, fingerprint } from '../../../pki/certificate.ts';
import { ANY_POLICY, EXTENSIONS } from '../../../pki/extensions.ts';
import { hcRoles } from '../../../pki/hcrole.ts';
import { formatName } from '../../../pki/names.ts';
import type { PathFound } from '../../../pki/path.ts';
import type { Signer, Trust } from '../verdict.ts';
import { type Finding, failed, noted, notReached, passed, undecided } from './outcome.ts';

/** HPKI's profile for signatures: nonRepudiation, by itself (domain of the certificate policy: MHLW HPKI CP, §7.1). */
export function checkKeyUsage({ known, extensions }: Certificate): Finding {
  const usages = [...(known.keyUsage ?? [])];
  const evidence = { keyUsage: usages.join(' ') };
  if (known.basicConstraints?.ca)
    return failed('KEY_USAGE', 'the certificate is that of a certification authority', evidence);
  if (!usages.includes('nonRepudiation')) return failed('KEY_USAGE', 'the key is not for non-repudiation', evidence);
  if (usages.includes('keyCertSign') || usages.includes('cRLSign'))
    return failed('KEY_USAGE', 'the key is for certificates or lists', evidence);
  const extended = extensions.find(({ oid }) => oid === EXTENSIONS.extendedKeyUsage);
  if (extended?.critical) return failed('KEY_USAGE', 'the key is for other purposes alone', evidence);
  if (usages.length > 1 || extended)
    return noted('KEY_USAGE_BROAD', 'the key may be used for other things besides signatures', evidence);
  return passed('the key is for non-repudiation alone', evidence);
}

const within = (policy: string, bases: readonly string[]): boolean =>
  bases.some((base) => policy === base || policy.startsWith(`${base}.`));

/**
 * One of the certificate's own policies is, or lies below, one that is configured, and holds along the whole path. A policy that is refused
 * (authentication) anywhere on the path refuses all, whatever else is there.
 */
export function checkPolicy(leaf: Certificate, found: PathFound | undefined, trust: Trust): Finding {
  const own = [...(leaf.known.certificatePolicies ?? [])];
  const evidence = { policies: own.join(' ') };
  const issued = found ? found.path.slice(0, -1) : [leaf];
  const refused = issued.flatMap(({ known }) =>
    [...(known.certificatePolicies ?? [])].filter((policy) => within(policy, trust.refusedPolicies)),
  );
  if (refused.length > 0)
    return failed('POLICY_REFUSED', `issued under ${refused[0]}: for authentication, not for signatures`, evidence);
  if (trust.policies.length === 0) return undecided('NO_POLICY', 'no policy is configured', evidence);
  const right = own.filter((policy) => within(policy, trust.policies));
  if (right.length === 0) return failed('NOT_HPKI', 'not issued under a policy for signatures', evidence);
  if (!found) return notReached('path');
  const valid = right.find((policy) => found.policies.has(policy) || found.policies.has(ANY_POLICY));
  return valid
    ? passed(`issued under ${valid}`, evidence)
    : failed('NOT_HPKI', 'the authority is not for the policy that the certificate names', evidence);
}

export function checkRole(leaf: Certificate, allowed: readonly string[]): Finding {
  const roles = hcRoles(leaf);
  const evidence = { roles: roles.join(', '), allowed: allowed.join(', ') };
  if (roles.length === 0) return failed('ROLE_MISSING', 'no hcRole in the certificate', evidence);
  const role = roles.find((name) => allowed.includes(name));
  return role ? passed(role, evidence) : failed('WRONG_ROLE', 'not a role that may sign this document', evidence);
}

export const signerOf = (certificate: Certificate): Signer => ({
  certificate: fingerprint(certificate),
  subject: formatName(certificate.subject),
  issuer: formatName(certificate.issuer),
  serial: certificate.serialHex,
  name: displayName(certificate),
  roles: hcRoles(certificate),
  notBefore: certificate.notBefore,
  notAfter: certificate.notAfter,
});

import { AUTHENTICATION_POLICY, authority, lazily, type Member, SIGNATURE_POLICY } from './authority.ts';

const policy = (base: string) => ({
  certificatePolicies: [`${base}.3.1`],
  basicConstraints: { ca: true, pathLength: 0 },
  critical: { certificatePolicies: true },
});

export const authorities = lazily({
  root: (): Member => authority('TESTS HPKI Root CA'),
  /** Issues certificates for signatures. */
  signing: (): Member =>
    authority('HPKI-01-TestSignCA-forNonRepudiation', authorities.root, {
      kind: 'rsa-2048',
      extensions: policy(SIGNATURE_POLICY),
    }),
  /** Issues certificates for logging in. */
  authentication: (): Member =>
    authority('HPKI-01-TestAuthCA-forAuthentication-forIndividual', authorities.root, {
      extensions: policy(AUTHENTICATION_POLICY),
    }),
  /** Another issuer under the same root. */
  secondSigning: (): Member =>
    authority('HPKI-01-TestSecondSignCA-forNonRepudiation', authorities.root, { extensions: policy(SIGNATURE_POLICY) }),

  /** Wrong: below `signing`, whose pathLenConstraint is 0. */
  tooDeep: (): Member =>
    authority('CA below an issuing CA', authorities.signing, { extensions: policy(SIGNATURE_POLICY) }),
  /** Wrong: a CA whose key is not for certificates. */
  withoutKeyCertSign: (): Member =>
    authority('CA without keyCertSign', authorities.root, {
      extensions: { ...policy(SIGNATURE_POLICY), keyUsage: ['cRLSign'] },
    }),
  /** Wrong: an ordinary certificate that issues others. */
  notCa: (): Member =>
    authority('No CA', authorities.root, {
      extensions: { ...policy(SIGNATURE_POLICY), basicConstraints: { ca: false } },
    }),
  withoutBasicConstraints: (): Member =>
    authority('CA without basicConstraints', authorities.root, {
      extensions: { ...policy(SIGNATURE_POLICY), basicConstraints: undefined },
    }),
  /** Wrong: revoked before anything was signed (lists.ts). */
  revoked: (): Member => authority('Revoked CA', authorities.root, { extensions: policy(SIGNATURE_POLICY) }),

  /** Looks the same, but nobody trusts it. */
  otherRoot: (): Member => authority('TESTS Other Root CA'),
  otherSigning: (): Member =>
    authority('HPKI-01-OtherSignCA-forNonRepudiation', authorities.otherRoot, { extensions: policy(SIGNATURE_POLICY) }),
  /** With the names of root and signing CA, but keys of its own. */
  falseRoot: (): Member =>
    authority('false root', undefined, {
      subject: [
        ['C', 'JP'],
        ['O', 'Tests'],
        ['CN', 'TESTS HPKI Root CA'],
      ],
    }),
  falseSigning: (): Member =>
    authority('false signing', authorities.falseRoot, {
      subject: [
        ['C', 'JP'],
        ['O', 'Tests'],
        ['CN', 'HPKI-01-TestSignCA-forNonRepudiation'],
      ],
      extensions: policy(SIGNATURE_POLICY),
    }),

  timestampRoot: (): Member => authority('TESTS Time-Stamp Root CA'),
  otherTimestampRoot: (): Member => authority('TESTS Other Time-Stamp Root CA'),
});

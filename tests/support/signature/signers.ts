import { context, oid, sequence, set, utf8 } from '../../../src/pki/der.ts';
import { authorities } from './authorities.ts';
import { AUTHENTICATION_POLICY, lazily, type Making, type Member, SIGNATURE_POLICY, signerOf } from './authority.ts';
import { SIGNED_AT, YEAR } from './times.ts';

const hpki = (owner: string, making?: Making & { kanji?: string }): Member =>
  signerOf(owner, authorities.signing, making);
const SUBJECT_DIRECTORY_ATTRIBUTES = '2.5.29.9';
const roleActor = (role: string) =>
  sequence(context(0, true, set(context(0, true, oid('1.2.392.100495.1.6.1.1')), context(2, true, utf8(role)))));
const roleRaw = (...values: readonly Uint8Array[]) => ({
  hcRoles: undefined,
  raw: [
    {
      oid: SUBJECT_DIRECTORY_ATTRIBUTES,
      critical: false,
      value: sequence(sequence(oid('1.0.17090.0.1'), set(...values))),
    },
  ],
});

/** Who signs. The first are right; the others have the one thing wrong that they are named after. */
export const signers = lazily({
  doctor: () => hpki('SHIKEN Ishi', { kanji: '試験 医師' }),
  /** As cards have it today. */
  doctorRsa: () => hpki('SHIKEN Aruesuee', { kind: 'rsa-2048', kanji: '試験 髙﨑' }),
  doctorP384: () => hpki('SHIKEN Sanbyaku', { kind: 'p-384' }),
  /** A key for RSASSA-PSS alone. */
  doctorPss: () => hpki('SHIKEN Pii', { kind: 'rsa-pss-2048' }),
  dentist: () => hpki('SHIKEN Shika', { kanji: '試験 歯科', extensions: { hcRoles: ['Dentist'] } }),
  secondDoctor: () => signerOf('SHIKEN Daini', authorities.secondSigning),
  /** The inner SET of the role left out, as some have it. */
  roleInOneSet: () => hpki('SHIKEN Hitotsu', { extensions: roleRaw(roleActor('Medical Doctor')) }),
  /** Revoked after the letters of the tests are signed: still right. */
  revokedLater: () => hpki('SHIKEN Atode'),
  /** As above, but because the key had been stolen before. */
  stolenBefore: () => hpki('SHIKEN Nusumi'),

  pharmacist: () => hpki('SHIKEN Yakuzaishi', { extensions: { hcRoles: ['Pharmacist'] } }),
  noRole: () => hpki('SHIKEN Nashi', { extensions: { hcRoles: undefined } }),
  roleMalformed: () => hpki('SHIKEN Kowareta', { extensions: roleRaw(utf8('Medical Doctor')) }),
  revoked: () => hpki('SHIKEN Shikkou'),
  expired: () => hpki('SHIKEN Kigen', { notBefore: SIGNED_AT - 5 * YEAR, notAfter: SIGNED_AT - YEAR / 12 }),
  notYetValid: () => hpki('SHIKEN Mada', { notBefore: SIGNED_AT + YEAR / 12 }),
  authentication: () =>
    signerOf('SHIKEN Ninshou', authorities.authentication, {
      extensions: { keyUsage: ['digitalSignature'], certificatePolicies: [`${AUTHENTICATION_POLICY}.3.1`] },
    }),
  /** An authentication policy beside the one for signatures. */
  bothPolicies: () =>
    hpki('SHIKEN Ryouhou', {
      extensions: { certificatePolicies: [`${SIGNATURE_POLICY}.3.1`, `${AUTHENTICATION_POLICY}.3.1`] },
    }),
  noPolicy: () => hpki('SHIKEN Musaku', { extensions: { certificatePolicies: undefined } }),
  otherPolicy: () => hpki('SHIKEN Betsu', { extensions: { certificatePolicies: ['1.2.392.200000.1.1'] } }),
  /** A policy that looks like one below ours, but is not. */
  lookalikePolicy: () => hpki('SHIKEN Nise', { extensions: { certificatePolicies: [`${SIGNATURE_POLICY}1.3.1`] } }),
  digitalSignatureOnly: () => hpki('SHIKEN Denshi', { extensions: { keyUsage: ['digitalSignature'] } }),
  broadKeyUsage: () => hpki('SHIKEN Hiroi', { extensions: { keyUsage: ['digitalSignature', 'nonRepudiation'] } }),
  noKeyUsage: () => hpki('SHIKEN Mu', { extensions: { keyUsage: undefined } }),
  weakKey: () => hpki('SHIKEN Yowai', { kind: 'rsa-1024' }),
  unknownCritical: () =>
    hpki('SHIKEN Shiranai', {
      extensions: { raw: [{ oid: '1.2.392.200000.9', critical: true, value: Uint8Array.of(5, 0) }] },
    }),
  otherRoot: () => signerOf('SHIKEN Hoka', authorities.otherSigning),
  falseIssuer: () => signerOf('SHIKEN Itsuwari', authorities.falseSigning),
  tooDeep: () => signerOf('SHIKEN Fukai', authorities.tooDeep),
  withoutKeyCertSign: () => signerOf('SHIKEN Ken', authorities.withoutKeyCertSign),
  notCa: () => signerOf('SHIKEN Hi', authorities.notCa),
  withoutBasicConstraints: () => signerOf('SHIKEN Kihon', authorities.withoutBasicConstraints),
  revokedCa: () => signerOf('SHIKEN Oya', authorities.revoked),
});

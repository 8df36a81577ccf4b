import { createHash } from 'node:crypto';
import { digest } from '../../../../src/pki/algorithms.ts';
import { ATTRIBUTES, DATA } from '../../../../src/pki/cms.ts';
import { boolean, context, integer, octets, oid, printable, readDer, sequence, set } from '../../../../src/pki/der.ts';
import { messageImprint } from '../../../../src/pki/timestamp.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { authority, signerOf, stamperOf } from '../../../support/signature/authority.ts';
import { changeByte, type Stamper } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { DAY, HOUR, SECOND, SIGNED_AT, VERIFIED_AT, YEAR } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { letter, stamp, unstamped } from '../verify/ask.ts';
import { type Attack, doubted, refuted } from './attack.ts';
import { attribute, attributes, tampered } from './making.ts';
import { type HandmadeToken, stampedByHand } from './token.ts';

const { contentType, messageDigest, signatureTimeStampToken, signingCertificateV2 } = ATTRIBUTES;
const with_ = (timestamp: Stamper): Promise<Uint8Array> => letter({ timestamp });
const by = (name: keyof typeof stampers, at = SIGNED_AT) => with_(stampedBy(stampers[name], { at }));
const byHand = (how: HandmadeToken) => with_(stampedByHand(how));
const TST_OF_OTHERS = Buffer.from('the signature of another letter');

/** As the attacker would write the time: not as DER has it. */
const time = (text: string): Uint8Array => {
  const der = printable(text);
  der[0] = 0x18;
  return der;
};

/** Several tokens on one signature. */
const several = (tokens: readonly Stamper[]) =>
  letter({
    faults: {
      cms: (cms) =>
        tampered((_, signer) => {
          const value = readDer(signer.signature).content;
          const made = tokens.map((one) => attribute(signatureTimeStampToken, one(value) as Uint8Array));
          signer.unsigned = made;
        })(cms),
    },
  });

/** Time-stamps: none, of something else, by somebody else, of another time. */
export const TIMESTAMPS: readonly Attack[] = [
  refuted('does not have the signature time-stamped', 'timestamp TST_MISSING', () => unstamped()),
  refuted('takes the time-stamp out', 'timestamp TST_MISSING', () =>
    letter({ faults: { cms: tampered((_, signer) => Object.assign(signer, { unsigned: [] })) } }),
  ),
  refuted('puts the time-stamp among the signed attributes', 'timestamp TST_MISSING', async () => {
    const token = await stamp()(TST_OF_OTHERS);
    return unstamped({ faults: { attributes: attributes([], attribute(signatureTimeStampToken, token)) } });
  }),
  refuted('adds time-stamps until they are too many', 'timestamp TST_TOO_MANY', () =>
    several(Array.from({ length: 9 }, () => stamp())),
  ),
  refuted('takes the time-stamp of another signature', 'timestamp TST_IMPRINT', async () => {
    const token = await stamp()(TST_OF_OTHERS);
    return with_(() => token);
  }),
  refuted('has the letter time-stamped instead of the signature', 'timestamp TST_IMPRINT', async () => {
    const token = await stamp()(Buffer.from('%PDF-1.7'));
    return with_(() => token);
  }),
  refuted('adds a time-stamp of another signature beside the right one', 'timestamp TST_IMPRINT', async () => {
    const token = await stamp()(TST_OF_OTHERS);
    return several([stamp(), () => token]);
  }),
  refuted('adds an older time-stamp of an authority of its own', 'timestamp TST_UNTRUSTED', () =>
    several([stamp(), stampedBy(stampers.otherRoot, { at: SIGNED_AT - 30 * DAY })]),
  ),
  refuted('says that the imprint is by another hash of the same length', 'timestamp TST_ALGORITHM', () =>
    byHand({
      fields: (fields) => {
        const claimed = sequence(oid('2.16.840.1.101.3.4.2.8'));
        fields[2] = sequence(claimed, octets(new Uint8Array(32)));
      },
    }),
  ),
  refuted('has the imprint by SHA-1', 'timestamp TST_ALGORITHM', () =>
    with_((data) =>
      stampedByHand({
        fields: (fields) => {
          const hash = createHash('sha1').update(data).digest();
          fields[2] = sequence(sequence(oid('1.3.14.3.2.26')), octets(hash));
        },
      })(data),
    ),
  ),
  refuted('says that the imprint is by a hash of another length', 'timestamp TST_MALFORMED', () =>
    with_((data) =>
      stampedByHand({
        fields: (fields) => {
          const right = messageImprint('sha512', new Uint8Array(64));
          const [algorithm] = [readDer(right).content.subarray(0, 13)];
          fields[2] = sequence(algorithm, octets(digest('sha256', data)));
        },
      })(data),
    ),
  ),
  refuted('has the imprint cut short', 'timestamp TST_MALFORMED', () =>
    byHand({
      fields: (fields) => {
        fields[2] = sequence(sequence(oid('2.16.840.1.101.3.4.2.1')), octets(new Uint8Array()));
      },
    }),
  ),
  refuted('changes the time after it was stamped', 'timestamp TST_DIGEST', () =>
    letter({
      faults: { token: (token) => changeByte(token, Buffer.from(token).indexOf('20260601090000Z') + 7, 1) },
    }),
  ),
  refuted('signs another digest than that of the time', 'timestamp TST_DIGEST', () =>
    byHand({ attributes: attributes([messageDigest], attribute(messageDigest, octets(new Uint8Array(32)))) }),
  ),
  refuted('has the time-stamp signed as ordinary data', 'timestamp TST_DIGEST', () =>
    byHand({ attributes: attributes([contentType], attribute(contentType, oid(DATA))) }),
  ),
  refuted('changes the signature on the time-stamp', 'timestamp TST_SIGNATURE', () =>
    letter({ faults: { token: (token) => changeByte(token, -1) } }),
  ),
  refuted('takes a signature for a time-stamp', 'timestamp TST_MALFORMED', () =>
    letter({ faults: { token: () => sequence(oid('1.2.840.113549.1.7.2'), context(0, true, sequence(integer(1)))) } }),
  ),
  refuted('puts garbage in place of the time-stamp', 'timestamp TST_MALFORMED', () =>
    with_(() => octets(TST_OF_OTHERS)),
  ),
  refuted('calls the token SignedData of version 1', 'timestamp TST_MALFORMED', () =>
    byHand({ change: (parts) => Object.assign(parts, { version: integer(1) }) }),
  ),
  refuted('hides an attribute certificate in the token', 'timestamp TST_MALFORMED', () =>
    byHand({ change: (parts) => parts.certificates.push(context(1, true, integer(1))) }),
  ),
  refuted('takes the content out of the token', 'timestamp TST_MALFORMED', () =>
    byHand({ change: (parts) => Object.assign(parts, { content: sequence(oid('1.2.840.113549.1.9.16.1.4')) }) }),
  ),
  refuted('has the token signed by two', 'timestamp TST_MALFORMED', () =>
    byHand({ change: (parts, signer) => parts.signers.push({ ...signer, unsigned: [attribute(DATA, integer(1))] }) }),
  ),
  refuted('writes the time in the zone of Japan', 'timestamp TST_MALFORMED', () =>
    byHand({ fields: (fields) => fields.splice(4, 1, time('20260601180000+0900')) }),
  ),
  refuted('writes the time with parts of a second that end in zero', 'timestamp TST_MALFORMED', () =>
    byHand({ fields: (fields) => fields.splice(4, 1, time('20260601090000.50Z')) }),
  ),
  refuted('writes the time without seconds', 'timestamp TST_MALFORMED', () =>
    byHand({ fields: (fields) => fields.splice(4, 1, time('202606010900Z')) }),
  ),
  refuted('writes a time that does not exist', 'timestamp TST_MALFORMED', () =>
    byHand({ fields: (fields) => fields.splice(4, 1, time('20260229000000Z')) }),
  ),
  refuted('writes the last second of a day twice', 'timestamp TST_MALFORMED', () =>
    byHand({ fields: (fields) => fields.splice(4, 1, time('20260601235960Z')) }),
  ),
  refuted('has a token with something critical that nobody understands', 'timestamp TST_MALFORMED', () =>
    byHand({
      fields: (fields) => fields.push(context(1, true, sequence(oid('1.2.3.4'), boolean(true), octets(TST_OF_OTHERS)))),
    }),
  ),
  refuted('has a token of another version', 'timestamp TST_MALFORMED', () =>
    byHand({ fields: (fields) => fields.splice(0, 1, integer(2)) }),
  ),
  refuted('has a token that names another authority than its certificate', 'timestamp TST_CERTIFICATE', () =>
    byHand({
      fields: (fields) => fields.push(context(0, true, context(4, true, stampers.next.x509.subject.der))),
    }),
  ),
  refuted('has a token that names no certificate', 'timestamp TST_CERTIFICATE', () =>
    byHand({ attributes: attributes([signingCertificateV2]) }),
  ),
  refuted('has a token that names the certificate of another authority', 'timestamp TST_CERTIFICATE', () =>
    byHand({
      attributes: attributes(
        [signingCertificateV2],
        attribute(
          signingCertificateV2,
          sequence(sequence(sequence(octets(digest('sha256', stampers.next.certificate))))),
        ),
      ),
    }),
  ),
  refuted('leaves the authority’s certificate out', 'timestamp TST_CERTIFICATE_MISSING', () =>
    byHand({ certificates: [] }),
  ),
  refuted(
    'puts the certificate of the trusted authority into the token of another',
    'timestamp TST_CERTIFICATE_MISSING',
    () => byHand({ authority: stampers.otherRoot, certificates: [stampers.tsa.certificate] }),
  ),
  refuted('names the trusted authority as the signer of a token of another', 'timestamp TST_CERTIFICATE', () =>
    byHand({
      authority: stampers.otherRoot,
      certificates: [stampers.tsa.certificate],
      change: (_, signer) => {
        const { issuer, serial } = stampers.tsa.x509;
        signer.sid = sequence(issuer.der, integer(serial));
      },
    }),
  ),
  doubted('puts an unsigned attribute into the token', 'cms CMS_STRAY', () =>
    byHand({ change: (_, signer) => signer.unsigned.push(attribute('1.2.392.200000.9', integer(1))) }),
  ),
  doubted('puts a certificate of nobody into the token', 'cms CMS_STRAY', () =>
    byHand({ change: (parts) => parts.certificates.push(signers.otherRoot.certificate) }),
  ),
  doubted('announces in the token a digest that nobody needs', 'cms CMS_STRAY', () =>
    byHand({
      change: (parts, signer) => {
        parts.digestAlgorithms = set(signer.digestAlgorithm, sequence(oid('2.16.840.1.101.3.4.2.3')));
      },
    }),
  ),
  refuted('is stamped by an authority that nobody trusts', 'timestamp TST_UNTRUSTED', () => by('otherRoot')),
  refuted('brings the root of that authority along', 'timestamp TST_UNTRUSTED', () =>
    letter({
      timestamp: stampedBy(stampers.otherRoot, { at: SIGNED_AT }),
      dss: { certificates: [authorities.otherTimestampRoot.certificate], crls: [] },
    }),
  ),
  refuted('is stamped by an authority that signers’ root issued', 'timestamp TST_UNTRUSTED', () =>
    with_(stampedBy(stamperOf('TESTS TSU of signers', authorities.signing), { at: SIGNED_AT })),
  ),
  refuted('is stamped by the doctor', 'timestamp TST_EKU', () => with_(stampedBy(signers.doctor, { at: SIGNED_AT }))),
  refuted('is stamped by one whose purpose is not critical', 'timestamp TST_EKU', () => by('notCritical')),
  refuted('is stamped by one with another purpose besides', 'timestamp TST_EKU', () => by('extraPurpose')),
  refuted('is stamped by one of no purpose', 'timestamp TST_EKU', () => by('noPurpose')),
  refuted('is stamped by one of any purpose', 'timestamp TST_EKU', () =>
    with_(
      stampedBy(
        stamperOf('TESTS TSU of any purpose', authorities.timestampRoot, {
          extensions: { extendedKeyUsage: ['2.5.29.37.0'] },
        }),
        { at: SIGNED_AT },
      ),
    ),
  ),
  refuted('is stamped by one whose key is for something else', 'timestamp TST_KEY_USAGE', () => by('wrongKeyUsage')),
  refuted('is stamped by an authority for certificates', 'timestamp TST_KEY_USAGE', () =>
    with_(
      stampedBy(
        stamperOf('TESTS TSU that issues', authorities.timestampRoot, {
          extensions: { basicConstraints: { ca: true } },
        }),
        { at: SIGNED_AT },
      ),
    ),
  ),
  refuted('is stamped by one that an ordinary certificate issued', 'timestamp TST_PATH', () =>
    with_(stampedBy(stamperOf('TESTS TSU below', stampers.next), { at: SIGNED_AT })),
  ),
  refuted('is stamped by one below an authority that excludes the purpose', 'timestamp TST_EKU', () =>
    with_(
      stampedBy(
        stamperOf(
          'TESTS TSU below others',
          authority('TESTS CA for code', authorities.timestampRoot, {
            extensions: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'] },
          }),
        ),
        { at: SIGNED_AT },
      ),
    ),
  ),
  refuted('is stamped by one whose certificate had ended', 'timestamp TST_CERT_EXPIRED', () => by('expired')),
  refuted('is stamped by one whose certificate had not begun', 'timestamp TST_CERT_NOT_YET_VALID', () =>
    by('notYetValid'),
  ),
  refuted('is stamped a second after the certificate ended', 'timestamp TST_CERT_EXPIRED', () =>
    by('ending', stampers.ending.x509.notAfter + SECOND).then((submitted) => ({
      submitted,
      now: SIGNED_AT + YEAR + HOUR,
    })),
  ),
  refuted('is stamped in the future', 'timestamp TST_FUTURE', () => by('tsa', VERIFIED_AT + HOUR)),
  refuted('is stamped in the past, before the doctor’s certificate was valid', 'path CERT_NOT_YET_VALID', () =>
    letter({
      signer: signerOf('SHIKEN Shinjin', authorities.signing, { notBefore: SIGNED_AT - HOUR }),
      timestamp: stamp(SIGNED_AT - DAY),
    }),
  ),
  refuted('is stamped by a revoked authority', 'revocation TSA_REVOKED', () => by('revoked')),
  doubted('is stamped by one whose certificate has ended since', 'timestamp TST_EXPIRED', async () => ({
    submitted: await by('ending'),
    now: SIGNED_AT + 2 * YEAR,
  })),
  doubted('asks where no authority is trusted', 'timestamp TST_NO_ANCHOR', async () => ({
    submitted: await letter(),
    trust: { timestampAnchors: [] },
  })),
];

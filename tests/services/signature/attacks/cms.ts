import { createHash } from 'node:crypto';
import { digest, sign } from '../../../../src/pki/algorithms.ts';
import { ATTRIBUTES, SIGNED_DATA } from '../../../../src/pki/cms.ts';
import {
  boolean,
  children,
  context,
  generalizedTime,
  integer,
  octets,
  oid,
  readDer,
  sequence,
  set,
} from '../../../../src/pki/der.ts';
import { readOutline } from '../../../../src/pki/outline.ts';
import { TST_INFO } from '../../../../src/pki/timestamp.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { signerOf } from '../../../support/signature/authority.ts';
import { keyOf } from '../../../support/signature/keys.ts';
import { listsAt } from '../../../support/signature/lists.ts';
import { changeByte } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { DAY, SIGNED_AT, YEAR } from '../../../support/signature/times.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, doubted, refuted } from './attack.ts';
import { reissued } from './certificates.ts';
import { attribute, attributes, type CmsParts, handmade, type SignerParts, tampered } from './making.ts';

const { messageDigest, signingCertificateV2, signingCertificate, contentType, counterSignature } = ATTRIBUTES;
const zeros = (size: number): Uint8Array => new Uint8Array(size);

/** Tampers with the finished signature of a genuine letter. */
const tampering = (change: (parts: CmsParts, signer: SignerParts) => void): Promise<Uint8Array> =>
  letter({ faults: { cms: tampered(change) } });

/** Signs what an honest program would not. */
const signing = (...how: Parameters<typeof attributes>): Promise<Uint8Array> =>
  letter({ faults: { attributes: attributes(...how) } });

const cmsOf = async (): Promise<SignerParts> => {
  let own: SignerParts | undefined;
  await handmade({
    signer: signers.doctorP384,
    change: (_, signer) => {
      own = { ...signer };
    },
  });
  return own!;
};

/** The certificate of another key with the doctor's name, issuer and serial number. */
const twin = () =>
  signerOf('SHIKEN Futago', authorities.falseSigning, {
    parts: { serial: signers.doctor.x509.serial, subject: signers.doctor.x509.subject.der },
  });
/** Another certificate of the doctor's own key. */
const renewed = () => signerOf('SHIKEN Ishi', authorities.signing, { kanji: '試験 医師' });

const essOf = (...certificates: readonly Uint8Array[]): Uint8Array =>
  attribute(
    signingCertificateV2,
    sequence(sequence(...certificates.map((one) => sequence(octets(digest('sha256', one)))))),
  );

const reversed = (der: Uint8Array): Uint8Array => {
  const members = children(readDer(der)).map(({ bytes }) => bytes);
  const head = der.length - members.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([der.subarray(0, head), ...members.toReversed()]);
};

/** The signature value: its form, its attributes, its certificates. */
export const CMS: readonly Attack[] = [
  refuted('adds a second signer, an attacker, behind the doctor', 'cms CMS_SIGNER_COUNT', async () => {
    const other = await cmsOf();
    return tampering((parts) => {
      parts.digestAlgorithms = set(parts.signers[0]!.digestAlgorithm, other.digestAlgorithm);
      parts.signers.push(other);
    });
  }),
  refuted('adds the doctor again as a second signer', 'cms CMS_SIGNER_COUNT', () =>
    tampering((parts, signer) => void parts.signers.push({ ...signer, unsigned: [] })),
  ),
  refuted('leaves no signer at all', 'cms CMS_SIGNER_COUNT', () =>
    tampering((parts) => Object.assign(parts, { signers: [] })),
  ),
  refuted('writes lengths without end (BER)', 'cms CMS_MALFORMED', () =>
    letter({ faults: { cms: (cms) => Uint8Array.from([0x30, 0x80, ...cms.subarray(4), 0, 0]) } }),
  ),
  refuted('writes a length in more bytes than it needs', 'cms CMS_MALFORMED', () =>
    letter({ faults: { cms: (cms) => Uint8Array.from([0x30, 0x83, 0, ...cms.subarray(2)]) } }),
  ),
  refuted('puts something behind the signature', 'cms CMS_MALFORMED', () =>
    letter({ faults: { cms: (cms) => Buffer.concat([cms, integer(7)]) } }),
  ),
  refuted('hands in a time-stamp token as the signature', 'cms CMS_CONTENT_TYPE', () =>
    letter({
      faults: { cms: (cms) => tampered((parts) => Object.assign(parts, { content: sequence(oid(TST_INFO)) }))(cms) },
    }),
  ),
  refuted('hands in data that are encrypted, not signed', 'cms CMS_MALFORMED', () =>
    tampering((parts) => Object.assign(parts, { type: oid('1.2.840.113549.1.7.3') })),
  ),
  refuted('lets the signature carry a content of its own', 'cms CMS_NOT_DETACHED', () =>
    tampering((parts) => {
      parts.content = sequence(oid('1.2.840.113549.1.7.1'), context(0, true, octets(Buffer.from('another letter'))));
    }),
  ),
  refuted('calls it SignedData of version 3', 'cms CMS_VERSION', () =>
    tampering((parts) => Object.assign(parts, { version: integer(3) })),
  ),
  refuted('names the signer by key identifier', 'cms CMS_VERSION', () =>
    tampering((_, signer) => {
      signer.version = integer(3);
      signer.sid = context(0, false, readOutline(signers.doctor.certificate).keyId!);
    }),
  ),
  refuted('hides an attribute certificate among the certificates', 'cms CMS_VERSION', () =>
    tampering((parts) => void parts.certificates.push(context(1, true, integer(1)))),
  ),
  refuted('carries more certificates than any chain has', 'cms CMS_TOO_LARGE', () =>
    tampering((parts) => {
      for (let i = 0; i < 65; i++) parts.certificates.push(sequence(integer(i)));
    }),
  ),
  refuted('signs the bytes themselves, without attributes', 'cms CMS_NO_ATTRIBUTES', () =>
    tampering((_, signer) => Object.assign(signer, { signed: undefined })),
  ),
  refuted('signs the attributes of another file as if they were this one', 'cms CMS_NO_ATTRIBUTES', () =>
    handmade({ change: (_, signer) => Object.assign(signer, { signed: undefined }) }),
  ),
  refuted('signs no digest', 'cms CMS_ATTRIBUTE_MISSING', () => signing([messageDigest])),
  refuted('signs no content type', 'cms CMS_ATTRIBUTE_MISSING', () => signing([contentType])),
  refuted('signs the content type of a time-stamp', 'cms CMS_ATTRIBUTE_MISSING', () =>
    signing([contentType], attribute(contentType, oid(TST_INFO))),
  ),
  refuted('signs two digests, the genuine one first', 'cms CMS_MALFORMED', () =>
    signing([], attribute(messageDigest, octets(zeros(32)))),
  ),
  refuted('signs two digests in one attribute', 'cms CMS_MALFORMED', async () => {
    const own = digest('sha256', Buffer.from('another letter'));
    return signing([messageDigest], attribute(messageDigest, octets(own), octets(zeros(32))));
  }),
  refuted('signs attributes in another order than DER has them', 'cms CMS_MALFORMED', () =>
    handmade({ attributes: reversed }),
  ),
  refuted('sorts the attributes after they are signed', 'cms CMS_MALFORMED', () =>
    tampering((_, signer) => Object.assign(signer, { signed: reversed(signer.signed!) })),
  ),
  refuted('takes one signed attribute away', 'signature SIGNATURE_INVALID', () =>
    tampering((_, signer) => Object.assign(signer, { signed: attributes([signingCertificateV2])(signer.signed!) })),
  ),
  doubted('puts a second digest among the unsigned attributes', 'cms CMS_STRAY', () =>
    tampering((_, signer) => void signer.unsigned.push(attribute(messageDigest, octets(zeros(32))))),
  ),
  doubted('puts a role among the unsigned attributes', 'cms CMS_STRAY', () =>
    tampering(
      (_, signer) => void signer.unsigned.push(attribute('1.0.17090.0.1', octets(Buffer.from('Medical Doctor')))),
    ),
  ),
  refuted('has the signature countersigned', 'cms CMS_COUNTERSIGNED', () =>
    tampering((_, signer) => void signer.unsigned.push(attribute(counterSignature, sequence(integer(1))))),
  ),
  doubted('announces a digest by which nothing is signed', 'cms CMS_STRAY', () =>
    tampering((parts) => {
      const [own] = children(readDer(parts.digestAlgorithms));
      parts.digestAlgorithms = set(own!.bytes, sequence(oid('1.3.14.3.2.26')));
    }),
  ),
  refuted('announces the digest with parameters of no meaning', 'cms CMS_MALFORMED', () =>
    tampering((parts) =>
      Object.assign(parts, { digestAlgorithms: set(sequence(oid('2.16.840.1.101.3.4.2.1'), boolean(true))) }),
    ),
  ),
  refuted('announces none of the digests', 'cms CMS_MALFORMED', () =>
    tampering((parts) => Object.assign(parts, { digestAlgorithms: set() })),
  ),
  refuted('nests the signature two thousand times', 'cms CMS_MALFORMED', () => {
    let deep = octets(zeros(1));
    for (let depth = 0; depth < 1500; depth++) deep = sequence(deep);
    return letter({ faults: { cms: () => deep } });
  }),
  refuted('wraps the signature into a signature', 'cms CMS_MALFORMED', () =>
    letter({ faults: { cms: (cms) => sequence(oid(SIGNED_DATA), context(0, true, cms)) } }),
  ),

  refuted('changes the signed digest', 'message-digest DIGEST_MISMATCH', () =>
    letter({ faults: { messageDigest: (value) => changeByte(value, 0) } }),
  ),
  refuted('changes the signature value', 'signature SIGNATURE_INVALID', () =>
    letter({ faults: { signature: (value) => changeByte(value, -1) } }),
  ),
  refuted('signs for other algorithms than are named', 'signature CMS_ALGORITHM_PROTECTION', () =>
    signing(
      [],
      attribute(
        ATTRIBUTES.algorithmProtection,
        sequence(sequence(oid('2.16.840.1.101.3.4.2.3')), context(1, true, oid('1.2.840.10045.4.3.4'))),
      ),
    ),
  ),

  refuted('takes the signer’s certificate out', 'cms CMS_CERTIFICATE_MISSING', () => letter({ certificates: [] })),
  refuted('exchanges the certificate for one of the attacker', 'cms CMS_CERTIFICATE_MISSING', () =>
    letter({ certificates: [signers.otherRoot.certificate] }),
  ),
  refuted('exchanges the certificate for another of the same key', 'cms CMS_CERTIFICATE_MISSING', () =>
    tampering((parts) =>
      Object.assign(parts, { certificates: [renewed().certificate, authorities.signing.certificate] }),
    ),
  ),
  refuted(
    'exchanges the certificate for another of the same key, and says so outside of what is signed',
    'signing-certificate ESS_MISMATCH',
    () => {
      const other = renewed();
      return tampering((parts, signer) => {
        const { issuer, serial } = readOutline(other.certificate);
        parts.certificates = [other.certificate, authorities.signing.certificate];
        signer.sid = sequence(issuer, integer(serial));
      });
    },
  ),
  refuted('names the certificate of another doctor in the signed attribute', 'signing-certificate ESS_MISMATCH', () =>
    letter({ named: signers.doctorRsa.certificate }),
  ),
  refuted('names the certificate second, behind another', 'signing-certificate ESS_MISMATCH', () =>
    signing([signingCertificateV2], essOf(signers.doctorRsa.certificate, signers.doctor.certificate)),
  ),
  refuted('names the certificate by two attributes that differ', 'signing-certificate ESS_MISMATCH', () => {
    const hash = createHash('sha1').update(signers.doctorRsa.certificate).digest();
    return signing([], attribute(signingCertificate, sequence(sequence(sequence(octets(hash))))));
  }),
  refuted('names no certificate', 'signing-certificate ESS_MISSING', () => signing([signingCertificateV2])),
  refuted('names the certificate by SHA-1 alone', 'signing-certificate ESS_MISSING', () => {
    const hash = createHash('sha1').update(signers.doctor.certificate).digest();
    const v1 = attribute(signingCertificate, sequence(sequence(sequence(octets(hash)))));
    return signing([signingCertificateV2], v1);
  }),
  refuted('names the certificate by SHA-1 where a newer hash is due', 'signing-certificate ESS_MISMATCH', () => {
    const hash = createHash('sha1').update(signers.doctor.certificate).digest();
    const reference = sequence(sequence(oid('1.3.14.3.2.26')), octets(hash));
    return signing([signingCertificateV2], attribute(signingCertificateV2, sequence(sequence(reference))));
  }),
  refuted('names the certificate in a way that nobody reads', 'signing-certificate ESS_MALFORMED', () =>
    signing([signingCertificateV2], attribute(signingCertificateV2, integer(1))),
  ),
  refuted('signs with a key of its own and puts the doctor’s certificate first', 'signature SIGNATURE_INVALID', () =>
    handmade({ sign: (bytes, scheme) => sign(scheme, keyOf('the attacker'), bytes) }),
  ),
  refuted('signs with a twin of the doctor’s certificate, the doctor’s first', 'signature SIGNATURE_INVALID', () => {
    const { key, certificate } = twin();
    const certificates = [signers.doctor.certificate, certificate, authorities.signing.certificate];
    return handmade({
      signer: { key, certificate },
      certificates,
      attributes: attributes([signingCertificateV2], essOf(signers.doctor.certificate)),
    });
  }),
  refuted('signs with a twin of the doctor’s certificate, and names it', 'path UNTRUSTED', () => {
    const { key, certificate } = twin();
    return handmade({
      signer: { key, certificate },
      certificates: [signers.doctor.certificate, certificate, authorities.falseSigning.certificate],
    });
  }),
  doubted('carries a certificate of nobody that is known', 'cms CMS_STRAY', () =>
    letter({ certificates: [signers.doctor.certificate, ...signers.doctor.chain, signers.otherRoot.certificate] }),
  ),
  doubted('carries a list of nobody that is known', 'cms CMS_STRAY', () =>
    letter({ crls: listsAt(SIGNED_AT + DAY).slice(-1) }),
  ),
  refuted('hands in a certificate whose times are written in the wrong form', 'path CERT_MALFORMED', () => {
    const certificate = reissued(signers.doctor, authorities.signing, (fields) => {
      fields[4] = sequence(generalizedTime(SIGNED_AT - YEAR), generalizedTime(SIGNED_AT + YEAR));
    });
    return handmade({ signer: { key: signers.doctor.key, certificate } });
  }),
];

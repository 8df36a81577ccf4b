import { createHash } from 'node:crypto';
import { digest, writeDigestAlgorithm, writeScheme } from '../../src/pki/algorithms.ts';
import {
  ATTRIBUTES,
  identifies,
  namesCertificate,
  refersTo,
  signatureMatches,
  signerCertificate,
  signingCertificateOf,
  signingTimeOf,
} from '../../src/pki/cms.ts';
import { context, DerError, integer, nil, octets, oid, readDer, sequence, set, time, utf8 } from '../../src/pki/der.ts';
import { named } from './material.ts';
import {
  at,
  attribute,
  build,
  contentType,
  doctor,
  issuer,
  letter,
  messageDigest,
  other,
  ours,
  over,
  scheme,
  signerInfo,
  signerOf,
  spki,
  twin,
} from './signed-letter.ts';

describe('the certificate that is named', () => {
  const essCertificate = (reference: Uint8Array, ...more: readonly Uint8Array[]) =>
    sequence(sequence(reference, ...more));
  const v2 = (value: Uint8Array) =>
    signerOf(over(set(contentType, messageDigest, attribute(ATTRIBUTES.signingCertificateV2, value))));
  const hashed = octets(digest('sha256', doctor.certificate));
  const issuerSerial = (name: Uint8Array, serial: number) =>
    sequence(sequence(context(4, true, name)), integer(serial));

  it('is told from another by the same issuer and number, by its hash', () => {
    const signer = signerOf(ours());
    expect(Buffer.from(twin.certificate).equals(doctor.certificate)).toBe(false);
    expect(identifies(signer, twin.certificate)).toBe(true);
    expect(namesCertificate(signer, twin.certificate)).toBe('other');
    expect(signerCertificate(signer, [other.certificate, twin.certificate, doctor.certificate])).toEqual(
      doctor.certificate,
    );
    expect(signerCertificate(signer, [other.certificate, twin.certificate])).toEqual(twin.certificate);
    expect(signerCertificate(signer, [letter, Uint8Array.of(0x30, 0), other.certificate])).toBeUndefined();
  });

  it.each([
    ['by hash alone', essCertificate(sequence(hashed)), 'v2'],
    [
      'by a hash that is written though it is the default',
      essCertificate(sequence(writeDigestAlgorithm('sha256'), hashed)),
      'v2',
    ],
    [
      'by SHA-512',
      essCertificate(sequence(writeDigestAlgorithm('sha512'), octets(digest('sha512', doctor.certificate)))),
      'v2',
    ],
    ['by hash, issuer and number', essCertificate(sequence(hashed, issuerSerial(issuer, 4711))), 'v2'],
    ['with its issuers after it', essCertificate(sequence(hashed), sequence(octets(digest('sha256')))), 'v2'],
    ['with policies', sequence(sequence(sequence(hashed)), sequence(sequence(oid('1.2.3')))), 'v2'],
    ['with another number', essCertificate(sequence(hashed, issuerSerial(issuer, 4712))), 'other'],
    ['with another issuer', essCertificate(sequence(hashed, issuerSerial(named('Else'), 4711))), 'other'],
    ['by the hash of another', essCertificate(sequence(octets(digest('sha256', other.certificate)))), 'other'],
    ['second, after another', essCertificate(sequence(octets(digest('sha256'))), sequence(hashed)), 'other'],
    [
      'by SHA-1 in version 2',
      essCertificate(
        sequence(sequence(oid('1.3.14.3.2.26')), octets(createHash('sha1').update(doctor.certificate).digest())),
      ),
      'other',
    ],
    [
      'by a hash cut short',
      essCertificate(sequence(octets(digest('sha256', doctor.certificate).subarray(0, 20)))),
      'other',
    ],
  ])('%s', (_, value, expected) => {
    expect(namesCertificate(v2(value), doctor.certificate)).toBe(expected);
  });

  it.each([
    ['none', sequence(sequence())],
    ['no hash', essCertificate(sequence())],
    [
      'two issuers',
      essCertificate(
        sequence(hashed, sequence(sequence(context(4, true, issuer), context(4, true, issuer)), integer(1))),
      ),
    ],
    [
      'an issuer of another kind',
      essCertificate(sequence(hashed, sequence(sequence(context(2, false, letter)), integer(1)))),
    ],
    ['a third field', sequence(sequence(sequence(hashed)), sequence(), nil())],
    ['nothing but NULL', nil()],
  ])('is malformed: %s', (_, value) => {
    expect(() => namesCertificate(v2(value), doctor.certificate)).toThrow(DerError);
  });

  it('by SHA-1 alone is told apart, and does not count beside version 2', () => {
    const sha1 = octets(createHash('sha1').update(doctor.certificate).digest());
    const v1 = attribute(ATTRIBUTES.signingCertificate, essCertificate(sequence(sha1)));
    expect(namesCertificate(signerOf(over(set(contentType, messageDigest, v1))), doctor.certificate)).toBe('v1');
    const wrong = attribute(ATTRIBUTES.signingCertificateV2, essCertificate(sequence(octets(digest('sha256')))));
    expect(namesCertificate(signerOf(over(set(contentType, messageDigest, v1, wrong))), doctor.certificate)).toBe(
      'other',
    );
    expect(namesCertificate(signerOf(over(set(contentType, messageDigest))), doctor.certificate)).toBe('none');
  });

  it('is compared with a reference alone', () => {
    const [reference] = signingCertificateOf(signerOf(ours()))!.certificates;
    expect(refersTo(reference!, doctor.certificate)).toBe(true);
    expect(refersTo(reference!, other.certificate)).toBe(false);
  });

  it('by key identifier is that with the identifier', () => {
    const byKey = (keyId: Uint8Array) =>
      signerOf(build({ signers: [signerInfo({ version: 3, identifier: context(0, false, keyId) })] }));
    expect(identifies(byKey(Uint8Array.of(1, 2, 3, 4)), doctor.certificate)).toBe(true);
    expect(identifies(byKey(Uint8Array.of(1, 2, 3)), doctor.certificate)).toBe(false);
  });
});

describe('CMSAlgorithmProtection', () => {
  const protection = (hash: Uint8Array, signature: Uint8Array, tag = 1) =>
    attribute(ATTRIBUTES.algorithmProtection, sequence(hash, context(tag, true, readDer(signature).content)));
  const matches = (one: Uint8Array) => signatureMatches(signerOf(over(set(contentType, messageDigest, one))), spki);
  const sha256 = writeDigestAlgorithm('sha256');

  it('holds where it says what stands outside', () => {
    expect(matches(protection(sha256, writeScheme(scheme)))).toBe(true);
  });

  it('undoes a signature where it says otherwise', () => {
    expect(matches(protection(writeDigestAlgorithm('sha512'), writeScheme(scheme)))).toBe(false);
    expect(matches(protection(sha256, writeScheme({ kind: 'ecdsa', hash: 'sha512' })))).toBe(false);
    expect(matches(protection(sha256, sha256, 2))).toBe(false);
  });
});

describe('the signing time', () => {
  it.each([
    ['in another form than DER', utf8('2026')],
    ['of RFC 5280 that is due in UTCTime', Uint8Array.of(0x18, 15, ...Buffer.from('20260401093000Z'))],
  ])('%s is malformed', (_, value) => {
    expect(() =>
      signingTimeOf(signerOf(over(set(contentType, messageDigest, attribute(ATTRIBUTES.signingTime, value))))),
    ).toThrow(DerError);
  });

  it('is read', () => {
    const signer = signerOf(over(set(contentType, messageDigest, attribute(ATTRIBUTES.signingTime, time(at)))));
    expect(signingTimeOf(signer)).toBe(at);
  });
});

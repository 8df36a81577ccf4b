import fc from 'fast-check';
import { digest, writeDigestAlgorithm } from '../../src/pki/algorithms.ts';
import {
  ATTRIBUTES,
  adobeCrlsOf,
  DATA,
  digestMatches,
  messageDigestOf,
  namesCertificate,
  readSignedData,
  SIGNED_DATA,
  signatureMatches,
  signerCertificate,
  signingTimeOf,
  timestampTokensOf,
  withTimestamp,
} from '../../src/pki/cms.ts';
import {
  concat,
  context,
  DerError,
  derOrder,
  integer,
  nil,
  octets,
  oid,
  readDer,
  sequence,
  set,
} from '../../src/pki/der.ts';
import {
  attribute,
  build,
  contentType,
  doctor,
  inOrder,
  issuer,
  letter,
  messageDigest,
  other,
  ours,
  over,
  type SignedDataParts,
  type SignerInfoParts,
  signerInfo,
  signerOf,
  spki,
} from './signed-letter.ts';

describe('what is no SignedData is refused', () => {
  it('but the frame of these cases is one', () => {
    expect(readSignedData(build()).signers.length).toBe(1);
  });

  it.each<[string, SignedDataParts]>([
    ['another content type', { contentInfo: DATA }],
    ['version 0', { version: 0 }],
    ['version 2', { version: 2 }],
    ['version 6', { version: 6 }],
    ['digests in a sequence', { digests: sequence(writeDigestAlgorithm('sha256')) }],
    ['content without its tag', { encapsulated: sequence(oid(DATA), octets(letter)) }],
    ['content under another tag', { encapsulated: sequence(oid(DATA), context(1, true, octets(letter))) }],
    ['content in two parts', { encapsulated: sequence(oid(DATA), context(0, true, octets(letter), octets(letter))) }],
    ['content that is no string', { encapsulated: sequence(oid(DATA), context(0, true, sequence())) }],
    ['an empty content tag', { encapsulated: sequence(oid(DATA), context(0, true)) }],
    ['a certificate that is none', { certificates: [octets(letter)] }],
    ['a list that is none', { crls: [nil()] }],
    ['a field too many', { more: [nil()] }],
    ['a digest that is not announced', { digests: set(writeDigestAlgorithm('sha512')) }],
  ])('%s', (_, parts) => {
    expect(() => readSignedData(build(parts))).toThrow(DerError);
  });

  it.each<[string, SignerInfoParts]>([
    ['version 2', { version: 2 }],
    ['version 3 with the issuer', { version: 3 }],
    ['version 1 with the key identifier', { identifier: context(0, false, letter) }],
    ['a constructed key identifier', { version: 3, identifier: context(0, true, octets(letter)) }],
    ['an identifier of three', { identifier: sequence(issuer, integer(1), integer(1)) }],
    ['attributes out of order', { signed: inOrder.toReversed() }],
    ['the message digest twice', { signed: derOrder([contentType, messageDigest, messageDigest]) }],
    [
      'two message digests',
      { signed: derOrder([contentType, messageDigest, attribute(ATTRIBUTES.messageDigest, octets(digest('sha256')))]) },
    ],
    ['no attribute at all', { signed: [] }],
    ['an attribute without value', { signed: derOrder([contentType, attribute(ATTRIBUTES.messageDigest)]) }],
    [
      'an attribute whose values are out of order',
      { signed: [sequence(oid('1.2.3'), Uint8Array.of(0x31, 6, 2, 1, 2, 2, 1, 1))] },
    ],
    ['an attribute of three', { signed: [sequence(oid('1.2.3'), set(nil()), nil())] }],
    ['an attribute whose values are no set', { signed: [sequence(oid('1.2.3'), sequence(nil()))] }],
    ['no unsigned attribute in their place', { unsigned: [] }],
    ['an unsigned attribute without value', { unsigned: [attribute('1.2.3')] }],
    ['a field too many', { unsigned: [attribute('1.2.3', nil())], more: [nil()] }],
    ['something else after the signature', { more: [nil()] }],
    ['parameters of ECDSA', { signatureAlgorithm: sequence(oid('1.2.840.10045.4.3.2'), nil()) }],
  ])('a SignerInfo with %s', (_, parts) => {
    expect(() => readSignedData(build({ signers: [signerInfo(parts)] }))).toThrow(DerError);
  });

  it('a SignedData with bytes after it, or in BER', () => {
    expect(() => readSignedData(concat(build(), Uint8Array.of(0)))).toThrow('bytes after the element');
    const { content } = readDer(build());
    expect(() => readSignedData(concat(Uint8Array.of(0x30, 0x80), content, Uint8Array.of(0, 0)))).toThrow('indefinite');
  });

  it('random bytes, or a signature with some changed, with nothing but a DerError', () => {
    const good = withTimestamp(ours({ crls: [sequence()] }), sequence(oid(SIGNED_DATA)));
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.array(change, { minLength: 1, maxLength: 4 })),
        (input) => {
          const bytes = input instanceof Uint8Array ? input : Uint8Array.from(good);
          if (!(input instanceof Uint8Array)) for (const [position, value] of input) bytes[position] = value;
          try {
            const cms = readSignedData(bytes);
            for (const signer of cms.signers) {
              signerCertificate(signer, cms.certificates);
              signingTimeOf(signer);
              namesCertificate(signer, doctor.certificate);
              digestMatches(cms, signer, letter);
              signatureMatches(signer, spki);
            }
          } catch (error) {
            if (!(error instanceof DerError)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what is reported, to be judged by others', () => {
  it('certificates and lists of other kinds', () => {
    const certificates = [doctor.certificate, context(1, true, nil()), context(3, true, oid('1.2.3'), nil())];
    const cms = readSignedData(
      build({ version: 5, certificates, crls: [sequence(), context(1, true, oid('1.2.3'), nil())] }),
    );
    expect(cms).toMatchObject({ version: 5, otherCertificates: 2, otherRevocations: 1 });
    expect(cms.certificates).toEqual([doctor.certificate]);
    expect(cms.crls).toEqual([sequence()]);
  });

  it('sets that BER would leave unsorted, where order means nothing', () => {
    const certificates = derOrder([doctor.certificate, other.certificate]).toReversed();
    expect(readSignedData(build({ certificates })).certificates).toEqual(certificates);
  });

  it('weak algorithms, by name', () => {
    const sha1 = sequence(oid('1.3.14.3.2.26'), nil());
    const cms = readSignedData(build({ digests: set(sha1), signers: [signerInfo({ digestAlgorithm: sha1 })] }));
    expect(cms.signers[0]).toMatchObject({ hash: { code: 'HASH_WEAK' }, scheme: { code: 'HASH_WEAK' } });
    expect(digestMatches(cms, cms.signers[0]!, letter)).toBe(false);
    expect(signatureMatches(cms.signers[0]!, spki)).toBe(false);
  });

  it('more than one signer, and none', () => {
    expect(readSignedData(build({ signers: [signerInfo(), signerInfo()] })).signers.length).toBe(2);
    expect(readSignedData(build({ signers: [] })).signers).toEqual([]);
  });

  it('a single-valued attribute with two values is an error when it is asked for', () => {
    const two = attribute(ATTRIBUTES.messageDigest, octets(digest('sha256', letter)), octets(digest('sha256')));
    const signer = signerOf(over(set(contentType, two)));
    expect(() => messageDigestOf(signer)).toThrow('more than one value');
  });

  it('every time-stamp that there is', () => {
    const [one, two, three] = [sequence(integer(1)), sequence(integer(2)), sequence(integer(3))];
    const stamps = [
      attribute(ATTRIBUTES.signatureTimeStampToken, one, two),
      attribute(ATTRIBUTES.signatureTimeStampToken, three),
    ];
    expect(timestampTokensOf(signerOf(build({ signers: [signerInfo({ unsigned: stamps })] })))).toEqual([
      one,
      two,
      three,
    ]);
  });

  it("revocation lists among Adobe's signed attributes", () => {
    const list = sequence(sequence(integer(1)));
    const archival = attribute(ATTRIBUTES.adobeRevocations, sequence(context(0, true, sequence(list, list))));
    expect(adobeCrlsOf(signerOf(over(set(contentType, messageDigest, archival))))).toEqual([list, list]);
    expect(adobeCrlsOf(signerOf(ours()))).toEqual([]);
  });
});

import fc from 'fast-check';
import { digest, sign } from '../../src/pki/algorithms.ts';
import {
  ATTRIBUTES,
  contentTypeOf,
  DATA,
  digestMatches,
  messageDigestOf,
  namesCertificate,
  readSignedData,
  SIGNED_DATA,
  signatureMatches,
  signedAttributes,
  signedAttrsForSignature,
  signedData,
  signingCertificateOf,
  signingTimeOf,
  timestampTokensOf,
  trimPadding,
  withTimestamp,
} from '../../src/pki/cms.ts';
import { concat, context, DerError, derOrder, integer, oid, readDer, sequence, set, utf8 } from '../../src/pki/der.ts';
import {
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
} from './signed-letter.ts';

describe('a signature that is made and read again', () => {
  it('says what was put in', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.option(fc.integer({ min: 0, max: 2_500_000_000 }), { nil: undefined }),
        fc.constantFrom('sha256', 'sha384', 'sha512'),
        fc.uniqueArray(fc.constantFrom(doctor.certificate, other.certificate), { maxLength: 2 }),
        fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined }),
        (hashed, second, hash, certificates, content) => {
          const type = content ? '1.2.840.113549.1.9.16.1.4' : DATA;
          const attributes = signedAttributes({
            messageDigest: hashed,
            certificate: doctor.certificate,
            contentType: type,
            hash,
            ...(second === undefined ? {} : { signingTime: second * 1000 }),
          });
          const cms = readSignedData(
            over(attributes, { certificates, ...(content && { content: { type, bytes: content } }) }),
          );
          expect(cms).toMatchObject({
            version: content ? 3 : 1,
            contentType: type,
            content,
            otherCertificates: 0,
            otherRevocations: 0,
          });
          expect(cms.certificates).toEqual(derOrder(certificates));
          const [signer, ...rest] = cms.signers;
          expect(rest).toEqual([]);
          expect(signer).toMatchObject({ version: 1, hash: 'sha256', scheme, identifier: { issuer, serial: 4711n } });
          expect(signedAttrsForSignature(signer!)).toEqual(attributes);
          expect(contentTypeOf(signer!)).toBe(type);
          expect(messageDigestOf(signer!)).toEqual(hashed);
          expect(signingTimeOf(signer!)).toBe(second === undefined ? undefined : second * 1000);
          expect(signingCertificateOf(signer!)).toEqual({
            version: 2,
            certificates: [{ hash, certificateHash: digest(hash, doctor.certificate), issuer, serial: 4711n }],
          });
          expect(signatureMatches(signer!, spki)).toBe(true);
          expect(namesCertificate(signer!, doctor.certificate)).toBe('v2');
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is made by a card that takes its time, and not believed to be by another', async () => {
    const attributes = signedAttributes({ messageDigest: digest('sha256', letter), certificate: doctor.certificate });
    const input = { attributes, certificate: doctor.certificate, scheme };
    let asked: Uint8Array | undefined;
    const cms = await signedData(input, async (bytes) => {
      asked = bytes;
      return sign(scheme, doctor.key, bytes);
    });
    expect(asked).toEqual(attributes);
    expect(signatureMatches(signerOf(cms), spki)).toBe(true);
    await expect(signedData(input, (bytes) => sign(scheme, other.key, bytes))).rejects.toThrow('not a signature');
    await expect(signedData(input, () => new Uint8Array(64))).rejects.toThrow('not a signature');
  });

  it('carries revocation lists', () => {
    const list = sequence(sequence(integer(1)));
    expect(readSignedData(ours({ crls: [list] })).crls).toEqual([list]);
  });

  it('is of these bytes, in their parts, and of no others', () => {
    const cms = readSignedData(ours());
    expect(digestMatches(cms, cms.signers[0]!, letter)).toBe(true);
    expect(digestMatches(cms, cms.signers[0]!, letter.subarray(0, 5), letter.subarray(5))).toBe(true);
    expect(digestMatches(cms, cms.signers[0]!, letter.subarray(1))).toBe(false);
  });

  it('is of no bytes where the content type that is signed is not the one that is said', () => {
    const cms = readSignedData(over(set(attribute(ATTRIBUTES.contentType, oid(SIGNED_DATA)), messageDigest)));
    expect(digestMatches(cms, cms.signers[0]!, letter)).toBe(false);
    const without = readSignedData(over(set(messageDigest)));
    expect(digestMatches(without, without.signers[0]!, letter)).toBe(false);
    const undigested = readSignedData(over(set(contentType)));
    expect(digestMatches(undigested, undigested.signers[0]!, letter)).toBe(false);
  });

  it('verifies after no change of a bit that it covers', () => {
    const cms = ours();
    const covered = signerOf(cms).signedAttributesBytes!;
    fc.assert(
      fc.property(fc.nat(covered.length * 8 - 1), (bit) => {
        const changed = Uint8Array.from(cms);
        changed[covered.byteOffset - cms.byteOffset + (bit >> 3)]! ^= 0x80 >> (bit & 7);
        try {
          expect(signatureMatches(signerOf(changed), spki)).toBe(false);
        } catch (error) {
          if (!(error instanceof DerError)) throw error;
        }
      }),
    );
  });
});

describe('a time-stamp that is added', () => {
  const token = sequence(oid(SIGNED_DATA), context(0, true, sequence(integer(3))));

  it('leaves every byte that was there but the lengths, and is found', () => {
    const before = ours();
    const after = withTimestamp(before, token);
    const [was, is] = [signerOf(before), signerOf(after)];
    expect(timestampTokensOf(was)).toEqual([]);
    expect(timestampTokensOf(is)).toEqual([token]);
    const { unsignedAttributes, signedAttributes: members, ...rest } = was;
    expect(is).toMatchObject(rest);
    expect(is.signedAttributes!.map(({ oid }) => oid)).toEqual(members!.map(({ oid }) => oid));
    expect(unsignedAttributes).toEqual([]);
    expect(signatureMatches(is, spki)).toBe(true);
    expect({ ...readSignedData(after), signers: [] }).toEqual({ ...readSignedData(before), signers: [] });
  });

  it('is added once, to one signature', () => {
    expect(() => withTimestamp(withTimestamp(ours(), token), token)).toThrow(RangeError);
    expect(() => withTimestamp(build({ signers: [] }), token)).toThrow('0 signers');
    expect(() => withTimestamp(build({ signers: [signerInfo(), signerInfo()] }), token)).toThrow('2 signers');
    expect(() => withTimestamp(ours(), Uint8Array.of(1, 2, 3))).toThrow(DerError);
  });

  it('keeps other unsigned attributes, in order', () => {
    const early = attribute('1.2.3', utf8('early'));
    const late = attribute('2.999.999.999.999', utf8('late'));
    const after = withTimestamp(build({ signers: [signerInfo({ unsigned: [early, late] })] }), token);
    const oids = signerOf(after).unsignedAttributes.map((one) => one.oid);
    expect(oids.toSorted()).toEqual(['1.2.3', ATTRIBUTES.signatureTimeStampToken, '2.999.999.999.999'].toSorted());
  });
});

describe('the padding of /Contents', () => {
  const cms = ours();

  it('is taken off where it is zeros', () => {
    fc.assert(
      fc.property(fc.nat(5000), (padding) => {
        expect(Buffer.compare(trimPadding(concat(cms, new Uint8Array(padding))), cms)).toBe(0);
      }),
    );
  });

  it('is refused where anything else is in it', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 255 }), fc.nat(500), (before, byte, after) => {
        const contents = concat(cms, new Uint8Array(before), Uint8Array.of(byte), new Uint8Array(after));
        expect(() => trimPadding(contents)).toThrow(expect.objectContaining({ offset: cms.length + before }));
      }),
    );
  });

  it('without a signature before it is refused', () => {
    expect(() => trimPadding(new Uint8Array(100))).toThrow(DerError);
    expect(() => trimPadding(new Uint8Array())).toThrow(DerError);
    expect(() => trimPadding(concat(Uint8Array.of(0x30, 0x80), new Uint8Array(100)))).toThrow('indefinite');
  });

  it('that the signature claims for itself is part of it', () => {
    const swallowed = concat(Uint8Array.of(0x30, 0x82, 0x10, 0x00), readDer(cms).content, new Uint8Array(5000));
    expect(() => readSignedData(trimPadding(swallowed))).toThrow(DerError);
  });
});

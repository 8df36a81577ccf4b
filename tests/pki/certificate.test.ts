import fc from 'fast-check';
import { isRefused } from '../../src/pki/algorithms.ts';
import { displayName, fingerprint, isSelfIssued, isSignedBy, readCertificate } from '../../src/pki/certificate.ts';
import {
  bits,
  context,
  DerError,
  integer,
  oid,
  readDer,
  readSequence,
  sequence,
  time,
  utf8,
} from '../../src/pki/der.ts';
import { issueCertificate } from '../../src/pki/issue.ts';
import { formatName } from '../../src/pki/names.ts';
import { authority, DAY, doctor, ecKey, flipped, NOON, named, party } from './authorities.ts';

const root = authority('Root', undefined);
const leaf = doctor(root);

/** The fields of tbsCertificate and of the certificate around it, to put others in their places. */
const outer = readSequence(readDer(leaf.certificate.der)).map(({ bytes }) => bytes);
const fields = readSequence(readDer(leaf.certificate.tbs)).map(({ bytes }) => bytes);
const rebuilt = (changed: readonly Uint8Array[]) => sequence(sequence(...changed), outer[1]!, outer[2]!);

describe('a certificate', () => {
  it('says what is in it', () => {
    const serial = 0x00ff00112233n;
    const { certificate } = party('テスト', root, {
      serial,
      notBefore: NOON,
      notAfter: Date.parse('2051-01-01T00:00:00Z'),
    });
    expect(certificate).toMatchObject({ version: 3, serial, serialHex: 'ff00112233', notBefore: NOON });
    expect(certificate.notAfter).toBe(Date.parse('2051-01-01T00:00:00Z'));
    expect(formatName(certificate.subject)).toBe('CN=テスト,O=Tasuki Test,C=JP');
    expect(formatName(certificate.issuer)).toBe('CN=Root,O=Tasuki Test,C=JP');
    expect(certificate.scheme).toEqual({ kind: 'ecdsa', hash: 'sha256' });
    expect(fingerprint(certificate)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is signed over its original bytes', () => {
    expect(isSignedBy(leaf.certificate, root.certificate.spki)).toBe(true);
    expect(isSignedBy(leaf.certificate, leaf.certificate.spki)).toBe(false);
    expect(isSelfIssued(root.certificate)).toBe(true);
    expect(isSelfIssued(leaf.certificate)).toBe(false);
  });

  it('has the kanji name among its alternative names before the romanised one', () => {
    expect(displayName(leaf.certificate)).toBe('試験 太郎');
    expect(displayName(root.certificate)).toBe('Root');
    const uri = party('Romaji', root, { extensions: { subjectAltName: [{ uri: 'urn:x' }] } });
    expect(displayName(uri.certificate)).toBe('Romaji');
    expect(displayName(party('', root, { subject: [['O', '病院']] }).certificate)).toBe('O=病院');
  });

  it.each([
    [0n, '00'],
    [-1n, '-01'],
    [2n ** 160n - 1n, 'ff'.repeat(20)],
  ])('may have the serial number %s', (serial, hex) => {
    expect(party('x', root, { serial }).certificate).toMatchObject({ serial, serialHex: hex });
  });

  it('of version 1 has no extensions', () => {
    const { certificate } = party('x', root, { version: 1 });
    expect(certificate).toMatchObject({ version: 1, extensions: [], known: {} });
  });

  it('signed by what is not accepted can be read, but is signed by nobody', () => {
    const sha1 = sequence(oid('1.2.840.10045.4.1'));
    const { certificate } = party('x', root, { innerAlgorithm: sha1, outerAlgorithm: sha1 });
    expect(isRefused(certificate.scheme) && certificate.scheme.code).toBe('HASH_WEAK');
    expect(isSignedBy(certificate, root.certificate.spki)).toBe(false);
  });
});

describe('what is malformed', () => {
  const sha384 = sequence(oid('1.2.840.10045.4.3.3'));
  const at = (index: number, value: Uint8Array) => rebuilt(fields.with(index, value));
  it.each([
    ['nothing', new Uint8Array()],
    ['bytes after it', Uint8Array.from([...leaf.certificate.der, 0])],
    ['two signature algorithms', issueCertificate({ ...base(), innerAlgorithm: sha384 })],
    ['a serial number of 21 bytes', issueCertificate({ ...base(), serial: 2n ** 160n })],
    ['version 1 written out', at(0, context(0, true, integer(0)))],
    ['version 4', at(0, context(0, true, integer(3)))],
    ['version 2 with extensions', at(0, context(0, true, integer(1)))],
    ['no version but extensions', rebuilt(fields.slice(1))],
    ['no extensions but their tag', at(7, context(3, true, sequence()))],
    ['one time', at(4, sequence(time(NOON)))],
    ['three times', at(4, sequence(time(NOON), time(NOON), time(NOON)))],
    ['a missing field', rebuilt(fields.slice(0, 6))],
    ['a field too many', rebuilt([...fields, utf8('x')])],
    ['unique identifiers after the extensions', rebuilt([...fields, context(1, false, Uint8Array.of(0))])],
    ['a signature that ends within a byte', sequence(outer[0]!, outer[1]!, bits(Uint8Array.of(0x80), 1))],
    ['four parts', sequence(...outer, outer[2]!)],
    [
      'an extension twice',
      issueCertificate({ ...base(), extensions: { raw: [extension('1.2.3'), extension('1.2.3')] } }),
    ],
    [
      'too many extensions',
      issueCertificate({
        ...base(),
        extensions: { raw: Array.from({ length: 65 }, (_, arc) => extension(`1.2.3.${arc}`)) },
      }),
    ],
    ['more bytes than any has', issueCertificate({ ...base(), subject: named('x'.repeat(70_000)) })],
  ])('refuses %s', (_, der) => {
    expect(() => readCertificate(der)).toThrow(DerError);
  });

  it('takes unique identifiers where they belong', () => {
    const unique = context(1, false, Uint8Array.of(0, 1));
    expect(readCertificate(rebuilt([...fields.slice(0, 7), unique, fields[7]!])).version).toBe(3);
  });

  it('never is a good certificate: a byte changed anywhere is refused or breaks the signature', () => {
    const { der } = leaf.certificate;
    const change = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(change, ([position, mask]) => {
        try {
          return !isSignedBy(readCertificate(flipped(der, position, mask)), root.certificate.spki);
        } catch (error) {
          return error instanceof DerError;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is a DerError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => readCertificate(bytes)).toThrow(DerError);
        expect(() => readCertificate(sequence(bytes, bytes))).toThrow(DerError);
      }),
    );
  });
});

function base() {
  return { subject: named('x'), issuer: root, key: ecKey(), notBefore: NOON, notAfter: NOON + DAY };
}

function extension(type: string) {
  return { oid: type, critical: false, value: Uint8Array.of(5, 0) };
}

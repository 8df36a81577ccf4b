import { X509Certificate } from 'node:crypto';
import { spkiOf } from '../../src/pki/algorithms.ts';
import { isSelfIssued, isSignedBy, readCertificate } from '../../src/pki/certificate.ts';
import { readCrl } from '../../src/pki/crl.ts';
import { hex, integer } from '../../src/pki/der.ts';
import { EXTENSIONS } from '../../src/pki/extensions.ts';
import { issueCertificate, issueCrl, keyIdentifier } from '../../src/pki/issue.ts';
import { formatName, writeName } from '../../src/pki/names.ts';
import { authority, DAY, doctor, ecKey, NOON, named, party, rsaKey } from './authorities.ts';

const root = authority('Root', undefined);

describe('an issued certificate', () => {
  it('is by its own subject where no issuer is given', () => {
    expect(isSelfIssued(root.certificate)).toBe(true);
    expect(isSignedBy(root.certificate, root.certificate.spki)).toBe(true);
  });

  it('is one for Node, too', () => {
    const issuer = new X509Certificate(root.certificate.der);
    const issued = new X509Certificate(doctor(root).certificate.der);
    expect([issued.checkIssued(issuer), issued.verify(issuer.publicKey), issuer.ca, issued.ca]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('names its key and the one of its issuer', () => {
    const { certificate } = doctor(root);
    expect(certificate.known.subjectKeyIdentifier).toEqual(keyIdentifier(certificate.spki));
    expect(certificate.known.authorityKeyIdentifier).toEqual(keyIdentifier(root.certificate.spki));
    const without = doctor(root, { subjectKeyIdentifier: false, authorityKeyIdentifier: false }).certificate;
    expect([without.known.subjectKeyIdentifier, without.known.authorityKeyIdentifier]).toEqual([undefined, undefined]);
  });

  it('takes a key as private key, public key or bytes', () => {
    const key = rsaKey();
    const spki = spkiOf(key);
    const der = issueCertificate({
      subject: named('x'),
      issuer: root,
      key: spki,
      notBefore: NOON,
      notAfter: NOON + DAY,
    });
    expect([readCertificate(der).spki, party('x', root, { key }).certificate.spki]).toEqual([spki, spki]);
  });

  it('has a positive serial number of 16 bytes, each time another', () => {
    const [one, two] = [doctor(root).certificate, doctor(root).certificate];
    expect([one.serialHex.length, two.serialHex.length]).toEqual([32, 32]);
    expect(one.serial > 0n && one.serial !== two.serial).toBe(true);
  });

  it('has critical extensions as RFC 5280 says, or as one wants', () => {
    const critical = (certificate: { extensions: readonly { oid: string; critical: boolean }[] }) =>
      certificate.extensions.filter((extension) => extension.critical).map(({ oid }) => oid);
    expect(critical(root.certificate)).toEqual([EXTENSIONS.keyUsage, EXTENSIONS.basicConstraints]);
    expect(critical(doctor(root).certificate)).toEqual([EXTENSIONS.keyUsage, EXTENSIONS.certificatePolicies]);
    const odd = authority('x', root, { critical: { basicConstraints: false, subjectKeyIdentifier: true } });
    expect(critical(odd.certificate)).toEqual([EXTENSIONS.subjectKeyIdentifier, EXTENSIONS.keyUsage]);
  });

  it('may be in the name of another, and by another key', () => {
    const { certificate } = doctor({ ...root, key: ecKey(), name: writeName(named('Else')) });
    expect(formatName(certificate.issuer)).toBe('CN=Else,O=Tasuki Test,C=JP');
    expect(isSignedBy(certificate, root.certificate.spki)).toBe(false);
  });
});

describe('an issued list', () => {
  const base = { issuer: root, thisUpdate: NOON, nextUpdate: NOON + DAY };

  it('is signed by its issuer, numbered and names its key', () => {
    const crl = readCrl(issueCrl(base));
    expect(isSignedBy(crl, root.certificate.spki)).toBe(true);
    expect(crl).toMatchObject({
      crlNumber: 1n,
      authorityKeyIdentifier: root.certificate.known.subjectKeyIdentifier,
      thisUpdate: NOON,
      nextUpdate: NOON + DAY,
    });
  });

  it('may lack what it should have', () => {
    const bare = readCrl(issueCrl({ ...base, nextUpdate: null, crlNumber: null, authorityKeyIdentifier: false }));
    expect([bare.nextUpdate, bare.crlNumber, bare.authorityKeyIdentifier]).toEqual([undefined, undefined, undefined]);
  });

  it('may have what it should not', () => {
    const raw = [{ oid: '1.2.3', critical: true, value: integer(1) }];
    const odd = readCrl(issueCrl({ ...base, raw, deltaBase: 1n, sign: () => Uint8Array.of(9) }));
    expect(odd).toMatchObject({ deltaBase: 1n, unknownCritical: ['1.2.3'] });
    expect(hex(odd.signature)).toBe('09');
  });

  it('may be in a name alone, but not in none', () => {
    const other = readCrl(issueCrl({ ...base, issuer: { key: root.key, name: named('Else') } }));
    expect(formatName(other.issuer)).toBe('CN=Else,O=Tasuki Test,C=JP');
    expect(() => issueCrl({ ...base, issuer: { key: root.key } })).toThrow(RangeError);
  });
});

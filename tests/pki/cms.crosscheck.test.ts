import { digest, type Hash, schemeFor, sign } from '../../src/pki/algorithms.ts';
import {
  digestMatches,
  namesCertificate,
  readSignedData,
  signatureMatches,
  signedAttributes,
  signedData,
  signerCertificate,
  signingTimeOf,
} from '../../src/pki/cms.ts';
import { readOutline } from '../../src/pki/outline.ts';
import { keyPem, pem, signatory } from './material.ts';
import { type Bench, bench, hasOpenssl } from './openssl.ts';

const letter = Buffer.from('診療情報提供書\r\nno line end is changed\n');

(hasOpenssl ? describe : describe.skip)('CMS and OpenSSL', () => {
  let files: Bench;
  beforeAll(() => {
    files = bench();
    files.put('letter', letter);
  });
  afterAll(() => files.remove());

  const kinds = [
    ['RSA PKCS #1 v1.5, SHA-256', 'rsa', 'sha256', false],
    ['RSA PKCS #1 v1.5, SHA-512', 'rsa', 'sha512', false],
    ['RSA-PSS, SHA-256', 'rsa', 'sha256', true],
    ['RSA-PSS by a key of PSS alone, SHA-384', 'rsa-pss', 'sha384', true],
    ['ECDSA P-256, SHA-256', 'P-256', 'sha256', false],
    ['ECDSA P-384, SHA-384', 'P-384', 'sha384', false],
  ] as const;

  async function detached(kind: (typeof kinds)[number][1], hash: Hash, pss: boolean): Promise<Uint8Array> {
    const { key, certificate } = signatory(kind);
    files.put('signer.pem', pem('CERTIFICATE', certificate));
    const scheme = schemeFor(key, hash, { pss });
    const attributes = signedAttributes({
      messageDigest: digest(hash, letter),
      certificate,
      hash,
      signingTime: Date.now(),
    });
    return signedData({ attributes, certificate, scheme }, (bytes) => sign(scheme, key, bytes));
  }

  const verify = [
    'cms',
    '-verify',
    '-inform',
    'DER',
    '-in',
    'ours.der',
    '-binary',
    '-CAfile',
    'signer.pem',
    '-purpose',
    'any',
  ];

  it.each(kinds)('OpenSSL verifies ours as CAdES: %s', async (_, kind, hash, pss) => {
    files.put('ours.der', await detached(kind, hash, pss));
    expect(files.openssl(...verify, '-content', 'letter', '-cades')).toContain('CAdES Verification successful');
  });

  it('OpenSSL refuses ours for another letter', async () => {
    files.put('ours.der', await detached('P-256', 'sha256', false));
    files.put('other', `${letter}!`);
    expect(files.fails(...verify, '-content', 'other', '-cades')).toContain('verification failure');
  });

  it.each(kinds)('we verify what OpenSSL signs: %s', (_, kind, hash, pss) => {
    const { key, certificate } = signatory(kind);
    files.put('signer.pem', pem('CERTIFICATE', certificate));
    files.put('key.pem', keyPem(key));
    const options = pss ? ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest'] : [];
    files.openssl(
      ...['cms', '-sign', '-in', 'letter', '-binary', '-outform', 'DER', '-out', 'theirs.der', '-md', hash, '-cades'],
      ...['-signer', 'signer.pem', '-inkey', 'key.pem', ...options],
    );
    const cms = readSignedData(files.get('theirs.der'));
    const [signer] = cms.signers;
    expect(cms).toMatchObject({ version: 1, content: undefined, otherCertificates: 0 });
    expect(signer).toMatchObject({
      hash,
      scheme: { hash, kind: pss ? 'rsa-pss' : key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa-pkcs1' },
    });
    expect(signerCertificate(signer!, cms.certificates)).toEqual(certificate);
    expect(digestMatches(cms, signer!, letter)).toBe(true);
    expect(digestMatches(cms, signer!, letter, Buffer.from('!'))).toBe(false);
    expect(signatureMatches(signer!, readOutline(certificate).spki)).toBe(true);
    expect(signatureMatches(signer!, readOutline(signatory(kind, { name: 'Other' }).certificate).spki)).toBe(false);
    expect(namesCertificate(signer!, certificate)).toBe('v2');
    expect(Math.abs(signingTimeOf(signer!)! - Date.now())).toBeLessThan(86_400_000);
  });

  it('reads what OpenSSL signs with the key identifier, with SHA-1, without attributes and with its content', () => {
    const { key, certificate } = signatory('rsa');
    files.put('signer.pem', pem('CERTIFICATE', certificate));
    files.put('key.pem', keyPem(key));
    const signed = (...options: readonly string[]) => {
      files.openssl(
        ...['cms', '-sign', '-in', 'letter', '-binary', '-outform', 'DER', '-out', 'theirs.der'],
        ...['-signer', 'signer.pem', '-inkey', 'key.pem', ...options],
      );
      return readSignedData(files.get('theirs.der'));
    };
    const spki = readOutline(certificate).spki;

    const byKey = signed('-keyid').signers[0]!;
    expect(byKey).toMatchObject({ version: 3, identifier: { kind: 'key-id', keyId: Uint8Array.of(1, 2, 3, 4) } });
    expect(signerCertificate(byKey, [certificate])).toEqual(certificate);
    expect(namesCertificate(byKey, certificate)).toBe('none');

    const weak = signed('-md', 'sha1').signers[0]!;
    expect(weak).toMatchObject({ hash: { code: 'HASH_WEAK' }, scheme: { code: 'HASH_WEAK' } });
    expect(signatureMatches(weak, spki)).toBe(false);

    const bare = signed('-noattr', '-md', 'sha256');
    expect(bare.signers[0]!.signedAttributes).toBeUndefined();
    expect(digestMatches(bare, bare.signers[0]!, letter)).toBe(false);
    expect(signatureMatches(bare.signers[0]!, spki)).toBe(false);

    const whole = signed('-nodetach', '-md', 'sha256');
    expect(whole.content).toEqual(new Uint8Array(letter));
    expect(digestMatches(whole, whole.signers[0]!, whole.content!)).toBe(true);
  });

  it('refuses the indefinite lengths of a streamed signature', () => {
    const { key, certificate } = signatory('P-256');
    files.put('signer.pem', pem('CERTIFICATE', certificate));
    files.put('key.pem', keyPem(key));
    files.openssl(
      ...[
        'cms',
        '-sign',
        '-in',
        'letter',
        '-binary',
        '-outform',
        'DER',
        '-out',
        'streamed.der',
        '-stream',
        '-nodetach',
      ],
      ...['-signer', 'signer.pem', '-inkey', 'key.pem'],
    );
    expect(() => readSignedData(files.get('streamed.der'))).toThrow('an indefinite length');
  });
});

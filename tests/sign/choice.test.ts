import { generateKeyPairSync } from 'node:crypto';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import type { Certificate } from '../../src/pki/certificate.ts';
import { readCertificate } from '../../src/pki/certificate.ts';
import { chainOf, choose, readable, schemeOf } from '../../src/sign/choice.ts';
import { fingerprint, KeyError } from '../../src/sign/signing-key.ts';
import { keyOf } from '../pki/material.ts';
import { certificateOf, hpki } from './world.ts';

const key = keyOf('P-256', 'signer');
const signing = certificateOf(key, 'For signatures');
const second = certificateOf(key, 'For signatures too');
const authentication = certificateOf(key, 'For authentication', { keyUsage: ['digitalSignature'] });
const unnamed = certificateOf(key, 'For what it likes', {});

const candidates = (...certificates: Certificate[]) => certificates.map((certificate, i) => ({ key: i, certificate }));
const refused = (work: () => unknown): KeyError => {
  try {
    work();
  } catch (error) {
    if (error instanceof KeyError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('which key signs', () => {
  it('the only one, whatever its certificate says', () => {
    expect(choose(candidates(authentication), undefined).key).toBe(0);
  });

  it('the one for signatures, where another is for authentication', () => {
    expect(choose(candidates(authentication, signing, unnamed), undefined).key).toBe(1);
  });

  it('is asked where two are for signatures, or none says so', () => {
    const error = refused(() => choose(candidates(authentication, signing, second), undefined));
    expect(error.code).toBe('CARD_CHOICE');
    expect(error.message).toContain(`${fingerprint(signing.der)} For signatures\n`);
    expect(error.message).toContain(`${fingerprint(second.der)} For signatures too`);
    expect(refused(() => choose(candidates(authentication, unnamed), undefined)).code).toBe('CARD_CHOICE');
  });

  it('the one that was named, and no other in its place', () => {
    const all = candidates(authentication, signing, second);
    expect(choose(all, fingerprint(second.der)).key).toBe(2);
    expect(choose(all, fingerprint(authentication.der)).key).toBe(0);
    expect(refused(() => choose(all, fingerprint(unnamed.der))).code).toBe('CARD_CHOICE');
    expect(refused(() => choose(candidates(signing), fingerprint(second.der))).code).toBe('CARD_CHOICE');
  });
});

describe('the chain of a certificate', () => {
  const [root, issuer] = [readCertificate(derOf(hpki.root)), readCertificate(derOf(hpki.issuer))];

  it('is its issuers up to the root, in order', () => {
    expect(chainOf(signing, [root, second, issuer, signing])).toEqual([issuer.der, root.der]);
    expect(chainOf(signing, [issuer])).toEqual([issuer.der]);
    expect(chainOf(signing, [root])).toEqual([]);
    expect(chainOf(root, [root, issuer])).toEqual([]);
  });

  it('has none that bears the issuer’s name and did not sign', () => {
    const impostor = certificateOf(
      keyOf('rsa', 'other'),
      'x',
      { basicConstraints: { ca: true } },
      {
        key: keyOf('rsa', 'other'),
        name: issuer.subject.der,
      },
    );
    const named = readCertificate(derOf(hpki.issuer));
    expect(chainOf(signing, [{ ...impostor, subject: named.subject }, issuer])).toEqual([issuer.der]);
  });

  it('ends where it would go round', () => {
    const [a, b] = [keyOf('P-256', 'a'), keyOf('P-256', 'b')];
    const name = (cn: string) => [['CN', cn]] as const;
    const ofA = certificateOf(a, 'A', {}, { key: b, name: [['C', 'JP'], ...name('B')] });
    const ofB = certificateOf(b, 'B', {}, { key: a, name: [['C', 'JP'], ...name('A')] });
    expect(chainOf(ofA, [ofA, ofB])).toEqual([ofB.der, ofA.der]);
  });
});

describe('certificates', () => {
  it('that cannot be read are left out', () => {
    expect(readable([signing.der, Buffer.from('none'), signing.der.subarray(1)]).map(({ der }) => der)).toEqual([
      signing.der,
    ]);
  });

  it.each([
    ['rsa', { kind: 'rsa-pkcs1', hash: 'sha256' }],
    ['P-256', { kind: 'ecdsa', hash: 'sha256' }],
    ['P-384', { kind: 'ecdsa', hash: 'sha384' }],
  ] as const)('of %s are used with what suits the key', (kind, scheme) => {
    expect(schemeOf(certificateOf(keyOf(kind, 'signer'), 'x'))).toEqual(scheme);
  });

  it.each([
    ['RSA of 1024 bits', () => generateKeyPairSync('rsa', { modulusLength: 1024 })],
    ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['Ed25519', () => generateKeyPairSync('ed25519')],
  ])('of %s are not used', (_name, generate) => {
    const certificate = certificateOf(generate().publicKey, 'x');
    expect(refused(() => schemeOf(certificate)).code).toBe('KEY_UNSUITABLE');
  });
});

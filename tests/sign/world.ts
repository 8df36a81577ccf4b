/** What the tests of the signing client share: authorities as the demo has them, a letter, keys, and an authority's answers. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { derOf, makeHpki, TIMESTAMP_POLICY } from '../../src/demo/hpki/authorities.ts';
import { type Scheme, schemeFor, sign } from '../../src/pki/algorithms.ts';
import { type Certificate, readCertificate } from '../../src/pki/certificate.ts';
import { type ExtensionParts, type Issuer, issueCertificate } from '../../src/pki/issue.ts';
import { issueTimestamp, type TimestampAuthority } from '../../src/pki/timestamp.ts';
import type { SigningKey } from '../../src/sign/signing-key.ts';
import { tinyLetter } from '../pdf/letters.ts';
import { keyOf } from '../pki/material.ts';

export const now = Date.now();
export const hpki = makeHpki(now);
export const letter = tinyLetter();

export const pemKey = (pem: string): KeyObject => createPrivateKey(pem);

export const authority = (changes: Partial<TimestampAuthority> = {}): TimestampAuthority => ({
  key: pemKey(hpki.timestampKey),
  certificate: derOf(hpki.timestamp),
  chain: [derOf(hpki.timestampRoot)],
  policy: TIMESTAMP_POLICY,
  now,
  serial: 7n,
  ...changes,
});

/** An authority in this process. */
export const stamping =
  (changes: Partial<TimestampAuthority> = {}) =>
  async (request: Uint8Array): Promise<Uint8Array> =>
    issueTimestamp(request, authority(changes));

/** A certificate of the demo's issuing authority, or of another, for a key. */
export function certificateOf(
  key: KeyObject,
  name: string,
  extensions: ExtensionParts = { keyUsage: ['nonRepudiation'] },
  issuer: Issuer = { key: pemKey(hpki.keys.issuer), certificate: readCertificate(derOf(hpki.issuer)) },
  scheme: Scheme = schemeFor(issuer.key),
): Certificate {
  const der = issueCertificate({
    subject: [
      ['C', 'JP'],
      ['CN', name],
    ],
    key,
    issuer,
    scheme,
    notBefore: now - 86_400_000,
    notAfter: now + 86_400_000,
    extensions,
  });
  return readCertificate(der);
}

/** A key in memory, as a card would be. */
export function keyInMemory(kind: 'rsa' | 'P-256' | 'P-384', changes: Partial<SigningKey> = {}): SigningKey {
  const key = keyOf(kind, 'signer');
  const scheme = schemeFor(key);
  return {
    certificate: certificateOf(key, 'SAKURAI HARUKA').der,
    chain: [derOf(hpki.issuer)],
    scheme,
    sign: (bytes) => sign(scheme, key, bytes),
    close: () => undefined,
    ...changes,
  };
}

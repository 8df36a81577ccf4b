import { createPublicKey, verify } from 'node:crypto';
import forge from 'node-forge';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import { doctorsCard, PIN } from '../../src/demo/hpki/card.ts';
import { openPkcs12 } from '../../src/sign/pkcs12.ts';
import { fingerprint } from '../../src/sign/signing-key.ts';
import { keyOf } from '../pki/material.ts';
import { certificateOf, hpki } from './world.ts';

const keyPem = (name: string) => String(keyOf('rsa', name).export({ format: 'pem', type: 'pkcs8' }));
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;

/** As node-forge writes one. */
function file(
  certificates: readonly Uint8Array[],
  { key = keyPem('signer') as string | null, password = 'secret' as string | null, algorithm = 'aes256' } = {},
): Uint8Array {
  const pfx = forge.pkcs12.toPkcs12Asn1(
    (key === null ? null : forge.pki.privateKeyFromPem(key)) as forge.pki.rsa.PrivateKey,
    certificates.map((der) => forge.pki.certificateFromPem(pem(der))),
    password,
    { algorithm: algorithm as 'aes256', count: 8 },
  );
  return new Uint8Array(Buffer.from(forge.asn1.toDer(pfx).getBytes(), 'binary'));
}

const own = certificateOf(keyOf('rsa', 'signer'), 'Own').der;
const thrown = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a PKCS#12 file', () => {
  it('of the demo holds the doctor’s key, certificate and issuer', () => {
    const key = openPkcs12(doctorsCard(hpki), PIN);
    expect(key.certificate).toEqual(derOf(hpki.doctor));
    expect(key.chain).toEqual([derOf(hpki.issuer)]);
    expect(key.scheme).toEqual({ kind: 'rsa-pkcs1', hash: 'sha256' });
    const bytes = Buffer.from('診療情報提供書');
    expect(verify('sha256', bytes, createPublicKey(hpki.doctor), key.sign(bytes))).toBe(true);
    expect(key.close()).toBeUndefined();
  });

  it.each(['aes128', 'aes192', 'aes256', '3des'])('is opened where it is protected by %s', (algorithm) => {
    expect(openPkcs12(file([own], { algorithm }), 'secret').certificate).toEqual(own);
  });

  it.each(['', null])('is opened by the empty password, written as %j', (password) => {
    expect(openPkcs12(file([own], { password }), '').certificate).toEqual(own);
  });

  it.each(['wrong', '', 'secret ', 'SECRET'])('is not opened by %j', (password) => {
    expect(thrown(() => openPkcs12(file([own]), password))).toMatchObject({ code: 'PKCS12_WRONG' });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('-----BEGIN PRIVATE KEY-----')],
    ['a certificate', own],
    ['half a file', file([own]).subarray(0, 900)],
  ])('is not %s', (_name, bytes) => {
    expect(thrown(() => openPkcs12(bytes, 'secret'))).toMatchObject({ code: 'PKCS12_WRONG' });
  });

  it('changed anywhere opens as before or not at all', () => {
    const bytes = file([own]);
    for (let at = 3; at < bytes.length; at += 211) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const error = thrown(() => expect(openPkcs12(changed, 'secret').certificate).toEqual(own));
      if (error !== undefined) expect(error).toMatchObject({ code: 'PKCS12_WRONG' });
    }
  });

  it('without the certificate of its key is empty', () => {
    const other = certificateOf(keyOf('rsa', 'other'), 'Other').der;
    expect(thrown(() => openPkcs12(file([other]), 'secret'))).toMatchObject({
      code: 'PKCS12_EMPTY',
      message: expect.stringContaining('1 keys and 1 certificates'),
    });
    expect(thrown(() => openPkcs12(file([own], { key: null }), 'secret'))).toMatchObject({ code: 'PKCS12_EMPTY' });
  });

  it('brings the issuers of its certificate, the nearest first, and no other', () => {
    const other = certificateOf(keyOf('rsa', 'other'), 'Other').der;
    const { chain } = openPkcs12(file([derOf(hpki.root), other, own, derOf(hpki.issuer)]), 'secret');
    expect(chain).toEqual([derOf(hpki.issuer), derOf(hpki.root)]);
  });

  it('is not taken where its certificate is not the one that was asked for', () => {
    expect(openPkcs12(file([own]), 'secret', fingerprint(own)).certificate).toEqual(own);
    expect(thrown(() => openPkcs12(file([own]), 'secret', 'ab'.repeat(32)))).toMatchObject({ code: 'CARD_CHOICE' });
  });

  it('says nothing of the password or the key when it is refused', () => {
    const error = thrown(() => openPkcs12(file([own]), 'himitsu')) as Error;
    expect(error.message).not.toContain('himitsu');
    expect(error.message).not.toContain('PRIVATE');
  });
});

import { createPublicKey, verify } from 'node:crypto';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import { doctorsCard, PIN } from '../../src/demo/hpki/card.ts';
import { schemeFor } from '../../src/pki/algorithms.ts';
import { readOutline } from '../../src/pki/outline.ts';
import { openPkcs12 } from '../../src/sign/pkcs12.ts';
import { keyOf } from '../pki/material.ts';
import { type Bench, bench, hasOpenssl } from '../pki/openssl.ts';
import { certificateOf, hpki, pemKey } from './world.ts';

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
/** Signed with PSS, a name in Japanese, roles and policies: what a reader might write anew in another way. */
const rich = certificateOf(keyOf('rsa', 'signer'), '桜井 春香', {
  keyUsage: ['nonRepudiation'],
  certificatePolicies: ['1.2.392.100495.1.5.1.1.0.1'],
  hcRoles: ['Medical Doctor'],
});
const certificates = {
  rsa: rich.der,
  'P-256': certificateOf(keyOf('P-256', 'signer'), 'SAKURAI HARUKA').der,
  'P-384': certificateOf(keyOf('P-384', 'signer'), 'SAKURAI HARUKA').der,
};
type Kind = keyof typeof certificates;

(hasOpenssl ? describe : describe.skip)('PKCS#12 files of OpenSSL', () => {
  let files: Bench;
  beforeAll(() => {
    files = bench();
    files.put('chain.pem', hpki.issuer + hpki.root + hpki.timestampRoot);
    for (const [kind, der] of Object.entries(certificates)) {
      files.put(`${kind}.crt`, pem(der));
      files.put(`${kind}.key`, String(keyOf(kind as Kind, 'signer').export({ format: 'pem', type: 'pkcs8' })));
    }
  });
  afterAll(() => files.remove());

  const make = (kind: Kind, password: string, ...options: string[]): Uint8Array => {
    files.put('password', `${password}\n`);
    const material = ['-inkey', `${kind}.key`, '-in', `${kind}.crt`, '-certfile', 'chain.pem', '-name', '医師資格証'];
    files.openssl('pkcs12', '-export', ...material, '-out', 'file.p12', '-passout', 'file:password', ...options);
    return files.get('file.p12');
  };

  const opens = (file: Uint8Array, password: string, kind: Kind) => {
    const key = openPkcs12(file, password);
    expect(Buffer.from(key.certificate).equals(Buffer.from(certificates[kind]))).toBe(true);
    expect(key.chain.map((der) => Buffer.from(der))).toEqual(
      [hpki.issuer, hpki.root].map((one) => Buffer.from(derOf(one))),
    );
    expect(key.scheme).toEqual(schemeFor(keyOf(kind, 'signer')));
    const spki = createPublicKey({ key: Buffer.from(readOutline(key.certificate).spki), format: 'der', type: 'spki' });
    const bytes = Buffer.from('診療情報提供書');
    expect(verify(key.scheme.hash, bytes, spki, key.sign(bytes))).toBe(true);
  };

  it.each(['rsa', 'P-256', 'P-384'] as const)('as it makes them today: %s', (kind) => {
    opens(make(kind, 'secret'), 'secret', kind);
  });

  it.each([
    ['AES-128', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512']],
    ['3DES', ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
    ['open certificates', ['-certpbe', 'NONE']],
    ['no encryption', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
    ['no integrity', ['-nomac']],
    ['one iteration', ['-noiter', '-nomaciter']],
  ])('with %s', (_name, options) => {
    opens(make('rsa', 'secret', ...options), 'secret', 'rsa');
  });

  it('as it made them of old, with RC2', () => {
    let file: Uint8Array;
    try {
      file = make('rsa', 'secret', '-legacy');
    } catch {
      // Some builds have no legacy provider.
      return;
    }
    opens(file, 'secret', 'rsa');
    expect(() => openPkcs12(file, 'wrong')).toThrow(expect.objectContaining({ code: 'PKCS12_WRONG' }));
  });

  it.each(['', '暗証番号', 'pä ss', '🗝'])('with the password %j', (password) => {
    const file = make('P-256', password);
    opens(file, password, 'P-256');
    expect(() => openPkcs12(file, `${password}x`)).toThrow(expect.objectContaining({ code: 'PKCS12_WRONG' }));
  });

  it('with a certificate signed by PSS, byte for byte', () => {
    const key = keyOf('rsa', 'signer');
    const issuerKey = pemKey(hpki.keys.issuer);
    const pss = certificateOf(
      key,
      'PSS',
      {},
      { key: issuerKey, name: [['CN', '認証局']] },
      schemeFor(issuerKey, 'sha384', { pss: true }),
    );
    files.put('pss.crt', pem(pss.der));
    files.openssl('pkcs12', '-export', '-inkey', 'rsa.key', '-in', 'pss.crt', '-out', 'pss.p12', '-passout', 'pass:x');
    expect(openPkcs12(files.get('pss.p12'), 'x').certificate).toEqual(pss.der);
  });

  it('and OpenSSL opens the demo’s', () => {
    files.put('demo.p12', doctorsCard(hpki));
    const said = files.openssl('pkcs12', '-in', 'demo.p12', '-info', '-nokeys', '-passin', `pass:${PIN}`);
    expect(said).toContain('AES-256-CBC');
    expect(said.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });
});

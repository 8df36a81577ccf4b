import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { derOf } from '../../src/demo/hpki/authorities.ts';
import { examine, signedBytes } from '../../src/pdf/examine.ts';
import { timestampTokensOf } from '../../src/pki/attributes.ts';
import { readSignedData } from '../../src/pki/cms.ts';
import { readDerPrefix } from '../../src/pki/der.ts';
import { root } from '../house/source.ts';
import { objections } from '../pdf/letters.ts';
import { type Bench, bench, hasOpenssl } from '../pki/openssl.ts';
import { letterServer } from './fhir-server.ts';
import { type Served, serve } from './http-server.ts';
import { hasSofthsm, LIBRARY, SoftHsm } from './softhsm.ts';
import { hpki, letter, pemKey, stamping } from './world.ts';

const has = (program: string, ...args: string[]) => spawnSync(program, args).error === undefined;
const able = hasSofthsm && hasOpenssl && has('pdfsig', '-v') && has('certutil', '-H');

(able ? describe : describe.skip)('a letter signed by tasuki-sign with a card', () => {
  const pin = '20260401';
  let hsm: SoftHsm;
  let files: Bench;
  let authority: Served;

  beforeAll(async () => {
    [hsm, files] = [new SoftHsm(), bench()];
    authority = await serve(async ({ body }) => ({ body: await stamping()(body) }));
    await hsm.token('医師資格証', pin, [
      { id: '01', key: pemKey(hpki.doctorKey), certificate: derOf(hpki.doctor) },
      { id: '02', certificate: derOf(hpki.issuer) },
    ]);
    files.put('root.pem', hpki.root);
    files.put('timestamp-root.pem', hpki.timestampRoot);
    files.put('trusted.pem', [hpki.root, hpki.crls.root, hpki.crls.issuer].join(''));
    const store = `sql:${files.path('')}`;
    const certutil = (...args: string[]) => {
      const { status, stderr } = spawnSync('certutil', [...args, '-d', store]);
      if (status !== 0) throw new Error(`certutil ${args.join(' ')}: ${stderr}`);
    };
    certutil('-N', '--empty-password');
    certutil('-A', '-n', 'root', '-t', 'C,C,C', '-i', files.path('root.pem'));
  }, 60_000);
  afterAll(async () => {
    await authority[Symbol.asyncDispose]();
    hsm.remove();
    files.remove();
  });

  const sign = async (...more: string[]) => {
    await using served = await letterServer();
    const place = files.path('signed.pdf');
    const options = {
      server: `${served.url}/fhir`,
      'access-token': hsm.put('access-token', 'at-1'),
      card: LIBRARY ?? '',
      token: '医師資格証',
      secret: hsm.put('pin', pin),
      tsa: authority.url,
      save: place,
    };
    const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const done = await hsm.node([join(root, 'src/sign/main.ts'), ...given, ...more, 'Task/t1']);
    return { ...done, asked: served.asked.length, pdf: done.code === 0 ? readFileSync(place) : Buffer.alloc(0) };
  };
  const lists = () => Object.entries(hpki.crls).flatMap(([name, pem]) => ['--crl', hsm.put(`${name}.pem`, pem)]);
  const pdfsig = () =>
    String(spawnSync('pdfsig', ['-nssdir', `sql:${files.path('')}`, files.path('signed.pdf')]).stdout);

  it('is valid and trusted to pdfsig, OpenSSL and ourselves, with lists and without', async () => {
    for (const crls of [[], lists()]) {
      const { code, err, pdf } = await sign('--reason', '診療情報提供書', ...crls);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(pdf.subarray(0, letter.length).equals(letter)).toBe(true);
      const found = examine(pdf, letter);
      expect(objections(found)).toEqual([]);
      const said = pdfsig();
      expect(said).toContain('Signature Type: ETSI.CAdES.detached');
      expect(said).toContain('Signature Validation: Signature is Valid.');
      expect(said).toContain('Certificate Validation: Certificate is Trusted.');
      const { contents, byteRange } = found.signature!;
      const cms = readDerPrefix(contents).bytes;
      const [signer] = readSignedData(cms).signers;
      files.put('cms.der', cms);
      files.put('content', Buffer.concat(signedBytes(pdf, byteRange)));
      files.put('signature', signer!.signature);
      files.put('token.der', timestampTokensOf(signer!)[0]!);
      const material = ['-in', 'cms.der', '-inform', 'DER', '-content', 'content', '-binary', '-purpose', 'any'];
      const checks = ['-crl_check_all', '-CAfile', 'trusted.pem', '-out', 'out'];
      expect(files.openssl('cms', '-verify', '-cades', ...material, ...checks)).toMatch(/Verification successful/i);
      const token = ['-token_in', '-in', 'token.der', '-CAfile', 'timestamp-root.pem'];
      expect(files.openssl('ts', '-verify', '-data', 'signature', ...token)).toContain('Verification: OK');
      expect(files.fails('ts', '-verify', '-data', 'content', ...token)).toContain('message imprint mismatch');
    }
  });

  it('is not made with a wrong PIN, and nothing is asked of the server but the way in', async () => {
    const done = await sign('--secret', hsm.put('wrong', '0000'), '--lang', 'en');
    expect(done).toMatchObject({ code: 2, asked: 0 });
    expect(done.err).toBe(
      'The PIN is wrong. After several wrong ones the card locks.\n  C_Login failed: CKR_PIN_INCORRECT\n',
    );
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine, signedBytes } from '../../../../src/pdf/examine.ts';
import { readSignedData, timestampTokensOf, trimPadding } from '../../../../src/pki/cms.ts';
import { LetterRenderer } from '../../../../src/services/signature/letter/renderer.ts';
import { requestTimestamp } from '../../../../src/services/signature/trust/timestamp-client.ts';
import type { Verdict } from '../../../../src/services/signature/verdict.ts';
import type { Member } from '../../../support/signature/authority.ts';
import { opensslTimestampServer, pem } from '../../../support/signature/openssl.ts';
import { sampleLetter } from '../../../support/signature/sample-letter.ts';
import { changeByte, type SignLetter, signLetter } from '../../../support/signature/sign-letter.ts';
import { DAY } from '../../../support/signature/times.ts';
import type { TimestampServer } from '../../../support/signature/timestamp-authority.ts';
import { TIMESTAMP_POLICY } from '../../../support/signature/timestamp-authority.ts';
import { bytes, fullLetter } from '../letter/letters.ts';
import { judge, told } from '../verify/ask.ts';
import { listsOfToday, TODAY, today, trustOfToday } from './today.ts';

const present = (program: string, option: string): boolean => spawnSync(program, [option]).error === undefined;
const withOpenssl = present('openssl', 'version') ? describe : describe.skip;
const withPdfsig = present('openssl', 'version') && present('pdfsig', '-v') && present('certutil', '-H') ? it : it.skip;

let folder: string;
const path = (name: string): string => join(folder, name);
const save = (name: string, content: Uint8Array | string): string => {
  writeFileSync(path(name), content);
  return path(name);
};

/** What a program said, on whichever of its outputs, and whether it was content. */
function said(program: string, ...options: string[]): { readonly ok: boolean; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(program, options, { encoding: 'utf8' });
  return { ok: status === 0, text: stdout + stderr };
}

interface Signed {
  readonly issued: Uint8Array;
  readonly file: Uint8Array;
}

const partsOf = ({ file, issued }: Signed) => {
  const { contents, byteRange } = examine(file, issued).signature!;
  const cms = trimPadding(contents);
  return { cms, content: Buffer.concat(signedBytes(file, byteRange)), signer: readSignedData(cms).signers[0]! };
};

function opensslCms(letter: Signed) {
  const { cms, content } = partsOf(letter);
  const lists = listsOfToday().map((list) => pem(list, 'X509 CRL'));
  const anchors = save('anchors.pem', pem(today.root.certificate) + lists.join(''));
  const input = ['-inform', 'DER', '-in', save('signature', cms), '-content', save('content', content), '-binary'];
  const how = ['-purpose', 'any', '-cades', '-crl_check_all', '-out', path('out')];
  return said('openssl', 'cms', '-verify', ...input, '-CAfile', anchors, ...how);
}

function opensslTs(letter: Signed, data = partsOf(letter).signer.signature) {
  const [token] = timestampTokensOf(partsOf(letter).signer);
  const anchors = save('tsa.pem', pem(today.timestampRoot.certificate));
  const input = ['-token_in', '-in', save('token', token!), '-data', save('data', data)];
  return said('openssl', 'ts', '-verify', ...input, '-CAfile', anchors);
}

const pdfsig = ({ file }: Signed) => said('pdfsig', '-nssdir', path('nss'), save('letter.pdf', file)).text;

const ours = ({ file, issued }: Signed): Verdict => judge(file, { issued, now: Date.now(), trust: trustOfToday() });

withOpenssl('the programs of others', () => {
  let server: TimestampServer;
  let rendered: Uint8Array;
  const small = sampleLetter();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tasuki-tools-'));
    server = await opensslTimestampServer(today.tsa);
    const renderer = new LetterRenderer();
    rendered = await renderer.render({ document: bytes(fullLetter()), issuedAt: TODAY - DAY });
    await renderer.close();
    if (!present('certutil', '-H')) return;
    mkdirSync(path('nss'));
    const database = ['-d', `sql:${path('nss')}`];
    execFileSync('certutil', ['-N', ...database, '--empty-password']);
    execFileSync('certutil', [
      '-A',
      ...database,
      '-n',
      'root',
      '-t',
      'C,C,C',
      '-i',
      save('root.pem', pem(today.root.certificate)),
    ]);
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Time-stamped by OpenSSL, asked over HTTP by the house's own client. */
  const signed = async (signer: Member, how: Partial<SignLetter> = {}): Promise<Signed> => {
    const service = { url: server.url, policy: TIMESTAMP_POLICY, allowPrivate: true };
    const timestamp = (data: Uint8Array) => requestTimestamp({ service, data: [data], now: Date.now() });
    const issued = how.pdf ?? small;
    return { issued, file: await signLetter({ pdf: issued, signer, timestamp, ...how }) };
  };

  const GENUINE: readonly (readonly [string, () => Promise<Signed>])[] = [
    ['RSA with PKCS #1 v1.5', () => signed(today.rsa)],
    ['RSA with PKCS #1 v1.5, as the house renders letters', () => signed(today.rsa, { pdf: rendered })],
    ['RSASSA-PSS', () => signed(today.rsa, { pss: true })],
    ['ECDSA on P-256, as the house renders letters', () => signed(today.p256, { pdf: rendered })],
    ['ECDSA on P-384', () => signed(today.p384)],
    ['the older form', () => signed(today.rsa, { subFilter: 'adbe.pkcs7.detached' })],
    [
      'with a security store',
      () => signed(today.rsa, { pdf: rendered, dss: { certificates: [], crls: listsOfToday() } }),
    ],
  ];

  it.each(GENUINE)('agree that a genuine letter is right: %s', async (_, make) => {
    const letter = await make();
    const verdict = ours(letter);
    expect(told(verdict)).toEqual({ revocation: 'noted REVOCATION_PENDING' });
    expect(verdict.result).toBe('VALID');
    expect(opensslCms(letter).text).toContain('CAdES Verification successful');
    expect(opensslTs(letter).text).toContain('Verification: OK');
  });

  withPdfsig.each(GENUINE)('pdfsig agrees, too: %s', async (_, make) => {
    const text = pdfsig(await make());
    expect(text).toContain('Signature Validation: Signature is Valid.');
    expect(text).toContain('Certificate Validation: Certificate is Trusted.');
  });

  /** What each says of a letter that is not right; undefined where the program does not look at it. */
  const WRONG: readonly (readonly [
    string,
    () => Promise<Signed>,
    Record<string, string>,
    RegExp | undefined,
    RegExp | undefined,
  ])[] = [
    [
      'a changed letter',
      async () => {
        const { file, issued } = await signed(today.rsa);
        return { issued, file: changeByte(file, Buffer.from(file).indexOf('Referral')) };
      },
      { 'issued-bytes': 'failed WRONG_DOCUMENT', 'message-digest': 'failed DIGEST_MISMATCH' },
      /verification failure/,
      /Digest Mismatch/,
    ],
    [
      'a revoked certificate',
      () => signed(today.revoked),
      { revocation: 'failed CERT_REVOKED' },
      /certificate revoked/,
      undefined,
    ],
    [
      'an expired certificate',
      () => signed(today.expired),
      { path: 'failed CERT_EXPIRED' },
      /certificate has expired/,
      /Certificate has Expired/,
    ],
    [
      'another root',
      () => signed(today.stranger),
      { path: 'failed UNTRUSTED' },
      /unable to get (local )?issuer certificate/,
      /Certificate issuer (isn't Trusted|is unknown)/,
    ],
    [
      'a certificate that the signature does not name',
      () => signed(today.rsa, { named: today.p256.certificate }),
      { 'signing-certificate': 'failed ESS_MISMATCH' },
      /ess signing certid|cert.*id|ESS/i,
      undefined,
    ],
    [
      'a signature value that is not right',
      () => signed(today.rsa, { faults: { signature: (value) => changeByte(value, -1) } }),
      { signature: 'failed SIGNATURE_INVALID' },
      /verification failure/,
      /Signature is Invalid/,
    ],
  ];

  it.each(WRONG)('agree that a letter is not right: %s', async (_, make, expected, cms, pdf) => {
    const letter = await make();
    const verdict = ours(letter);
    expect(verdict.result).toBe('INVALID');
    expect(told(verdict)).toMatchObject(expected);
    if (cms) {
      const answer = opensslCms(letter);
      expect(answer.ok).toBe(false);
      expect(answer.text).toMatch(cms);
    }
    if (pdf && present('pdfsig', '-v') && present('certutil', '-H')) expect(pdfsig(letter)).toMatch(pdf);
  });

  it('agree that a time-stamp is of another signature', async () => {
    const letter = await signed(today.rsa);
    const answer = opensslTs(letter, Buffer.from('another signature'));
    expect(answer.text).toContain('message imprint mismatch');
    const { file } = await signed(today.p256, {
      faults: { token: () => timestampTokensOf(partsOf(letter).signer)[0]! },
    });
    expect(told(ours({ file, issued: small }))).toMatchObject({ timestamp: 'failed TST_IMPRINT' });
  });

  it('stamp one after the other, however many ask', async () => {
    const before = server.served();
    const letters = await Promise.all(Array.from({ length: 4 }, () => signed(today.p256)));
    expect(server.served() - before).toBe(4);
    const serials = letters.map(
      (letter) => ours(letter).checks.find(({ name }) => name === 'timestamp')?.evidence?.serial,
    );
    expect(new Set(serials).size).toBe(4);
  });
});

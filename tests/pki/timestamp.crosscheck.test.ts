import { digest } from '../../src/pki/algorithms.ts';
import {
  differsFromRequest,
  issueTimestamp,
  readTimestampRequest,
  readTimestampResponse,
  readTimestampToken,
  timestampCertificate,
  timestampRequest,
  verifyTimestampToken,
} from '../../src/pki/timestamp.ts';
import { keyPem, pem, signatory } from './material.ts';
import { type Bench, bench, hasOpenssl } from './openssl.ts';

const stamped = Buffer.from('a signature value');
const policy = '1.2.392.200091.100.999';

const configuration = `
[ tsa ]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = ${policy}
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
`;

(hasOpenssl ? describe : describe.skip)('time-stamps and OpenSSL', () => {
  let files: Bench;
  beforeAll(() => {
    files = bench();
    files.put('stamped', stamped);
    files.put('tsa.cnf', configuration);
    files.put('serial', '01\n');
  });
  afterAll(() => files.remove());

  it.each(['rsa', 'P-256'] as const)('OpenSSL verifies the answer of our authority: %s', (kind) => {
    const { key, certificate } = signatory(kind, { purpose: 'time-stamping', name: `Authority ${kind}` });
    files.put('tsa.pem', pem('CERTIFICATE', certificate));
    files.openssl('ts', '-query', '-data', 'stamped', '-sha384', '-cert', '-out', 'query.tsq', '-tspolicy', policy);
    const request = files.get('query.tsq');
    files.put('answer.tsr', issueTimestamp(request, { key, certificate, policy, now: Date.now(), serial: 77n }));

    expect(
      files.openssl('ts', '-verify', '-queryfile', 'query.tsq', '-in', 'answer.tsr', '-CAfile', 'tsa.pem'),
    ).toContain('Verification: OK');
    files.put('token.der', readTimestampResponse(files.get('answer.tsr')).token!);
    const verifyToken = ['ts', '-verify', '-token_in', '-in', 'token.der', '-CAfile', 'tsa.pem'];
    expect(files.openssl(...verifyToken, '-data', 'stamped')).toContain('Verification: OK');
    files.put('other', 'another signature value');
    expect(files.fails(...verifyToken, '-data', 'other')).toContain('message imprint mismatch');
    expect(files.openssl('ts', '-reply', '-in', 'answer.tsr', '-text')).toContain('Serial number: 0x4D');
  });

  it('OpenSSL verifies an answer without certificates, given the certificate', () => {
    const { key, certificate } = signatory('P-384', { purpose: 'time-stamping', name: 'Authority' });
    files.put('tsa.pem', pem('CERTIFICATE', certificate));
    const request = timestampRequest({ imprint: digest('sha512', stamped), hash: 'sha512', certReq: false });
    files.put(
      'answer.tsr',
      issueTimestamp(request, { key, certificate, policy, now: Date.now(), serial: 1n, accuracy: 250 }),
    );
    const verify = ['ts', '-verify', '-data', 'stamped', '-in', 'answer.tsr', '-CAfile', 'tsa.pem'];
    expect(files.openssl(...verify, '-untrusted', 'tsa.pem')).toContain('Verification: OK');
    expect(files.fails(...verify)).toContain('Verification: FAILED');
  });

  it('OpenSSL reads why our authority gives none', () => {
    const { key, certificate } = signatory('P-256', { purpose: 'time-stamping', name: 'Authority' });
    files.openssl('ts', '-query', '-data', 'stamped', '-sha1', '-out', 'weak.tsq');
    files.put(
      'no.tsr',
      issueTimestamp(files.get('weak.tsq'), { key, certificate, policy, now: Date.now(), serial: 1n }),
    );
    const text = files.openssl('ts', '-reply', '-in', 'no.tsr', '-text');
    expect(text).toContain('Status: Rejected.');
    expect(text).toContain('unrecognized or unsupported algorithm identifier');
  });

  it.each(['rsa', 'P-256'] as const)('we verify what OpenSSL answers to our request: %s', (kind) => {
    const { key, certificate } = signatory(kind, { purpose: 'time-stamping', name: `Authority ${kind}` });
    files.put('tsa.pem', pem('CERTIFICATE', certificate));
    files.put('tsa.key', keyPem(key));
    const request = timestampRequest({ imprint: digest('sha256', stamped), nonce: 0x8899aabbccddeeffn, policy });
    files.put('ours.tsq', request);
    expect(files.openssl('ts', '-query', '-in', 'ours.tsq', '-text')).toContain('Nonce: 0x8899AABBCCDDEEFF');
    files.openssl(
      ...['ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'ours.tsq'],
      ...['-signer', 'tsa.pem', '-inkey', 'tsa.key', '-out', 'theirs.tsr'],
    );
    const response = readTimestampResponse(files.get('theirs.tsr'));
    expect(response).toMatchObject({ status: 0, granted: true, failures: [] });
    const token = readTimestampToken(response.token!);
    expect(token.tst).toMatchObject({ policy, accuracy: 1500, ordering: true, nonce: 0x8899aabbccddeeffn });
    expect(differsFromRequest(readTimestampRequest(request), token)).toBeUndefined();
    expect(timestampCertificate(token)).toEqual(certificate);
    expect(verifyTimestampToken(token, { data: [stamped] }, certificate)).toEqual({ ok: true, weak: false });
    expect(verifyTimestampToken(token, { data: [stamped, stamped] }, certificate)).toMatchObject({
      code: 'TST_IMPRINT',
    });
  });

  it('notes that OpenSSL names the certificate by SHA-1 where it is told so, and reads its refusals', () => {
    const { key, certificate } = signatory('P-256', { purpose: 'time-stamping', name: 'Authority' });
    files.put('tsa.pem', pem('CERTIFICATE', certificate));
    files.put('tsa.key', keyPem(key));
    files.put('old.cnf', configuration.replace('ess_cert_id_alg = sha256', 'ess_cert_id_alg = sha1'));
    const reply = ['ts', '-reply', '-config', 'old.cnf', '-section', 'tsa', '-signer', 'tsa.pem', '-inkey', 'tsa.key'];
    files.put('ours.tsq', timestampRequest({ imprint: digest('sha256', stamped) }));
    files.openssl(...reply, '-queryfile', 'ours.tsq', '-out', 'theirs.tsr');
    const token = readTimestampToken(readTimestampResponse(files.get('theirs.tsr')).token!);
    expect(verifyTimestampToken(token, { data: [stamped] }, certificate)).toEqual({ ok: true, weak: true });

    files.put('ours.tsq', timestampRequest({ imprint: digest('sha256', stamped), policy: '1.2.3.4' }));
    files.openssl(...reply, '-queryfile', 'ours.tsq', '-out', 'theirs.tsr');
    const refused = readTimestampResponse(files.get('theirs.tsr'));
    expect(refused).toMatchObject({ status: 2, granted: false, failures: ['unacceptedPolicy'], token: undefined });
    expect(refused.text[0]).toContain('policy');
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest } from '../../../src/pki/algorithms.ts';
import { readTimestampResponse, timestampRequest } from '../../../src/pki/timestamp.ts';
import type { Holder, Stamper } from './sign-letter.ts';
import { TIMESTAMP_POLICY } from './timestamp-authority.ts';

/** Whether there is an OpenSSL here: a fresh machine has only Node. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;

const CONFIGURATION = `
[tsa]
dir = .
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = ${TIMESTAMP_POLICY}
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

/** A folder of its own, removed afterwards. */
export async function inFolder<T>(work: (path: (name: string) => string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tasuki-openssl-'));
  try {
    return await work((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `openssl ts` as an authority. Its clock is the machine's. */
export const stampedByOpenssl =
  ({ key, certificate, chain }: Holder): Stamper =>
  (data) =>
    inFolder((path) => {
      const request = timestampRequest({ imprint: digest('sha256', data), nonce: BigInt(Date.now()) });
      writeFileSync(path('request'), request);
      writeFileSync(path('serial'), '01');
      writeFileSync(path('tsa.cnf'), CONFIGURATION);
      writeFileSync(path('tsa.pem'), pem(certificate));
      writeFileSync(path('chain.pem'), chain.map((one) => pem(one)).join(''));
      writeFileSync(path('key.pem'), key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
      const options = ['-config', path('tsa.cnf'), '-section', 'tsa', '-queryfile', path('request')];
      const signer = ['-signer', path('tsa.pem'), '-inkey', path('key.pem'), '-out', path('response')];
      const carried = chain.length > 0 ? ['-chain', path('chain.pem')] : [];
      execFileSync('openssl', ['ts', '-reply', ...options, ...signer, ...carried], { cwd: path('.'), stdio: 'pipe' });
      const { token, text } = readTimestampResponse(new Uint8Array(readFileSync(path('response'))));
      if (!token) throw new Error(`openssl refused: ${text.join('; ')}`);
      return token;
    });

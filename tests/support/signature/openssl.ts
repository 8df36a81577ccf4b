import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { digest } from '../../../src/pki/algorithms.ts';
import { readTimestampResponse, timestampRequest } from '../../../src/pki/timestamp.ts';
import type { Holder, Stamper } from './sign-letter.ts';
import { TIMESTAMP_POLICY, type TimestampServer } from './timestamp-authority.ts';

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

/** What `openssl ts -reply` needs, written down; gives its arguments for a request and an answer. */
function authorityFiles(path: (name: string) => string, { key, certificate, chain }: Holder): readonly string[] {
  writeFileSync(path('serial'), '01');
  writeFileSync(path('tsa.cnf'), CONFIGURATION);
  writeFileSync(path('tsa.pem'), pem(certificate));
  writeFileSync(path('chain.pem'), chain.map((one) => pem(one)).join(''));
  writeFileSync(path('key.pem'), key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const options = ['-config', path('tsa.cnf'), '-section', 'tsa', '-queryfile', path('request')];
  const signer = ['-signer', path('tsa.pem'), '-inkey', path('key.pem'), '-out', path('response')];
  return ['ts', '-reply', ...options, ...signer, ...(chain.length > 0 ? ['-chain', path('chain.pem')] : [])];
}

/** `openssl ts` as an authority. Its clock is the machine's. */
export const stampedByOpenssl =
  (authority: Holder): Stamper =>
  (data) =>
    inFolder((path) => {
      const reply = authorityFiles(path, authority);
      writeFileSync(path('request'), timestampRequest({ imprint: digest('sha256', data), nonce: BigInt(Date.now()) }));
      execFileSync('openssl', reply, { cwd: path('.'), stdio: 'pipe' });
      const { token, text } = readTimestampResponse(new Uint8Array(readFileSync(path('response'))));
      if (!token) throw new Error(`openssl refused: ${text.join('; ')}`);
      return token;
    });

/** `openssl ts` behind HTTP (RFC 3161 §3.4): one process for each request, one after the other, for it keeps its serial number in a file. */
export async function opensslTimestampServer(authority: Holder): Promise<TimestampServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tasuki-openssl-'));
  const path = (name: string) => join(folder, name);
  const reply = authorityFiles(path, authority);
  const run = promisify(execFile);
  let served = 0;
  let last: Promise<unknown> = Promise.resolve();
  const answer = async (request: Uint8Array): Promise<Uint8Array> => {
    writeFileSync(path('request'), request);
    await run('openssl', reply, { cwd: folder });
    served += 1;
    return readFileSync(path('response'));
  };
  const server = createServer(async (request, response) => {
    const asked = await buffer(request);
    const answered = last.then(() => answer(asked));
    last = answered.catch(() => undefined);
    try {
      const bytes = await answered;
      response.writeHead(200, { 'Content-Type': 'application/timestamp-reply' }).end(bytes);
    } catch {
      response.writeHead(500).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    served: () => served,
    close: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digest, type Hash } from '../../../src/pki/algorithms.ts';
import { issueTimestamp, readTimestampResponse, timestampRequest } from '../../../src/pki/timestamp.ts';
import type { Holder, Stamper } from './sign-letter.ts';

/** Under which the test authorities stamp. */
export const TIMESTAMP_POLICY = '1.2.392.200000.99.1';

let serial = 0n;

export interface Stamping {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly hash?: Hash;
  /** Whether the token carries the authority's certificates; it does, unless said otherwise. */
  readonly certReq?: boolean;
}

/** The authority's answer to a request, DER. */
export function answer(request: Uint8Array, { key, certificate, chain }: Holder, at: number): Uint8Array {
  serial += 1n;
  return issueTimestamp(request, { key, certificate, chain, policy: TIMESTAMP_POLICY, now: at, serial });
}

/** Stamps without a network between. */
export const stampedBy =
  (authority: Holder, { at, hash = 'sha256', certReq = true }: Stamping): Stamper =>
  (data) => {
    const request = timestampRequest({ imprint: digest(hash, data), hash, certReq });
    const { token } = readTimestampResponse(answer(request, authority, at));
    if (!token) throw new Error('the test authority refused');
    return token;
  };

export interface TimestampServer {
  readonly url: string;
  /** Requests answered. */
  readonly served: () => number;
  close(): Promise<void>;
}

/** RFC 3161 §3.4, on a port of its own: a real authority for clients, with the clock that it is given. */
export async function timestampServer(authority: Holder, clock: () => number = Date.now): Promise<TimestampServer> {
  let served = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.method !== 'POST' || request.headers['content-type'] !== 'application/timestamp-query') {
        response.writeHead(400).end();
        return;
      }
      served += 1;
      response.writeHead(200, { 'Content-Type': 'application/timestamp-reply' });
      response.end(answer(Buffer.concat(parts), authority, clock()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    served: () => served,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

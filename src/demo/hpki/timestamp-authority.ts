import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issueTimestamp } from '../../pki/timestamp.ts';
import { type DemoHpki, derOf, keyOf, TIMESTAMP_POLICY } from './authorities.ts';

/** A time-stamp authority (RFC 3161 over HTTP, §3.4) on the loopback interface, for as long as the story needs one. */
export interface TimestampServer {
  readonly url: string;
  close(): Promise<void>;
}

const MOST = 64 * 1024;

export async function timestampServer(hpki: DemoHpki): Promise<TimestampServer> {
  const [certificate, root, key] = [derOf(hpki.timestamp), derOf(hpki.timestampRoot), keyOf(hpki.timestampKey)];
  const stamp = (request: Uint8Array) =>
    issueTimestamp(request, {
      key,
      certificate,
      chain: [root],
      policy: TIMESTAMP_POLICY,
      now: Date.now(),
      serial: BigInt(`0x${randomBytes(12).toString('hex')}`),
    });
  const server = createServer((request, response) => {
    answer(request, response, stamp).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  stamp: (request: Uint8Array) => Uint8Array,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST) return void request.destroy();
    chunks.push(chunk);
  }
  response.setHeader('content-type', 'application/timestamp-reply').end(stamp(Buffer.concat(chunks)));
}

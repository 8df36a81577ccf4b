import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TIME_STAMPING } from '../../../../src/pki/extensions.ts';
import { issueCertificate } from '../../../../src/pki/issue.ts';
import {
  issueTimestamp,
  readTimestampRequest,
  readTimestampToken,
  rejectedResponse,
  type TimestampAuthority,
} from '../../../../src/pki/timestamp.ts';
import {
  requestTimestamp,
  TimestampError,
  type TimestampWanted,
} from '../../../../src/services/signature/trust/timestamp-client.ts';
import { DAY, NOW, tsaRoot } from './pki.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const certificate = issueCertificate({
  subject: [
    ['C', 'JP'],
    ['CN', 'TSU 1'],
  ],
  issuer: tsaRoot,
  key,
  notBefore: NOW - DAY,
  notAfter: NOW + 365 * DAY,
  extensions: { keyUsage: ['digitalSignature'], extendedKeyUsage: [TIME_STAMPING] },
});
const authority: TimestampAuthority = { key, certificate, policy: '1.2.3.4', now: NOW, serial: 1n };
const data = [Buffer.from('the first half '), Buffer.from('and the second')];

/** What the authority answers to a request; its media type unless told. */
let answer: (request: Uint8Array) => { body: Uint8Array; type?: string; status?: number };
let requests: Uint8Array[];
const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  requests.push(body);
  expect([request.method, request.headers['content-type']]).toEqual(['POST', 'application/timestamp-query']);
  const { type = 'application/timestamp-reply', status = 200, ...answered } = answer(body);
  response.writeHead(status, { 'Content-Type': type }).end(answered.body);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  requests = [];
  answer = (request) => ({ body: issueTimestamp(request, authority) });
});

const ask = (more: Partial<TimestampWanted> = {}, service: Partial<TimestampWanted['service']> = {}) =>
  requestTimestamp({
    service: {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
      policy: undefined,
      allowPrivate: true,
      ...service,
    },
    data,
    now: NOW,
    ...more,
  });

async function refused(...of: Parameters<typeof ask>): Promise<string> {
  const error = await ask(...of).then(
    () => 'granted',
    (reason: unknown) => reason,
  );
  return error instanceof TimestampError ? error.code : String(error);
}

describe('a time-stamp of our own', () => {
  it.each(['sha256', 'sha384', 'sha512'] as const)('is of the bytes, by %s, and of now', async (hash) => {
    const { tst } = readTimestampToken(await ask({ hash }));
    expect(tst).toMatchObject({ hash, genTime: NOW, policy: '1.2.3.4' });
  });

  it('is asked for with the hash of the bytes and not with the bytes, and with a nonce of its own', async () => {
    await ask();
    await ask();
    const [one, two] = requests.map(readTimestampRequest);
    expect(one).toMatchObject({ certReq: true, policy: undefined, extensions: false });
    expect(one?.imprint).toEqual(two?.imprint);
    expect(one?.nonce).toBeGreaterThan(0n);
    expect(one?.nonce).not.toBe(two?.nonce);
    expect(requests[0]?.length).toBeLessThan(80);
  });

  it('is of the policy that was asked for', async () => {
    expect(readTimestampToken(await ask({}, { policy: '1.2.3.4' })).tst.policy).toBe('1.2.3.4');
    expect(await refused({}, { policy: '1.2.3.5' })).toBe('TSA_REFUSED');
  });

  it('says why there is none', async () => {
    answer = () => ({ body: rejectedResponse('timeNotAvailable', 'the clock is being set') });
    await expect(ask()).rejects.toThrow('the authority refuses, status 2: timeNotAvailable, the clock is being set');
  });

  it('is not that of other bytes', async () => {
    const other = await ask({ data: [Buffer.from('other bytes')] }).then(() => requests[0]!);
    answer = () => ({ body: issueTimestamp(other, authority) });
    expect(await refused()).toBe('TSA_MISMATCH');
  });

  it('is not one that was given before', async () => {
    await ask();
    const before = issueTimestamp(requests[0]!, authority);
    answer = () => ({ body: before });
    expect(await refused()).toBe('TSA_MISMATCH');
  });

  it('is signed by the key of its certificate', async () => {
    answer = (request) => {
      const body = issueTimestamp(request, authority);
      body[body.length - 1]! ^= 1; // of the signature, which stands at the end
      return { body };
    };
    expect(await refused()).toBe('TSA_SIGNATURE');
  });

  it('is of our time, within minutes', async () => {
    expect(await refused({ now: NOW + 4 * 60_000 })).toBe('granted');
    expect(await refused({ now: NOW - 4 * 60_000 })).toBe('granted');
    expect(await refused({ now: NOW + 6 * 60_000 })).toBe('TSA_CLOCK');
    expect(await refused({ now: NOW - 6 * 60_000 })).toBe('TSA_CLOCK');
  });

  it('is whole', async () => {
    answer = (request) => ({ body: issueTimestamp(request, authority).subarray(0, -1) });
    expect(await refused()).toBe('TSA_MALFORMED');
    answer = () => ({ body: new Uint8Array() });
    expect(await refused()).toBe('TSA_MALFORMED');
  });

  it('comes as such', async () => {
    answer = (request) => ({ body: issueTimestamp(request, authority), type: 'text/html' });
    expect(await refused()).toBe('TSA_UNREACHABLE');
    answer = () => ({ body: Buffer.from('busy'), status: 503 });
    expect(await refused()).toBe('TSA_UNREACHABLE');
    answer = () => ({ body: Buffer.alloc(300 * 1024) });
    expect(await refused()).toBe('TSA_UNREACHABLE');
  });

  it('is not asked of a machine inside without the operator’s word', async () => {
    expect(await refused({}, { allowPrivate: false })).toBe('TSA_UNREACHABLE');
    expect(requests).toEqual([]);
  });
});

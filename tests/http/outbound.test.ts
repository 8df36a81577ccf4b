import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Address, OutboundError, type OutboundRequest, outbound } from '../../src/http/outbound.ts';
import { issueCertificate } from '../../src/pki/issue.ts';

const KiB = 1024;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Serves until the end of the test; returns where. */
async function serve(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As `serve`, with bytes instead of HTTP. */
async function serveBytes(speak: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => speak(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const send = (url: string, more: Partial<OutboundRequest> = {}) =>
  outbound({ url, maxBytes: 64 * KiB, timeoutMs: 10_000, allowPrivate: true, ...more });

/** The code with which it is refused. */
async function refused(url: string, more: Partial<OutboundRequest> = {}): Promise<string> {
  const error = await send(url, more).then(
    ({ status }) => new Error(`answered ${status}`),
    (reason: unknown) => reason,
  );
  return error instanceof OutboundError ? error.code : String(error);
}

const never = () => Promise.reject(new Error('no name was to be looked up'));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a request that leaves the house', () => {
  it('brings back status, headers and bytes', async () => {
    const url = await serve((_request, response) => response.setHeader('ETag', '"1"').end('list'));
    const { status, headers, body } = await send(`${url}/a.crl?x=1`);
    expect([status, headers.etag, text(body)]).toEqual([200, '"1"', 'list']);
  });

  it('says what it wants, posts what it is given, and no more', async () => {
    let seen: IncomingMessage | undefined;
    const url = await serve(async (request, response) => {
      seen = request;
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      response.setHeader('Content-Type', 'Text/Plain; charset=utf-8').end(Buffer.concat(parts).reverse());
    });
    const { body } = await send(url, {
      method: 'POST',
      body: Buffer.from('abc'),
      accept: ['text/plain'],
      headers: { 'Content-Type': 'application/timestamp-query' },
    });
    expect(text(body)).toBe('cba');
    expect(seen?.method).toBe('POST');
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
  });

  it('takes "not modified" for an answer', async () => {
    const url = await serve((request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end(),
    );
    expect((await send(url, { headers: { 'If-None-Match': '"1"' } })).status).toBe(304);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('reads what a server compressed unasked: %s', async (encoding, compress) => {
    const url = await serve((_request, response) =>
      response.setHeader('Content-Encoding', encoding).end(compress(Buffer.from('list'))),
    );
    expect(text((await send(url)).body)).toBe('list');
  });

  it('takes an answer of just the most bytes, also in chunks and compressed', async () => {
    const bytes = Buffer.alloc(64 * KiB, 1);
    const plain = await serve((_request, response) => response.end(bytes));
    const chunked = await serve((_request, response) => {
      response.write(bytes.subarray(1));
      response.end(bytes.subarray(0, 1));
    });
    const packed = await serve((_request, response) =>
      response.setHeader('Content-Encoding', 'gzip').end(gzipSync(bytes)),
    );
    for (const url of [plain, chunked, packed]) expect((await send(url)).body).toHaveLength(64 * KiB);
  });
});

describe('where it may go', () => {
  it.each([
    ['file:///etc/passwd', 'url'],
    ['ftp://example.jp/a', 'url'],
    ['gopher://example.jp/', 'url'],
    ['//example.jp', 'url'],
    ['', 'url'],
    ['http://user:secret@example.jp/', 'url'],
    ['http://user@example.jp/', 'url'],
    ['http://example.jp:22/', 'port'],
    ['http://example.jp:25/', 'port'],
    ['https://example.jp:5432/', 'port'],
    ['http://example.jp:6379/', 'port'],
    ['http://127.0.0.1/', 'address'],
    ['http://localhost./', 'address'],
    ['http://127.1/', 'address'],
    ['http://2130706433/', 'address'],
    ['http://0x7f.0.0.1/', 'address'],
    ['http://017700000001/', 'address'],
    ['http://１２７.０.０.１/', 'address'],
    ['http://0/', 'address'],
    ['http://10.1.2.3/', 'address'],
    ['http://100.64.1.1/', 'address'],
    ['http://169.254.169.254/latest/meta-data/', 'address'],
    ['http://[::1]/', 'address'],
    ['http://[::]/', 'address'],
    ['http://[::ffff:127.0.0.1]/', 'address'],
    ['http://[64:ff9b::7f00:1]/', 'address'],
    ['http://[fe80::1]/', 'address'],
    ['http://[fd00::1]/', 'address'],
  ])('not to %s', async (url, code) => {
    const resolve = async (): Promise<Address[]> => [{ address: '127.0.0.1', family: 4 }];
    expect(await refused(url, { allowPrivate: false, resolve })).toBe(code);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[fe80::1]/',
    'http://0.0.0.0/',
    'http://224.0.0.1/',
  ])('not to %s, whoever allows private addresses', async (url) => {
    expect(await refused(url)).toBe('address');
  });

  it('not below port 1024 but to the ports of the web, also where private addresses are allowed', async () => {
    expect(await refused('http://127.0.0.1:22/')).toBe('port');
  });

  it('not to a name that leads home, by one of its addresses or by all', async () => {
    const inside: Address = { address: '127.0.0.1', family: 4 };
    const outside: Address = { address: '1.1.1.1', family: 4 };
    const mapped: Address = { address: '::ffff:10.0.0.1', family: 6 };
    for (const addresses of [[inside], [outside, inside], [inside, outside], [mapped], [outside, mapped]])
      expect(await refused('http://rebind.example/', { allowPrivate: false, resolve: async () => addresses })).toBe(
        'address',
      );
  });

  it('to the address that was looked up first, whatever the name says later', async () => {
    const url = new URL(await serve((_request, response) => response.end('the first')));
    let asked = 0;
    const resolve = async (host: string): Promise<Address[]> => {
      expect(host).toBe('rebind.example');
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const { body } = await send(`http://rebind.example:${url.port}/`, { resolve });
    expect([asked, text(body)]).toEqual([1, 'the first']);
  });

  it('to another address of the name where the first does not listen', async () => {
    const { port } = new URL(await serve((_request, response) => response.end('the second')));
    const resolve = async (): Promise<Address[]> => [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(text((await send(`http://two.example:${port}/`, { resolve })).body)).toBe('the second');
  });

  it('tells the server the name, not the address', async () => {
    const { port } = new URL(await serve((request, response) => response.end(request.headers.host)));
    const resolve = async (): Promise<Address[]> => [{ address: '127.0.0.1', family: 4 }];
    expect(text((await send(`http://named.example:${port}/`, { resolve })).body)).toBe(`named.example:${port}`);
  });

  it('nowhere without an address', async () => {
    expect(await refused('http://nowhere.example/', { resolve: async () => [] })).toBe('resolve');
    expect(await refused('http://nowhere.example/', { resolve: never })).toBe('resolve');
  });

  it('and not where nobody listens', async () => {
    const url = await serve((_request, response) => response.end());
    await stops.pop()!();
    expect(await refused(url)).toBe('connect');
  });

  it('by https only to a server whose certificate is right', async () => {
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = issueCertificate({
      subject: [['CN', 'localhost']],
      issuer: { key },
      key,
      notBefore: Date.now() - 60_000,
      notAfter: Date.now() + 3_600_000,
      extensions: { subjectAltName: [{ dns: 'localhost' }] },
    });
    const cert = `-----BEGIN CERTIFICATE-----\n${Buffer.from(own).toString('base64')}\n-----END CERTIFICATE-----\n`;
    let reached = false;
    const server = createSecureServer(
      { key: key.export({ format: 'pem', type: 'pkcs8' }), cert },
      (_request, response) => {
        reached = true;
        response.end();
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(async () => void (await new Promise((resolve) => server.close(resolve))));
    const resolve = async (): Promise<Address[]> => [{ address: '127.0.0.1', family: 4 }];
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    const error = (await send(url, { resolve }).catch((reason: unknown) => reason)) as OutboundError;
    expect([error.code, error.message, reached]).toEqual([
      'connect',
      'No connection with localhost: DEPTH_ZERO_SELF_SIGNED_CERT',
      false,
    ]);
  });

  it('without headers that are the connection’s own', async () => {
    for (const name of ['Host', 'content-length', 'Transfer-Encoding', 'Connection'])
      expect(await refused('http://127.0.0.1:8080/', { headers: { [name]: 'x' } })).toBe('url');
  });
});

describe('an answer that is not taken', () => {
  const answering = (answer: (response: ServerResponse) => void) => serve((_request, response) => answer(response));

  it.each([301, 302, 303, 307, 308])('a redirect, %i, which is not followed', async (status) => {
    let followed = false;
    const inside = await serve((_request, response) => {
      followed = true;
      response.end();
    });
    const url = await answering((response) => response.writeHead(status, { Location: inside }).end());
    expect(await refused(url)).toBe('redirect');
    expect(followed).toBe(false);
  });

  it.each([400, 404, 500, 503])('status %i', async (status) => {
    const url = await answering((response) => response.writeHead(status).end('no'));
    await expect(send(url)).rejects.toMatchObject({ code: 'status', status });
  });

  it('another protocol', async () => {
    const url = await serveBytes((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: smtp\r\n\r\n220 ready\r\n'),
    );
    expect(await refused(url)).toBe('status');
  });

  it('another media type than was asked for', async () => {
    const page = await answering((response) => response.setHeader('Content-Type', 'text/html').end('<html>'));
    const none = await answering((response) => response.end('?'));
    for (const url of [page, none])
      expect(await refused(url, { accept: ['application/timestamp-reply'] })).toBe('content-type');
  });

  it('one that says that it is too large', async () => {
    let sent = 0;
    const url = await answering((response) => {
      response.setHeader('Content-Length', 1_000_000);
      sent += 1;
      response.write('x');
    });
    expect([await refused(url), sent]).toEqual(['too-large', 1]);
  });

  it('one without end', async () => {
    const url = await answering((response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * KiB)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await refused(url)).toBe('too-large');
  });

  it('one without end that is one long compressed nothing', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * KiB * KiB));
    expect(bomb.length).toBeLessThan(66 * KiB);
    const url = await answering((response) => response.setHeader('Content-Encoding', 'gzip').end(bomb));
    expect(await refused(url, { maxBytes: 128 * KiB })).toBe('too-large');
  });

  it('a header without end', async () => {
    const url = await serveBytes((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(64 * KiB)}`);
    });
    expect(await refused(url)).toBe('connect');
  });

  it('one that drips', async () => {
    const url = await answering((response) => {
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await refused(url, { timeoutMs: 100 })).toBe('timeout');
  });

  it('one that drips its headers', async () => {
    const url = await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X-A: b\r\n'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await refused(url, { timeoutMs: 100 })).toBe('timeout');
  });

  it('none at all', async () => {
    const url = await serveBytes(() => undefined);
    expect(await refused(url, { timeoutMs: 50 })).toBe('timeout');
  });

  it('when the name server does not answer', async () => {
    const resolve = () => new Promise<never>(() => undefined);
    expect(await refused('http://slow.example/', { timeoutMs: 50, resolve })).toBe('timeout');
  });

  it('when it is called off', async () => {
    const off = new AbortController();
    const url = await serveBytes(() => off.abort());
    expect(await refused(url, { signal: off.signal })).toBe('aborted');
    expect(await refused(url, { signal: off.signal })).toBe('aborted');
  });

  it('one that is shorter than it says', async () => {
    const url = await serveBytes((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'));
    expect(await refused(url)).toBe('incomplete');
  });

  it('chunks that end before their end', async () => {
    const url = await serveBytes((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n'),
    );
    expect(await refused(url)).toBe('incomplete');
  });

  it('a length and chunks at once', async () => {
    const url = await serveBytes((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n\r\n'),
    );
    expect(await refused(url)).toBe('connect');
  });

  it('no HTTP', async () => {
    const url = await serveBytes((socket) => socket.end('220 mail.example ESMTP\r\n'));
    expect(await refused(url)).toBe('connect');
  });

  it('what is not compressed as it says, or is cut off', async () => {
    const wrong = await answering((response) => response.setHeader('Content-Encoding', 'gzip').end('plain'));
    const cut = await answering((response) =>
      response.setHeader('Content-Encoding', 'gzip').end(gzipSync(Buffer.from('list')).subarray(0, 15)),
    );
    for (const url of [wrong, cut]) expect(await refused(url)).toBe('incomplete');
  });

  it.each(['zstd', 'gzip, gzip', 'constructor'])('an encoding that is not known: %s', async (encoding) => {
    const url = await answering((response) => response.setHeader('Content-Encoding', encoding).end('x'));
    expect(await refused(url)).toBe('encoding');
  });

  it('and its error names the host, not the path', async () => {
    const url = await answering((response) => response.writeHead(500).end());
    const error = (await send(`${url}/secret?token=1`).catch((reason: unknown) => reason)) as OutboundError;
    expect(error.message).toBe('127.0.0.1 answers with status 500');
  });
});

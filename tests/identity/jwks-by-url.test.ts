import { generateKeyPairSync } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { type Outbound, OutboundError } from '../../src/http/outbound.ts';
import { usableJwks } from '../../src/identity/jwks.ts';
import { JwksByUrl, JwksUnavailable } from '../../src/identity/jwks-by-url.ts';

const MINUTE = 60_000;
const URL_1 = 'https://his.example/jwks.json';

const key = (kid: string, namedCurve = 'P-384'): Record<string, unknown> => ({
  ...generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }),
  kid,
});
const [first, second] = [key('1'), key('2')];
const kids = ({ keys }: { keys: readonly { kid: string }[] }) => keys.map(({ kid }) => kid);

/** A place of keys as the test wants it, and a clock. */
class Stage {
  now = Date.parse('2026-06-15T12:00:00Z');
  headers: Record<string, string | undefined> = {};
  keys: readonly object[] = [first];
  failure: Error | undefined;
  readonly sent: Parameters<Outbound>[0][] = [];
  readonly logs: string[] = [];
  hold: Promise<void> | undefined;
  readonly jwks: JwksByUrl;

  constructor(privateHosts: readonly string[] = []) {
    this.jwks = new JwksByUrl({
      privateHosts,
      now: () => this.now,
      log: (...line) => void this.logs.push(JSON.stringify(line)),
      send: async (request) => {
        this.sent.push(request);
        await this.hold;
        if (this.failure) throw this.failure;
        return { status: 200, headers: this.headers, body: Buffer.from(JSON.stringify({ keys: this.keys })) };
      },
    });
  }
}

describe('how long keys are kept', () => {
  it.each<[Record<string, string>, number]>([
    [{ 'cache-control': 'max-age=60' }, 60_000],
    [{ 'cache-control': 'public, max-age=60, must-revalidate' }, 60_000],
    [{ 'cache-control': 'MAX-AGE=60' }, 60_000],
    [{ 'cache-control': 'max-age="60"' }, 60_000],
    [{ 'cache-control': 'max-age=600, max-age=60' }, 60_000],
    [{ 'cache-control': 'max-age=60', age: '45' }, 15_000],
    [{ 'cache-control': 's-maxage=900, max-age=60' }, 60_000],
    [{ 'cache-control': 'max-age=60', expires: 'Mon, 15 Jun 2026 14:00:00 GMT' }, 60_000],
    [{ expires: 'Mon, 15 Jun 2026 12:02:00 GMT' }, 2 * MINUTE],
    [{ expires: 'Mon, 15 Jun 2026 12:02:00 GMT', date: 'Mon, 15 Jun 2026 12:01:00 GMT' }, MINUTE],
    [{}, 5 * MINUTE],
    [{ 'cache-control': 'max-age=31536000' }, 60 * MINUTE],
  ])('%j: %i ms', async (headers, ms) => {
    const stage = new Stage();
    stage.headers = headers;
    await stage.jwks.keysFor(URL_1);
    stage.now += ms - 1;
    await stage.jwks.keysFor(URL_1);
    expect(stage.sent).toHaveLength(1);
    stage.now += 1;
    await stage.jwks.keysFor(URL_1);
    expect(stage.sent).toHaveLength(2);
  });

  it.each([
    { 'cache-control': 'no-store' },
    { 'cache-control': 'no-cache, max-age=600' },
    { 'cache-control': 'private="x", no-store' },
    { 'cache-control': 'max-age=0' },
    { expires: '0' },
    { expires: 'Mon, 15 Jun 2026 11:00:00 GMT' },
    { 'cache-control': 'max-age=60', age: '61' },
  ])('%j: not at all', async (headers) => {
    const stage = new Stage();
    stage.headers = headers;
    await stage.jwks.keysFor(URL_1);
    await stage.jwks.keysFor(URL_1);
    expect(stage.sent).toHaveLength(2);
  });

  it('never longer than max-age, less the age it had', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(7200), fc.nat(7200), fc.nat(7_200_000), async (maxAge, age, later) => {
        const stage = new Stage();
        stage.headers = { 'cache-control': `max-age=${maxAge}`, age: String(age) };
        await stage.jwks.keysFor(URL_1);
        stage.now += later;
        await stage.jwks.keysFor(URL_1);
        if (later >= (maxAge - age) * 1000) expect(stage.sent).toHaveLength(2);
      }),
      { numRuns: 200 },
    );
  });

  it('for one client as it is: another, or the same once its keys were taken from it, has its own', async () => {
    const stage = new Stage();
    for (const client of ['a 0', 'a 0', 'b 0', 'a 1', 'a 1'])
      await stage.jwks.keysFor(URL_1, undefined, { client, institution: 1n });
    expect(stage.sent).toHaveLength(3);
  });
});

describe('a client that changes its keys', () => {
  it('is known by the new one at once, without having told anybody', async () => {
    const stage = new Stage();
    stage.headers = { 'cache-control': 'max-age=3600' };
    expect(kids(await stage.jwks.keysFor(URL_1, '1'))).toEqual(['1']);
    stage.now += 20_000;
    stage.keys = [first, second];
    expect(kids(await stage.jwks.keysFor(URL_1, '1'))).toEqual(['1']);
    expect(kids(await stage.jwks.keysFor(URL_1, '2'))).toEqual(['1', '2']);
    stage.keys = [second];
    stage.now += 3_600_000;
    expect(kids(await stage.jwks.keysFor(URL_1, '1'))).toEqual(['2']);
  });

  it('cannot be made to be asked by keys that nobody has', async () => {
    const stage = new Stage();
    stage.headers = { 'cache-control': 'max-age=3600' };
    await stage.jwks.keysFor(URL_1);
    for (let at = 0; at < 100; at++) {
      stage.now += 1000;
      await stage.jwks.keysFor(URL_1, `none ${at}`);
    }
    expect(stage.sent.length).toBeLessThanOrEqual(12);
  });

  it('keeps the keys that are known when the news cannot be had', async () => {
    const stage = new Stage();
    await stage.jwks.keysFor(URL_1);
    stage.now += 20_000;
    stage.failure = new OutboundError('connect', 'no');
    expect(kids(await stage.jwks.keysFor(URL_1, '2'))).toEqual(['1']);
  });
});

describe('a place that fails', () => {
  it('is not asked again at once, and ever more seldom', async () => {
    const stage = new Stage();
    stage.failure = new OutboundError('timeout', 'no');
    for (let at = 0; at < 1200; at++) {
      await expect(stage.jwks.keysFor(URL_1)).rejects.toThrow(JwksUnavailable);
      stage.now += 500;
    }
    expect(stage.sent.length).toBeLessThan(12);
    stage.failure = undefined;
    stage.now += 5 * MINUTE;
    expect(kids(await stage.jwks.keysFor(URL_1))).toEqual(['1']);
  });

  it('leaves no key that is too old', async () => {
    const stage = new Stage();
    stage.headers = { 'cache-control': 'max-age=60' };
    await stage.jwks.keysFor(URL_1);
    stage.failure = new OutboundError('status', 'no');
    stage.now += MINUTE;
    await expect(stage.jwks.keysFor(URL_1, '1')).rejects.toThrow(JwksUnavailable);
    await expect(stage.jwks.keysFor(URL_1, '1')).rejects.toThrow(JwksUnavailable);
  });

  it('holds nobody else up', async () => {
    const stage = new Stage();
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.hold = promise;
    const waiting = stage.jwks.keysFor(URL_1);
    stage.hold = undefined;
    expect(kids(await stage.jwks.keysFor('https://other.example/jwks'))).toEqual(['1']);
    resolve();
    await waiting;
  });

  it('is asked once by all who wait', async () => {
    const stage = new Stage();
    await Promise.all(Array.from({ length: 100 }, () => stage.jwks.keysFor(URL_1, '1')));
    expect(stage.sent).toHaveLength(1);
  });

  it('is asked thirty times a minute at most, though it forbids to keep anything; who asks more often gets what is of that minute', async () => {
    const stage = new Stage();
    stage.headers = { 'cache-control': 'no-store' };
    let refused = 0;
    for (let at = 0; at < 100; at++) {
      await stage.jwks.keysFor(URL_1).catch(() => refused++);
      stage.now += 100;
    }
    expect([stage.sent.length, refused]).toEqual([30, 0]);
    stage.now += MINUTE;
    await stage.jwks.keysFor(URL_1);
  });

  it('is one of fifty that are asked at a time', async () => {
    const stage = new Stage();
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.hold = promise;
    const asked = Array.from({ length: 60 }, (_, at) =>
      stage.jwks.keysFor(`https://h${at}.example/jwks`, undefined, { client: `c ${at}`, institution: BigInt(at) }),
    );
    const settled = Promise.allSettled(asked);
    resolve();
    expect((await settled).filter(({ status }) => status === 'rejected')).toHaveLength(10);
  });

  it('is one of five of an institution, whose slow hosts delay nobody else', async () => {
    const stage = new Stage();
    const { promise, resolve } = Promise.withResolvers<void>();
    stage.hold = promise;
    const ask = (institution: bigint, at: number) =>
      stage.jwks.keysFor(`https://h${at}.example/jwks`, undefined, { client: `c ${at}`, institution });
    const asked = [...Array.from({ length: 27 }, (_, at) => ask(1n, at)), ask(2n, 27)];
    const settled = Promise.allSettled(asked);
    await new Promise(setImmediate);
    expect(stage.sent.map(({ url }) => url)).toEqual([0, 1, 2, 3, 4, 27].map((at) => `https://h${at}.example/jwks`));
    resolve();
    // Of the others twenty wait for their turn.
    const refused = (await settled).flatMap(({ status }, at) => (status === 'rejected' ? [at] : []));
    expect(refused).toEqual([25, 26]);
    expect(kids(await ask(1n, 25))).toEqual(['1']);
  });

  it('is named in the log, without path or query', async () => {
    const stage = new Stage();
    stage.failure = new OutboundError('status', 'his.example answers with status 500');
    await expect(stage.jwks.keysFor('https://his.example/secret?token=1')).rejects.toThrow(JwksUnavailable);
    expect(stage.logs.join()).toContain('his.example');
    expect(stage.logs.join()).not.toContain('secret');
  });
});

describe('which URLs are asked', () => {
  it.each([
    'http://his.example/jwks',
    'ftp://his.example/jwks',
    'file:///etc/passwd',
    'https://user:password@his.example/jwks',
    'https://his.example/jwks#x',
    'his.example',
    '',
    `https://his.example/${'a'.repeat(2000)}`,
  ])('not %.60s', async (url) => {
    const stage = new Stage();
    expect(stage.jwks.mayBe(url)).toBe(false);
    await expect(stage.jwks.keysFor(url)).rejects.toThrow(JwksUnavailable);
    expect(stage.sent).toHaveLength(0);
  });

  it('http and private addresses only of hosts that the operator named, to the port', async () => {
    const stage = new Stage(['his.hospital.example:8080']);
    await stage.jwks.keysFor('http://his.hospital.example:8080/jwks');
    await stage.jwks.keysFor(URL_1);
    expect(stage.sent.map(({ allowPrivate }) => allowPrivate)).toEqual([true, false]);
    expect(stage.jwks.mayBe('http://his.hospital.example/jwks')).toBe(false);
  });
});

describe('over a real connection', () => {
  let answer: (response: ServerResponse) => void;
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    answer(response);
  });
  let url: string;
  let jwks: JwksByUrl;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    url = `http://${host}/jwks`;
    jwks = new JwksByUrl({ log: () => undefined, privateHosts: [host] });
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  let generation = 0;
  const keys = () => jwks.keysFor(url, undefined, { client: `his ${generation}`, institution: 1n });
  beforeEach(() => {
    generation++;
  });
  const json =
    (body: unknown, type = 'application/json') =>
    (response: ServerResponse) =>
      response.setHeader('content-type', type).end(JSON.stringify(body));

  it('keys come', async () => {
    answer = json({ keys: [first] });
    expect(kids(await keys())).toEqual(['1']);
    answer = json({ keys: [second] }, 'application/jwk-set+json; charset=utf-8');
    generation++;
    expect(kids(await keys())).toEqual(['2']);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['HTML', json({ keys: [first] }, 'text/html')],
    ['an error', (response) => response.writeHead(500).end()],
    ['a redirect', (response) => response.writeHead(302, { location: 'https://his.example/jwks' }).end()],
    ['304', (response) => response.writeHead(304).end()],
    ['204', (response) => response.writeHead(204, { 'content-type': 'application/json' }).end()],
    ['no JSON', (response) => response.setHeader('content-type', 'application/json').end('{')],
    ['nothing of use', json({ keys: [key('1', 'P-256')] })],
    ['too much', json({ keys: [first], more: 'x'.repeat(70_000) })],
    ['a private key', json({ keys: [{ ...first, d: 'AAAA' }] })],
    [
      'half of it',
      (response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '99' })
          .write('{', () => response.destroy()),
    ],
  ])('%s is no answer', async (_, how) => {
    answer = how;
    await expect(keys()).rejects.toThrow(JwksUnavailable);
  });

  it('is not opened to a private address that nobody allowed', async () => {
    const before = asked;
    const strict = new JwksByUrl({ log: () => undefined });
    await expect(strict.keysFor(url.replace('http:', 'https:'))).rejects.toThrow(JwksUnavailable);
    expect(asked).toBe(before);
  });
});

describe('what of a published document is of use', () => {
  it('keys for this; not those for other things, without a name, or of one name', () => {
    const mixed = [
      first,
      second,
      { ...key('3'), use: 'enc' },
      key('4', 'P-256'),
      { ...key('5'), kid: undefined },
      key('6'),
      key('6'),
      'x',
      null,
      { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: '7' },
    ];
    expect(kids(usableJwks(JSON.stringify({ keys: mixed })))).toEqual(['1', '2']);
  });

  it.each(['', 'null', '[]', '{"keys":{}}', '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AAAA","kid":"1"}]}'])(
    'of %s nothing',
    (text) => {
      expect(() => usableJwks(text)).toThrow();
    },
  );

  it('of more keys than anyone has nothing', () => {
    expect(() => usableJwks(JSON.stringify({ keys: Array.from({ length: 101 }, () => first) }))).toThrow('100');
    expect(() => usableJwks(JSON.stringify({ keys: Array.from({ length: 11 }, (_, at) => key(String(at))) }))).toThrow(
      '1 to 10',
    );
  });
});

import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import fc from 'fast-check';
import { loadConfig } from '../../src/config.ts';
import { trustedProxies } from '../../src/http/proxies.ts';
import {
  around,
  certifier,
  DAY,
  Echo,
  Files,
  listOf,
  type Party,
  pem,
  pemOf,
  pemOfLists,
  serverFiles,
  shows,
  terminal,
} from './certificates.ts';

const subnets = (text: string) => loadConfig({ TRUSTED_PROXIES: text }).trustedProxies;

describe('the addresses of trusted proxies', () => {
  const isTrusted = trustedProxies(subnets('10.1.0.0/16, 192.0.2.7 fd00:1::/32,2001:db8::5'));

  it.each([
    ['10.1.255.3', true],
    ['::ffff:10.1.0.1', true],
    ['10.2.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['fd00:1:ffff::1', true],
    ['fd00:2::1', false],
    ['2001:db8::5', true],
    ['2001:db8::6', false],
    ['', false],
    ['unknown', false],
    ['10.1.0.1, 1.2.3.4', false],
  ])('%s: %s', (address, trusted) => {
    expect(isTrusted(address)).toBe(trusted);
  });

  it('none by default', () => {
    expect(trustedProxies(loadConfig({}).trustedProxies)('127.0.0.1')).toBe(false);
  });

  it.each([
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0',
    'proxy.example',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    '10.0.0.0/',
    '10.0.0.0/-1',
  ])('are not %s', (text) => {
    expect(() => subnets(text)).toThrow('TRUSTED_PROXIES');
  });
});

const root = certifier('Terminal root');
const issuing = certifier('Terminal authority', root);
const good = terminal('Terminal 1', root);
const other = terminal('Terminal 2', root);
const below = terminal('Terminal 3', issuing);
const revoked = terminal('Terminal 4', root);
const sha256 = ({ certificate }: Party) => createHash('sha256').update(certificate.der).digest('base64url');
const bytes = ({ certificate }: Party) => `:${Buffer.from(certificate.der).toString('base64')}:`;

const files = new Files();
const trust = {
  TLS_CLIENT_CA_FILE: files.write('ca.pem', pemOf(root)),
  TLS_CLIENT_CRL_FILE: files.write('crl.pem', pemOfLists(listOf(root, [revoked]), listOf(issuing))),
};
afterAll(() => files.remove());

describe('the address that a proxy tells', () => {
  let echo: Echo;
  beforeAll(async () => {
    echo = await Echo.open({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
  });
  afterAll(() => echo.close());
  const from = async (...lines: string[]) => (await echo.ask(undefined, { 'x-forwarded-for': lines })).address;

  it.each([
    [['203.0.113.9'], '203.0.113.9'],
    [['2001:db8::9'], '2001:db8::9'],
    [['[2001:db8::9]'], '2001:db8::9'],
    [['::ffff:203.0.113.9'], '203.0.113.9'],
    // What the client wrote itself stands before what the proxy added.
    [['1.1.1.1, 203.0.113.9'], '203.0.113.9'],
    [['1.1.1.1', '203.0.113.9'], '203.0.113.9'],
    [['1.1.1.1, 203.0.113.9, 10.9.8.7'], '203.0.113.9'],
    [['10.9.8.7'], '10.9.8.7'],
    [['10.9.8.6, 10.9.8.7'], '10.9.8.6'],
    [['unknown, 10.9.8.7'], '10.9.8.7'],
    [['203.0.113.9:4711'], '127.0.0.1'],
    [[''], '127.0.0.1'],
    [['1.1.1.1, _hidden'], '127.0.0.1'],
  ])('%j is %s', async (lines, address) => {
    expect(await from(...lines)).toBe(address);
  });

  it('is the connection’s where it is no proxy’s', async () => {
    const open = await Echo.open({ TRUSTED_PROXIES: '10.0.0.0/8' });
    expect((await open.ask(undefined, { 'x-forwarded-for': '1.1.1.1' })).address).toBe('127.0.0.1');
    await open.close();
  });

  it('is always an address, whatever is sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\x20-\x7e]{0,40}$/), async (text) => {
        expect(await from(text)).toMatch(/^[0-9a-f.:]+$/i);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a certificate that a trusted proxy tells by the header of RFC 9440', () => {
  let echo: Echo;
  beforeAll(async () => {
    echo = await Echo.open({ TRUSTED_PROXIES: '127.0.0.1', PROXY_CERTIFICATE_HEADER: 'client-cert', ...trust });
  });
  afterAll(() => echo.close());
  const ask = (header: string | string[], more: Record<string, string | string[]> = {}) =>
    echo.ask(undefined, { 'client-cert': header, ...more });

  it('is the client’s', async () => {
    expect((await ask(bytes(good))).sha256).toBe(sha256(good));
    expect((await echo.ask(undefined, { 'CLIENT-CERT': bytes(good) })).sha256).toBe(sha256(good));
  });

  it('may come with those between', async () => {
    expect((await ask(bytes(below))).sha256).toBeUndefined();
    expect((await ask(bytes(below), { 'client-cert-chain': `${bytes(other)}, ${bytes(issuing)}` })).sha256).toBe(
      sha256(below),
    );
    expect((await ask(bytes(below), { 'client-cert-chain': [bytes(other), bytes(issuing)] })).sha256).toBe(
      sha256(below),
    );
  });

  it('is verified here too', async () => {
    for (const bad of [
      revoked,
      terminal('Terminal 1', certifier('Strange root')),
      terminal('Terminal 1', undefined),
      terminal('Terminal 1', root, around(-2 * DAY, -1000)),
    ])
      expect(await ask(bytes(bad))).toMatchObject({ status: 200, sha256: undefined });
    expect(
      (await ask(bytes(terminal('Terminal 8', good)), { 'client-cert-chain': bytes(good) })).sha256,
    ).toBeUndefined();
    expect(echo.logs.join()).toContain('NOT_A_CA');
    expect((await ask(':MAA=:')).sha256).toBeUndefined();
    expect(echo.logs.join()).toContain('MALFORMED');
  });

  it('is absent where the header is empty or not there', async () => {
    expect(await echo.ask(undefined)).toMatchObject({ status: 200, sha256: undefined });
    expect(await ask('')).toMatchObject({ status: 200, sha256: undefined });
  });

  const base64 = Buffer.from(good.certificate.der).toString('base64');
  it.each<[string, string | string[], Record<string, string | string[]>]>([
    ['twice', [bytes(good), bytes(good)], {}],
    ['twice, once as the proxy’s and once as the client’s', [bytes(other), bytes(good)], {}],
    ['as a list', `${bytes(good)}, ${bytes(other)}`, {}],
    ['with a parameter', `${bytes(good)};a=1`, {}],
    ['as a string', `"${base64}"`, {}],
    ['as bare base64', base64, {}],
    ['with base64url', `:${base64.replaceAll('+', '-').replaceAll('/', '_')}-:`, {}],
    ['with bits to spare', ':MAB=:', {}],
    ['without padding', ':MAA:', {}],
    ['as PEM', encodeURIComponent(pem(good.certificate.der)), {}],
    ['cut off', bytes(good).slice(0, -1), {}],
    ['with what stands between unreadable', bytes(good), { 'client-cert-chain': 'x' }],
    ['with too much between', bytes(good), { 'client-cert-chain': Array.from({ length: 9 }, () => ':MAA=:') }],
  ])('is refused %s', async (_, header, more) => {
    expect((await ask(header, more)).status).toBe(400);
  });

  it('is refused twice, in other letters', async () => {
    const lines = `Client-Cert: ${bytes(good)}\r\nCLIENT-cert: ${bytes(other)}`;
    const answer = await raw(echo.port, `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('400 Bad Request');
  });

  it('is not what a header of a similar name says', async () => {
    for (const name of ['client_cert', 'x-client-cert', 'ssl-client-cert', 'client-cert-', 'client-certificate'])
      expect((await echo.ask(undefined, { [name]: bytes(good) })).sha256).toBeUndefined();
  });

  it('is not what stands in a folded line, in the body or behind a second request’s end', async () => {
    const sent = `GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n Client-Cert: ${bytes(good)}\r\nConnection: close\r\n\r\n`;
    const folded = await raw(echo.port, sent);
    expect(folded).not.toContain(sha256(good));
    const body = `Client-Cert: ${bytes(good)}\r\n\r\n`;
    const inBody = await raw(
      echo.port,
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(inBody).toContain('200 OK');
    expect(inBody).not.toContain(sha256(good));
    const chunked = await raw(
      echo.port,
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nClient-Cert: ${bytes(good)}\r\n\r\n`,
    );
    expect(chunked).not.toContain(sha256(good));
    const space = await raw(
      echo.port,
      `GET / HTTP/1.1\r\nHost: a\r\nClient-Cert : ${bytes(good)}\r\nConnection: close\r\n\r\n`,
    );
    expect(space).not.toContain(sha256(good));
  });
});

describe('a certificate in nginx’s manner', () => {
  let echo: Echo;
  beforeAll(async () => {
    echo = await Echo.open({ TRUSTED_PROXIES: '127.0.0.1', PROXY_CERTIFICATE_HEADER: 'x-client-cert', ...trust });
  });
  afterAll(() => echo.close());
  const ask = (header: string | string[]) => echo.ask(undefined, { 'x-client-cert': header });
  const escaped = encodeURIComponent(pemOf(good));

  it('is the client’s', async () => {
    expect((await ask(escaped)).sha256).toBe(sha256(good));
    expect((await ask('')).sha256).toBeUndefined();
  });

  it.each([
    ['twice', [escaped, escaped]],
    ['with two certificates', encodeURIComponent(pemOf(good, other))],
    ['with broken escapes', `${escaped}%`],
    ['with a key', encodeURIComponent('-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n')],
    ['as something else', 'NONE'],
    ['with escapes of other characters', `${escaped}%E3%81%82%00`.replace('BEGIN', 'BEGIM')],
  ])('is refused %s', async (_, header) => {
    expect((await ask(header)).status).toBe(400);
  });
});

describe('a header of somebody who is no trusted proxy', () => {
  it('is as if it were not there, and not even read', async () => {
    const echo = await Echo.open({ TRUSTED_PROXIES: '10.0.0.0/8', PROXY_CERTIFICATE_HEADER: 'client-cert', ...trust });
    expect(await echo.ask(undefined, { 'client-cert': bytes(good), 'x-forwarded-for': '10.0.0.1' })).toMatchObject({
      status: 200,
      sha256: undefined,
      address: '127.0.0.1',
    });
    expect((await echo.ask(undefined, { 'client-cert': ['x', 'y'] })).status).toBe(200);
    await echo.close();
  });

  it('is not believed either where no header was agreed', async () => {
    const echo = await Echo.open({ TRUSTED_PROXIES: '127.0.0.1', ...trust });
    expect((await echo.ask(undefined, { 'client-cert': bytes(good) })).sha256).toBeUndefined();
    await echo.close();
  });

  it('and the certificate with which the proxy itself connects is not the client’s', async () => {
    const echo = await Echo.open({
      ...serverFiles(files),
      TRUSTED_PROXIES: '127.0.0.1',
      PROXY_CERTIFICATE_HEADER: 'client-cert',
      ...trust,
    });
    expect(await echo.ask(shows(other))).toMatchObject({ status: 200, sha256: undefined });
    expect((await echo.ask(shows(other), { 'client-cert': bytes(good) })).sha256).toBe(sha256(good));
    await echo.close();
  });
});

describe('settings that do not fit together', () => {
  it.each([
    [{ TLS_CERT_FILE: '/a' }, 'TLS_KEY_FILE'],
    [{ TLS_KEY_FILE: '/a' }, 'TLS_CERT_FILE'],
    [{ TLS_CLIENT_CRL_FILE: '/a' }, 'TLS_CLIENT_CA_FILE'],
    [{ TLS_CLIENT_CRL_URLS: 'http://crl.example/a.crl' }, 'TLS_CLIENT_CA_FILE'],
    [{ PROXY_CERTIFICATE_HEADER: 'client-cert', TLS_CLIENT_CA_FILE: '/a' }, 'TRUSTED_PROXIES'],
    [{ PROXY_CERTIFICATE_HEADER: 'client-cert', TRUSTED_PROXIES: '10.0.0.1' }, 'TLS_CLIENT_CA_FILE'],
    [{ TLS_CLIENT_CRL_URLS: 'ftp://crl.example' }, 'TLS_CLIENT_CRL_URLS'],
    [{ TLS_MIN_VERSION: '1.1' }, 'TLS_MIN_VERSION'],
    [{ JWKS_PRIVATE_HOSTS: 'http://a' }, 'JWKS_PRIVATE_HOSTS'],
    [{ JWKS_PRIVATE_HOSTS: 'a/b' }, 'JWKS_PRIVATE_HOSTS'],
  ])('%j: the message names %s', (env, name) => {
    expect(() => loadConfig(env as Record<string, string>)).toThrow(name);
  });

  it('the base URL follows from TLS', () => {
    expect(loadConfig({ TLS_CERT_FILE: '/a', TLS_KEY_FILE: '/b', PORT: '443' }).baseUrl).toBe('https://127.0.0.1');
    expect(loadConfig({ TLS_CERT_FILE: '/a', TLS_KEY_FILE: '/b' }).baseUrl).toBe('https://127.0.0.1:8080');
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part)).on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
  });
}

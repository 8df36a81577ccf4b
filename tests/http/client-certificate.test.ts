import { createHash } from 'node:crypto';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import {
  around,
  certifier,
  DAY,
  Echo,
  Files,
  keyPem,
  listOf,
  NOW,
  type Party,
  party,
  pemOf,
  pemOfLists,
  serverCa,
  serverCertificate,
  serverFiles,
  shows,
  TERMINAL,
  terminal,
} from './certificates.ts';

const root = certifier('Terminal root');
const issuing = certifier('Terminal authority', root);
const strange = certifier('Strange root');
const sha256 = ({ certificate }: Party) => createHash('sha256').update(certificate.der).digest('base64url');

const good = terminal('Terminal 1', root);
const below = terminal('Terminal 2', issuing);
const revoked = terminal('Terminal 3', root);
const files = new Files();
const lists = pemOfLists(listOf(root, [revoked]), listOf(issuing));
const trust = {
  TLS_CLIENT_CA_FILE: files.write('ca.pem', pemOf(root, issuing)),
  TLS_CLIENT_CRL_FILE: files.write('crl.pem', lists),
};
const tls = serverFiles(files);
afterAll(() => files.remove());

describe('a server that speaks TLS itself', () => {
  let echo: Echo;
  beforeAll(async () => {
    echo = await Echo.open({ ...tls, ...trust });
  });
  afterAll(() => echo.close());

  it('speaks 1.3, also to clients without a certificate', async () => {
    expect(await echo.ask({})).toMatchObject({ status: 200, protocol: 'TLSv1.3', address: '127.0.0.1' });
    expect((await echo.ask({})).sha256).toBeUndefined();
  });

  it('knows the certificate that the authority issued, by its thumbprint', async () => {
    expect((await echo.ask(shows(good))).sha256).toBe(sha256(good));
  });

  it('knows one of an authority below, whether or not the client sends that', async () => {
    expect((await echo.ask(shows(below))).sha256).toBe(sha256(below));
    expect((await echo.ask(shows(below, issuing))).sha256).toBe(sha256(below));
  });

  const bad: readonly (readonly [string, Party, string])[] = [
    ['of another authority', terminal('Terminal 1', strange), 'NO_ANCHOR'],
    [
      'of an authority of the same name and another key',
      terminal('Terminal 1', certifier('Terminal root')),
      'NO_ANCHOR',
    ],
    ['that it made itself', terminal('Terminal 1', undefined), 'UNTRUSTED_ROOT'],
    ['that has ended', terminal('Terminal 1', root, around(-2 * DAY, -1000)), 'EXPIRED'],
    ['that has not begun', terminal('Terminal 1', root, around(DAY, 2 * DAY)), 'NOT_YET_VALID'],
    ['that was revoked', revoked, 'REVOKED'],
    [
      'for servers',
      party('Terminal 1', root, { ...around(), extensions: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] } }),
      'PURPOSE',
    ],
    ['for nothing in particular', party('Terminal 1', root, around()), 'PURPOSE'],
    ['issued by a terminal', terminal('Terminal 7', good), 'NO_ANCHOR'],
    [
      'with a critical extension that nobody knows',
      terminal('Terminal 1', root, {
        extensions: { ...TERMINAL, raw: [{ oid: '1.2.3.4', critical: true, value: new Uint8Array([5, 0]) }] },
      }),
      'UNKNOWN_CRITICAL_EXTENSION',
    ],
  ];
  it.each(bad)('takes a certificate %s for none', async (_, one, code) => {
    const seen = await echo.ask(shows(one, good));
    expect(seen).toMatchObject({ status: 200 });
    expect(seen.sha256).toBeUndefined();
    expect(echo.logs.some((line) => line.includes('client certificate refused') && line.includes(code))).toBe(true);
  });

  it('resumes no session: whoever connects shows the certificate again', async () => {
    const sessions: Buffer[] = [];
    const reused = async (session?: Buffer) => {
      const { port } = echo;
      const trusting = { ca: serverCa, checkServerIdentity: () => undefined };
      const socket = connect({ host: '127.0.0.1', port, ...trusting, ...shows(good), ...(session && { session }) });
      let resumed = false;
      socket.on('session', (one) => void sessions.push(one));
      socket.on('secureConnect', () => {
        resumed = socket.isSessionReused();
      });
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
      for await (const _ of socket);
      return resumed;
    };
    expect(await reused()).toBe(false);
    for (const session of sessions.splice(0)) expect(await reused(session)).toBe(false);
  });

  it('does not believe that somebody else’s certificate is the client’s', async () => {
    await expect(echo.ask({ cert: pemOf(good), key: keyPem(below.key) })).rejects.toThrow();
  });

  it('takes no header for a certificate', async () => {
    const header = `:${Buffer.from(good.certificate.der).toString('base64')}:`;
    expect((await echo.ask({}, { 'client-cert': header })).sha256).toBeUndefined();
    expect(
      (await echo.ask(shows(good), { 'client-cert': `:${Buffer.from(below.certificate.der).toString('base64')}:` }))
        .sha256,
    ).toBe(sha256(good));
  });

  it.each(['TLSv1.2', 'TLSv1.1', 'TLSv1'] as const)('does not speak %s', async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
    await expect(echo.ask({ ...shows(good), ...old })).rejects.toThrow(/protocol|alert|version/i);
  });
});

describe('TLS 1.2', () => {
  let echo: Echo;
  beforeAll(async () => {
    echo = await Echo.open({ ...tls, ...trust, TLS_MIN_VERSION: '1.2' });
  });
  afterAll(() => echo.close());
  const version = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

  it('is spoken where it is set, with the certificate of the client', async () => {
    expect(await echo.ask({ ...shows(good), ...version })).toMatchObject({ protocol: 'TLSv1.2', sha256: sha256(good) });
    expect(await echo.ask(shows(good))).toMatchObject({ protocol: 'TLSv1.3' });
  });

  it.each(['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'AES256-GCM-SHA384', 'NULL-SHA256'])(
    'is not spoken with %s: no forward secrecy, or no authenticated encryption',
    async (ciphers) => {
      await expect(echo.ask({ ...version, ciphers: `${ciphers}:@SECLEVEL=0` })).rejects.toThrow(
        /handshake|alert|cipher/i,
      );
    },
  );

  it('is the least: 1.1 is not spoken', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    await expect(echo.ask(old)).rejects.toThrow(/protocol|alert|version/i);
  });
});

describe('revocation lists', () => {
  it('are needed: without one nobody’s certificate is taken', async () => {
    const echo = await Echo.open({ ...tls, TLS_CLIENT_CA_FILE: trust.TLS_CLIENT_CA_FILE });
    expect((await echo.ask(shows(good))).sha256).toBeUndefined();
    expect(echo.logs.join()).toContain('NO_REVOCATION_LIST');
    await echo.close();
  });

  it('that have ended do not count as lists, where they are needed', async () => {
    const old = files.write('old.pem', pemOfLists(listOf(root, [revoked], { nextUpdate: NOW - 1000 })));
    const required = await Echo.open({ ...tls, ...trust, TLS_CLIENT_CRL_FILE: old });
    expect((await required.ask(shows(good))).sha256).toBeUndefined();
    await required.close();
    const listed = await Echo.open({ ...tls, ...trust, TLS_CLIENT_CRL_FILE: old, TLS_CLIENT_REVOCATION: 'if-listed' });
    expect((await listed.ask(shows(good))).sha256).toBe(sha256(good));
    expect((await listed.ask(shows(revoked))).sha256).toBeUndefined();
    await listed.close();
  });

  it('of another authority say nothing', async () => {
    const forged = files.write('forged.pem', pemOfLists(listOf({ ...strange, certificate: root.certificate }, [])));
    const echo = await Echo.open({ ...tls, ...trust, TLS_CLIENT_CRL_FILE: forged });
    expect((await echo.ask(shows(good))).sha256).toBeUndefined();
    await echo.close();
  });
});

describe('files that change while the server runs', () => {
  const reloading = new Files();
  let echo: Echo;
  beforeAll(async () => {
    echo = await Echo.open({
      ...serverFiles(reloading),
      TLS_CLIENT_CA_FILE: reloading.write('ca.pem', pemOf(root)),
      TLS_CLIENT_CRL_FILE: reloading.write('crl.pem', pemOfLists(listOf(root, [revoked]))),
    });
  });
  afterAll(async () => {
    await echo.close();
    reloading.remove();
  });

  it('revoke a terminal at the next look, also on a connection that is open', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async () => (await echo.ask(shows(good), {}, agent)).sha256;
    expect(await ask()).toBe(sha256(good));
    const sockets = () => Object.values(agent.freeSockets).flat();
    const [socket] = sockets();
    reloading.write('crl.pem', pemOfLists(listOf(root, [revoked, good])));
    await echo.entrance.refresh();
    expect(await ask()).toBeUndefined();
    reloading.write('crl.pem', pemOfLists(listOf(root, [revoked])));
    await echo.entrance.refresh();
    expect(await ask()).toBe(sha256(good));
    expect(sockets()).toEqual([socket]);
    agent.destroy();
  });

  it('bring a new authority, and keep the old one when the file is broken', async () => {
    reloading.write('ca.pem', pemOf(root, strange));
    reloading.write('crl.pem', pemOfLists(listOf(root), listOf(strange)));
    await echo.entrance.refresh();
    const other = terminal('Terminal 9', strange);
    expect((await echo.ask(shows(other))).sha256).toBe(sha256(other));
    reloading.write('ca.pem', 'nothing of use');
    await echo.entrance.refresh();
    expect((await echo.ask(shows(other))).sha256).toBe(sha256(other));
    expect(echo.logs.join()).toContain('TLS_CLIENT_CA_FILE');
    reloading.write('ca.pem', pemOf(root));
    await echo.entrance.refresh();
    expect((await echo.ask(shows(other))).sha256).toBeUndefined();
  });

  it('bring a new certificate of the server, for the next connection; a key that does not fit changes nothing', async () => {
    const next = serverCertificate('next');
    reloading.write('server.pem', pemOf(next));
    await echo.entrance.refresh();
    expect(await subject(echo)).toBe('127.0.0.1');
    expect(echo.logs.join()).toContain('is not the key');
    reloading.write('server.key', keyPem(next.key));
    await echo.entrance.refresh();
    expect(await subject(echo)).toBe('next');
  });
});

function subject({ port }: Echo): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: serverCa, checkServerIdentity: () => undefined });
    socket.on('error', reject).on('secureConnect', () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
  });
}

describe('files that cannot be used', () => {
  const garbage = files.write('garbage', 'nothing of use');
  const absent = `${files.directory}/absent`;
  it.each([
    ['TLS_CERT_FILE', { ...tls, TLS_CERT_FILE: garbage }],
    ['TLS_KEY_FILE', { ...tls, TLS_KEY_FILE: garbage }],
    ['TLS_KEY_FILE', { ...tls, TLS_KEY_FILE: files.write('other.key', keyPem(good.key)) }],
    ['TLS_CLIENT_CA_FILE', { ...tls, TLS_CLIENT_CA_FILE: garbage }],
    ['TLS_CLIENT_CA_FILE', { ...tls, TLS_CLIENT_CA_FILE: absent }],
    ['TLS_CLIENT_CA_FILE', { ...tls, TLS_CLIENT_CA_FILE: files.write('ca.key', keyPem(root.key)) }],
    ['TLS_CLIENT_CRL_FILE', { ...tls, ...trust, TLS_CLIENT_CRL_FILE: trust.TLS_CLIENT_CA_FILE }],
    ['absent', { ...tls, TLS_CERT_FILE: absent }],
  ])('keep the server from starting, and the message names %s', async (name, env) => {
    await expect(Echo.open(env)).rejects.toThrow(name);
  });
});

import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoHpki, derOf, makeHpki, withLists } from '../../src/demo/hpki/authorities.ts';
import { doctorsCard, PIN } from '../../src/demo/hpki/card.ts';
import { timestampServer } from '../../src/demo/hpki/timestamp-authority.ts';
import { readHpki, trustDemo } from '../../src/demo/hpki/trust.ts';
import { isRefused } from '../../src/pki/algorithms.ts';
import { displayName, isSignedBy, readCertificate } from '../../src/pki/certificate.ts';
import { readCrl } from '../../src/pki/crl.ts';
import { readTimestampResponse, timestampRequest } from '../../src/pki/timestamp.ts';
import { askAuthority } from '../../src/sign/authority.ts';
import { openPkcs12 } from '../../src/sign/pkcs12.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 3, 1);
const hpki = makeHpki(now);
const certificate = (name: 'root' | 'issuer' | 'doctor' | 'timestampRoot' | 'timestamp') =>
  readCertificate(derOf(hpki[name]));

describe('the authorities of the demo', () => {
  it('certify one another', () => {
    const by = (subject: Parameters<typeof certificate>[0], issuer: Parameters<typeof certificate>[0]) =>
      isSignedBy(certificate(subject), certificate(issuer).spki);
    expect(by('doctor', 'issuer') && by('issuer', 'root') && by('root', 'root')).toBe(true);
    expect(by('timestamp', 'timestampRoot') && by('timestampRoot', 'timestampRoot')).toBe(true);
    expect(by('doctor', 'root') || by('timestamp', 'root')).toBe(false);
  });

  it('give the doctor a certificate as HPKI does', () => {
    const doctor = certificate('doctor');
    expect(displayName(doctor)).toBe('桜井 春香');
    expect([...doctor.known.keyUsage!]).toEqual(['nonRepudiation']);
    expect([...doctor.known.certificatePolicies!]).toEqual(['1.2.392.100495.1.5.1.1.0.1']);
    expect(doctor.unknownCritical).toEqual([]);
    expect(doctor.notAfter - now).toBeGreaterThan(4 * 365 * DAY);
  });

  it('let the authority stamp and nothing else', () => {
    const { known, extensions } = certificate('timestamp');
    expect([...known.extendedKeyUsage!]).toEqual(['1.3.6.1.5.5.7.3.8']);
    expect(extensions.find(({ oid }) => oid === '2.5.29.37')?.critical).toBe(true);
  });

  it('publish lists that are theirs, and new ones later', () => {
    const listed = (of: DemoHpki) =>
      (['root', 'issuer', 'timestampRoot'] as const).map((name) => readCrl(derOf(of.crls[name])));
    const first = listed(hpki);
    const later = listed(withLists(hpki, now + 200 * DAY));
    for (const [i, name] of (['root', 'issuer', 'timestampRoot'] as const).entries()) {
      for (const list of [first[i]!, later[i]!]) {
        expect(isRefused(list.scheme)).toBe(false);
        expect(isSignedBy(list, certificate(name).spki)).toBe(true);
      }
      expect(first[i]!.thisUpdate).toBeLessThan(now);
      expect(later[i]!.thisUpdate).toBe(first[i]!.thisUpdate + 200 * DAY);
      expect(later[i]!.nextUpdate).toBeGreaterThan(now + 200 * DAY);
    }
  });

  it('put the doctor’s key on a card that the PIN opens', () => {
    const key = openPkcs12(doctorsCard(hpki), PIN);
    expect(key.certificate).toEqual(derOf(hpki.doctor));
    expect(key.chain).toEqual([derOf(hpki.issuer)]);
    expect(createPublicKey(hpki.doctorKey).export({ format: 'der', type: 'spki' })).toEqual(
      Buffer.from(certificate('doctor').spki),
    );
  });
});

describe('what the demo’s server trusts', () => {
  let folder: string;
  const places = (at: number) => ({ dataDir: folder, trustDir: join(folder, 'trust'), now: new Date(at) });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'demo-hpki-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is written, for its owner alone, and without a key', async () => {
    await trustDemo(places(now));
    const trust = JSON.parse(read('trust/trust.json')) as { environment: string; issuers: { anchors: string[] }[] };
    expect(trust).toMatchObject({ environment: 'demo', issuers: [{ anchors: ['demo-root.pem'] }] });
    expect(read('trust/demo-root.pem')).toBe((await readHpki(folder))?.root);
    for (const name of readdirSync(join(folder, 'trust'))) expect(read(`trust/${name}`)).not.toContain('PRIVATE');
    if (process.platform !== 'win32') expect(statSync(join(folder, 'demo-hpki.json')).mode & 0o077).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['demo-hpki.json', 'trust']);
  });

  it('stays the same from start to start, but for the lists', async () => {
    await trustDemo(places(now));
    const first = await readHpki(folder);
    await trustDemo(places(now + 120 * DAY));
    const second = await readHpki(folder);
    expect({ ...second, crls: undefined }).toEqual({ ...first, crls: undefined });
    expect(readCrl(derOf(read('trust/demo-issuer.crl.pem'))).thisUpdate).toBeGreaterThan(now + 119 * DAY);
  });

  it('is left alone where somebody decided it', async () => {
    await trustDemo(places(now));
    const own = JSON.stringify({ environment: 'production' });
    writeFileSync(join(folder, 'trust/trust.json'), own);
    const root = read('trust/demo-root.pem');
    rmSync(join(folder, 'demo-hpki.json'));
    await trustDemo(places(now));
    expect(read('trust/trust.json')).toBe(own);
    expect(read('trust/demo-root.pem')).toBe(root);
  });

  it('is nothing before it was made, and is made anew where the keys to go on are missing', async () => {
    expect(await readHpki(folder)).toBeUndefined();
    const { keys: _, ...less } = hpki;
    writeFileSync(join(folder, 'demo-hpki.json'), JSON.stringify(less));
    expect(await readHpki(folder)).toBeUndefined();
    await trustDemo(places(now));
    expect((await readHpki(folder))?.root).not.toBe(hpki.root);
  });
});

describe('the time-stamp authority of the demo', () => {
  it('stamps for whoever asks, refuses what it cannot read, and survives who hangs up', async () => {
    const server = await timestampServer(hpki);
    try {
      const { port } = new URL(server.url);
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => {
          socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
          socket.destroy();
          resolve();
        });
      });
      const ask = async (body: Uint8Array) => readTimestampResponse(await askAuthority(server, body));
      const request = timestampRequest({ imprint: new Uint8Array(32), nonce: 9n });
      expect((await ask(request)).granted).toBe(true);
      expect(await ask(Buffer.from('x'))).toMatchObject({ granted: false, failures: ['badDataFormat'] });
      await expect(askAuthority(server, Buffer.alloc(70_000))).rejects.toThrow();
      expect((await ask(request)).granted).toBe(true);
    } finally {
      await server.close();
    }
  });
});

import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLIENT_NAMES, type ClientName, type DemoFile, demoFilePath, readDemoFile } from '../../src/demo/demo-file.ts';
import { trustDemo } from '../../src/demo/hpki/trust.ts';
import { type DemoOptions, demo } from '../../src/demo/index.ts';
import { demoOperator } from '../../src/demo/operator.ts';
import { demoToken } from '../../src/demo/token.ts';
import { type RunningServer, startServer } from '../support/server.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const more = { kid: 'operator-key', alg: 'ES384', use: 'sig' };
const privateKeyJwk = { ...privateKey.export({ format: 'jwk' }), ...more };

describe('the story of the demo', () => {
  let server: RunningServer;
  let dataDir: string;
  let operator: DemoOptions['operator'];
  const tell = async (now?: Date, options: Partial<DemoOptions> = {}) => {
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const result = await demo({ baseUrl: server.baseUrl, dataDir, operator, print, ...(now && { now }), ...options });
    return { ...result, lines, broken: lines.filter((line) => line.includes('✗')) };
  };
  const status = async (client: ClientName, path: string) => {
    const headers = { authorization: `Bearer ${await demoToken(dataDir, client)}` };
    return (await server.fhir(path, { headers })).status;
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tasuki-story-'));
    const trustDir = join(dataDir, 'trust');
    await trustDemo({ dataDir, trustDir, now: new Date() });
    server = await startServer({ env: { TRUST_DIR: trustDir } });
    const keyFile = join(dataDir, 'operator.jwk');
    await writeFile(keyFile, JSON.stringify({ ...publicKey.export({ format: 'jwk' }), ...more }));
    const { stdout } = await promisify(execFile)(process.execPath, ['src/main.ts', 'operator', keyFile], {
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.TASUKI_TEST_COMPILED,
        DATA_DIR: dataDir,
        DATABASE_URL: server.database?.url,
      },
    });
    const discovery = await (await server.fhir('/.well-known/smart-configuration')).json();
    const tokenUrl = (discovery as { token_endpoint: string }).token_endpoint;
    operator = { clientId: stdout.trim(), organization: 'operator', privateKeyJwk, scope: 'system/*.cruds', tokenUrl };
  });
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true });
  });

  it('goes as it must, in ten steps', async () => {
    const { ok, lines, broken } = await tell();
    expect(broken).toEqual([]);
    expect(ok).toBe(true);
    expect(lines.filter((line) => /^\d+\. /.test(line))).toHaveLength(10);
    expect(lines.join('\n')).not.toMatch(/[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}/);
  });

  it('leaves demo.json as others expect it, for its owner alone', async () => {
    const file = (await readDemoFile(dataDir)) as DemoFile;
    expect(Object.keys(file).sort()).toEqual(['baseUrl', 'clients', 'patients', 'tokenUrl']);
    expect(file.baseUrl).toBe(server.baseUrl);
    expect(file.tokenUrl).toBe(operator.tokenUrl);
    expect(Object.keys(file.clients).sort()).toEqual([...CLIENT_NAMES].sort());
    for (const client of Object.values(file.clients)) {
      expect(Object.keys(client).sort()).toEqual(['clientId', 'organization', 'privateKeyJwk', 'scope']);
      expect(client.organization).not.toContain('/');
      expect(client.privateKeyJwk).toHaveProperty('d');
    }
    expect(Object.keys(file.patients).sort()).toEqual(['closed', 'shared']);
    expect((await stat(demoFilePath(dataDir))).mode & 0o777).toBe(0o600);
  });

  it('leaves `shared` open to the hospital and the clinic, and `closed` to the hospital alone', async () => {
    const { patients } = (await readDemoFile(dataDir)) as DemoFile;
    const seen = async (id: string) => {
      const names = CLIENT_NAMES.filter((name) => name !== 'operator');
      const answers = await Promise.all(names.map((name) => status(name, `/Patient/${id}`)));
      expect(answers.every((answer) => answer === 200 || answer === 404)).toBe(true);
      return names.filter((_, i) => answers[i] === 200);
    };
    expect(await seen(patients.shared)).toEqual(['hospital', 'clinic']);
    expect(await seen(patients.closed)).toEqual(['hospital']);
  });

  it('lets the next demo act as the same operator, found by discovery', async () => {
    const again = await demoOperator(dataDir, server.baseUrl);
    expect(again).toMatchObject({ privateKeyJwk, tokenUrl: operator.tokenUrl, organization: 'operator' });
    expect(again.publicJwk).not.toHaveProperty('d');
    const fresh = await demoOperator(join(dataDir, 'elsewhere'), server.baseUrl);
    expect(fresh.privateKeyJwk.kid).not.toBe(again.privateKeyJwk.kid);
  });

  it('can be told again on the same data: the same institutions, other patients', async () => {
    const before = (await readDemoFile(dataDir)) as DemoFile;
    const { ok, broken } = await tell(new Date(Date.now() + 1000));
    expect(broken).toEqual([]);
    expect(ok).toBe(true);
    const after = (await readDemoFile(dataDir)) as DemoFile;
    expect(after.clients).toEqual(before.clients);
    expect(after.patients.shared).not.toBe(before.patients.shared);
    expect(after.patients.closed).not.toBe(before.patients.closed);
  });

  it('goes on with the same institutions when demo.json was lost', async () => {
    const before = (await readDemoFile(dataDir)) as DemoFile;
    await rm(demoFilePath(dataDir));
    const { ok, broken } = await tell(new Date(Date.now() + 2000));
    expect(broken).toEqual([]);
    expect(ok).toBe(true);
    const after = (await readDemoFile(dataDir)) as DemoFile;
    expect(after.clients.hospital.organization).toBe(before.clients.hospital.organization);
    expect(after.clients.hospital.clientId).not.toBe(before.clients.hospital.clientId);
  });

  it('tells what is wrong, and is not ok, when no server answers', async () => {
    const { ok, broken } = await tell(undefined, { baseUrl: 'http://127.0.0.1:1' });
    expect(ok).toBe(false);
    expect(broken.length).toBeGreaterThan(0);
  });
});

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoClient, type DemoFile, demoFilePath, readDemoFile, writeDemoFile } from '../../src/demo/demo-file.ts';

const client = (name: string): DemoClient => ({
  clientId: `${name}-client`,
  organization: `${name}-organization`,
  privateKeyJwk: { kty: 'EC' },
  scope: 'system/*.cruds',
});
const file: DemoFile = {
  baseUrl: 'http://127.0.0.1:8080',
  tokenUrl: 'http://127.0.0.1:8080/token',
  clients: {
    operator: client('operator'),
    hospital: client('hospital'),
    hospital2: client('hospital2'),
    clinic: client('clinic'),
    clinic2: client('clinic2'),
    careagency: client('careagency'),
  },
  patients: { shared: 's', closed: 'c' },
};

describe('demo.json', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tasuki-demo-file-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('comes back as it was written, into a directory that need not be there yet', async () => {
    const inside = join(dataDir, 'not', 'there');
    await writeDemoFile(inside, file);
    expect(await readDemoFile(inside)).toEqual(file);
  });

  it('is for its owner alone, also where an older one was open to all', async () => {
    await writeFile(demoFilePath(dataDir), '{}', { mode: 0o644 });
    await writeDemoFile(dataDir, file);
    expect((await stat(demoFilePath(dataDir))).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing else behind', async () => {
    await writeDemoFile(dataDir, file);
    await writeDemoFile(dataDir, file);
    expect(await readdir(dataDir)).toEqual(['demo.json']);
  });

  it.each([
    ['absent', undefined],
    ['torn', '{"baseUrl":'],
    ['something else', '{"clients":1}'],
  ])('that is %s counts as none', async (_, content) => {
    if (content !== undefined) await writeFile(demoFilePath(dataDir), content);
    expect(await readDemoFile(dataDir)).toBeUndefined();
  });
});

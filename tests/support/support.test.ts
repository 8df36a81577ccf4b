import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../src/store/embedded/cluster.ts';
import { type Clone, cloneDatabase, emptyDatabase } from './database.ts';
import { atEnd, postmasterIn } from './guard.ts';
import { startServer } from './server.ts';

const guard = fileURLToPath(new URL('guard.ts', import.meta.url));
const until = async (what: () => boolean) => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('a guard', () => {
  it('ends what a killed process has started', async () => {
    const program = `import { spawn } from 'node:child_process'; import { atEnd } from ${JSON.stringify(guard)};
      const child = spawn('sleep', ['300'], { stdio: 'ignore', detached: true });
      atEnd('kill -KILL "$1"', String(child.pid)); console.log(child.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  it('does nothing once it is called off', async () => {
    const child = spawn('sleep', ['300'], { stdio: 'ignore' });
    atEnd('kill -KILL "$1"', String(child.pid))();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isAlive(child.pid as number)).toBe(true);
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('keeps no process from ending', () => {
    const program = `import { atEnd } from ${JSON.stringify(guard)}; atEnd('true');`;
    expect(spawnSync(process.execPath, ['--input-type=module', '--eval', program], { timeout: 30_000 }).status).toBe(0);
  });
});

describe('a database of a suite', () => {
  it('is its own', async () => {
    const [one, other] = (await Promise.all([cloneDatabase(), cloneDatabase()])) as [Clone, Clone];
    try {
      await (await one.open()).query('CREATE TABLE mine (a int)');
      const { rows } = await (await other.open()).query(`SELECT to_regclass('mine') IS NULL AS absent`);
      expect(rows).toEqual([{ absent: true }]);
    } finally {
      await Promise.all([one.drop(), other.drop()]);
    }
  });

  it('is gone when it is dropped, and may be dropped twice', async () => {
    const clone = await emptyDatabase();
    await clone.open();
    await clone.drop();
    await clone.drop();
    await expect(clone.open()).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('a server for tests', () => {
  it('is a process of its own that answers, ends in order, and leaves nothing', async () => {
    const server = await startServer();
    expect((await fetch(`${server.baseUrl}/livez`)).status).toBe(200);
    expect((await server.fhir('/metadata')).status).toBe(200);
    expect(server.logs()).toContain('"listening"');
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(server.dataDir)).toBe(false);
    await expect(server.database?.open()).rejects.toMatchObject({ code: '3D000' });
  });

  it('may be killed and started anew on its database', async () => {
    const database = await cloneDatabase();
    const first = await startServer({ database });
    expect(await first.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    const second = await startServer({ database });
    expect((await second.fhir('/metadata')).status).toBe(200);
    await Promise.all([first.stop(), second.stop()]);
    await database.drop();
  });

  it('may run its embedded database, which goes with it even when it is killed', async () => {
    const server = await startServer({ env: { DATABASE_URL: '' } });
    expect(postmasterIn(server.dataDir)).toEqual(expect.any(Number));
    const pid = postmasterIn(server.dataDir) as number;
    await server.kill();
    expect(isAlive(pid)).toBe(true);
    await server.stop();
    await until(() => !isAlive(pid));
    expect(readdirSync(tmpdir())).not.toContain(server.dataDir.split('/').at(-1));
  });

  it('that does not start says why', async () => {
    await expect(startServer({ env: { TIME_ZONE: 'Mars' } })).rejects.toThrow('TIME_ZONE must be');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, nameFor } from '../../src/store/embedded/cluster.ts';
import { childEnvironment, identityFor, mayEnter } from '../../src/store/embedded/identity.ts';
import { isPostmasterOf, pidFile } from '../../src/store/embedded/postmaster.ts';

const root = process.getuid?.() === 0;
const itAsRoot = root ? it : it.skip;
const nobody = { uid: 65534, gid: 65534 };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-locks-`));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function ended(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid as number;
}

describe('postmaster.pid', () => {
  it('names a process in its first line', () => {
    writeFileSync(join(directory, 'postmaster.pid'), '4711\n/somewhere\n1\n');
    expect(pidFile(directory)).toBe(4711);
  });

  it.each(['', '\n', 'x\n', '-4711\n', '0\n'])('with %j names none', (text) => {
    writeFileSync(join(directory, 'postmaster.pid'), text);
    expect(pidFile(directory)).toBeUndefined();
  });

  it('that is not there names none', () => {
    expect(pidFile(directory)).toBeUndefined();
  });
});

describe('a process', () => {
  it('is alive until it has ended', async () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(await ended())).toBe(false);
  });

  it('that has ended is no postmaster', async () => {
    expect(isPostmasterOf(directory, await ended())).toBe(false);
  });

  it('that is no PostgreSQL is no postmaster, though it stands in the cluster', async () => {
    const child = spawn('sleep', ['60'], { cwd: directory });
    await once(child, 'spawn');
    expect(isPostmasterOf(directory, child.pid as number)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('that stands elsewhere is no postmaster of this cluster', () => {
    expect(isPostmasterOf(directory, process.pid)).toBe(false);
  });
});

describe('the user that PostgreSQL runs as', () => {
  itAsRoot('is nobody for a cluster that is to be made, and for one that root owns', () => {
    expect(identityFor(join(directory, 'postgresql'))).toEqual(nobody);
    mkdirSync(join(directory, 'postgresql'));
    expect(identityFor(join(directory, 'postgresql'))).toEqual(nobody);
  });

  itAsRoot('names a directory that it may enter by its path, another by where it stands', () => {
    expect(mayEnter('/', nobody)).toBe(true);
    expect(nameFor('/', nobody)).toBe('/');
    expect(mayEnter(directory, nobody)).toBe(false);
    expect(nameFor(directory, nobody)).toBe('/proc/self/cwd');
    expect(nameFor(directory, undefined)).toBe(directory);
  });

  it('is told nothing of the environment', () => {
    expect(Object.keys(childEnvironment()).sort()).toEqual(['LC_ALL', 'PATH', 'TZ']);
  });
});

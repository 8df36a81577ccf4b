import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/store/embedded/cluster.ts';
import { POSTGRES_SETTINGS } from '../../src/store/embedded/postmaster.ts';
import { postmasterIn } from '../support/guard.ts';
import { directory, itAsRoot, NOBODY, type Process, root, seeded, start, uidOf, until } from './embedded-harness.ts';

/** A first start killed while it makes the cluster; where the machine was too busy to catch it in time, another one. */
async function killedInTheMiddle(): Promise<{ dataDir: string; victim: Process }> {
  for (;;) {
    const dataDir = directory();
    const victim = start(dataDir);
    const made = () => existsSync(join(dataDir, 'postgresql'));
    const making = () =>
      readdirSync(dataDir).some((name) => name.includes('.making-') && existsSync(join(dataDir, name, 'base')));
    await until(() => making() || made());
    await victim.kill();
    if (!made()) return { dataDir, victim };
  }
}

describe('a first start', () => {
  it('makes a cluster, and starts a PostgreSQL 18 that keeps what it is told', async () => {
    const dataDir = directory();
    const server = start(dataDir);
    await server.up();
    const { rows } = await server.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('fsync') AS fsync,
      current_setting('data_checksums') AS checksums, current_setting('server_encoding') AS encoding, current_user::text AS role,
      current_database()::text AS database, (SELECT datlocale FROM pg_database WHERE datname = current_database()) AS locale,
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`,
    );
    expect(rows).toEqual([
      {
        version: 18,
        fsync: 'on',
        checksums: 'on',
        encoding: 'UTF8',
        role: 'tasuki',
        database: 'tasuki',
        locale: 'C.UTF-8',
        super: false,
      },
    ]);
    await server.stop();
    expect(readdirSync(dataDir).sort()).toEqual(['postgresql', 'postgresql.log']);
  });

  it('makes DATA_DIR with the directories above it', async () => {
    const dataDir = join(directory(), 'srv', 'tasuki');
    const server = start(dataDir);
    expect(await server.up()).toMatchObject({ pid: expect.any(Number) });
    await server.stop();
  });

  it('that was killed in the middle leaves nothing half', async () => {
    const { dataDir, victim } = await killedInTheMiddle();
    const next = start(dataDir);
    expect(await next.up()).toMatchObject({ pid: expect.any(Number) });
    await until(
      () => !readdirSync(dataDir).some((name) => name.includes('.making-') && name.includes(`-${victim.child.pid}-`)),
    );
    await next.stop();
  });
});

describe('the running server', () => {
  it('is reached by nothing but its own socket, in a directory that only its user may enter', async () => {
    const dataDir = seeded();
    const server = start(dataDir);
    const { pid } = await server.up();
    const { rows } = await server.query(`SELECT current_setting('listen_addresses') AS addresses`);
    expect(rows).toEqual([{ addresses: '' }]);
    expect(statSync(join(dataDir, 'postgresql')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'postgresql', '.s.PGSQL.5432')).isSocket()).toBe(true);
    expect(
      readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .filter((one) => !/^(PATH|LC_ALL|TZ|PG\w+)?(=|$)/.test(one)),
    ).toEqual([]);
  });

  itAsRoot('does not run as root', async () => {
    const server = start(seeded());
    const { pid, uid } = await server.up();
    expect([uid, uidOf(pid)]).toEqual([0, NOBODY]);
  });

  it('takes the settings of the table', async () => {
    const server = start(seeded());
    await server.up();
    const names = Object.keys(POSTGRES_SETTINGS).filter((name) => !/^(unix_socket|log_|jit|timezone)/.test(name));
    const { rows } = await server.query(
      `SELECT name FROM pg_settings WHERE name IN (${names.map((name) => `'${name}'`).join(', ')}) AND source = 'command line'`,
    );
    expect(rows?.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it('writes no statement, value or row into its log', async () => {
    const dataDir = seeded();
    const server = start(dataDir);
    await server.up();
    await server.query('CREATE TABLE patient (name text PRIMARY KEY)');
    await server.query(`INSERT INTO patient VALUES ('山田')`);
    expect(await server.query(`INSERT INTO patient VALUES ('山田')`)).toMatchObject({
      error: expect.stringContaining('duplicate key'),
    });
    expect(await server.query(`SELECT '山田'::int`)).toMatchObject({ error: expect.stringContaining('山田') });
    await server.stop();
    const log = readFileSync(join(dataDir, 'postgresql.log'), 'utf8');
    expect(log).toContain('database system is ready');
    expect(log).not.toMatch(/山田|patient|INSERT|SELECT/);
    expect(statSync(join(dataDir, 'postgresql.log')).mode & 0o077).toBe(0);
  });

  it('is stopped in order by the last who leaves, and its data are there at the next start', async () => {
    const dataDir = seeded();
    const server = start(dataDir);
    const { pid } = await server.up();
    expect(await server.query('SELECT a FROM note')).toEqual({ rows: [{ a: '襷' }] });
    await server.stop();
    await until(() => !isAlive(pid));
    expect(existsSync(join(dataDir, 'postgresql', 'postmaster.pid'))).toBe(false);
    const again = start(dataDir);
    await again.up();
    expect(await again.query('SELECT a FROM note')).toEqual({ rows: [{ a: '襷' }] });
    expect(readFileSync(join(dataDir, 'postgresql.log'), 'utf8')).not.toContain('not properly shut down');
  });

  it('is not hit by a Ctrl-C at the terminal of the one who started it', async () => {
    const server = start(seeded());
    const { pid } = await server.up();
    const group = (of: number) => readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    expect(group(pid)).toBe(String(pid));
    expect(group(pid)).not.toBe(group(server.child.pid as number));
  });
});

describe('processes that share a data directory', () => {
  it('may all start at once on an empty one: one cluster, one postmaster, which the last who leaves stops', async () => {
    const dataDir = directory();
    const all = Array.from({ length: 3 }, () => start(dataDir));
    const pids = (await Promise.all(all.map((one) => one.up()))).map(({ pid }) => pid);
    expect(new Set(pids).size).toBe(1);
    const [first, second, third] = all as [Process, Process, Process];
    await first.query('CREATE TABLE shared (a int)');
    await second.query('INSERT INTO shared VALUES (1)');
    expect(await third.query('SELECT a FROM shared')).toEqual({ rows: [{ a: 1 }] });
    await first.stop();
    await third.stop();
    expect(await second.query('SELECT a FROM shared')).toEqual({ rows: [{ a: 1 }] });
    await second.stop();
    await until(() => !isAlive(pids[0] as number));
    expect(readdirSync(dataDir).sort()).toEqual(['postgresql', 'postgresql.log']);
  });

  it('may come while the last one leaves', async () => {
    const dataDir = seeded();
    for (let round = 0; round < 3; round++) {
      const leaving = start(dataDir);
      await leaving.up();
      const coming = start(dataDir);
      await Promise.all([leaving.stop(), coming.up()]);
      expect(await coming.query('SELECT a FROM note')).toEqual({ rows: [{ a: '襷' }] });
      await coming.stop();
    }
  });
});

describe('after a kill -9', () => {
  it('of the one who started it, PostgreSQL runs on, and the next one joins it', async () => {
    const dataDir = seeded();
    const victim = start(dataDir);
    const { pid } = await victim.up();
    await victim.query(`INSERT INTO note VALUES ('acknowledged')`);
    await victim.kill();
    expect(isAlive(pid)).toBe(true);
    const next = start(dataDir);
    expect(await next.up()).toMatchObject({ pid });
    expect(await next.query('SELECT a FROM note ORDER BY a')).toEqual({ rows: [{ a: 'acknowledged' }, { a: '襷' }] });
    await next.stop();
    await until(() => !isAlive(pid));
  });

  it('of PostgreSQL, its user starts it again, and what was acknowledged is there', async () => {
    const dataDir = seeded();
    const server = start(dataDir);
    const { pid } = await server.up();
    await server.query(`INSERT INTO note VALUES ('acknowledged')`);
    process.kill(pid, 'SIGKILL');
    // A backend of the killed one may answer once more before it notices.
    await until(() => ![pid, undefined].includes(postmasterIn(dataDir)));
    await until(async () => 'rows' in (await server.query('SELECT 1 AS a')));
    expect(await server.query('SELECT a FROM note ORDER BY a')).toEqual({ rows: [{ a: 'acknowledged' }, { a: '襷' }] });
    await server.stop();
    expect(postmasterIn(dataDir)).toBeUndefined();
  });

  it('of both at once, as when the power fails, the next start recovers', async () => {
    const dataDir = seeded();
    const victim = start(dataDir);
    const { pid } = await victim.up();
    await victim.query(`INSERT INTO note VALUES ('acknowledged')`);
    process.kill(pid, 'SIGKILL');
    await victim.kill();
    const next = start(dataDir);
    await next.up();
    expect(await next.query('SELECT count(*)::int AS n FROM note')).toEqual({ rows: [{ n: 2 }] });
  });
});

describe('what a crash leaves in the cluster', () => {
  /** Leaves a data directory as it is after PostgreSQL was killed. */
  async function crashed(): Promise<string> {
    const dataDir = seeded();
    const victim = start(dataDir);
    const { pid } = await victim.up();
    process.kill(pid, 'SIGKILL');
    await victim.kill();
    await until(() => !isAlive(pid));
    return dataDir;
  }
  const lockFiles = (dataDir: string) =>
    ['postmaster.pid', '.s.PGSQL.5432.lock'].map((name) => join(dataDir, 'postgresql', name));

  it('a pid that a stranger of the same user bears now does not keep PostgreSQL from starting', async () => {
    const dataDir = await crashed();
    const owner = statSync(join(dataDir, 'postgresql')).uid;
    const stranger = spawn('sleep', ['60'], { cwd: '/', ...(root && { uid: owner, gid: owner }) });
    try {
      for (const path of lockFiles(dataDir))
        writeFileSync(path, readFileSync(path, 'utf8').replace(/^\d+/, String(stranger.pid)));
      const next = start(dataDir);
      expect(await next.up()).toMatchObject({ pid: expect.any(Number) });
      expect(isAlive(stranger.pid as number)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('lock files without content do not either', async () => {
    const dataDir = await crashed();
    for (const path of lockFiles(dataDir)) {
      writeFileSync(path, '');
      utimesSync(path, 1, 1);
    }
    const next = start(dataDir);
    expect(await next.up()).toMatchObject({ pid: expect.any(Number) });
  });
});

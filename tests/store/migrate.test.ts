import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/store/database.ts';
import { MigrationError, migrate } from '../../src/store/migrate.ts';
import { type Clone, emptyDatabase } from '../support/database.ts';
import { atEnd } from '../support/guard.ts';

let clone: Clone;
let database: Database;
let directory: string;

beforeEach(async () => {
  clone = await emptyDatabase();
  database = await clone.open({ poolSize: 2, statementTimeoutMs: 1000 });
  directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-migrations-`));
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await clone.drop();
});

const file = (name: string, sql: string) => writeFileSync(join(directory, name), sql);
const apply = () => migrate(database, directory);
const applied = async () => (await database.query('SELECT number, name FROM schema_migration ORDER BY number')).rows;
const exists = async (table: string) =>
  (await database.query<{ present: boolean }>('SELECT to_regclass($1::text) IS NOT NULL AS present', [table])).rows[0]
    ?.present;
const rows = async (table: string) =>
  (await database.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n;

describe('migrations', () => {
  it('are applied in the order of their numbers, and noted', async () => {
    file('0002_second.sql', 'INSERT INTO first VALUES (2);');
    file('0001_first.sql', 'CREATE TABLE first (a int); -- 一\nINSERT INTO first VALUES (1);');
    file('README.md', 'no migration');
    expect(await apply()).toEqual(['0001_first.sql', '0002_second.sql']);
    expect(await rows('first')).toBe(2n);
    expect(await applied()).toEqual([
      { number: 1, name: '0001_first.sql' },
      { number: 2, name: '0002_second.sql' },
    ]);
  });

  it('are applied once', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    await apply();
    expect(await apply()).toEqual([]);
  });

  it('that are new are applied after those that are there', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    await apply();
    file('0002_second.sql', 'ALTER TABLE first ADD b int;');
    expect(await apply()).toEqual(['0002_second.sql']);
  });

  it('may hold functions and quoted text, whatever semicolons are in them', async () => {
    file(
      '0001_function.sql',
      `CREATE FUNCTION twice(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN a; END; $$;
       CREATE TABLE quoted (a text DEFAULT 'x;y'); INSERT INTO quoted DEFAULT VALUES;`,
    );
    await apply();
    expect((await database.query('SELECT twice(1) AS a, a AS b FROM quoted')).rows).toEqual([{ a: 1, b: 'x;y' }]);
  });

  it('may take longer than any other statement', async () => {
    file('0001_slow.sql', 'SELECT pg_sleep(1.3);');
    expect(await apply()).toEqual(['0001_slow.sql']);
    const { rows: after } = await database.query(`SELECT current_setting('statement_timeout') AS timeout`);
    expect(after).toEqual([{ timeout: '1s' }]);
  });

  it('none at all are no migration', async () => {
    expect(await apply()).toEqual([]);
    expect(await applied()).toEqual([]);
  });
});

describe('a migration that fails', () => {
  it('leaves nothing of itself, keeps those before it, and says where', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    file('0002_broken.sql', '-- 壊れた\nCREATE TABLE second (a int);\nSELECT no_such_column;');
    await expect(apply()).rejects.toThrow(
      'Migration 0002_broken.sql failed at line 3: column "no_such_column" does not exist',
    );
    expect(await exists('first')).toBe(true);
    expect(await exists('second')).toBe(false);
    expect(await applied()).toEqual([{ number: 1, name: '0001_first.sql' }]);
  });

  it('goes through when it has been mended', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int); SELECT 1 / 0;');
    await expect(apply()).rejects.toBeInstanceOf(MigrationError);
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    expect(await apply()).toEqual(['0001_first.sql']);
  });

  it('is one that ends its own transaction', async () => {
    file('0001_commit.sql', 'CREATE TABLE first (a int); COMMIT; BEGIN;');
    await expect(apply()).rejects.toThrow('ends its own transaction');
  });
});

describe('refused, with a word on what to do, is', () => {
  it('a file that has changed since it was applied', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    await apply();
    file('0001_first.sql', 'CREATE TABLE first (a int); ');
    file('0002_second.sql', 'CREATE TABLE second (a int);');
    await expect(apply()).rejects.toThrow('0001_first.sql has changed since it was applied');
    expect(await exists('second')).toBe(false);
  });

  it('a database that a newer release has used', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    file('0002_second.sql', 'CREATE TABLE second (a int);');
    await apply();
    rmSync(join(directory, '0002_second.sql'));
    await expect(apply()).rejects.toThrow('last used by a newer release');
  });

  it.each([
    [['0001_a.sql', '0003_b.sql'], '0003_b.sql should have the number 0002'],
    [['0001_a.sql', '0001_b.sql'], '0001_b.sql should have the number 0002'],
    [['0000_a.sql'], '0000_a.sql should have the number 0001'],
    [['1_a.sql'], '1_a.sql is no name of a migration'],
    [['0001-a.sql'], '0001-a.sql is no name of a migration'],
    [['0001_A.sql'], '0001_A.sql is no name of a migration'],
  ])('a directory with %j', async (names, message) => {
    for (const name of names) file(name, 'SELECT 1;');
    await expect(apply()).rejects.toThrow(message);
    expect(await exists('schema_migration')).toBe(false);
  });
});

describe('processes that migrate at the same time', () => {
  const program = fileURLToPath(new URL('migrate-process.ts', import.meta.url));
  function start(): { child: ChildProcess; output: Promise<string>; ended: Promise<unknown[]> } {
    const child = spawn(process.execPath, [program, clone.url, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
    const callOff = atEnd('kill -KILL "$1"', String(child.pid));
    const ended = once(child, 'exit').finally(callOff);
    return { child, output: text(child.stdout), ended };
  }
  const until = async (what: () => Promise<boolean | undefined>) => {
    while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('apply each migration once between them', async () => {
    for (let i = 1; i <= 6; i++)
      file(`000${i}_table.sql`, `CREATE TABLE t${i} (a int); INSERT INTO t${i} VALUES (1); SELECT pg_sleep(0.02);`);
    const processes = Array.from({ length: 3 }, start);
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual(processes.map(() => [0, null]));
    const names = (await Promise.all(processes.map(({ output }) => output))).flatMap(
      (one) => JSON.parse(one) as string[],
    );
    expect(names.sort()).toEqual(Array.from({ length: 6 }, (_, i) => `000${i + 1}_table.sql`));
    for (let i = 1; i <= 6; i++) expect(await rows(`t${i}`)).toBe(1n);
  });

  it('leave nothing half when one is killed, and the next goes on', async () => {
    file('0001_first.sql', 'CREATE TABLE first (a int);');
    file('0002_second.sql', 'CREATE TABLE second (a int); INSERT INTO second VALUES (1); SELECT pg_sleep(2);');
    const victim = start();
    await until(async () => {
      const { rows: asleep } = await database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      );
      return asleep.length > 0;
    });
    victim.child.kill('SIGKILL');
    await victim.ended;
    expect(await exists('second')).toBe(false);
    const next = start();
    expect(await next.ended).toEqual([0, null]);
    expect(JSON.parse(await next.output)).toEqual(['0002_second.sql']);
    expect(await rows('second')).toBe(1n);
  });
});

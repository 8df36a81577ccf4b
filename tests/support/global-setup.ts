import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connectDatabase } from '../../src/store/database.ts';
import { startEmbedded } from '../../src/store/embedded/index.ts';
import { migrate } from '../../src/store/migrate.ts';
import { atEnd, REMOVE_DATA_DIR, stopPostgresIn } from './guard.ts';

/** What the test files are told of the server, through the environment. */
export interface TestServer {
  /** Opens the maintenance database as a role that may create databases. */
  readonly admin: string;
  /** A migrated database to clone, and how to open it. */
  readonly template: string;
  readonly url: string;
  readonly owner: string | null;
  /** Why there is no template: the tests that need a database fail with it, the others run. */
  readonly failure?: string;
}

const PREFIX = 'tasuki-test-';

/**
 * One PostgreSQL for the whole run: TEST_DATABASE_URL or DATABASE_URL when given, else an embedded one in a temporary directory; and
 * in it one migrated database that each suite clones.
 */
export default async function setUp(): Promise<void> {
  await removeLeftovers(tmpdir());
  if (process.env.TMPDIR === undefined && hasRoom(MEMORY)) {
    process.env.TMPDIR = MEMORY;
    await removeLeftovers(MEMORY);
  }
  // The servers that suites start as processes share what Node compiled (as NODE_COMPILE_CACHE): the first fills it, the others start in half the
  // time. Not the processes of Jest, which compile in contexts of their own.
  process.env.TASUKI_TEST_COMPILED = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-compiled-`));
  const given = process.env.TEST_DATABASE_URL || process.env.DATABASE_URL;
  const { server, stop } = given ? await shared(given) : await own();
  process.env.TASUKI_TEST_SERVER = JSON.stringify(server);
  (globalThis as { tasukiTestServer?: () => Promise<void> }).tasukiTestServer = stop;
}

/**
 * Where a run writes, if there is room: each suite makes and removes some 600 files of a database, and ext4 looks for each new one past all that
 * were removed in the last seconds: more than a third of the time of the tests of the store.
 */
const MEMORY = '/dev/shm';
const ROOM = 4 * 1024 ** 3;

function hasRoom(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= ROOM;
  } catch {
    return false;
  }
}

async function own() {
  const dataDir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const callOff = atEnd(REMOVE_DATA_DIR, dataDir);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
  const embedded = await startEmbedded(dataDir, () => undefined, { settings });
  const open = (user: string, database: string) =>
    `postgres:///${database}?user=${user}&host=${encodeURIComponent(String(embedded.admin.host))}`;
  const server = await makeTemplate(open('postgres', 'postgres'), (name) => open('tasuki', name), 'tasuki');
  return {
    server,
    stop: async () => {
      await embedded.stop();
      callOff();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function shared(admin: string) {
  const callOff = () => undefined;
  const open = (name: string) => {
    const url = new URL(admin);
    url.pathname = `/${name}`;
    return url.href;
  };
  await dropLeftovers(admin);
  const server = await makeTemplate(admin, open, null);
  // Held while the run lasts: whoever finds it free knows that the databases of this run have been left behind.
  const presence = new pg.Client({ connectionString: admin });
  await presence.connect();
  await presence.query('SELECT pg_advisory_lock(hashtext($1))', [server.template]);
  return {
    server,
    stop: async () => {
      await presence.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(server.template)} WITH (FORCE)`);
      await presence.end();
      callOff();
    },
  };
}

async function makeTemplate(admin: string, open: (name: string) => string, owner: string | null): Promise<TestServer> {
  const template = `tasuki_test_${process.pid}_${Date.now().toString(36)}`;
  const url = open(template);
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query(
      `CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8'${owner ? ` OWNER ${owner}` : ''}`,
    );
  } finally {
    await client.end();
  }
  const server = { admin, template, url, owner };
  try {
    const database = await connectDatabase(
      { connectionString: url },
      { poolSize: 1, statementTimeoutMs: 60_000 },
      () => undefined,
    );
    await migrate(database).finally(() => database.close());
    return server;
  } catch (error) {
    return { ...server, failure: (error as Error).message };
  }
}

/** Data directories of runs that are no more; each bears the number of its process. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of readdirSync(directory).filter((one) => one.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (pid > 0 && !isAlive(pid)) {
      await stopPostgresIn(join(directory, name));
      rmSync(join(directory, name), { recursive: true, force: true });
    }
  }
}

/** Databases of runs that are no more, on a server that others may be testing on at the same time. */
async function dropLeftovers(admin: string): Promise<void> {
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT datname FROM pg_database WHERE datname ~ '^tasuki_test_[0-9]+_[0-9a-z]+'`,
    );
    for (const { datname } of rows as { datname: string }[]) {
      const run = datname.split('_').slice(0, 4).join('_');
      const { rows: free } = await client.query('SELECT pg_try_advisory_lock(hashtext($1)) AS free', [run]);
      if (!free[0].free) continue;
      await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(datname)} WITH (FORCE)`).catch(() => undefined);
      await client.query('SELECT pg_advisory_unlock(hashtext($1))', [run]);
    }
  } finally {
    await client.end();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { connectDatabase, type Database } from '../../src/store/database.ts';
import type { TestServer } from './global-setup.ts';

/** A database of the suite's own, migrated and otherwise empty. */
export interface Clone {
  /** For DATABASE_URL. */
  readonly url: string;
  readonly name: string;
  /** A pool on it; closed by `drop` if not before. */
  open(options?: { poolSize?: number; statementTimeoutMs?: number }): Promise<Database>;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

function testServer(): TestServer {
  const told = process.env.TASUKI_TEST_SERVER;
  if (!told) throw new Error('the global setup has not run');
  const server = JSON.parse(told) as TestServer;
  if (server.failure) throw new Error(`the template database could not be migrated: ${server.failure}`);
  return server;
}

/** Clones the migrated template: `const clone = await cloneDatabase(); afterAll(() => clone.drop());` */
export function cloneDatabase(): Promise<Clone> {
  const { template } = testServer();
  return create(template);
}

/** A database without tables, for tests of the migrations themselves. */
export function emptyDatabase(): Promise<Clone> {
  return create('template0');
}

async function create(from: string): Promise<Clone> {
  const { template, url, owner } = testServer();
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${from} STRATEGY ${STRATEGY}${owner ? ` OWNER ${owner}` : ''}`);
  const own = url.replace(`/${template}`, `/${name}`);
  const opened: Database[] = [];
  return {
    url: own,
    name,
    open: async ({ poolSize = 10, statementTimeoutMs = 5000 } = {}) => {
      const database = await connectDatabase(
        { connectionString: own },
        { poolSize, statementTimeoutMs },
        () => undefined,
      );
      opened.push(database);
      return database;
    },
    drop: async () => {
      await Promise.all(opened.map((database) => database.close().catch(() => undefined)));
      await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** The template is small, and nobody waits for a checkpoint. */
const STRATEGY = 'WAL_LOG';

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServer().admin });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

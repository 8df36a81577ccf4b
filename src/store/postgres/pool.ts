import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';
import { isStarting } from './failures.ts';
import { Session } from './session.ts';

/** A session taken out of the pool. */
export interface Held {
  readonly session: Session;
  /** Back to the pool; a connection in an unknown state is closed instead. */
  release(): void;
}

/** The oldest server that has what the statements use, as PostgreSQL numbers it. */
const OLDEST = 150_000;
/** How long a server that is starting up is waited for, in milliseconds. */
const PATIENCE = 20_000;

/** Sessions on one database. They stay open: what they have prepared is worth more than an idle connection costs. */
export class SessionPool {
  readonly #pool: pg.Pool;
  readonly #settings: pg.ClientConfig;
  readonly #sessions = new WeakMap<pg.PoolClient, Session>();
  readonly #log: Log;

  constructor(connection: pg.ClientConfig, size: number, statementTimeoutMs: number, log: Log) {
    this.#log = log;
    this.#settings = {
      application_name: 'tasuki',
      keepAlive: true,
      connectionTimeoutMillis: statementTimeoutMs,
      ...withOptions(connection, sessionSettings(statementTimeoutMs)),
    };
    this.#pool = new pg.Pool({ ...this.#settings, max: size, idleTimeoutMillis: 0 });
    this.#pool.on('connect', (client) => {
      client.on('error', (error) => log('debug', 'database connection lost', { error: error.message }));
      this.#sessions.set(client, new Session(client as unknown as pg.Client));
    });
    this.#pool.on('error', (error) => log('warn', 'idle database connection lost', { error: error.message }));
  }

  /** Waits for a free session as long as for a statement; then rejects. */
  take(): Promise<Held> {
    return new Promise((resolve, reject) => {
      this.#pool.connect((error, client) => {
        if (error || !client) return reject(error);
        const session = this.#sessions.get(client) as Session;
        resolve({ session, release: () => client.release(!session.usable || !session.idle) });
      });
    });
  }

  /** A connection outside the pool. */
  async open(): Promise<pg.Client> {
    const client = new pg.Client(this.#settings);
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** The server's version; waits for one that is starting, and refuses one that will not do. */
  async firstContact(): Promise<number> {
    const deadline = Date.now() + PATIENCE;
    for (let waited = false; ; waited = true) {
      try {
        return await this.#inspect();
      } catch (error) {
        if (!isStarting(error)) throw error;
        const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
        if (Date.now() > deadline) throw new Error(`The database does not answer: ${reason}`, { cause: error });
        if (!waited) this.#log('warn', 'waiting for the database', { reason });
        await pause(250);
      }
    }
  }

  async #inspect(): Promise<number> {
    const held = await this.take();
    try {
      const { rows } = await held.session.run<{ version: number; name: string; encoding: string }>(
        `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS name,
          current_setting('server_encoding') AS encoding`,
      );
      const { version, name, encoding } = rows[0] as { version: number; name: string; encoding: string };
      if (version < OLDEST) throw new Error(`Tasuki needs PostgreSQL 15 or newer; DATABASE_URL leads to ${name}`);
      if (encoding !== 'UTF8') {
        throw new Error(`Tasuki needs a database with encoding UTF8; that of DATABASE_URL has ${encoding}`);
      }
      return version;
    } finally {
      held.release();
    }
  }

  load(): { readonly active: number; readonly idle: number; readonly waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { active: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

/** What must hold in every session, whatever the defaults of the server, the database and the role are. */
function sessionSettings(statementTimeoutMs: number): Readonly<Record<string, string | number>> {
  return {
    statement_timeout: statementTimeoutMs,
    // A lock that is not had in this time will not be had before the statement's own end: say so while there is time.
    lock_timeout: Math.ceil(statementTimeoutMs * 0.8),
    idle_in_transaction_session_timeout: 4 * statementTimeoutMs,
    timezone: 'UTC',
    client_encoding: 'UTF8',
    jit: 'off',
    // The texts are few and their values alike: planning each anew would cost more than running it.
    plan_cache_mode: 'force_generic_plan',
    default_transaction_isolation: 'read\\ committed',
    default_transaction_read_only: 'off',
    standard_conforming_strings: 'on',
  };
}

/** Our settings go behind those that the connection URL brings in `options`, for the last one holds. */
function withOptions(
  connection: pg.ClientConfig,
  settings: Readonly<Record<string, string | number>>,
): pg.ClientConfig {
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  if (!connection.connectionString)
    return { ...connection, options: [connection.options ?? '', ...ours].join(' ').trim() };
  const url = new URL(connection.connectionString);
  const theirs = url.searchParams.get('options') ?? '';
  url.searchParams.delete('options');
  return { ...connection, connectionString: url.href, options: [theirs, ...ours].join(' ').trim() };
}

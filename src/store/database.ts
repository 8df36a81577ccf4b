import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from '../config.ts';
import { refuse } from '../http/errors.ts';
import { startEmbedded } from './embedded/index.ts';
import type { Log } from './log.ts';
import { isContention, translate } from './postgres/failures.ts';
import { SessionPool } from './postgres/pool.ts';
import { type Result, Session } from './postgres/session.ts';

export { byteaArray, float8Array, int8Array, textArray } from './postgres/encode.ts';
export { sqlState } from './postgres/failures.ts';
export type { Result } from './postgres/session.ts';

/** What runs statements: the database (each in a transaction of its own) or an open transaction. */
export interface Queryable {
  /**
   * Runs one statement, prepared once per connection under its text; so its text must not carry values. How values travel
   * is told at `encode`, what columns become at `decoder`. Throws FhirError 503 when there is no connection or the database
   * cannot serve now, FhirError 400 too-costly at the statement timeout, else pg.DatabaseError (see `sqlState`).
   */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Result<Row>>;
}

/** An open transaction. */
export interface Transaction extends Queryable {
  /** Runs SQL of any number of statements, without values, and forgets what they return: for migrations. */
  script(sql: string): Promise<void>;
}

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
  /** How often the whole is tried again after it lost against another transaction (SQLSTATE 40001, 40P01); 3 unless told. */
  readonly retries?: number;
}

export interface Database extends Queryable {
  /**
   * Runs the work in one transaction on one connection; commits when it resolves, rolls back when it rejects. Statements of
   * the work that do not wait for each other are sent together. The work may run several times: it must not act on anything
   * but the database. A statement that fails spoils the transaction even when the work catches its error. When the connection is lost, whether the
   * commit took place is unknown: 503, and not tried again.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** A connection of its own that hears NOTIFY on the channel until it is stopped; opens anew when it was lost, then calls `onGap`. */
  listen(channel: string, onNotification: (payload: string) => void, onGap: () => void): Promise<() => Promise<void>>;
  /** How to open another connection to the same database. */
  readonly connection: pg.ClientConfig;
  /** Server version as PostgreSQL numbers it: 180004 for 18.4. */
  readonly version: number;
  /** Connections in use, idle, and requests waiting for one. */
  load(): { readonly active: number; readonly idle: number; readonly waiting: number };
  /** Waits for what is under way, closes every connection, and stops the embedded server when nobody else uses it. */
  close(): Promise<void>;
}

type DatabaseConfig = Pick<Config, 'databaseUrl' | 'dataDir' | 'poolSize' | 'statementTimeoutMs'>;

/** Opens DATABASE_URL or, without one, the embedded server in DATA_DIR. Throws an Error that an operator understands. */
export async function openDatabase(config: DatabaseConfig, log: Log): Promise<Database> {
  if (config.databaseUrl !== null) return connectDatabase({ connectionString: config.databaseUrl }, config, log);
  const embedded = await startEmbedded(config.dataDir, log);
  try {
    return await connectDatabase(embedded.connection, config, log, () => embedded.stop());
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/** As `openDatabase`, to a server that is told by pg's settings. `onClose` runs after the last connection is closed. */
export async function connectDatabase(
  connection: pg.ClientConfig,
  { poolSize, statementTimeoutMs }: Pick<DatabaseConfig, 'poolSize' | 'statementTimeoutMs'>,
  log: Log,
  onClose: () => Promise<void> = async () => {},
): Promise<Database> {
  const pool = new SessionPool(connection, poolSize, statementTimeoutMs, log);
  try {
    const version = await pool.firstContact();
    return new PooledDatabase(pool, connection, version, statementTimeoutMs, onClose);
  } catch (error) {
    await pool.end();
    throw error;
  }
}

class PooledDatabase implements Database {
  readonly connection: pg.ClientConfig;
  readonly version: number;
  readonly #pool: SessionPool;
  readonly #statementTimeoutMs: number;
  readonly #onClose: () => Promise<void>;

  constructor(
    pool: SessionPool,
    connection: pg.ClientConfig,
    version: number,
    statementTimeoutMs: number,
    onClose: () => Promise<void>,
  ) {
    this.#pool = pool;
    this.connection = connection;
    this.version = version;
    this.#statementTimeoutMs = statementTimeoutMs;
    this.#onClose = onClose;
  }

  async query<Row>(text: string, values?: readonly unknown[]): Promise<Result<Row>> {
    try {
      const held = await this.#pool.take();
      try {
        return await held.session.run<Row>(text, values);
      } finally {
        held.release();
      }
    } catch (error) {
      throw translate(error, this.#statementTimeoutMs);
    }
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(work, options);
      } catch (error) {
        if (!isContention(error) || attempt >= (options.retries ?? 3)) throw translate(error, this.#statementTimeoutMs);
        await pause((1 + Math.random()) * 5 * 2 ** attempt);
      }
    }
  }

  async #attempt<T>(
    work: (transaction: Transaction) => Promise<T>,
    { isolation, readOnly }: TransactionOptions,
  ): Promise<T> {
    const held = await this.#pool.take();
    const { session } = held;
    const transaction = new OpenTransaction(session, this.#statementTimeoutMs);
    try {
      session.cork();
      const begun = session.run(
        `BEGIN${isolation ? ` ISOLATION LEVEL ${isolation}` : ''}${readOnly ? ' READ ONLY' : ''}`,
      );
      const [, result] = await Promise.all([begun, work(transaction)]);
      const { tag } = await session.run('COMMIT');
      // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error.
      if (tag !== 'COMMIT') throw transaction.failure ?? refuse.internal(new Error(`COMMIT was answered with ${tag}`));
      return result;
    } catch (error) {
      transaction.end();
      if (session.usable) await session.run('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      transaction.end();
      held.release();
    }
  }

  async listen(
    channel: string,
    onNotification: (payload: string) => void,
    onGap: () => void,
  ): Promise<() => Promise<void>> {
    const stopped = new AbortController();
    const open = async () => {
      const client = await this.#pool.open();
      const session = new Session(client);
      session.onNotification = (_, payload) => onNotification(payload);
      await session.run(`LISTEN ${pg.escapeIdentifier(channel)}`);
      return client;
    };
    let client = await open();
    const watch = () =>
      client.once('end', async () => {
        for (let wait = 100; !stopped.signal.aborted; wait = Math.min(2 * wait, 5000)) {
          try {
            client = await open();
            if (stopped.signal.aborted) await client.end();
            else watch();
            return onGap();
          } catch {
            await pause(wait, undefined, { signal: stopped.signal }).catch(() => undefined);
          }
        }
      });
    watch();
    return async () => {
      stopped.abort();
      await client.end();
    };
  }

  load() {
    return this.#pool.load();
  }

  async close(): Promise<void> {
    await this.#pool.end();
    await this.#onClose();
  }
}

class OpenTransaction implements Transaction {
  readonly #session: Session;
  readonly #statementTimeoutMs: number;
  #ended = false;
  /** The first statement that failed: what the whole transaction fails with, even when the work went on. */
  failure: unknown;

  constructor(session: Session, statementTimeoutMs: number) {
    this.#session = session;
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  query<Row>(text: string, values?: readonly unknown[]): Promise<Result<Row>> {
    return this.#do(() => this.#session.run<Row>(text, values));
  }

  async script(sql: string): Promise<void> {
    await this.#do(() => this.#session.script(sql));
  }

  async #do<T>(statement: () => Promise<T>): Promise<T> {
    if (this.#ended) throw new Error('a statement after the end of its transaction');
    try {
      return await statement();
    } catch (error) {
      this.failure ??= error;
      throw isContention(error) ? error : translate(error, this.#statementTimeoutMs);
    }
  }

  end(): void {
    this.#ended = true;
  }
}

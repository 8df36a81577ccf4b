import pg from 'pg';
import type { FhirError } from '../../src/http/errors.ts';
import { connectDatabase, type Database, openDatabase, sqlState, type Transaction } from '../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../support/database.ts';

let clone: Clone;
let database: Database;
beforeAll(async () => {
  clone = await cloneDatabase();
  database = await clone.open({ poolSize: 4, statementTimeoutMs: 1000 });
  await database.query('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)');
});
beforeEach(() =>
  database.query('INSERT INTO account VALUES (1, 0), (2, 0) ON CONFLICT (id) DO UPDATE SET balance = 0'),
);
afterAll(() => clone.drop());

const balances = async () =>
  (await database.query<{ balance: number }>('SELECT balance FROM account ORDER BY id')).rows.map((row) => row.balance);
const deposit = (queryable: Pick<Transaction, 'query'>, id: number, amount: number) =>
  queryable.query('UPDATE account SET balance = balance + $2::int WHERE id = $1::int', [id, amount]);
const refusalOf = async (work: Promise<unknown>) => (await work.catch((error: unknown) => error)) as FhirError;
const count = async (where: string) =>
  (
    await database.query<{ n: bigint }>(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND ${where}`,
    )
  ).rows[0]?.n;

/** Another client of the same database, past the pool. */
async function stranger<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: clone.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('every session', () => {
  it.each([
    ['application_name', 'tasuki'],
    ['statement_timeout', '1s'],
    ['lock_timeout', '800ms'],
    ['idle_in_transaction_session_timeout', '4s'],
    ['TimeZone', 'UTC'],
    ['jit', 'off'],
    ['client_encoding', 'UTF8'],
    ['default_transaction_isolation', 'read committed'],
    ['transaction_read_only', 'off'],
    ['standard_conforming_strings', 'on'],
  ])('has %s = %s', async (name, value) => {
    const { rows } = await database.query('SELECT current_setting($1::text) AS value', [name]);
    expect(rows).toEqual([{ value }]);
  });

  it('has them although the connection URL asks for others, and has those that only the URL asks for', async () => {
    const url = new URL(clone.url);
    url.searchParams.set('options', '-c timezone=Asia/Tokyo -c work_mem=3MB');
    const other = await connectDatabase(
      { connectionString: url.href },
      { poolSize: 1, statementTimeoutMs: 1000 },
      () => undefined,
    );
    const { rows } = await other.query(
      `SELECT current_setting('TimeZone') AS zone, current_setting('work_mem') AS memory`,
    );
    expect(rows).toEqual([{ zone: 'UTC', memory: '3MB' }]);
    await other.close();
  });
});

describe('a statement', () => {
  it('that takes too long is 400 too-costly, and its connection goes on', async () => {
    const refusal = await refusalOf(database.query('SELECT pg_sleep(10)'));
    expect(refusal).toMatchObject({ status: 400, issues: [{ code: 'too-costly' }] });
    expect((await database.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('that waits too long for a lock is 503', async () => {
    await stranger(async (client) => {
      await client.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
      const refusal = await refusalOf(balances());
      expect(refusal).toMatchObject({ status: 503, issues: [{ code: 'transient' }] });
      expect(sqlState(refusal)).toBe('55P03');
    });
  });

  it('that breaks a constraint says which', async () => {
    const error = await refusalOf(database.query('INSERT INTO account VALUES (1, 1)'));
    expect(error).toMatchObject({ code: '23505', constraint: 'account_pkey', table: 'account' });
    expect(sqlState(error)).toBe('23505');
  });

  it('waits for a free connection as long as for an answer, then it is 503', async () => {
    const small = await clone.open({ poolSize: 1, statementTimeoutMs: 300 });
    let release = () => {};
    const held = small.transaction(() => new Promise<void>((resolve) => (release = resolve)));
    expect(await refusalOf(small.query('SELECT 1'))).toMatchObject({ status: 503 });
    expect(small.load()).toMatchObject({ active: 1, waiting: 0 });
    release();
    await held;
    expect((await small.query('SELECT 1 AS a')).rows).toEqual([{ a: 1 }]);
  });

  it('after the end of the pool is 503', async () => {
    const closed = await clone.open({ poolSize: 1 });
    await closed.close();
    expect(await refusalOf(closed.query('SELECT 1'))).toMatchObject({ status: 503 });
  });

  it('finds a new connection after the server has closed all of them', async () => {
    await Promise.all([1, 2, 3].map(() => database.query('SELECT pg_sleep(0.05)')));
    await stranger((client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      ),
    );
    // One may still be told of its end while a statement is on its way: that one is 503, and the next is served.
    for (let i = 0; i < 8; i++)
      await database.query('SELECT 1').catch((error) => expect(error).toMatchObject({ status: 503 }));
    expect(await balances()).toEqual([0, 0]);
  });

  it('runs beside as many others as the pool has connections', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => database.query('SELECT pg_sleep(0.01), $1::int', [i])));
    expect(await count(`application_name = 'tasuki'`)).toBeLessThanOrEqual(4n);
  });
});

describe('a transaction', () => {
  it('commits what it did, and returns what the work returns', async () => {
    const result = await database.transaction(async (transaction) => {
      await deposit(transaction, 1, -5);
      await deposit(transaction, 2, 5);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await balances()).toEqual([-5, 5]);
  });

  it('leaves nothing when the work throws, and throws what it threw', async () => {
    const error = new Error('changed my mind');
    const failed = database.transaction(async (transaction) => {
      await deposit(transaction, 1, 5);
      throw error;
    });
    await expect(failed).rejects.toBe(error);
    expect(await balances()).toEqual([0, 0]);
  });

  it('fails with the first failed statement, though the work caught its error', async () => {
    const failed = database.transaction(async (transaction) => {
      await deposit(transaction, 1, 5);
      await transaction.query('SELECT 1 / 0').catch(() => undefined);
      return 'looks fine';
    });
    await expect(failed).rejects.toMatchObject({ code: '22012' });
    expect(await balances()).toEqual([0, 0]);
  });

  it('fails when a deferred constraint does at its commit', async () => {
    await database.query('CREATE TABLE deferred (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    const failed = database.transaction((transaction) => transaction.query('INSERT INTO deferred VALUES (1), (1)'));
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect((await database.query('SELECT * FROM deferred')).rows).toEqual([]);
  });

  it('sends statements that do not wait for each other in one go, in their order', async () => {
    const results = await database.transaction((transaction) =>
      Promise.all([
        deposit(transaction, 1, 1),
        deposit(transaction, 1, 2),
        transaction.query('SELECT balance FROM account WHERE id = 1'),
      ]),
    );
    expect(results[2].rows).toEqual([{ balance: 3 }]);
  });

  it('leaves its connection clean for the next', async () => {
    const single = await clone.open({ poolSize: 1 });
    await single.transaction(async (transaction) => transaction.query('SELECT 1 / 0')).catch(() => undefined);
    await single.transaction(async () => undefined, { isolation: 'serializable', readOnly: true });
    const { rows } = await single.query(
      `SELECT current_setting('transaction_isolation') AS isolation, pg_current_xact_id_if_assigned() IS NULL AS none`,
    );
    expect(rows).toEqual([{ isolation: 'read committed', none: true }]);
  });

  it('has the isolation that it asks for, and cannot write when it is to read', async () => {
    const isolation = await database.transaction(
      async (transaction) => (await transaction.query(`SELECT current_setting('transaction_isolation') AS value`)).rows,
      { isolation: 'repeatable read' },
    );
    expect(isolation).toEqual([{ value: 'repeatable read' }]);
    expect(
      sqlState(await refusalOf(database.transaction((transaction) => deposit(transaction, 1, 1), { readOnly: true }))),
    ).toBe('25006');
  });

  it('refuses statements after its end', async () => {
    const kept = await database.transaction(async (transaction) => transaction);
    await expect(kept.query('SELECT 1')).rejects.toThrow('after the end');
  });

  it('is tried again after it lost against another', async () => {
    let attempts = 0;
    await Promise.all(
      Array.from({ length: 6 }, () =>
        database.transaction(
          async (transaction) => {
            attempts++;
            const { rows } = await transaction.query<{ balance: number }>('SELECT balance FROM account WHERE id = 1');
            await transaction.query('UPDATE account SET balance = $1::int WHERE id = 1', [(rows[0]?.balance ?? 0) + 1]);
          },
          { isolation: 'serializable', retries: 50 },
        ),
      ),
    );
    expect(await balances()).toEqual([6, 0]);
    expect(attempts).toBeGreaterThanOrEqual(6);
  });

  it('is tried again after a deadlock, so that both go through', async () => {
    const patient = await clone.open({ poolSize: 2, statementTimeoutMs: 10_000 });
    let firstRound = true;
    let bothHold = () => {};
    const together = new Promise<void>((resolve) => (bothHold = resolve));
    let holding = 0;
    const move = (from: number, to: number) =>
      patient.transaction(async (transaction) => {
        await deposit(transaction, from, -1);
        if (firstRound) {
          if (++holding === 2) bothHold();
          await together;
          firstRound = false;
        }
        await deposit(transaction, to, 1);
      });
    await Promise.all([move(1, 2), move(2, 1)]);
    expect(await balances()).toEqual([0, 0]);
  });

  it('gives up after its retries with 503 and a word when to come again', async () => {
    let attempts = 0;
    const contention = () => {
      attempts++;
      return Promise.reject(Object.assign(new Error('could not serialize access'), { code: '40001' }));
    };
    const refusal = await refusalOf(database.transaction(contention, { retries: 2 }));
    expect(attempts).toBe(3);
    expect(refusal).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
  });

  it('is 503 and not tried again when its connection is lost', async () => {
    let attempts = 0;
    const refusal = await refusalOf(
      database.transaction(async (transaction) => {
        attempts++;
        await deposit(transaction, 1, 5);
        const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await stranger((client) => client.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]));
        await transaction.query('SELECT 1');
      }),
    );
    expect(refusal).toMatchObject({ status: 503 });
    expect(attempts).toBe(1);
    expect(await balances()).toEqual([0, 0]);
  });

  it('that never ends is ended by the server', async () => {
    const short = await clone.open({ poolSize: 1, statementTimeoutMs: 100 });
    const idle = short.transaction(async (transaction) => {
      await deposit(transaction, 1, 5);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    });
    expect(await refusalOf(idle)).toMatchObject({ status: 503 });
    expect(await balances()).toEqual([0, 0]);
  });
});

describe('notifications', () => {
  it('are heard until it is enough, over a lost connection too, and a gap is told', async () => {
    const heard: string[] = [];
    let wake = () => {};
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    let gap = next();
    const stop = await database.listen(
      'test channel',
      (payload) => {
        heard.push(payload);
        wake();
      },
      () => wake(),
    );
    gap = next();
    await database.query(`SELECT pg_notify('test channel', $1::text)`, ['一']);
    await gap;
    gap = next();
    await stranger((client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
      ),
    );
    await gap;
    gap = next();
    await database.query(`SELECT pg_notify('test channel', $1::text)`, ['二']);
    await gap;
    await stop();
    await database.query(`SELECT pg_notify('test channel', $1::text)`, ['三']);
    expect(heard).toEqual(['一', '二']);
  });
});

describe('opening', () => {
  const config = { dataDir: '/nowhere', poolSize: 1, statementTimeoutMs: 1000 };
  const open = (databaseUrl: string) => openDatabase({ ...config, databaseUrl }, () => undefined);

  it('knows the version of the server', () => {
    expect(database.version).toBeGreaterThanOrEqual(150_000);
  });

  it('tells at once that the database does not exist', async () => {
    await expect(open(clone.url.replace(clone.name, 'no_such_database'))).rejects.toMatchObject({ code: '3D000' });
  });

  it('tells at once that the role does not exist', async () => {
    const url = new URL(clone.url);
    if (url.username) url.username = 'no_such_role';
    url.searchParams.set('user', 'no_such_role');
    await expect(open(url.href)).rejects.toMatchObject({ code: expect.stringMatching(/^28/) });
  });

  it('refuses a database whose encoding is not UTF8', async () => {
    const name = `${clone.name}_ascii`;
    // Only who may create databases can try; with DATABASE_URL that is the one that the tests are given.
    const admin = new pg.Client({ connectionString: JSON.parse(process.env.TASUKI_TEST_SERVER as string).admin });
    await admin.connect();
    await admin.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc`,
    );
    try {
      await expect(open(clone.url.replace(clone.name, name))).rejects.toThrow('encoding UTF8');
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    }
  });

  it('takes both forms of URL that name a Unix socket', async () => {
    const { host, port, user } = await socket();
    for (const url of [
      `postgres:///${clone.name}?host=${encodeURIComponent(host)}&user=${user}&port=${port}`,
      `postgresql://${user}@${encodeURIComponent(host)}/${clone.name}?port=${port}`,
    ]) {
      const other = await open(url);
      expect((await other.query('SELECT current_database()::text AS name')).rows).toEqual([{ name: clone.name }]);
      await other.close();
    }
  });
});

/** Where the server that the tests use has its socket, in the form of a URL's parts. */
async function socket(): Promise<{ host: string; port: string; user: string }> {
  const { rows } = await database.query<{ port: string; user: string }>(
    `SELECT current_setting('port') AS port, current_user::text AS user`,
  );
  const { port, user } = rows[0] as { port: string; user: string };
  return { host: new URL(clone.url).searchParams.get('host') ?? '/var/run/postgresql', port, user };
}

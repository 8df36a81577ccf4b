import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Database, Queryable, Transaction } from './database.ts';
import type { Log } from './log.ts';

/** A numbered file of plain SQL: `0001_resources.sql`. */
interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

const DEFAULT = fileURLToPath(new URL('migrations/', import.meta.url));

/** Held until the end of each transaction of the runner: processes that start together take turns. */
const LOCK = 7_827_353n;

/** A schema that this release cannot work with; the message says what to do. */
export class MigrationError extends Error {}

/**
 * Brings the schema up to this release: applies, in the order of their numbers, the files that have not been applied, each in one
 * transaction with its row in schema_migration. Returns the names of those that this call applied. Throws MigrationError,
 * having changed nothing, when an applied file has changed since, is missing here, or when numbers collide.
 */
export async function migrate(
  database: Database,
  directory: string = DEFAULT,
  log: Log = () => undefined,
): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const names: string[] = [];
  for (
    let name = await next(database, migrations, log);
    name !== undefined;
    name = await next(database, migrations, log)
  )
    names.push(name);
  return names;
}

/** Applies one migration, the first that is outstanding, and returns its name; undefined when there is none. */
function next(database: Database, migrations: readonly Migration[], log: Log): Promise<string | undefined> {
  return database.transaction(async (transaction) => {
    await transaction.query('SET LOCAL statement_timeout = 0');
    await transaction.query('SET LOCAL lock_timeout = 0');
    await transaction.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await transaction.query('SELECT pg_advisory_xact_lock($1::bigint)', [LOCK]);
    const applied = await appliedMigrations(transaction);
    verify(applied, migrations);
    const due = migrations[applied.length];
    if (!due) return undefined;
    const started = performance.now();
    await run(transaction, due);
    await transaction.query(
      'INSERT INTO schema_migration (number, name, sha256) VALUES ($1::int, $2::text, $3::text)',
      [due.number, due.name, due.sha256],
    );
    log('info', 'migration applied', { name: due.name, milliseconds: Math.round(performance.now() - started) });
    return due.name;
  });
}

async function appliedMigrations(transaction: Queryable): Promise<Applied[]> {
  const { rows } = await transaction.query<{ present: boolean }>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS present`,
  );
  if (!rows[0]?.present) {
    await transaction.query(`CREATE TABLE schema_migration (
      number integer PRIMARY KEY,
      name text NOT NULL,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now())`);
    return [];
  }
  return (await transaction.query<Applied>('SELECT number, name, sha256 FROM schema_migration ORDER BY number')).rows;
}

/** What is applied must be the beginning of what is here, to the byte. */
function verify(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const [i, one] of applied.entries()) {
    const here = migrations[i];
    if (!here || here.number > one.number) {
      throw new MigrationError(
        `The database has migration ${one.name}, which this release does not know: it was last used by a newer release; start that one`,
      );
    }
    if (here.number < one.number) {
      throw new MigrationError(
        `Migration ${here.name} comes before ${one.name}, which is applied already: give it a higher number`,
      );
    }
    if (here.sha256 !== one.sha256) {
      throw new MigrationError(
        `Migration ${here.name} has changed since it was applied to this database: restore the file and put the change into a new one`,
      );
    }
  }
}

async function run(transaction: Transaction, { name, sql }: Migration): Promise<void> {
  const before = await transactionId(transaction);
  try {
    await transaction.script(sql);
  } catch (error) {
    const { position, message } = error as { position?: string; message: string };
    const line =
      position === undefined ? '' : ` at line ${[...sql].slice(0, Number(position)).join('').split('\n').length}`;
    throw new MigrationError(`Migration ${name} failed${line}: ${message}`, { cause: error });
  }
  if ((await transactionId(transaction)) !== before)
    throw new MigrationError(`Migration ${name} ends its own transaction: take COMMIT and ROLLBACK out of it`);
}

async function transactionId(transaction: Queryable): Promise<bigint | undefined> {
  return (await transaction.query<{ id: bigint }>('SELECT pg_current_xact_id() AS id')).rows[0]?.id;
}

async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(directory, name)));
  for (const [i, { number, name }] of migrations.entries()) {
    if (number !== i + 1)
      throw new MigrationError(
        `Migration ${name} should have the number ${String(i + 1).padStart(4, '0')}: numbers begin at 0001, without gap or double`,
      );
  }
  return migrations;
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) throw new MigrationError(`${name} is no name of a migration: 0001_in_snake_case.sql`);
  const sql = await readFile(`${directory}/${name}`, 'utf8');
  return { number, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

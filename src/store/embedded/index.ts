import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';
import { type Binaries, locateBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { identityFor } from './identity.ts';
import { isPostmasterOf, type Launch, launch, POSTGRES_SETTINGS, pidFile } from './postmaster.ts';

/** A PostgreSQL 18 in DATA_DIR that this process uses, together with any other Tasuki process on the same DATA_DIR. */
export interface Embedded {
  /** The database `tasuki` as its owner, who is no superuser. */
  readonly connection: Readonly<pg.ClientConfig>;
  /** The database `postgres` as superuser, for maintenance and for the tests. */
  readonly admin: Readonly<pg.ClientConfig>;
  /** Process id of the postmaster; changes when PostgreSQL had to be started anew. */
  readonly pid: number;
  /** Leaves, and stops PostgreSQL when no other Tasuki process is using it. May be called more than once. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** PostgreSQL settings beside, or instead of, POSTGRES_SETTINGS. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Who uses the cluster holds this advisory lock of the database `postgres`, shared; who stops it, alone. */
const PRESENCE = 7_827_351;
/** Held while role and database are made. */
const FOUNDING = 7_827_352;
/** Recovery after a crash reads at most max_wal_size of log, well within this time (milliseconds). */
const PATIENCE = 120_000;

/**
 * Starts PostgreSQL in DATA_DIR, or joins the one that is running there: because another Tasuki process started it, or because
 * the one that did was killed. Processes that start at once are safe: PostgreSQL's own lock lets one postmaster run, and all
 * join it. Should the server die it is started anew. Throws an Error that an operator understands.
 */
export async function startEmbedded(
  dataDir: string,
  log: Log,
  { settings = {} }: EmbeddedOptions = {},
): Promise<Embedded> {
  if (process.platform === 'win32')
    throw new Error('There is no embedded PostgreSQL on Windows; set DATABASE_URL to a PostgreSQL 15 or newer');
  const cluster = join(resolve(dataDir), 'postgresql');
  const identity = identityFor(cluster);
  const binaries = locateBinaries(dirname(cluster), identity, log);
  await ensureCluster(cluster, binaries, identity, log);
  const member = new Member(cluster, binaries, { ...POSTGRES_SETTINGS, ...settings }, log);
  await member.join();
  try {
    await member.found();
  } catch (error) {
    await member.stop();
    throw error;
  }
  return member;
}

class Member implements Embedded {
  readonly connection: Readonly<pg.ClientConfig>;
  readonly admin: Readonly<pg.ClientConfig>;
  readonly #cluster: string;
  readonly #binaries: Binaries;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #log: Log;
  #presence: pg.Client | undefined;
  #stopping: Promise<void> | undefined;
  pid = 0;

  constructor(cluster: string, binaries: Binaries, settings: Readonly<Record<string, string>>, log: Log) {
    this.#cluster = cluster;
    this.#binaries = binaries;
    this.#settings = settings;
    this.#log = log;
    const host = socketDirectory(cluster);
    this.connection = Object.freeze({ host, port: 5432, user: 'tasuki', database: 'tasuki', ssl: false });
    this.admin = Object.freeze({ host, port: 5432, user: 'postgres', database: 'postgres', ssl: false });
  }

  /** Connects to the running server, starting one where none runs, until it answers. */
  async join(): Promise<void> {
    const started = performance.now();
    let launched: Launch | undefined;
    let lastWords: string | undefined;
    let failure: unknown;
    for (let wait = 10; ; wait = Math.min(wait * 1.3, 200)) {
      if (await this.#connect()) break;
      if (failure !== undefined) throw failure;
      if (lastWords !== undefined && !isRivalry(lastWords))
        throw new Error(`PostgreSQL did not start in ${this.#cluster}:\n${lastWords}`);
      if (performance.now() - started > PATIENCE)
        throw new Error(
          `PostgreSQL in ${this.#cluster} did not answer within ${PATIENCE / 1000} s; see its postgresql.log`,
        );
      if (!launched && !this.#isRunning()) {
        const current = launch(this.#cluster, this.#binaries, identityFor(this.#cluster), this.#settings);
        launched = current;
        lastWords = undefined;
        current.ended.then(
          (words) => {
            lastWords = words;
            launched = undefined;
          },
          (error) => {
            failure = error;
          },
        );
      }
      await pause(wait);
    }
    this.#log('info', 'embedded PostgreSQL is ready', {
      pid: this.pid,
      milliseconds: Math.round(performance.now() - started),
    });
  }

  /** Makes the role and the database that the server works in. */
  async found(): Promise<void> {
    const presence = this.#presence as pg.Client;
    await presence.query(`SELECT pg_advisory_lock(${FOUNDING})`);
    try {
      const role = await presence.query(`SELECT FROM pg_roles WHERE rolname = 'tasuki'`);
      if (role.rowCount === 0) await presence.query('CREATE ROLE tasuki LOGIN');
      const database = await presence.query(`SELECT FROM pg_database WHERE datname = 'tasuki'`);
      if (database.rowCount === 0) await presence.query('CREATE DATABASE tasuki OWNER tasuki');
    } finally {
      await presence.query(`SELECT pg_advisory_unlock(${FOUNDING})`);
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#leave();
    return this.#stopping;
  }

  /** The last one to leave stops the server; who comes meanwhile waits for the lock, is thrown out, and starts it anew. */
  async #leave(): Promise<void> {
    const presence = this.#presence;
    if (!presence) return;
    try {
      await presence.query(`SELECT pg_advisory_unlock_shared(${PRESENCE})`);
      const { rows } = await presence.query(`SELECT pg_try_advisory_lock(${PRESENCE}) AS last`);
      if (rows[0].last === true) {
        process.kill(this.pid, 'SIGINT');
        await this.#gone();
      }
    } catch (error) {
      this.#log('warn', 'embedded PostgreSQL could not be stopped in order', { error: (error as Error).message });
    } finally {
      await presence.end().catch(() => undefined);
    }
  }

  /** A fast shutdown writes a checkpoint, removes postmaster.pid, and ends. */
  async #gone(): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (isPostmasterOf(this.#cluster, this.pid) ?? pidFile(this.#cluster) === this.pid) {
      if (performance.now() > deadline) throw new Error(`process ${this.pid} does not end`);
      await pause(10);
    }
    const host = this.admin.host as string;
    if (host !== this.#cluster) rmSync(host, { force: true });
  }

  /** False when the server is absent, or cannot take us now. */
  async #connect(): Promise<boolean> {
    const client = new pg.Client({ ...this.admin, application_name: 'tasuki presence' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(`SELECT pg_advisory_lock_shared(${PRESENCE})`);
      const { rows } = await client.query(`SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`);
      this.pid = rows[0].pid;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (isTemporary(error)) return false;
      throw error;
    }
    this.#presence = client;
    client.once('end', () => void this.#rejoin());
    return true;
  }

  /** The server went away under us: killed for want of memory, say. The pool's connections come back by themselves. */
  async #rejoin(): Promise<void> {
    for (let wait = 100; !this.#stopping; wait = Math.min(2 * wait, 10_000)) {
      this.#log('warn', 'embedded PostgreSQL was lost; starting it again');
      try {
        await this.join();
        if (this.#stopping) await this.#leave();
        return;
      } catch (error) {
        this.#log('error', 'embedded PostgreSQL could not be started again', { error: (error as Error).message });
        await pause(wait, undefined, { ref: false });
      }
    }
  }

  /** Starting up, shutting down, or serving others; where it cannot be told, PostgreSQL's own lock decides. */
  #isRunning(): boolean {
    const pid = pidFile(this.#cluster);
    return pid !== undefined && isPostmasterOf(this.#cluster, pid) === true;
  }
}

/** No socket, nobody behind it, or a server that starts, stops, or is full for the moment. */
function isTemporary(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', '57P01', '57P02', '57P03', '53300'].includes(code ?? ''))
    return true;
  return /^Connection terminated/.test(message ?? '');
}

/** Another process was faster, or what is left of a killed server still holds its memory: both pass. */
const isRivalry = (lastWords: string) =>
  /"postmaster\.pid" already exists|pre-existing shared memory block|lock file "\S+" is empty/.test(lastWords) ||
  lastWords === '';

/** Longest path of a Unix socket that every system takes, in bytes. */
const LONGEST = 103;

/**
 * The directory to reach the socket in. Where its path is too long for a socket, a link with a short one, in a directory that is
 * ours alone.
 */
function socketDirectory(cluster: string): string {
  if (Buffer.byteLength(join(cluster, '.s.PGSQL.5432')) <= LONGEST) return cluster;
  let directory = join(tmpdir(), `tasuki-${process.getuid?.()}`);
  if (Buffer.byteLength(directory) > LONGEST - 32) directory = `/tmp/tasuki-${process.getuid?.()}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const state = lstatSync(directory);
  if (!state.isDirectory() || state.uid !== process.getuid?.()) directory = mkdtempSync('/tmp/tasuki-');
  else chmodSync(directory, 0o700);
  const link = join(directory, createHash('sha256').update(cluster).digest('hex').slice(0, 12));
  try {
    if (readlinkSync(link) === cluster) return link;
  } catch {
    // Not there yet.
  }
  const fresh = `${link}.${process.pid}`;
  symlinkSync(cluster, fresh);
  renameSync(fresh, link);
  return link;
}

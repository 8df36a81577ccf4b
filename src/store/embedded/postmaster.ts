import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { isAlive, nameFor } from './cluster.ts';
import { childEnvironment, type Identity } from './identity.ts';

/**
 * How the embedded server differs from PostgreSQL's defaults. Given on the command line, so that they follow the release and not
 * the day on which the cluster was made. The log names no statement, no value and no row: those are health data.
 */
export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = Object.freeze({
  // Only the socket in the cluster's own directory, which nobody else may enter; a relative path has no length to exceed.
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  cluster_name: 'tasuki',
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // One small machine: the operating system's cache does the rest, and no query is worth a second process.
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  random_page_cost: '1.1',
  huge_pages: 'off',
  io_method: 'sync',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  // What a killed server was doing ends with it, not when the statement is done.
  client_connection_check_interval: '1s',
  autovacuum_max_workers: '2',
  autovacuum_worker_slots: '4',
  checkpoint_timeout: '15min',
  max_wal_size: '512MB',
  wal_buffers: '4MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  log_autovacuum_min_duration: '-1',
});

const LOG_SIZE = 4 * 1024 * 1024;

export interface Launch {
  /** Resolves with PostgreSQL's last words when it ended; rejects when it could not be started. */
  readonly ended: Promise<string>;
}

/**
 * Starts PostgreSQL in a session of its own: Ctrl-C goes to the server alone, which stops it in order, and a killed server
 * leaves it running for the next one. Its log is a file for the same reason: a pipe would break.
 */
export function launch(
  cluster: string,
  binaries: Binaries,
  identity: Identity | undefined,
  settings: Readonly<Record<string, string>>,
): Launch {
  const log = join(cluster, '..', 'postgresql.log');
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_SIZE) renameSync(log, `${log}.1`);
  const fd = openSync(log, 'a+', 0o600);
  const from = fstatSync(fd).size;
  const arguments_ = [
    '-D',
    nameFor(cluster, identity),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  let child: ChildProcess;
  try {
    removeEmptyLocks(cluster);
    const stranger = strangerInPidFile(cluster);
    child = spawn(binaries.postgres, arguments_, {
      ...identity,
      cwd: cluster,
      // PostgreSQL takes a process of this number for no other postmaster (as pg_ctl tells it of its own parent).
      env: { ...childEnvironment(), ...(stranger !== undefined && { PG_GRANDPARENT_PID: String(stranger) }) },
      stdio: ['ignore', fd, fd],
      detached: true,
    });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  child.unref();
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(readFrom(fd, from)));
  }).finally(() => closeSync(fd));
  return { ended };
}

/** The process that postmaster.pid names, or undefined. It may be another program by now; see `isPostmasterOf`. */
export function pidFile(cluster: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a living process is the PostgreSQL of this cluster: it stands in its directory. Undefined where that cannot be told. */
export function isPostmasterOf(cluster: string, pid: number): boolean | undefined {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return undefined;
  try {
    const [here, there] = [statSync(cluster), statSync(`/proc/${pid}/cwd`)];
    return (
      here.ino === there.ino &&
      here.dev === there.dev &&
      readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')
    );
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? false : undefined;
  }
}

/**
 * A living process that has nothing to do with this cluster but bears the number in its stale postmaster.pid. After a restart of a
 * container that is the rule rather than the exception, and PostgreSQL would refuse to start.
 */
function strangerInPidFile(cluster: string): number | undefined {
  const pid = pidFile(cluster);
  return pid !== undefined && isAlive(pid) && isPostmasterOf(cluster, pid) === false ? pid : undefined;
}

/** A power failure can leave lock files without content, which PostgreSQL will not judge; a living one is filled within moments. */
function removeEmptyLocks(cluster: string): void {
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
    const state = statSync(join(cluster, name), { throwIfNoEntry: false });
    if (state?.size === 0 && Date.now() - state.mtimeMs > 10_000) rmSync(join(cluster, name), { force: true });
  }
}

function readFrom(fd: number, from: number): string {
  const bytes = Buffer.alloc(Math.min(Math.max(fstatSync(fd).size - from, 0), 16_384));
  readSync(fd, bytes, 0, bytes.length, from);
  return bytes.toString('utf8').trim();
}

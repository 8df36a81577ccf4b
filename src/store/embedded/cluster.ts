import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log.ts';
import type { Binaries } from './binaries.ts';
import { childEnvironment, type Identity, mayEnter } from './identity.ts';

const run = promisify(execFile);

/** Locale and encoding are PostgreSQL's own, the same on every platform: no index breaks when a C library changes its order. */
const INITDB = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--username=postgres',
  '--auth-local=trust',
  '--auth-host=reject',
  '--no-instructions',
];

/**
 * How a process of the identity names a directory that it is started in. It may be unable to reach it by path (DATA_DIR below root's
 * home); the directory that it stands in needs no path, and PostgreSQL names all else relative to it.
 */
export function nameFor(directory: string, identity: Identity | undefined): string {
  if (mayEnter(directory, identity)) return directory;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new Error(
    `The user ${identity?.uid} that PostgreSQL runs as cannot enter ${directory}; choose another DATA_DIR`,
  );
}

/**
 * Makes the database cluster when there is none. It is made aside and renamed: a killed initdb leaves nothing half, and of two at
 * once one wins and the other takes what won.
 */
export async function ensureCluster(
  cluster: string,
  binaries: Binaries,
  identity: Identity | undefined,
  log: Log,
): Promise<void> {
  const parent = dirname(cluster);
  mkdirSync(parent, { recursive: true, mode: 0o711 });
  claim(cluster, identity);
  if (!existsSync(join(cluster, 'PG_VERSION'))) await makeCluster(cluster, parent, binaries, identity, log);
  const major = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (major !== binaries.major) {
    throw new Error(
      `${cluster} was made by PostgreSQL ${major}, and this release brings ${binaries.major}: dump it with the old release (pg_dump) and load it into a new DATA_DIR`,
    );
  }
}

/** A cluster that root has copied or restored is given to the identity; one of somebody else's is not for us. */
function claim(cluster: string, identity: Identity | undefined): void {
  const state = statSync(cluster, { throwIfNoEntry: false });
  if (!state) return;
  if (!identity && state.uid !== process.getuid?.()) {
    throw new Error(
      `${cluster} belongs to the user ${state.uid}: start Tasuki as that user or as root, or choose another DATA_DIR`,
    );
  }
  if (!identity || state.uid === identity.uid) return;
  for (const entry of readdirSync(cluster, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(cluster, entry), identity.uid, identity.gid);
  chownSync(cluster, identity.uid, identity.gid);
  chmodSync(cluster, 0o700);
}

async function makeCluster(
  cluster: string,
  parent: string,
  binaries: Binaries,
  identity: Identity | undefined,
  log: Log,
): Promise<void> {
  await removeAbandoned(parent, basename(cluster));
  const started = performance.now();
  const aside = mkdtempSync(join(parent, `${basename(cluster)}.making-${process.pid}-`));
  try {
    if (identity) chownSync(aside, identity.uid, identity.gid);
    const options = { ...identity, cwd: aside, env: childEnvironment() };
    await run(binaries.initdb, [`--pgdata=${nameFor(aside, identity)}`, ...INITDB], options);
    renameSync(aside, cluster);
    sync(parent);
    log('info', 'database cluster made', { directory: cluster, milliseconds: Math.round(performance.now() - started) });
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (existsSync(join(cluster, 'PG_VERSION'))) return;
    const words = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    const hint = words.includes('effective user ID')
      ? '; give the user an entry in /etc/passwd, or set DATABASE_URL'
      : '';
    throw new Error(`A database could not be made in ${parent}: ${words}${hint}`, { cause: error });
  }
}

/**
 * What a killed initdb left. The process that made it is in the name; one that carries our own number cannot be ours yet. Its initdb
 * may live a moment longer and write into what is being removed, which `rmSync` can leave behind without a word: `rm` tries again.
 */
async function removeAbandoned(parent: string, name: string): Promise<void> {
  for (const entry of readdirSync(parent)) {
    const pid = entry.startsWith(`${name}.making-`) ? Number(entry.slice(name.length + 8).split('-')[0]) : 0;
    if (pid > 0 && (pid === process.pid || !isAlive(pid)))
      await rm(join(parent, entry), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Whether there is a process of this number, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The renamed entry survives a power failure once its directory is on the disk. */
function sync(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

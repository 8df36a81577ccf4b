import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** The user that PostgreSQL runs as when the server itself is root: PostgreSQL refuses to run as root. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** The overflow user (nobody), which every Linux has: none needs to be made. */
const NOBODY: Identity = { uid: 65534, gid: 65534 };

/** Undefined when the server is no root: then PostgreSQL runs as the same user. A cluster that is there keeps its owner. */
export function identityFor(cluster: string): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (process.platform === 'darwin') {
    throw new Error('PostgreSQL does not run as root: start Tasuki as another user, or set DATABASE_URL');
  }
  const owner = statSync(cluster, { throwIfNoEntry: false });
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : NOBODY;
}

/** Whether the identity may enter the directory by its path; it is let try, for modes alone do not tell (ACLs, mounts). */
export function mayEnter(directory: string, identity: Identity | undefined): boolean {
  const options = { ...identity, cwd: '/', env: childEnvironment() };
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], options).status === 0;
}

/** The server's own environment may hold secrets, and settings of libpq: PostgreSQL gets nothing of it. */
export function childEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

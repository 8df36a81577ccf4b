import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs a shell command when this process ends in whatever way, a kill -9 included: the shell waits for the end of a pipe that only
 * this process holds open. So nothing that a test has started outlives a test run that crashed. Returns how to call it off.
 */
export function atEnd(command: string, ...values: string[]): () => void {
  const shell = spawn('/bin/sh', ['-c', `read -r _ || { ${command}; }`, 'sh', ...values], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  return () => {
    shell.kill('SIGKILL');
  };
}

/** Shell command that stops the PostgreSQL in the data directory `$1`, at once, and removes the directory. */
export const REMOVE_DATA_DIR =
  'p=$(head -n 1 "$1/postgresql/postmaster.pid" 2>/dev/null) && kill -QUIT "$p" 2>/dev/null; sleep 1; rm -rf "$1"';

/** The postmaster that runs in the data directory, as /proc tells; undefined when there is none. */
export function postmasterIn(dataDir: string): number | undefined {
  const cluster = join(dataDir, 'postgresql');
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  try {
    const [here, there] = [statSync(cluster), statSync(`/proc/${pid}/cwd`)];
    return here.ino === there.ino && here.dev === there.dev ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Stops the PostgreSQL that a killed server has left in the data directory, and waits until it is gone. */
export async function stopPostgresIn(dataDir: string): Promise<void> {
  const pid = postmasterIn(dataDir);
  if (pid === undefined) return;
  process.kill(pid, 'SIGQUIT');
  while (postmasterIn(dataDir) === pid) await new Promise((resolve) => setTimeout(resolve, 10));
}

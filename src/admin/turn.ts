import { mkdir, rmdir, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** A process that was killed leaves its turn behind; longer than this none of ours takes. */
const LEFT_MS = 90_000;

/** Does `work` while no other process does its own in the same directory: `path` is a directory that only one can make. */
export async function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await made(path))) {
    if (await isLeft(path)) await clear(path);
    else await pause(50);
  }
  try {
    return await work();
  } finally {
    await rmdir(path).catch(() => undefined);
  }
}

/** One after the other too, and only what is still left then: else the turn of who was faster would be taken for it. */
const clear = (path: string): Promise<void> =>
  inTurn(`${path}.left`, async () => {
    if (await isLeft(path)) await rmdir(path).catch(() => undefined);
  });

async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

const isLeft = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > LEFT_MS,
    () => false,
  );

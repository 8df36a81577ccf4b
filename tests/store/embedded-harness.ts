import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { atEnd, REMOVE_DATA_DIR, stopPostgresIn } from '../support/guard.ts';

const PROGRAM = fileURLToPath(new URL('embedded-process.ts', import.meta.url));

/** The user that PostgreSQL runs as when its server is root. */
export const NOBODY = 65534;
export const root = process.getuid?.() === 0;
/** What only root can try: other users, and directories that they may not enter. */
export const itAsRoot = root ? it : it.skip;

const callOffs: (() => void)[] = [];
const directories: string[] = [];
const processes: Process[] = [];
let seed: string;

/** A directory of this suite, under the temporary directory, that goes at its end with whatever runs in it. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-embedded-`));
  directories.push(path);
  callOffs.push(atEnd(REMOVE_DATA_DIR, path));
  return path;
}

export interface ProcessOptions {
  /** URL of the directory of the sources to run, with a slash at its end. */
  readonly source?: string;
  readonly uid?: number;
}

/** A process that uses the embedded PostgreSQL of a data directory; see embedded-process.ts. */
export class Process {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(dataDir: string, { source, uid }: ProcessOptions) {
    this.child = spawn(process.execPath, [PROGRAM, dataDir, ...(source ? [source] : [])], {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.TASUKI_TEST_COMPILED,
        TMPDIR: tmpdir(),
        SECRET: 'of the server',
      },
      ...(uid !== undefined && { uid, gid: uid }),
    });
    callOffs.push(atEnd('kill -KILL "$1"', String(this.child.pid)));
    this.#ended = once(this.child, 'exit');
    this.child.stderr?.on('data', (chunk) => {
      this.#errors += chunk;
    });
    this.#lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async #next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the process has ended: ${this.#errors}`);
    return JSON.parse(value);
  }

  /** Waits until it is up: the postmaster's pid, the directory of the socket, its own user; or why it is not. */
  up(): Promise<{ pid: number; host: string; uid: number; error?: string }> {
    return this.#next();
  }

  query(statement: string): Promise<{ rows?: Record<string, unknown>[]; error?: string }> {
    this.child.stdin?.write(`${statement.replaceAll(/\s+/g, ' ')}\n`);
    return this.#next();
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.#ended;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}

export function start(dataDir: string, options: ProcessOptions = {}): Process {
  const started = new Process(dataDir, options);
  processes.push(started);
  return started;
}

/** Copies a cluster that has been used and stopped, with the table `note` and one row, into the data directory. */
export function seeded(dataDir: string = directory()): string {
  execFileSync('cp', ['-a', join(seed, 'postgresql'), dataDir]);
  return dataDir;
}

beforeAll(async () => {
  seed = directory();
  const first = start(seed);
  await first.up();
  await first.query('CREATE TABLE note (a text)');
  await first.query(`INSERT INTO note VALUES ('襷')`);
  await first.stop();
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()));
  for (const path of directories) await stopPostgresIn(path);
});
afterAll(() => {
  for (const path of directories) rmSync(path, { recursive: true, force: true });
  for (const callOff of callOffs) callOff();
});

export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Owner of a process, as /proc tells. */
export const uidOf = (pid: number): number => statSync(`/proc/${pid}`).uid;

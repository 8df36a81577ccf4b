import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Clone, cloneDatabase } from './database.ts';
import { atEnd, REMOVE_DATA_DIR, stopPostgresIn } from './guard.ts';

/** A Tasuki that runs as its users run it: a process of its own, with the flags of `npm start`. */
export interface RunningServer {
  readonly baseUrl: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** IDENTITY_SECRET_FILE. */
  readonly identitySecretFile: string;
  /** The database it works on; undefined when it runs its embedded one in `dataDir`. */
  readonly database: Clone | undefined;
  /** Requests `${baseUrl}/fhir${path}`. */
  fhir(path: string, init?: RequestInit): Promise<Response>;
  /** All that it has written to standard output and standard error so far. */
  logs(): string;
  /** Sends a signal, SIGKILL unless told, and waits until the process has ended. Data and database stay. */
  kill(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGTERM; when it has ended, removes what `startServer` made for it. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Settings beside, or instead of, those below. DATABASE_URL '' makes it run its embedded database. */
  readonly env?: Readonly<Record<string, string>>;
  /** A database to work on, for a second server or a second start; without one a fresh clone is made. */
  readonly database?: Clone;
  /** As above, for a server with an embedded database. */
  readonly dataDir?: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Longest that a start may take, in milliseconds: generous, for machines under load. */
const PATIENCE = 60_000;

/** What the processes on one database share beside it; removed by a later run, as all that is named so. */
const SECRETS = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-secrets-`));

export async function startServer({ env = {}, database, dataDir }: ServerOptions = {}): Promise<RunningServer> {
  const clone = env.DATABASE_URL === undefined ? (database ?? (await cloneDatabase())) : undefined;
  const directory = dataDir ?? mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-server-`));
  const identitySecretFile =
    env.IDENTITY_SECRET_FILE ?? (clone ? join(SECRETS, clone.name) : join(directory, 'identity.secret'));
  const child = spawn(
    process.execPath,
    ['--max-semi-space-size=16', '--heap-growing-percent=30', 'src/main.ts', 'start'],
    {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.TASUKI_TEST_COMPILED,
        HOST: '127.0.0.1',
        PORT: '0',
        DATA_DIR: directory,
        NODE_ENV: 'production',
        ...(clone && { DATABASE_URL: clone.url }),
        IDENTITY_SECRET_FILE: identitySecretFile,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const callOff = [
    atEnd('kill -KILL "$1"', String(child.pid)),
    ...(dataDir ? [] : [atEnd(REMOVE_DATA_DIR, directory)]),
  ];
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const written: string[] = [];
  const cleanUp = async () => {
    for (const one of callOff) one();
    if (!dataDir) {
      await stopPostgresIn(directory);
      rmSync(directory, { recursive: true, force: true });
    }
    if (clone && !database) await clone.drop();
  };
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  try {
    const port = await listening(child, written, ended);
    const baseUrl = env.BASE_URL ?? `http://127.0.0.1:${port}`;
    return {
      baseUrl,
      port,
      pid: child.pid as number,
      dataDir: directory,
      identitySecretFile,
      database: clone,
      fhir: (path, init) => fetch(`http://127.0.0.1:${port}/fhir${path}`, init),
      logs: () => written.join('\n'),
      kill: (signal = 'SIGKILL') => end(signal),
      stop: async () => {
        const forced = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
        await end('SIGTERM');
        clearTimeout(forced);
        await cleanUp();
      },
    };
  } catch (error) {
    await end('SIGKILL');
    await cleanUp();
    throw error;
  }
}

/** The port, from the JSON line `{"event":"listening","port":…}` on standard output. */
function listening(child: ChildProcess, written: string[], ended: Promise<unknown>): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the server ${why}:\n${written.join('\n')}`));
    const late = setTimeout(() => fail(`does not listen after ${PATIENCE / 1000} s`), PATIENCE);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
        written.push(line);
        const port = portOf(line);
        if (port === undefined) return;
        clearTimeout(late);
        resolve(port);
      });
    }
    child.once('error', reject);
    ended.then(() => {
      clearTimeout(late);
      fail('ended before it listened');
    });
  });
}

function portOf(line: string): number | undefined {
  if (!line.includes('"listening"')) return undefined;
  try {
    const { event, port } = JSON.parse(line) as { event?: unknown; port?: unknown };
    return event === 'listening' && typeof port === 'number' ? port : undefined;
  } catch {
    return undefined;
  }
}

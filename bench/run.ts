import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { atEnd, REMOVE_DATA_DIR, stopPostgresIn } from '../tests/support/guard.ts';
import { openNetwork } from '../tests/support/network.ts';
import { type RunningServer, type ServerOptions, startServer } from '../tests/support/server.ts';
import type { ScenarioName } from './budgets.ts';
import { Client } from './drive.ts';
import { type Measured, measure } from './measure.ts';
import { type Memory, memoryOf } from './processes.ts';
import { SCENARIOS } from './scenarios.ts';
import { seed } from './seed.ts';
import { measureStorage, type Storage, settle } from './storage.ts';

export interface BenchOptions {
  readonly patients: number;
  /** Of each scenario, after `warmUp` seconds that do not count. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly scenarios: readonly ScenarioName[];
  /** Starts on the database that is there, of which the median counts. */
  readonly restarts: number;
  /** Where the server's CPU profile goes (`node --cpu-prof`); without it none is taken. */
  readonly profile?: string;
}

export interface BenchResult {
  readonly conditions: Conditions;
  readonly scenarios: readonly Measured[];
  readonly seeded: { readonly resources: number; readonly seconds: number };
  /** Of the server's process, after the last scenario. */
  readonly memory: Memory | undefined;
  /** From the start of the process to the line that says that it listens, in milliseconds. */
  readonly start: { readonly empty: number; readonly existing: number };
  /** Before the seeding, after it, and after the last scenario. */
  readonly storage: { readonly empty: Storage; readonly seeded: Storage; readonly loaded: Storage };
}

export interface Conditions {
  readonly at: string;
  readonly processor: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  readonly postgres: string;
  /** Load average of the last minute before the start. */
  readonly load: number;
  readonly options: BenchOptions;
}

/** Starts a server on a fresh embedded database, seeds it, measures, and leaves nothing behind. */
export async function bench(options: BenchOptions, progress: (line: string) => void): Promise<BenchResult> {
  const load = os.loadavg()[0] as number;
  const dataDir = mkdtempSync(join(os.tmpdir(), 'tasuki-bench-'));
  const callOff = atEnd(REMOVE_DATA_DIR, dataDir);
  try {
    const first = await timedStart(dataDir, options.profile);
    progress(`started on an empty database in ${first.milliseconds} ms`);
    const measured = await onServer(first.server, options, progress);
    const restarts: number[] = [];
    for (let i = 0; i < options.restarts; i++) {
      const { server, milliseconds } = await timedStart(dataDir);
      await server.stop();
      restarts.push(milliseconds);
    }
    const existing = restarts.sort((a, b) => a - b)[restarts.length >> 1] ?? Number.NaN;
    const conditions = { ...machine(), postgres: measured.storage.empty.version, load, options };
    return { conditions, ...measured, start: { empty: first.milliseconds, existing } };
  } finally {
    await stopPostgresIn(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
    callOff();
  }
}

const machine = () => ({
  at: new Date().toISOString(),
  processor: os.cpus()[0]?.model ?? '',
  cores: os.cpus().length,
  platform: `${os.type()} ${os.release()} ${os.arch()}`,
  node: process.version,
});

async function timedStart(dataDir: string, profile?: string) {
  const env: ServerOptions['env'] = {
    DATABASE_URL: '',
    ...(profile && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profile)}` }),
  };
  const started = performance.now();
  const server = await startServer({ dataDir, env });
  return { server, milliseconds: Math.round(performance.now() - started) };
}

async function onServer(server: RunningServer, options: BenchOptions, progress: (line: string) => void) {
  const hospital = await (await openNetwork(server)).enrol('cooperating-hospital');
  const client = new Client(server.baseUrl, options.concurrency, () => hospital.token());
  try {
    const empty = await measureStorage(server.dataDir);
    const seeded = await seed(client, options.patients);
    const storage = { empty, seeded: await measureStorage(server.dataDir) };
    await settle(server.dataDir);
    progress(`seeded ${seeded.resources} resources in ${seeded.seconds.toFixed(1)} s`);
    const scenarios: Measured[] = [];
    for (const scenario of SCENARIOS.filter(({ name }) => options.scenarios.includes(name))) {
      const measured = await measure(server, client, scenario, seeded, options);
      progress(`${scenario.name}: ${Math.round(measured.perSecond)} requests/s`);
      scenarios.push(measured);
    }
    const memory = memoryOf(server.pid);
    const loaded = await measureStorage(server.dataDir);
    const { resources, seconds } = seeded;
    return { scenarios, seeded: { resources, seconds }, memory, storage: { ...storage, loaded } };
  } catch (error) {
    progress(server.logs().split('\n').slice(-3).join('\n'));
    throw error;
  } finally {
    await client.close();
    await server.stop();
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config.ts';
import { type Server, startServer } from '../../../src/server.ts';
import type { Database } from '../../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';
import { type Member, type Network, openNetwork } from '../../support/network.ts';
import type { RunningServer } from '../../support/server.ts';

/** A server in this process, on a database of its own, whose calendar the test turns. */
export class Stage {
  readonly clone: Clone;
  readonly server: Server;
  readonly database: Database;
  readonly network: Network;
  readonly operator: Member;
  readonly logs: string[];
  readonly #directory: string;
  readonly #clock: { now: number };
  hospital!: Member;

  private constructor(
    parts: Pick<Stage, 'clone' | 'server' | 'database' | 'network' | 'logs'>,
    more: { directory: string; clock: { now: number } },
  ) {
    this.clone = parts.clone;
    this.server = parts.server;
    this.database = parts.database;
    this.network = parts.network;
    this.operator = parts.network.operator;
    this.logs = parts.logs;
    this.#directory = more.directory;
    this.#clock = more.clock;
  }

  /** On a day in Tokyo, at noon; with a hospital that is in service. */
  static async open(day: string, env: Readonly<Record<string, string>> = {}): Promise<Stage> {
    const clone = await cloneDatabase();
    const directory = mkdtempSync(join(tmpdir(), `tasuki-test-${process.pid}-contract-`));
    const config = loadConfig({ HOST: '127.0.0.1', PORT: '0', DATA_DIR: directory, DATABASE_URL: clone.url, ...env });
    const logs: string[] = [];
    const clock = { now: noon(day) };
    const log = (level: string, event: string, fields?: object) =>
      void logs.push(JSON.stringify({ level, event, ...fields }));
    const server = await startServer(config, log, { jobsWait: true, now: () => clock.now });
    const { port, baseUrl } = server.config;
    const running = { port, baseUrl, dataDir: directory, database: clone } as unknown as RunningServer;
    const network = await openNetwork(running);
    const database = await clone.open();
    const stage = new Stage({ clone, server, database, network, logs }, { directory, clock });
    stage.hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
    return stage;
  }

  /** Noon of a day in Tokyo, or an instant. */
  turnTo(day: string): void {
    this.#clock.now = noon(day);
  }

  get now(): number {
    return this.#clock.now;
  }

  /** One turn of the job. */
  async work(): Promise<void> {
    await this.server.jobs.run('contracts', this.#clock.now);
  }

  /** The sum of services that an institution has now. */
  async services(organization: string): Promise<number> {
    const { rows } = await this.database.query<{ services: number }>('SELECT services FROM institution WHERE id = $1', [
      organization.split('/')[1],
    ]);
    return rows[0]?.services ?? -1;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.clone.drop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export const noon = (day: string): number => Date.parse(day.includes('T') ? day : `${day}T12:00:00+09:00`);

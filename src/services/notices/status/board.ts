import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Access } from '../../../access/access.ts';
import type { Logger } from '../../../http/log.ts';
import type { Maintenance } from '../../../http/maintenance.ts';
import { stackOf } from '../../../http/reply.ts';
import type { Database } from '../../../store/database.ts';
import { jobsFailing, publicNotices } from '../../../store/notice.ts';
import { STATUS_KINDS } from '../kinds.ts';
import { isKept, type Kept, type PublicNotice } from './notice.ts';

/** What is over is told for so long. */
export const TOLD_MS = 30 * 86_400_000;
const EVERY_MS = 3_000;
/** A database that has not answered for so long is not there, whatever the connection says. */
const STALE_MS = 15_000;

export interface BoardOptions {
  readonly database: Pick<Database, 'query'> | null;
  readonly maintenance: Maintenance;
  /** Where the last known notices are kept for a server that starts without its database. */
  readonly file: string;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export type PartState = 'operational' | 'unavailable' | 'delayed' | 'unknown';

/**
 * What everybody may know of the service, in memory: read from the database every few seconds, so that the status page asks nothing of it, and
 * kept in a file, so that it can be told when the database is gone. What is announced to stop the service goes to Maintenance.
 */
export class Board {
  readonly #options: BoardOptions;
  #kept: Kept = { readAt: null, notices: [] };
  #written = '';
  #jobs: PartState = 'unknown';
  #answered: number | undefined;
  #failed = false;
  #reading: Promise<void> = Promise.resolve();
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: BoardOptions) {
    this.#options = options;
  }

  /** Begins with what the file says. */
  static async open(options: BoardOptions): Promise<Board> {
    const board = new Board(options);
    const text = await readFile(options.file, 'utf8').catch(() => '');
    try {
      const kept = JSON.parse(text) as unknown;
      if (isKept(kept)) board.#take(kept);
    } catch {
      // No file, or not one of ours: nothing is known yet.
    }
    return board;
  }

  start(everyMs = EVERY_MS): void {
    this.#timer ??= setInterval(() => {
      if (this.#waiting === 0) void this.refresh();
    }, everyMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
  }

  /** Reads it anew, after whoever is at it. Never rejects. */
  refresh(): Promise<void> {
    this.#waiting++;
    this.#reading = this.#reading.then(() => this.#read()).finally(() => this.#waiting--);
    return this.#reading;
  }

  get notices(): readonly PublicNotice[] {
    return this.#kept.notices;
  }

  /** When the notices were read, epoch milliseconds; null: never. */
  get readAt(): number | null {
    return this.#kept.readAt;
  }

  get databaseState(): PartState {
    if (this.#options.database === null) return 'unknown';
    if (this.#answered === undefined) return this.#failed ? 'unavailable' : 'unknown';
    return this.#failed || performance.now() - this.#answered > STALE_MS ? 'unavailable' : 'operational';
  }

  get jobsState(): PartState {
    return this.databaseState === 'operational' ? this.#jobs : 'unknown';
  }

  async #read(): Promise<void> {
    const { database, now, log } = this.#options;
    if (!database) return;
    try {
      const system = Access.system('status page');
      const at = now();
      const [rows, failing] = await Promise.all([
        publicNotices(system, database, STATUS_KINDS, { now: at, since: at - TOLD_MS }),
        jobsFailing(system, database),
      ]);
      const notices = rows.map(
        ({ id, kind, published, starts, ends, stops, title, body, titleEn, bodyEn }): PublicNotice => {
          const text = { title, body, titleEn, bodyEn };
          return { id, kind, published, starts, ends, stops, ...text };
        },
      );
      this.#take({ readAt: at, notices });
      this.#jobs = failing > 0 ? 'delayed' : 'operational';
      this.#answered = performance.now();
      if (this.#failed) log('info', 'status page reads the database again', {});
      this.#failed = false;
      await this.#keep();
    } catch (error) {
      if (!this.#failed) log('warn', 'status page cannot read the database', { error: stackOf(error) });
      this.#failed = true;
    }
  }

  #take(kept: Kept): void {
    this.#kept = kept;
    this.#options.maintenance.announce(
      kept.notices.flatMap(({ stops, starts, ends }) =>
        stops && starts !== null && ends !== null ? [{ from: starts, to: ends }] : [],
      ),
    );
  }

  /** Only what has changed, in one step, so that nobody reads half a file. */
  async #keep(): Promise<void> {
    const { file, log } = this.#options;
    const text = JSON.stringify(this.#kept.notices);
    if (text === this.#written) return;
    try {
      const draft = `${file}.${process.pid}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(draft, JSON.stringify(this.#kept), { mode: 0o600 });
      await rename(draft, file);
      this.#written = text;
    } catch (error) {
      log('warn', 'status file cannot be written', { file, error: stackOf(error) });
    }
  }
}

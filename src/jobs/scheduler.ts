import { Access } from '../access/access.ts';
import type { Logger } from '../http/log.ts';
import { stackOf } from '../http/reply.ts';
import type { Database } from '../store/database.ts';
import { endTurn, HELD_MS, holdTurn, type Turn, takeTurn } from '../store/job.ts';

/** Work in the background that is done once, however many processes there are. */
export interface Job {
  /** `recheck-letters`; the same in every process. */
  readonly name: string;
  /** From the end of one turn to the next, milliseconds. */
  readonly everyMs: number;
  /** One turn. Ends soon after `signal` is aborted. */
  run(now: number, signal: AbortSignal): Promise<void>;
}

export interface SchedulerOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How often a process looks for what is due, milliseconds. */
  readonly lookMs?: number;
}

const LOOK_MS = 15_000;
const LONGEST_BACKOFF_MS = 3_600_000;

/** After a failure sooner than usual or later: after a quarter of the interval, then twice as long each time, up to an hour. */
export const retryAt = (everyMs: number, failures: number, now: number): number =>
  now + Math.min((everyMs / 4) * 2 ** Math.min(failures, 20), Math.max(LONGEST_BACKOFF_MS, everyMs));

/**
 * Runs jobs when they are due. Processes take turns through the database: a job is never at work twice at a time, and a turn that fails
 * is logged and tried again.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #jobs: readonly Job[];
  readonly #stopped = new AbortController();
  readonly #working = new Set<Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SchedulerOptions, jobs: readonly Job[]) {
    this.#options = options;
    this.#jobs = jobs;
  }

  /** Looks for what is due from now on. Keeps no process alive. */
  start(): void {
    if (this.#timer || this.#stopped.signal.aborted) return;
    this.#timer = setInterval(() => void this.#look(), this.#options.lookMs ?? LOOK_MS);
    this.#timer.unref();
  }

  /** One turn of a job, due or not; false when a process is at it. For tests and the command line; failures are thrown after they are noted. */
  async run(name: string, now = this.#options.now()): Promise<boolean> {
    const job = this.#jobs.find((one) => one.name === name);
    if (!job) throw new Error(`there is no job ${name}`);
    let thrown: { readonly error: unknown } | undefined;
    const done = await this.#turn(job, now, true, (error) => {
      thrown = { error };
    });
    if (thrown) throw thrown.error;
    return done;
  }

  /** Lets what is at work end. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await Promise.allSettled(this.#working);
  }

  async #look(): Promise<void> {
    for (const job of this.#jobs) {
      if (this.#stopped.signal.aborted) return;
      const { log } = this.#options;
      const failed = (error: unknown) => log('error', 'job failed', { job: job.name, error: stackOf(error) });
      await this.#turn(job, this.#options.now(), false, failed).catch(failed);
    }
  }

  async #turn(job: Job, now: number, force: boolean, failed: (error: unknown) => void): Promise<boolean> {
    const { database } = this.#options;
    const access = Access.system(job.name);
    const turn = await takeTurn(access, database, job.name, { now, force });
    if (!turn) return false;
    const work = this.#work(job, access, turn, now, failed);
    this.#working.add(work);
    try {
      await work;
      return true;
    } finally {
      this.#working.delete(work);
    }
  }

  async #work(job: Job, access: Access, turn: Turn, now: number, failed: (error: unknown) => void): Promise<void> {
    const { database } = this.#options;
    const lost = new AbortController();
    const hold = async () => {
      if (!(await holdTurn(access, database, turn))) lost.abort();
    };
    const holding = setInterval(() => void hold().catch(() => undefined), HELD_MS / 3);
    holding.unref();
    try {
      await job.run(now, AbortSignal.any([this.#stopped.signal, lost.signal]));
      await endTurn(access, database, turn, { dueAt: now + job.everyMs });
    } catch (error) {
      failed(error);
      const failure = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'unknown';
      await endTurn(access, database, turn, { dueAt: retryAt(job.everyMs, turn.failures, now), failure });
    } finally {
      clearInterval(holding);
    }
  }
}

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { refuse } from '../../../http/errors.ts';
import type { Trust, Verdict, VerificationInput } from '../verdict.ts';
import { noVerdict } from './outcome.ts';
import type { Question } from './worker.ts';

export interface VerifierOptions {
  /** Threads, started when they are needed. */
  readonly workers?: number;
  /** Wall time of one verification, milliseconds, from when a thread takes it up. */
  readonly timeoutMs?: number;
  /** Heap of each thread. Decompressed streams lie outside the heap and have bounds of their own where they are read. */
  readonly maxMemoryMb?: number;
  /** How many may wait for a thread. */
  readonly queue?: number;
  /** What runs in the threads. */
  readonly program?: URL;
}

interface Job {
  readonly input: VerificationInput;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  trust?: Trust;
  job?: Job;
  timer?: NodeJS.Timeout;
}

/** A copy of the bytes alone, which can be given away: the caller keeps theirs, and a slice of a pool does not take the pool along. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/**
 * Verifies in threads, with bounds of time and memory: what is submitted was made by others and may be made to harm. A file that exceeds
 * the bounds costs its own thread and gets no verdict (INDETERMINATE); the process lives on. Idle threads do not keep the process alive.
 */
export class Verifier {
  readonly #options: Required<VerifierOptions>;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Job[] = [];
  #closed = false;

  constructor(options: VerifierOptions = {}) {
    this.#options = {
      workers: Math.max(1, Math.min(4, availableParallelism() - 1)),
      timeoutMs: 10_000,
      maxMemoryMb: 256,
      queue: 32,
      program: new URL('./worker.ts', import.meta.url),
      ...options,
    };
  }

  /** @throws FhirError 503 with Retry-After when too many are waiting, or after `close` */
  verify(input: VerificationInput): Promise<Verdict> {
    if (this.#closed) return Promise.reject(refuse.unavailable('The verifier is closed'));
    const idle = this.#idle();
    if (!idle && this.#waiting.length >= this.#options.queue)
      return Promise.reject(
        refuse.unavailable('Too many signed letters are being verified; submit this one again later'),
      );
    return new Promise((resolve, reject) => {
      const job = { input, resolve, reject };
      if (idle) this.#give(idle, job);
      else this.#waiting.push(job);
    });
  }

  /** Ends the threads; whoever waits is told 503. */
  async close(): Promise<void> {
    this.#closed = true;
    const threads = [...this.#threads];
    this.#threads.clear();
    const jobs = [...threads.flatMap(({ job }) => job ?? []), ...this.#waiting.splice(0)];
    for (const { timer } of threads) clearTimeout(timer);
    for (const { reject } of jobs) reject(refuse.unavailable('The verifier is closed'));
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #idle(): Thread | undefined {
    for (const thread of this.#threads) if (!thread.job) return thread;
    return this.#threads.size < this.#options.workers ? this.#start() : undefined;
  }

  #start(): Thread {
    const { program, maxMemoryMb } = this.#options;
    const worker = new Worker(program, {
      resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
      env: {},
      execArgv: [],
    });
    const thread: Thread = { worker };
    worker.unref();
    worker.on('message', (verdict: Verdict) => this.#answer(thread, verdict));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      this.#lose(
        thread,
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? noVerdict('VERIFIER_MEMORY', `the verification needed more than ${maxMemoryMb} MB`)
          : noVerdict('VERIFIER_FAILED', `the verification broke: ${error.name}`),
      ),
    );
    worker.on('messageerror', () =>
      this.#lose(thread, noVerdict('VERIFIER_FAILED', 'the answer of the thread could not be read')),
    );
    worker.on('exit', () => this.#lose(thread, noVerdict('VERIFIER_FAILED', 'the thread of the verification ended')));
    this.#threads.add(thread);
    return thread;
  }

  #give(thread: Thread, job: Job): void {
    const { trust, ...input } = job.input;
    const submitted = own(input.submitted);
    const issued = input.issued && own(input.issued);
    const question: Question = {
      input: { ...input, submitted, issued },
      ...(thread.trust !== trust && { trust }),
    };
    thread.trust = trust;
    thread.job = job;
    thread.worker.ref();
    const { timeoutMs } = this.#options;
    thread.timer = setTimeout(() => {
      this.#lose(thread, noVerdict('VERIFIER_TIMEOUT', `the verification took longer than ${timeoutMs} ms`));
    }, timeoutMs);
    thread.worker.postMessage(question, [submitted.buffer, ...(issued ? [issued.buffer] : [])]);
  }

  #answer(thread: Thread, verdict: Verdict): void {
    const { job } = thread;
    clearTimeout(thread.timer);
    delete thread.job;
    thread.worker.unref();
    job?.resolve(verdict);
    const next = this.#waiting.shift();
    if (next) this.#give(thread, next);
  }

  /** The thread is of no more use. Its job gets the verdict given, and another thread takes up who waits. */
  #lose(thread: Thread, verdict: Verdict): void {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.timer);
    void thread.worker.terminate();
    thread.job?.resolve(verdict);
    delete thread.job;
    const next = this.#waiting.shift();
    if (next) this.#give(this.#start(), next);
  }
}

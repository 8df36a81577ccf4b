import { Worker } from 'node:worker_threads';
import { FhirError, refuse } from '../../../http/errors.ts';
import type { LetterJob } from './render.ts';
import type { Answer } from './worker.ts';

export type { LetterJob } from './render.ts';

export interface RendererLimits {
  /** Milliseconds that one letter may take. */
  readonly time: number;
  /** Megabytes of JavaScript heap that the worker may have. */
  readonly memory: number;
  /** Letters that may wait, besides the one that is rendered. */
  readonly waiting: number;
  /** Bytes of a document. */
  readonly size: number;
}

const LIMITS: RendererLimits = Object.freeze({ time: 20_000, memory: 256, waiting: 32, size: 8_000_000 });

interface Waiting {
  readonly job: LetterJob;
  resolve(pdf: Uint8Array): void;
  reject(error: unknown): void;
}

/**
 * Renders letters in a worker thread, one after the other. The worker starts with the first letter and is replaced when a letter takes
 * too long or too much memory; those that wait behind it are rendered by its successor. An idle worker keeps no process alive.
 */
export class LetterRenderer {
  readonly #limits: RendererLimits;
  readonly #entry: URL;
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #current: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param entry  the worker's program */
  constructor(limits: Partial<RendererLimits> = {}, entry = new URL('./worker.ts', import.meta.url)) {
    this.#limits = { ...LIMITS, ...limits };
    this.#entry = entry;
  }

  /**
   * The letter as PDF; the same bytes for the same job.
   *
   * @throws FhirError 422 where the document is no such letter or takes too much, 503 where too many letters wait
   */
  render({ document, issuedAt }: LetterJob): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(refuse.unavailable('The server is stopping'));
    if (this.#queue.length >= this.#limits.waiting) {
      return Promise.reject(refuse.unavailable('Too many letters are waiting to be rendered'));
    }
    if (document.length > this.#limits.size) {
      return Promise.reject(
        refuse.unprocessable(`A letter has at most ${this.#limits.size} bytes`, 'Bundle', 'too-long'),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ job: { document: new Uint8Array(document), issuedAt }, resolve, reject });
      this.#next();
    });
  }

  /** Ends the worker; what is not yet rendered is refused with 503. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = refuse.unavailable('The server is stopping');
    for (const { reject } of this.#queue.splice(0)) reject(stopped);
    this.#settle()?.reject(stopped);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current) return;
    const waiting = this.#queue.shift();
    if (!waiting) return void this.#worker?.unref();
    this.#current = waiting;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    worker.ref();
    this.#timer = setTimeout(() => this.#drop(worker, tooMuch('time')), this.#limits.time);
    worker.postMessage(waiting.job, [waiting.job.document.buffer as ArrayBuffer]);
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, {
      env: {},
      name: 'letters',
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.memory, maxYoungGenerationSizeMb: 32 },
    });
    worker.on('message', (answer: Answer) => {
      if (worker !== this.#worker) return;
      const waiting = this.#settle();
      if ('pdf' in answer) waiting?.resolve(answer.pdf);
      else if ('refused' in answer) waiting?.reject(new FhirError(answer.refused.status, answer.refused.issues));
      else waiting?.reject(refuse.internal(new Error(answer.failed)));
      this.#next();
    });
    worker.on('error', (error: Error & { code?: string }) =>
      this.#drop(worker, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('memory') : refuse.internal(error)),
    );
    worker.on('exit', (code) => this.#drop(worker, refuse.internal(new Error(`The worker ended with ${code}`))));
    return worker;
  }

  /** Gives up a worker and the letter that it was at. */
  #drop(worker: Worker, error: FhirError): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    void worker.terminate();
    this.#settle()?.reject(error);
    this.#next();
  }

  #settle(): Waiting | undefined {
    clearTimeout(this.#timer);
    const waiting = this.#current;
    this.#current = undefined;
    return waiting;
  }
}

const tooMuch = (what: 'time' | 'memory'): FhirError =>
  refuse.unprocessable(`The letter takes too much ${what} to render`, 'Bundle', 'too-costly');

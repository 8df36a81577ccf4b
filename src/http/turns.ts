import { refuse } from './errors.ts';

interface Queue {
  running: number;
  readonly waiting: (() => void)[];
}

/** So many at a time of each; who comes later waits until one of them has ended. */
export class Turns<Key> {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #queues = new Map<Key, Queue>();

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws FhirError 503 where too many are waiting */
  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? { running: 0, waiting: [] };
    this.#queues.set(key, queue);
    if (queue.running >= this.#most) {
      if (queue.waiting.length >= this.#mostWaiting)
        throw refuse.unavailable('Too many of your requests of this kind are under way; wait for some of them');
      // Whoever ends passes the turn on: nobody who comes in between takes it.
      await new Promise<void>((resolve) => queue.waiting.push(resolve));
    } else queue.running++;
    try {
      return await work();
    } finally {
      const next = queue.waiting.shift();
      if (next) next();
      else if (--queue.running === 0) this.#queues.delete(key);
    }
  }
}

interface Waiting<V> {
  readonly promise: Promise<V | undefined>;
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Look-ups that share one statement: those asked for in the same turn of the event loop, and those that come while a statement
 * is under way, which share the next. A look-up never takes part in a statement that was sent before it came, and no result
 * outlives its statement.
 */
export class Batch<V> {
  readonly #load: (keys: string[]) => Promise<ReadonlyMap<string, V>>;
  readonly #limit: number;
  #waiting = new Map<string, Waiting<V>>();
  #busy = false;

  /** `limit`: the most keys of one statement. */
  constructor(load: (keys: string[]) => Promise<ReadonlyMap<string, V>>, limit = 500) {
    this.#load = load;
    this.#limit = limit;
  }

  /** The value of a key, undefined when it has none. Rejects with the error of its statement. */
  get(key: string): Promise<V | undefined> {
    const known = this.#waiting.get(key);
    if (known) return known.promise;
    const waiting: Waiting<V> = Promise.withResolvers<V | undefined>();
    this.#waiting.set(key, waiting);
    if (!this.#busy) {
      this.#busy = true;
      setImmediate(() => this.#run());
    }
    return waiting.promise;
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) await this.#statement(this.#take());
    this.#busy = false;
  }

  #take(): Map<string, Waiting<V>> {
    const all = this.#waiting;
    if (all.size <= this.#limit) {
      this.#waiting = new Map();
      return all;
    }
    const taken = new Map([...all].slice(0, this.#limit));
    for (const key of taken.keys()) all.delete(key);
    return taken;
  }

  async #statement(batch: Map<string, Waiting<V>>): Promise<void> {
    try {
      const values = await this.#load([...batch.keys()]);
      for (const [key, waiting] of batch) waiting.resolve(values.get(key));
    } catch (error) {
      for (const waiting of batch.values()) waiting.reject(error);
    }
  }
}

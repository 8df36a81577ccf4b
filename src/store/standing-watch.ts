import type { Database } from './database.ts';

/** By whose standing something goes on after the look at who calls: a long answer, and whatever will outlast its request. */
export interface Holder {
  /** rid. */
  readonly institution: bigint;
  readonly client?: string | null;
  /** Of the account. */
  readonly person?: string | null;
  /** SHA-256 of the terminal's certificate, base64url. */
  readonly terminal?: string | null;
  /** Of the person's session. */
  readonly session?: string | null;
}

/** Whether it may still go on: the token, asked anew. */
export type Alive = () => Promise<boolean>;

interface Held {
  readonly keys: readonly string[];
  readonly alive: Alive;
  readonly stop: () => void;
  /** It is being looked at; another message meanwhile is a reason to look again. */
  looking: boolean;
  again: boolean;
  ended: boolean;
}

/** The channel that the triggers of 0007 and 0010 notify. */
const CHANNEL = 'standing';
/** A connection can die without a word; whatever it did not tell is found so much later. */
const SWEEP_MS = 15_000;

/**
 * Ends what goes on by somebody's standing when that is lost, in every process: told by the database within milliseconds of the
 * commit. A message is only a reason to look; what is looked at is the same as for a request. Where that cannot be looked at, it ends.
 */
export class StandingWatch {
  readonly #held = new Map<string, Set<Held>>();
  #unlisten: () => Promise<void> = async () => undefined;
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor() {}

  static async open(database: Pick<Database, 'listen'>): Promise<StandingWatch> {
    const watch = new StandingWatch();
    const lookAtAll = () => watch.#look(watch.#all());
    watch.#unlisten = await database.listen(
      CHANNEL,
      (payload) => watch.#look(watch.#held.get(payload) ?? []),
      lookAtAll,
    );
    watch.#sweep = setInterval(lookAtAll, SWEEP_MS);
    watch.#sweep.unref();
    return watch;
  }

  /** How many go on. */
  get size(): number {
    return this.#all().size;
  }

  /**
   * From now on `stop` is called, once, when `alive` no longer holds; it is looked at once more at once, as the message may have come between
   * the look of the request and this call. Returns how to tell that it has ended by itself.
   */
  register(holder: Holder, alive: Alive, stop: () => void): () => void {
    const held: Held = { keys: keysOf(holder), alive, stop, looking: false, again: false, ended: false };
    if (this.#closed) {
      held.ended = true;
      stop();
      return () => undefined;
    }
    for (const key of held.keys) this.#held.set(key, (this.#held.get(key) ?? new Set()).add(held));
    this.#look([held]);
    return () => this.#release(held);
  }

  /** Ends all that goes on, and listens no more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const held of this.#all()) this.#end(held);
    await this.#unlisten();
  }

  #all(): ReadonlySet<Held> {
    return new Set([...this.#held.values()].flatMap((all) => [...all]));
  }

  #look(all: Iterable<Held>): void {
    for (const held of [...all]) {
      if (held.looking) held.again = true;
      else void this.#lookAt(held);
    }
  }

  async #lookAt(held: Held): Promise<void> {
    held.looking = true;
    do {
      held.again = false;
      if (held.ended) return;
      if (!(await held.alive().catch(() => false))) return this.#end(held);
    } while (held.again);
    held.looking = false;
  }

  #end(held: Held): void {
    if (held.ended) return;
    this.#release(held);
    held.stop();
  }

  #release(held: Held): void {
    held.ended = true;
    for (const key of held.keys) {
      const all = this.#held.get(key);
      all?.delete(held);
      if (all?.size === 0) this.#held.delete(key);
    }
  }
}

/** As the triggers write them. */
function keysOf({ institution, client, person, terminal, session }: Holder): readonly string[] {
  const named = { institution, client, person, terminal, session };
  return Object.entries(named).flatMap(([kind, key]) => (key === undefined || key === null ? [] : [`${kind} ${key}`]));
}

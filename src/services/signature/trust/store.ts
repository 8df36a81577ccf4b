import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../../http/log.ts';
import { type Outbound, outbound } from '../../../http/outbound.ts';
import type { CrlSource } from '../../../store/crl.ts';
import type { Database } from '../../../store/database.ts';
import { databaseCache, type ListCache, memoryCache } from './cache.ts';
import { type CurrentTrust, composeTrust, NOTHING_TRUSTED } from './current.ts';
import { Fetcher, type Place } from './fetch.ts';
import { ListError, readSignedList, type SignedList } from './list.ts';
import { fingerprintNow, type Loaded, loadTrust, type Reading } from './load.ts';
import { placesOf, withFormerLists } from './places.ts';
import { ended } from './schedule.ts';

export interface TrustStoreOptions {
  /** TRUST_DIR. */
  readonly directory: string;
  /** Where lists are kept and archived; null: in this process only, for the command line. */
  readonly database: Database | null;
  readonly log: Logger;
  /** Epoch milliseconds; the system's clock unless told. */
  readonly now?: () => number;
  readonly fetch?: Outbound;
  /** How long a verification waits for lists that are missing or have ended, in milliseconds; 3000 unless told. */
  readonly waitMs?: number;
}

/** A URL of lists with what is known of it. */
export interface HeldPlace extends Place {
  /** Undefined: it was never asked. */
  readonly source: CrlSource | undefined;
  readonly list: SignedList | undefined;
}

/** Everything that is known, for those who look after it. */
export interface TrustStatus {
  readonly reading: Reading['result'];
  readonly places: readonly HeldPlace[];
}

/** Changes of files are noticed after so long. */
const LOOK_MS = 3_000;
/** A verification waits so long for lists that are missing or have ended. */
const WAIT_MS = 3_000;

/**
 * What signatures are trusted by: the files of the trust directory, taken up anew when they change, and the lists that are fetched from the
 * URLs they name, shared with other processes through the database. A change that cannot be used leaves what was good before; without
 * a directory nothing is trusted.
 */
export class TrustStore {
  readonly #options: TrustStoreOptions;
  readonly #cache: ListCache;
  readonly #fetcher: Fetcher;
  #reading: Reading = { result: 'absent', fingerprint: '' };
  #loaded: Loaded | undefined;
  #places: readonly Place[] = [];
  /** Lists of the cache by SHA-256, hex; undefined: none that an authority here has signed. */
  #lists = new Map<string, SignedList | undefined>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  private constructor(options: TrustStoreOptions) {
    this.#options = options;
    this.#cache = options.database ? databaseCache(options.database) : memoryCache();
    this.#fetcher = new Fetcher(this.#cache, options.fetch ?? outbound, options.log);
  }

  /** Reads the directory. Never fails for what is in it: then nothing is trusted, and the log says why. */
  static async open(options: TrustStoreOptions): Promise<TrustStore> {
    const store = new TrustStore(options);
    await store.#read();
    store.#lookedAt = store.#now();
    return store;
  }

  /**
   * What is trusted now. Asks for lists that are due, and waits for those that are missing or have ended, but for no more than three
   * seconds: an old list stays, and the verifier judges whether it is fresh enough.
   */
  async current(now = this.#now()): Promise<CurrentTrust> {
    await this.#look(now);
    if (!this.#loaded) return NOTHING_TRUSTED;
    let held = await this.#held();
    const due = held.filter(({ source }) => !source || source.dueAt <= now);
    const asked = due.map((place) => ({ place, done: this.#fetcher.ask(place, now) }));
    const urgent = asked.filter(({ place: { list } }) => !list || ended(list, now));
    if (urgent.length > 0) {
      const waited = new AbortController();
      await Promise.race([
        Promise.all(urgent.map(({ done }) => done)),
        pause(this.#options.waitMs ?? WAIT_MS, undefined, { signal: waited.signal }).catch(() => undefined),
      ]);
      waited.abort();
      held = await this.#held();
    }
    return composeTrust(
      this.#loaded,
      held.flatMap(({ list }) => list ?? []),
      now,
    );
  }

  /** Asks for every list that is due, or for every one with `force`, and waits until all have come or failed. */
  async refresh(now = this.#now(), { force = false } = {}): Promise<void> {
    await this.#look(now);
    await Promise.all(this.#places.map((place) => this.#fetcher.ask(place, now, force)));
  }

  async status(): Promise<TrustStatus> {
    return { reading: this.#reading.result, places: await this.#held() };
  }

  /** Calls off what is being fetched. The database stays open. */
  async close(): Promise<void> {
    await this.#fetcher.close();
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** Takes up what has changed in the directory, at most every few seconds. */
  async #look(now: number): Promise<void> {
    if (Math.abs(now - this.#lookedAt) < LOOK_MS) return this.#looking;
    this.#lookedAt = now;
    this.#looking = (async () => {
      const { fingerprint } = this.#reading;
      if ((await fingerprintNow(this.#options.directory, fingerprint)) !== fingerprint) await this.#read();
    })().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    const { directory, log } = this.#options;
    this.#reading = await loadTrust(directory);
    const { result } = this.#reading;
    if (result === 'absent') {
      log('warn', 'nothing is trusted', { directory, reason: 'there is no trust.json' });
      this.#loaded = undefined;
      this.#places = [];
    } else if (result instanceof Error) {
      const mistakes = result.message.split('\n');
      log('error', 'trust cannot be read', { directory, mistakes, trusted: this.#loaded ? 'as before' : 'nothing' });
    } else {
      await this.#take(withFormerLists(result, this.#loaded));
    }
  }

  async #take(loaded: Loaded): Promise<void> {
    const { log } = this.#options;
    this.#loaded = loaded;
    this.#places = placesOf(loaded);
    this.#lists = new Map();
    const files = [...loaded.issuers, ...loaded.timestampAuthorities].flatMap(({ lists }) => lists);
    for (const { file, mistake } of files)
      if (mistake) log('error', 'revocation list cannot be used', { file, reason: mistake.en });
    try {
      for (const { list } of files) if (list) await this.#archive(list);
    } catch (error) {
      log('error', 'revocation list not archived', { error: String(error) });
      this.#reading = { ...this.#reading, fingerprint: 'to be read again' };
    }
    const { environment, issuers, timestampAuthorities } = loaded.file;
    const names = (of: typeof issuers) => of.map(({ name }) => name.en);
    log('info', 'trust read', {
      environment,
      issuers: names(issuers),
      timestampAuthorities: names(timestampAuthorities),
    });
  }

  async #archive({ sha256, der, issuer, number, thisUpdate, nextUpdate }: SignedList): Promise<void> {
    const [digest, bytes] = [Buffer.from(sha256, 'hex'), Buffer.from(der)];
    const fetchedAt = this.#now();
    await this.#cache.archive({
      sha256: digest,
      der: bytes,
      issuer,
      number,
      thisUpdate,
      nextUpdate,
      url: null,
      fetchedAt,
    });
  }

  async #held(): Promise<readonly HeldPlace[]> {
    const places = this.#places;
    const sources = new Map((await this.#cache.sources(places.map(({ url }) => url))).map((one) => [one.url, one]));
    const held: HeldPlace[] = [];
    for (const place of places) {
      const source = sources.get(place.url);
      held.push({ ...place, source, list: source?.crl ? await this.#list(source.crl, place) : undefined });
    }
    return held;
  }

  async #list(sha256: Buffer, { url, issuers }: Place): Promise<SignedList | undefined> {
    const key = `${sha256.toString('hex')} ${url}`;
    if (!this.#lists.has(key)) {
      const [crl] = await this.#cache.lists([sha256]);
      for (const old of this.#lists.keys()) if (old.endsWith(` ${url}`)) this.#lists.delete(old);
      this.#lists.set(key, crl && signed(crl.der, issuers));
    }
    return this.#lists.get(key);
  }
}

/** What was accepted once is looked at again: whom the operator trusts may have changed. */
function signed(der: Uint8Array, issuers: Place['issuers']): SignedList | undefined {
  try {
    return readSignedList(der, issuers);
  } catch (error) {
    if (error instanceof ListError) return undefined;
    throw error;
  }
}

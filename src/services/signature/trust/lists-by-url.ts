import type { Logger } from '../../../http/log.ts';
import type { Outbound } from '../../../http/outbound.ts';
import type { Certificate } from '../../../pki/certificate.ts';
import type { Database } from '../../../store/database.ts';
import { databaseCache } from './cache.ts';
import { Fetcher } from './fetch.ts';

export interface ListsByUrlOptions {
  readonly database: Database;
  /** Of the operator's own choice, so they may lead to a machine of theirs. */
  readonly urls: readonly string[];
  readonly send: Outbound;
  readonly log: Logger;
}

/** Revocation lists for others than signatures: fetched and kept by the same rules, in turns with the other processes. */
export class ListsByUrl {
  readonly #urls: readonly string[];
  readonly #cache: ReturnType<typeof databaseCache>;
  readonly #fetcher: Fetcher;
  #held: ReadonlyMap<string, Uint8Array> = new Map();

  constructor({ database, urls, send, log }: ListsByUrlOptions) {
    this.#urls = urls;
    this.#cache = databaseCache(database);
    this.#fetcher = new Fetcher(this.#cache, send, log);
  }

  /** Asks those that are due, and gives the latest list of each place, DER. */
  async current(issuers: readonly Certificate[], now: number): Promise<readonly Uint8Array[]> {
    await Promise.all(this.#urls.map((url) => this.#fetcher.ask({ url, allowPrivate: true, issuers }, now)));
    const digests = (await this.#cache.sources(this.#urls)).flatMap(({ crl }) => crl ?? []);
    const unknown = digests.filter((digest) => !this.#held.has(digest.toString('hex')));
    const read = await this.#cache.lists(unknown);
    const all = new Map([...this.#held, ...read.map(({ sha256, der }) => [sha256.toString('hex'), der] as const)]);
    const names = digests.map((digest) => digest.toString('hex')).sort();
    this.#held = new Map(names.flatMap((name) => (all.has(name) ? [[name, all.get(name) as Uint8Array]] : [])));
    return [...this.#held.values()];
  }

  /** Calls off what is under way, and waits for it. */
  close(): Promise<void> {
    return this.#fetcher.close();
  }
}

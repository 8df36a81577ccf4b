import { FhirError } from '../http/errors.ts';
import type { Logger } from '../http/log.ts';
import { type Outbound, type OutboundAnswer, OutboundError, outbound } from '../http/outbound.ts';
import { Turns } from '../http/turns.ts';
import { type PublicJwks, usableJwks } from './jwks.ts';

export interface JwksByUrlOptions {
  readonly log: Logger;
  /** Hosts, with their port where it is not that of the scheme, whose URLs may be http and lead to private addresses. */
  readonly privateHosts?: readonly string[];
  readonly send?: Outbound;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** For whom keys are fetched. */
export interface Whose {
  /** The client with its generation: what was fetched for one that was shut out or changed since is not used for it again, in any process. */
  readonly client: string;
  /** rid. */
  readonly institution: bigint;
}

/** The keys of a client cannot be had now. The message is for the log; it names the host and nothing more. */
export class JwksUnavailable extends Error {}

const LIMITS = Object.freeze({
  bytes: 64 * 1024,
  timeoutMs: 3_000,
  /** Of answers that do not say how long they hold. */
  heuristicMs: 5 * 60_000,
  longestMs: 60 * 60_000,
  /** Between two fetches for a `kid` that is not among the keys. */
  unknownKidMs: 10_000,
  /** After a failure, doubled with each further one. */
  firstPauseMs: 2_000,
  longestPauseMs: 5 * 60_000,
  /** Of one URL in a minute, whatever its Cache-Control says. */
  fetchesAMinute: 30,
  /** Under way at a time, of all. */
  atOnce: 50,
  /** Of one institution, and how many more wait for their turn: nobody's slow hosts delay others. */
  atOnceOfOne: 5,
  waitingOfOne: 20,
  urls: 2_000,
});

const JSON_TYPES = ['application/json', 'application/jwk-set+json'];

const NOBODY: Whose = { client: '', institution: 0n };

interface Entry {
  readonly institution: bigint;
  keys?: PublicJwks;
  /** What was fetched may be used before this. */
  until: number;
  /** When it was fetched last, or not. */
  triedAt: number;
  failures: number;
  /** In the minute that began then. */
  fetches: { from: number; count: number };
  under?: Promise<void>;
}

/**
 * Public keys that clients publish at a URL of their own (JWKS URL of SMART Backend Services). Kept no longer than the answer's
 * Cache-Control allows, an hour at most; fetched sooner for a `kid` that is not among them, so that a client changes its keys without
 * telling anybody. Who asks for one client waits for that client's host alone, and three seconds at most.
 */
export class JwksByUrl {
  readonly #options: Required<JwksByUrlOptions>;
  readonly #entries = new Map<string, Entry>();
  readonly #turns = new Turns<bigint>(LIMITS.atOnceOfOne, LIMITS.waitingOfOne);
  #underWay = 0;

  constructor(options: JwksByUrlOptions) {
    this.#options = { privateHosts: [], send: outbound, now: Date.now, ...options };
  }

  /**
   * Whether a client may name this URL: https, or http of a host that the operator has named. Where its name leads is looked at
   * when it is fetched.
   */
  mayBe(url: string): boolean {
    if (!URL.canParse(url) || url.length > 2_000) return false;
    const { protocol, username, password, hash } = new URL(url);
    if (username || password || hash) return false;
    return protocol === 'https:' || (protocol === 'http:' && this.#isPrivate(url));
  }

  /**
   * The keys, with the one of this `kid` where it can be had.
   *
   * @throws JwksUnavailable
   */
  async keysFor(url: string, kid?: string, { client, institution }: Whose = NOBODY): Promise<PublicJwks> {
    if (!this.mayBe(url)) throw new JwksUnavailable('the JWKS URL must be https');
    const entry = this.#entry(`${client} ${url}`, institution);
    if (!this.#isFresh(entry)) await this.#fetchOnce(url, entry);
    else if (kid !== undefined && !has(entry.keys, kid) && this.#now() >= entry.triedAt + LIMITS.unknownKidMs)
      // What is known holds, whether or not there is news.
      await this.#fetchOnce(url, entry).catch(() => undefined);
    if (!entry.keys) throw new JwksUnavailable(`no keys from ${new URL(url).hostname}`);
    return entry.keys;
  }

  #now(): number {
    return this.#options.now();
  }

  #isFresh({ keys, until }: Entry): boolean {
    return keys !== undefined && this.#now() < until;
  }

  #isPrivate(url: string): boolean {
    return this.#options.privateHosts.includes(new URL(url).host);
  }

  #entry(key: string, institution: bigint): Entry {
    const known = this.#entries.get(key);
    const entry = known ?? { institution, until: 0, triedAt: 0, failures: 0, fetches: { from: 0, count: 0 } };
    // The one that was not asked for the longest time goes first.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest, { under }] of this.#entries) {
      if (this.#entries.size <= LIMITS.urls) break;
      if (!under) this.#entries.delete(oldest);
    }
    return entry;
  }

  /** All who ask while it is under way wait for the same answer. */
  #fetchOnce(url: string, entry: Entry): Promise<void> {
    entry.under ??= this.#fetch(url, entry).finally(() => {
      delete entry.under;
    });
    return entry.under;
  }

  async #fetch(url: string, entry: Entry): Promise<void> {
    const now = this.#now();
    const host = new URL(url).hostname;
    const pause =
      entry.failures === 0 ? 0 : Math.min(LIMITS.firstPauseMs * 2 ** (entry.failures - 1), LIMITS.longestPauseMs);
    if (now < entry.triedAt + pause) throw new JwksUnavailable(`${host} failed a moment ago`);
    if (now >= entry.fetches.from + 60_000) entry.fetches = { from: now, count: 0 };
    if (entry.fetches.count >= LIMITS.fetchesAMinute) {
      // Anybody can ask in a client's name: that must not shut it out. What there is was fetched within this minute.
      if (entry.keys) return;
      throw new JwksUnavailable(`${host} was asked too often in this minute`);
    }
    await this.#turns
      .run(entry.institution, () => this.#ask(url, host, entry))
      .catch((error) => {
        // Of the turns: what is asked fails otherwise.
        throw error instanceof FhirError
          ? new JwksUnavailable('too many JWKS URLs of one institution are being fetched')
          : error;
      });
  }

  async #ask(url: string, host: string, entry: Entry): Promise<void> {
    if (this.#underWay >= LIMITS.atOnce) throw new JwksUnavailable('too many JWKS URLs are being fetched');
    const now = this.#now();
    entry.fetches.count += 1;
    entry.triedAt = now;
    this.#underWay += 1;
    try {
      const answer = await this.#options.send({
        url,
        accept: JSON_TYPES,
        maxBytes: LIMITS.bytes,
        timeoutMs: LIMITS.timeoutMs,
        allowPrivate: this.#isPrivate(url),
      });
      if (answer.status !== 200) throw new JwksUnavailable(`${host} answers with status ${answer.status}`);
      entry.keys = usableJwks(Buffer.from(answer.body).toString());
      // From when it was asked: that it took a while does not make it younger.
      entry.until = now + lifetime(answer, now);
      entry.failures = 0;
    } catch (error) {
      if (!(error instanceof OutboundError || error instanceof FhirError || error instanceof JwksUnavailable))
        throw error;
      entry.failures = Math.min(entry.failures + 1, 20);
      if (!this.#isFresh(entry)) delete entry.keys;
      this.#options.log('warn', 'keys of a client not fetched', { host, reason: error.message });
      throw new JwksUnavailable(error.message, { cause: error });
    } finally {
      this.#underWay -= 1;
    }
  }
}

const has = (keys: PublicJwks | undefined, kid: string) => keys?.keys.some((key) => key.kid === kid) ?? false;

/** How long an answer may be used, in milliseconds, as RFC 9111, section 4.2 has it for a private cache; never longer than an hour. */
function lifetime({ headers }: OutboundAnswer, now: number): number {
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim());
  if (directives.some((one) => /^(?:no-store|no-cache)(?:=|$)/.test(one))) return 0;
  const ages = directives.flatMap((one) => /^max-age\s*=\s*"?(\d{1,10})"?$/.exec(one)?.[1] ?? []);
  const age = 1000 * Number(/^\d{1,10}$/.exec(headers.age?.trim() ?? '')?.[0] ?? 0);
  const said =
    ages.length > 0
      ? 1000 * Math.min(...ages.map(Number))
      : headers.expires !== undefined
        ? (Date.parse(headers.expires) || 0) - (Date.parse(headers.date ?? '') || now)
        : LIMITS.heuristicMs;
  return Math.min(Math.max(said - age, 0), LIMITS.longestMs);
}

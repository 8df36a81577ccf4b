import type { Logger } from '../../../http/log.ts';
import { type Outbound, OutboundError } from '../../../http/outbound.ts';
import type { Certificate } from '../../../pki/certificate.ts';
import type { ArchivedCrl, CrlSource } from '../../../store/crl.ts';
import type { ListCache } from './cache.ts';
import { ListError, readSignedList } from './list.ts';
import { wrong } from './mistake.ts';
import { dueAfter, retryAfter } from './schedule.ts';

/** A URL of lists, and the certificates by one of which each must be signed. */
export interface Place {
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly issuers: readonly Certificate[];
}

const MAX_LIST_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
/** A process that dies while it asks holds the others up for so long. */
const TURN_MS = 60_000;
/** How far the clock of an issuer may be ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Fetches lists: each place by one process at a time, and within a process once for all who wait. What comes is accepted only when it is a
 * list, signed by a certificate of its authority that is known here, not from the future and not older than the one before.
 */
export class Fetcher {
  readonly #cache: ListCache;
  readonly #send: Outbound;
  readonly #log: Logger;
  readonly #under = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(cache: ListCache, send: Outbound, log: Logger) {
    this.#cache = cache;
    this.#send = send;
    this.#log = log;
  }

  /** Asks the place if it is due, or in any case with `force`. Resolves when that is done, however it ended. */
  ask(place: Place, now: number, force = false): Promise<void> {
    const under = this.#under.get(place.url);
    if (under) return under;
    const asked = this.#ask(place, now, force)
      .catch((error: unknown) =>
        this.#log('error', 'revocation list cache failed', { url: place.url, error: String(error) }),
      )
      .finally(() => this.#under.delete(place.url));
    this.#under.set(place.url, asked);
    return asked;
  }

  /** Calls off what is under way, and waits for it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#under.values());
  }

  async #ask(place: Place, now: number, force: boolean): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const source = await this.#cache.claim(place.url, { now, until: now + TURN_MS, force });
    if (!source) return;
    try {
      await this.#fetch(place, source, now);
    } catch (error) {
      if (!(error instanceof OutboundError || error instanceof ListError)) throw error;
      this.#log('warn', 'revocation list not fetched', { url: place.url, reason: error.message });
      const calledOff = error instanceof OutboundError && error.code === 'aborted';
      await this.#cache.failed(place.url, error.message, calledOff ? now : retryAfter(source.failures + 1, now));
    }
  }

  async #fetch({ url, allowPrivate, issuers }: Place, source: CrlSource, now: number): Promise<void> {
    const held = source.crl ? (await this.#cache.lists([source.crl]))[0] : undefined;
    const answer = await this.#send({
      url,
      allowPrivate,
      headers: held ? conditions(source) : {},
      maxBytes: MAX_LIST_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal: this.#closing.signal,
    });
    const validators = { etag: answer.headers.etag ?? null, lastModified: answer.headers['last-modified'] ?? null };
    if (answer.status === 304) {
      if (!held) throw new ListError(wrong.notModified());
      // RFC 9110 §15.4.5: what a 304 does not repeat still holds.
      const kept = {
        etag: validators.etag ?? source.etag,
        lastModified: validators.lastModified ?? source.lastModified,
      };
      await this.#cache.fetched(url, null, { ...kept, checkedAt: now, dueAt: dueAfter(held, now) });
      return;
    }
    const list = readSignedList(answer.body, issuers);
    if (list.thisUpdate > now + CLOCK_SKEW_MS) throw new ListError(wrong.listFuture());
    if (held && held.issuer === list.issuer && isOlder(list, held) && stillSigned(held, issuers))
      throw new ListError(wrong.listOlder(new Date(held.thisUpdate).toISOString()));
    const crl: ArchivedCrl = {
      sha256: Buffer.from(list.sha256, 'hex'),
      der: Buffer.from(list.der),
      issuer: list.issuer,
      number: list.number,
      thisUpdate: list.thisUpdate,
      nextUpdate: list.nextUpdate,
      url,
      fetchedAt: now,
    };
    await this.#cache.archive(crl);
    if (await this.#cache.fetched(url, crl.sha256, { ...validators, checkedAt: now, dueAt: dueAfter(list, now) }))
      this.#log('info', 'revocation list fetched', { url, thisUpdate: new Date(list.thisUpdate).toISOString() });
  }
}

function conditions({ etag, lastModified }: CrlSource): Record<string, string> {
  return {
    ...(etag ? { 'If-None-Match': etag } : {}),
    ...(lastModified ? { 'If-Modified-Since': lastModified } : {}),
  };
}

/** RFC 5280 §5.2.3: numbers of one issuer's lists only grow; of lists without one the time tells. */
function isOlder(list: Dated, held: Dated): boolean {
  if (list.thisUpdate < held.thisUpdate) return true;
  return list.number !== null && held.number !== null && list.number < held.number;
}

type Dated = Pick<ArchivedCrl, 'thisUpdate' | 'number'>;

/** A list by a key that is trusted no more, as after an authority was set up anew, says nothing of what comes after it. */
function stillSigned({ der }: ArchivedCrl, issuers: readonly Certificate[]): boolean {
  try {
    return readSignedList(der, issuers).der.length > 0;
  } catch (error) {
    if (error instanceof ListError) return false;
    throw error;
  }
}

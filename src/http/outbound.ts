import { lookup } from 'node:dns/promises';
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { reach } from './address.ts';

/** An address of a name. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface OutboundRequest {
  /** http or https, without user and password. */
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Most bytes of the answer, counted as they come and again after decompression. */
  readonly maxBytes: number;
  /** For everything together, from the look-up of the name to the last byte. */
  readonly timeoutMs: number;
  /** The operator's word that this URL may lead to a machine of their own: loopback, private and carrier-NAT addresses, ports from 1024. */
  readonly allowPrivate?: boolean;
  /** Media types that the answer may have; any unless told. */
  readonly accept?: readonly string[];
  readonly signal?: AbortSignal;
  /** How names become addresses; the system's resolver unless told. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
}

export interface OutboundAnswer {
  /** 200 to 299, or 304. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export type Outbound = (request: OutboundRequest) => Promise<OutboundAnswer>;

export type OutboundCode =
  | 'url'
  | 'port'
  | 'address'
  | 'resolve'
  | 'connect'
  | 'timeout'
  | 'aborted'
  | 'redirect'
  | 'status'
  | 'content-type'
  | 'encoding'
  | 'too-large'
  | 'incomplete';

/** Why a request did not leave, or its answer is not taken. The message names the host, never path, query or body. */
export class OutboundError extends Error {
  readonly code: OutboundCode;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(code: OutboundCode, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}

/** The ports of the web. Behind others are mail, databases and caches, which a crafted request could speak to. */
const PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);
const FIRST_UNPRIVILEGED = 1024;

/** Set by this module alone. */
const OWN_HEADERS = /^(?:host|connection|content-length|transfer-encoding|accept-encoding|upgrade|expect|te|trailer)$/i;

/**
 * The one way out of the house. The name is looked up once, every one of its addresses must be allowed, and the connection goes to those
 * addresses and no other, so that a second answer of the name server changes nothing. Redirects are not followed: whoever wants
 * another place configures it. No proxy of the environment is used. Throws OutboundError.
 */
export const outbound: Outbound = async (request) => {
  const url = allowedUrl(request);
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  try {
    const addresses = await before(signal, allowedAddresses(url, request));
    const answer = await respond(url, request, addresses, signal);
    return await take(answer, url, request, signal);
  } catch (error) {
    throw named(error, url, request, deadline);
  }
};

function named(error: unknown, { hostname }: URL, { signal, timeoutMs }: OutboundRequest, deadline: AbortSignal) {
  if (error instanceof OutboundError) return error;
  if (signal?.aborted) return new OutboundError('aborted', `The request to ${hostname} was called off`);
  if (deadline.aborted) return new OutboundError('timeout', `${hostname} did not answer whole within ${timeoutMs} ms`);
  const { code, message } = error as NodeJS.ErrnoException;
  return new OutboundError('connect', `No connection with ${hostname}: ${code ?? message}`, { cause: error });
}

function allowedUrl({ url: text, allowPrivate = false, headers = {} }: OutboundRequest): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new OutboundError('url', 'An outbound URL must be http or https');
  if (url.username || url.password) throw new OutboundError('url', 'An outbound URL must not carry user and password');
  const own = Object.keys(headers).find((name) => OWN_HEADERS.test(name));
  if (own) throw new OutboundError('url', `The header ${own} is not the caller's to set`);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (!PORTS.has(port) && !(allowPrivate && port >= FIRST_UNPRIVILEGED))
    throw new OutboundError('port', `Port ${port} of ${url.hostname} is none of ${[...PORTS].join(', ')}`);
  return url;
}

async function allowedAddresses(url: URL, request: OutboundRequest): Promise<readonly Address[]> {
  const { resolve = lookUp, allowPrivate = false } = request;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const addresses = family ? [{ address: host, family: family as 4 | 6 }] : await resolved(host, resolve);
  for (const { address } of addresses) {
    const how = reach(address);
    if (how === 'never' || (how === 'private' && !allowPrivate))
      throw new OutboundError(
        'address',
        `${url.hostname} is ${host === address ? '' : `${address}, `}a ${how === 'never' ? 'reserved' : 'private'} address`,
      );
  }
  return addresses;
}

async function resolved(host: string, resolve: NonNullable<OutboundRequest['resolve']>): Promise<readonly Address[]> {
  const failed = (cause?: unknown) => new OutboundError('resolve', `The name ${host} has no address`, { cause });
  const addresses = await resolve(host).catch((error: unknown) => {
    throw failed(error);
  });
  if (addresses.length === 0) throw failed();
  return addresses;
}

const lookUp = async (host: string): Promise<readonly Address[]> =>
  (await lookup(host, { all: true, order: 'verbatim' })) as Address[];

/** The headers of the answer have come. */
function respond(
  url: URL,
  request: OutboundRequest,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { method = 'GET', body, headers = {}, accept } = request;
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = (secure ? httpsRequest : httpRequest)(url, {
      method,
      // Of its own, for one request: no connection is found that was opened under other rules.
      agent: new (secure ? HttpsAgent : HttpAgent)({ keepAlive: false }),
      headers: {
        ...(accept ? { Accept: accept.join(', ') } : {}),
        ...headers,
        'Accept-Encoding': 'identity',
        Connection: 'close',
        ...(body ? { 'Content-Length': body.length } : {}),
      },
      lookup: (_host, options, found) =>
        options.all ? found(null, [...addresses]) : found(null, addresses[0]!.address, addresses[0]!.family),
      maxHeaderSize: 16 * 1024,
      insecureHTTPParser: false,
      signal,
    });
    sent.once('response', resolve).on('error', reject);
    // A protocol of its own in the place of an answer.
    sent.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new OutboundError('status', `${url.hostname} wants another protocol`, { status: 101 }));
    });
    sent.end(body);
  });
}

async function take(
  answer: IncomingMessage,
  url: URL,
  { maxBytes, accept }: OutboundRequest,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const refused = (code: OutboundCode, what: string, cause?: unknown) =>
    new OutboundError(code, `${url.hostname} ${what}`, { status, cause });
  const status = answer.statusCode ?? 0;
  const large = () => refused('too-large', `sends more than ${maxBytes} bytes`);
  try {
    const headers = answer.headers as Record<string, string | undefined>;
    if (status === 304) return { status, headers, body: new Uint8Array() };
    if (status >= 300 && status < 400) throw refused('redirect', `answers with a redirect (${status}), not followed`);
    if (status < 200 || status > 299) throw refused('status', `answers with status ${status}`);
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (accept && !accept.includes(type))
      throw refused('content-type', `answers with ${type || 'no media type'}, not ${accept.join(' or ')}`);
    if (Number(headers['content-length'] ?? 0) > maxBytes) throw large();
    const raw = bounded(answer, maxBytes, large);
    const parts: Uint8Array[] = [];
    try {
      for await (const part of bounded(decoded(raw, headers['content-encoding'], signal, refused), maxBytes, large))
        parts.push(part);
    } catch (error) {
      if (error instanceof OutboundError || signal.aborted) throw error;
      throw refused('incomplete', `sends an answer that is cut off or broken (${(error as Error).message})`, error);
    }
    return { status, headers, body: Buffer.concat(parts) };
  } finally {
    answer.destroy();
  }
}

async function* bounded(
  parts: AsyncIterable<Uint8Array>,
  maxBytes: number,
  large: () => OutboundError,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const part of parts) {
    bytes += part.length;
    if (bytes > maxBytes) throw large();
    yield part;
  }
}

const DECODERS = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress };

/** Some servers compress though they were asked not to. */
function decoded(
  raw: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  signal: AbortSignal,
  refused: (code: OutboundCode, what: string) => OutboundError,
): AsyncIterable<Uint8Array> {
  const name = encoding?.trim().toLowerCase() || 'identity';
  if (name === 'identity') return raw;
  if (!Object.hasOwn(DECODERS, name)) throw refused('encoding', 'answers in a content encoding that is not known here');
  const decoder = DECODERS[name as keyof typeof DECODERS]({ chunkSize: 64 * 1024 });
  const source = Readable.from(raw, { objectMode: false, signal });
  source.once('error', (error) => decoder.destroy(error));
  return source.pipe(decoder);
}

/** The work, unless the signal comes first; what the work becomes then is nobody's. */
async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}

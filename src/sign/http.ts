/** One request and its whole answer, bounded in size and time. Redirects are refused: credentials go where they were meant to go. */

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | URLSearchParams;
  /** Most bytes of the answer's body. */
  readonly most: number;
  /** Milliseconds, for all of it. */
  readonly timeout: number;
}

export interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** There was no answer, or none that can be used; the message names the host and never what was sent. */
export class ExchangeError extends Error {}

/** @throws ExchangeError */
export async function exchange(url: string, { method, headers = {}, body, most, timeout }: Exchange): Promise<Reply> {
  const place = placeOf(url);
  try {
    const response = await fetch(place.url, {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
      ...(body && { body: body instanceof URLSearchParams ? body : Buffer.from(body) }),
    });
    return { ok: response.ok, status: response.status, bytes: await bounded(response, most) };
  } catch (error) {
    throw new ExchangeError(`${place.name}: ${reasonOf(error)}`);
  }
}

/** Whether what is sent there can be read on the way. */
export function isPlain(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {};
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname ?? '');
}

/** @throws ExchangeError; without the address where it holds a password. */
function placeOf(text: string): { url: URL; name: string } {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ExchangeError('not an address that begins with https:// or http://');
  if (url.username !== '' || url.password !== '')
    throw new ExchangeError(`${url.host}: an address must not hold a user or a password`);
  return { url, name: `${url.origin}${url.pathname}` };
}

async function bounded(response: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > most) throw new Error(`more than ${most} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return 'no answer in time';
  return cause?.message || cause?.code || message;
}

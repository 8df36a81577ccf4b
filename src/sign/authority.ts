import { type ExchangeError, exchange } from './http.ts';
import { TimestampError } from './sign-letter.ts';

export interface AuthorityOptions {
  /** RFC 3161 over HTTP (§3.4). */
  readonly url: string;
  /** HTTP Basic, as accredited authorities ask their customers for. */
  readonly user?: string;
  readonly password?: string;
  /** Milliseconds to wait for the answer; 30,000 unless told. */
  readonly timeout?: number;
}

/** Bytes of an answer: a token with a long chain has some ten thousand. */
const MOST = 1024 * 1024;

/** Takes a TimeStampReq to an authority and gives its TimeStampResp, DER both. @throws TimestampError */
export async function askAuthority(
  { url, user, password = '', timeout = 30_000 }: AuthorityOptions,
  request: Uint8Array,
): Promise<Uint8Array> {
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const { ok, status, bytes } = await exchange(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/timestamp-query',
      accept: 'application/timestamp-reply',
      ...(user !== undefined && { authorization: `Basic ${credentials}` }),
    },
    body: request,
    most: MOST,
    timeout,
  }).catch((error: ExchangeError) => {
    throw new TimestampError(error.message);
  });
  if (!ok) throw new TimestampError(`the authority answered ${status}`);
  return bytes;
}

import { TimestampError } from './sign-letter.ts';

export interface AuthorityOptions {
  /** RFC 3161 over HTTP (§3.4). */
  readonly url: string;
  /** HTTP Basic, as accredited authorities ask their customers for. */
  readonly user?: string;
  readonly password?: string;
}

const MOST = 1024 * 1024;

/** Takes a TimeStampReq to an authority and gives its TimeStampResp, DER both. @throws TimestampError */
export async function askAuthority(
  { url, user, password }: AuthorityOptions,
  request: Uint8Array,
): Promise<Uint8Array> {
  const credentials = Buffer.from(`${user}:${password ?? ''}`).toString('base64');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/timestamp-query',
        accept: 'application/timestamp-reply',
        ...(user !== undefined && { authorization: `Basic ${credentials}` }),
      },
      body: Buffer.from(request),
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new TimestampError(`${url} answered ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > MOST) throw new TimestampError(`${url} answered ${bytes.length} bytes`);
    return bytes;
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    throw new TimestampError(
      `${url}: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`,
    );
  }
}

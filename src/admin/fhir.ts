import { isPlain } from '../sign/http.ts';
import { Refused, UsageError } from './refusal.ts';

const MOST = 64 * 1024 * 1024;
const TIMEOUT = 120_000;

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
  /** Path and query below `/fhir` of the next page, where there is one. */
  readonly next?: string;
}

/** The server's FHIR endpoint, with whoever's token. Redirects are refused: the token goes where it was meant to go. */
export class FhirEndpoint {
  readonly #base: string;
  readonly #token: () => Promise<string>;
  readonly #language: string;

  /** @param server  without `/fhir` */
  constructor(server: string, token: () => Promise<string>, language: string) {
    this.#base = `${addressOf(server)}/fhir`;
    this.#token = token;
    this.#language = language;
  }

  /** @throws Refused with what the OperationOutcome says */
  async send(method: string, path: string, body?: object, accept = 'application/fhir+json'): Promise<Answer> {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT),
      headers: {
        accept,
        authorization: `Bearer ${await this.#token()}`,
        'accept-language': this.#language,
        ...(body && { 'content-type': 'application/fhir+json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: Error & { cause?: Error }) => {
      throw new Refused(0, `${this.#base}: ${error.cause?.message || error.message}`);
    });
    const bytes = await bounded(response);
    if (!response.ok) throw new Refused(response.status, `${response.status} ${outcomeOf(bytes)}`.trimEnd());
    const [, link] = /<([^<>]*)>;\s*rel="next"/.exec(response.headers.get('link') ?? '') ?? [];
    const next = link === undefined ? undefined : link.slice(link.indexOf('/fhir/') + '/fhir/'.length);
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      bytes,
      ...(next !== undefined && { next }),
    };
  }
}

/** @throws UsageError for what is no address, or one where the token could be read on the way */
export function addressOf(server: string): string {
  const url = URL.parse(server);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new UsageError({
      ja: `${server} はサーバーの URL ではありません`,
      en: `${server} is not the URL of a server`,
    });
  if (isPlain(server))
    throw new UsageError({
      ja: 'https の URL を指定してください',
      en: 'The URL must be https: tokens could be read on the way',
    });
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/fhir$/, '');
}

async function bounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST) throw new Refused(0, `the answer has more than ${MOST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function outcomeOf(bytes: Buffer): string {
  try {
    const { issue } = JSON.parse(bytes.toString('utf8')) as {
      issue?: { details?: { text?: string }; diagnostics?: string }[];
    };
    const said = (issue ?? []).flatMap(({ details, diagnostics }) => [details?.text, diagnostics]);
    return [...new Set(said.filter((one) => typeof one === 'string'))].join('; ').slice(0, 2000);
  } catch {
    return '';
  }
}

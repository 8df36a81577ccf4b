import { type Dispatcher, Pool } from 'undici';
import type { Draw } from './random.ts';
import type { Scenario } from './scenarios.ts';
import type { Seeded } from './seed.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the FHIR base, without a slash in front. */
  readonly path: string;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * A client system with a number of connections that stay open, one request at a time on each. It speaks to undici's lowest floor,
 * for it shares the processors with what it measures.
 */
export class Client {
  readonly #pool: Pool;
  readonly #token: () => Promise<string>;

  /** `token` answers a token that is still good for the request, and is asked before each. */
  constructor(origin: string, connections: number, token: () => Promise<string>) {
    this.#pool = new Pool(origin, { connections, pipelining: 1 });
    this.#token = token;
  }

  async send({ method, path, body }: Call): Promise<Reply> {
    const headers: Record<string, string> = {
      accept: 'application/fhir+json',
      authorization: `Bearer ${await this.#token()}`,
      ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, path: `/fhir${path && `/${path}`}`, headers, body: body ?? null };
      this.#pool.dispatch(options, collect(resolve, reject));
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function collect(resolve: (reply: Reply) => void, reject: (error: Error) => void): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let status = 0;
  return {
    onRequestStart: () => undefined,
    onResponseStart: (_, code) => {
      status = code;
    },
    onResponseData: (_, chunk) => void chunks.push(chunk),
    onResponseEnd: () => resolve({ status, body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }),
    onResponseError: (_, error) => reject(error),
  };
}

export interface Load {
  readonly seconds: number;
  /** Milliseconds, upwards. */
  readonly latencies: Float64Array;
  /** Answers with another status than the scenario's, and requests without an answer. */
  readonly errors: number;
  /** The first of them. */
  readonly error: string | undefined;
  readonly bytes: number;
}

/** A closed loop: each of `width` clients sends its next request when it has the answer to the last, for so many seconds. */
export async function drive(
  client: Client,
  scenario: Scenario,
  seeded: Seeded,
  draw: Draw,
  { seconds, width }: { readonly seconds: number; readonly width: number },
): Promise<Load> {
  const latencies: number[] = [];
  let bytes = 0;
  let errors = 0;
  let error: string | undefined;
  const fail = (what: string) => {
    errors++;
    error ??= what.slice(0, 500);
  };
  const started = performance.now();
  const end = started + seconds * 1000;
  const one = async () => {
    for (let sent = performance.now(); sent < end; ) {
      try {
        const reply = await client.send(scenario.next(seeded, draw));
        bytes += reply.body.length;
        if (reply.status !== scenario.status) fail(`${reply.status} ${reply.body}`);
      } catch (thrown) {
        fail(String(thrown));
      }
      const now = performance.now();
      latencies.push(now - sent);
      sent = now;
    }
  };
  await Promise.all(Array.from({ length: width }, one));
  const taken = (performance.now() - started) / 1000;
  return { seconds: taken, latencies: Float64Array.from(latencies).sort(), errors, error, bytes };
}

/** The latency that the given part of the requests did not exceed; `part` from 0 to 1. */
export function quantile(latencies: Float64Array, part: number): number {
  return latencies[Math.max(0, Math.ceil(part * latencies.length) - 1)] ?? 0;
}

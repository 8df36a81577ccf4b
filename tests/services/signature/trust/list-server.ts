import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a place answers: bytes, or anything else by hand. */
export type Answer = Uint8Array | ((request: IncomingMessage, response: ServerResponse) => void);

/** A server of revocation lists that knows its ETags, counts and can be told what to answer. */
export interface ListServer {
  readonly url: (path: string) => string;
  /** What it answers for a path from now on. */
  put(path: string, answer: Answer): void;
  /** How often it was asked for a path, and how often it answered "not modified". */
  readonly asked: (path: string) => number;
  readonly unchanged: (path: string) => number;
  close(): Promise<void>;
}

export async function listServer(): Promise<ListServer> {
  const answers = new Map<string, Answer>();
  const asked = new Map<string, number>();
  const unchanged = new Map<string, number>();
  const count = (of: Map<string, number>, path: string) => of.set(path, (of.get(path) ?? 0) + 1);
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    count(asked, path);
    const answer = answers.get(path);
    if (typeof answer === 'function') return answer(request, response);
    if (!answer) return void response.writeHead(404).end();
    const etag = `"${Buffer.from(answer).toString('hex').slice(-16)}"`;
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) {
      count(unchanged, path);
      return void response.writeHead(304).end();
    }
    response.setHeader('Content-Type', 'application/pkix-crl').end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    put: (path, answer) => void answers.set(path, answer),
    asked: (path) => asked.get(path) ?? 0,
    unchanged: (path) => unchanged.get(path) ?? 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import type { Server, ServerResponse } from 'node:http';

/** Longest that what is under way may take once the server is to end, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Gives a server a way to end in order: it takes no connection any more, answers what is under way and closes each connection with
 * that answer, and every other one at once. What has no answer after ten seconds is cut off. Resolves when the last connection is closed.
 */
export function drainable(http: Server): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  let ending = false;
  const last = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  // Idle for Node is who has had an answer; who never asked anything is cut with the rest.
  const sweep = () => (underWay.size === 0 ? http.closeAllConnections() : http.closeIdleConnections());
  http.prependListener('request', (_request, response) => {
    underWay.add(response);
    if (ending) last(response);
    response.once('close', () => {
      underWay.delete(response);
      if (ending) setImmediate(sweep);
    });
  });
  return async () => {
    ending = true;
    for (const response of underWay) last(response);
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    const forced = setTimeout(() => http.closeAllConnections(), PATIENCE);
    sweep();
    await closed;
    clearTimeout(forced);
  };
}

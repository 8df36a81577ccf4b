import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What came over a connection until it was closed. */
export interface Raw {
  /** Status of the first answer; 0 where there was none. */
  readonly status: number;
  readonly text: string;
}

const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

/** Sends bytes as they are, and reads until the server closes. They must ask for that, or be such that it closes anyway. */
export async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<Raw> {
  const socket = connect(port, '127.0.0.1');
  const closed = closing(socket);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await closed;
  return parsed(Buffer.concat(chunks).toString('latin1'));
}

/** Sends bytes and then ends, as a client that breaks off. */
export async function breakOff(port: number, bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = closing(socket);
  socket.on('error', () => undefined).resume();
  socket.end(bytes);
  await closed;
}

const parsed = (text: string): Raw => ({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0), text });

/** Opens a connection, sends a byte of a header now and then, and answers when the server has closed it, in milliseconds. */
export async function trickle(port: number, interval: number): Promise<{ lasted: number; status: number }> {
  const started = performance.now();
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = closing(socket);
  let open = true;
  closed.then(() => {
    open = false;
  });
  socket.write('GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  while (open) {
    socket.write('a');
    await Promise.race([closed, pause(interval)]);
  }
  return { lasted: performance.now() - started, status: parsed(text).status };
}

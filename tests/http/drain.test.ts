import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { drainable } from '../../src/http/drain.ts';

let http: Server;
let drain: () => Promise<void>;
let port: number;
/** Answers that the test has yet to give, in the order of the requests. */
let waiting: ServerResponse[];
let arrived: () => void;

beforeEach(async () => {
  http = createServer();
  drain = drainable(http);
  waiting = [];
  arrived = () => undefined;
  http.on('request', (_request, response) => {
    waiting.push(response);
    arrived();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  port = (http.address() as AddressInfo).port;
});
afterEach(() => http.closeAllConnections());

interface Connection {
  readonly socket: Socket;
  /** All that has come over it, once it is closed. */
  readonly closed: Promise<string>;
}

async function open(): Promise<Connection> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return { socket, closed };
}

/** Sends a request, and waits until the server has it. */
async function ask({ socket }: Connection): Promise<ServerResponse> {
  const there = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await there;
  return waiting.at(-1) as ServerResponse;
}

describe('a server that is to end', () => {
  it('ends at once when nobody is there', async () => {
    await drain();
    expect(http.listening).toBe(false);
  });

  it('closes connections that are idle, and those on which nothing was ever asked', async () => {
    const [idle, silent, halfway] = [await open(), await open(), await open()];
    const answered = once(idle.socket, 'data');
    (await ask(idle)).end('done');
    await answered;
    halfway.socket.write('GET / HT');
    const ended = drain();
    expect(await idle.closed).toMatch(/done$/);
    expect(await silent.closed).toBe('');
    expect(await halfway.closed).toBe('');
    await ended;
  });

  it('answers what is under way, and closes the connection with the answer', async () => {
    const [one, other] = [await open(), await open()];
    const [first, second] = [await ask(one), await ask(other)];
    const ended = drain();
    first.end('first');
    expect(await one.closed).toMatch(/Connection: close[\s\S]*first$/);
    second.writeHead(201).end('second');
    expect(await other.closed).toMatch(/^HTTP\/1\.1 201 [\s\S]*Connection: close[\s\S]*second/);
    await ended;
  });

  it('lets an answer that has begun go on to its end', async () => {
    const one = await open();
    const response = await ask(one);
    response.writeHead(200, { 'Content-Length': '8' }).write('half');
    const ended = drain();
    response.end('half');
    expect(await one.closed).toMatch(/halfhalf$/);
    await ended;
  });

  it('takes no new connection', async () => {
    const one = await open();
    const response = await ask(one);
    const ended = drain();
    const late = connect(port, '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    response.end();
    await ended;
  });

  it('is not held up by a client that has gone', async () => {
    const one = await open();
    await ask(one);
    const ended = drain();
    one.socket.destroy();
    await ended;
    expect(http.listening).toBe(false);
  });
});

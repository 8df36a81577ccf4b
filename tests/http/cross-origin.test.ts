import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { crossOrigin } from '../../src/http/cross-origin.ts';

let server: Server;
let at: string;
beforeAll(async () => {
  const app = express();
  app.use('/fhir', crossOrigin, (_request, response) => void response.status(401).end());
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir/Patient`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const origin = 'https://app.example';

describe('scripts of other origins', () => {
  it('may ask before they call, without a token', async () => {
    const { status, headers } = await fetch(at, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-headers')).toContain('Authorization');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('may read the answer, an error too, and its version', async () => {
    const { status, headers } = await fetch(at, { headers: { origin } });
    expect(status).toBe(401);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toContain('ETag');
  });

  it.each([
    ['GET', {}],
    ['OPTIONS', {}],
    ['OPTIONS', { 'access-control-request-method': 'GET' }],
  ])('%s without an origin is as it was: %j', async (method, headers) => {
    const answer = await fetch(at, { method, headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

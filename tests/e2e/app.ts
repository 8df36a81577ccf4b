import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

/** A SMART app as its makers put it on a web server of their own: a page to be opened, and a page to come back to. */
export interface App {
  readonly origin: string;
  close(): Promise<void>;
}

const library = readFileSync(
  join(dirname(createRequire(import.meta.url).resolve('fhirclient/package.json')), 'build/fhir-client.js'),
);

/** What is opened: from nowhere with `?client=…&scope=…&iss=…`, or by another app, which adds `launch`. */
const LAUNCH = `
const asked = new URLSearchParams(location.search);
FHIR.oauth2.authorize({
  clientId: asked.get('client'),
  scope: asked.get('scope'),
  redirectUri: '/index.html',
  ...(asked.has('launch') ? {} : { iss: asked.get('iss') }),
  pkceMode: 'required',
}).catch((error) => { document.body.textContent = 'failed: ' + error.message; });
`;

const INDEX = `
const show = (id, value) => {
  const element = document.createElement('pre');
  element.id = id;
  element.textContent = JSON.stringify(value);
  document.body.append(element);
};
FHIR.oauth2.ready().then(async (client) => {
  const read = async () => ({
    patient: await client.patient.read(),
    observations: await client.request('Observation?patient=' + client.patient.id),
    token: client.getState('tokenResponse.access_token'),
  });
  const first = await read();
  show('first', first);
  show('answer', { ...client.state.tokenResponse, access_token: undefined, refresh_token: undefined });
  if (client.state.tokenResponse.refresh_token) {
    await client.refresh();
    show('second', await read());
  }
}).catch((error) => show('failed', String(error)));
`;

const page = (script: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>App</title></head><body><script src="/fhir-client.js"></script><script>${script}</script></body></html>`;

export async function openApp(): Promise<App> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    if (pathname === '/fhir-client.js') return void response.setHeader('Content-Type', 'text/javascript').end(library);
    const script = { '/launch.html': LAUNCH, '/index.html': INDEX }[pathname];
    response.writeHead(script ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(script && page(script));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

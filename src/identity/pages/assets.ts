import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestHandler } from 'express';
import { HEADERS_OF_FILES } from './headers.ts';

/** A static file under a name that changes with its content, so that browsers may keep it for good. */
interface Asset {
  readonly path: string;
  readonly type: string;
  readonly bytes: Buffer;
}

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

function asset(name: string, type: string, url: URL): Asset {
  const bytes = readFileSync(url);
  const [stem, ending] = name.split('.');
  return { path: `/assets/${stem}.${hash('sha256', bytes, 'hex').slice(0, 16)}.${ending}`, type, bytes };
}

const own = (name: string) => new URL(`./assets/${name}`, import.meta.url);

/** The bundle lies beside the package's entry, which its `exports` name alone. */
const bundle = new URL('../dist/bundle/index.umd.min.js', import.meta.resolve('@simplewebauthn/browser'));

export const ASSETS = Object.freeze({
  style: asset('tasuki.css', CSS, own('tasuki.css')),
  script: asset('tasuki.js', SCRIPT, own('tasuki.js')),
  webauthn: asset('webauthn.js', SCRIPT, bundle),
  icon: asset('icon.svg', 'image/svg+xml', own('icon.svg')),
});

const byPath = new Map<string, Asset>(Object.values(ASSETS).map((one) => [one.path, one]));

/** GET and HEAD of a static file; goes on where there is none of that name. */
export const serveAsset: RequestHandler = (request, response, next) => {
  const found = byPath.get(request.path);
  if (!found) return next();
  response.writeHead(200, {
    ...HEADERS_OF_FILES,
    'Content-Type': found.type,
    'Content-Length': String(found.bytes.length),
    'Cache-Control': 'public, max-age=31536000, immutable',
  });
  response.end(request.method === 'HEAD' ? undefined : found.bytes);
};

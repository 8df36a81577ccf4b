import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type CertificateHeader, type Presented, presentedInHeader } from './certificate-header.ts';
import { noteClientAddress, plainAddress } from './client-address.ts';
import { noteClientCertificate } from './client-certificate.ts';
import type { ClientTrust } from './client-trust.ts';
import type { Logger } from './log.ts';
import { forwardedFor, type Trusted } from './proxies.ts';
import { normalise, replyError } from './reply.ts';

export interface ArrivalOptions {
  readonly isTrusted: Trusted;
  readonly header: CertificateHeader;
  readonly trust: ClientTrust;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Notes for each request whence it came and with which certificate. Headers about that are believed on a connection from a trusted
 * proxy only, and there nothing else is: the certificate with which the proxy itself connects is not the client's. From anyone else they
 * are as if they were not there.
 */
export function arrival({ isTrusted, header, trust, now, log }: ArrivalOptions) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    try {
      const peer = plainAddress(request.socket.remoteAddress ?? '');
      const proxied = isTrusted(peer);
      noteClientAddress(request, proxied ? forwardedFor(request, peer, isTrusted) : peer);
      const presented = proxied ? presentedInHeader(request, header) : presentedInTls(request);
      const verdict = presented && trust.judge(presented, now(), (fresh) => report(fresh.ok ? undefined : fresh));
      if (presented && verdict?.ok) noteClientCertificate(request, { sha256: verdict.sha256, der: presented.leaf });
    } catch (error) {
      replyError(response, normalise(error), request.method === 'HEAD');
      return;
    }
    next();
  };

  function report(refused: { readonly code: string; readonly detail: string } | undefined): void {
    if (refused) log('warn', 'client certificate refused', { code: refused.code, detail: refused.detail });
  }
}

const MOST_BETWEEN = 8;

/** Of a connection it never changes: TLS 1.3 has no renegotiation, and that of 1.2 is off. */
const ofSockets = new WeakMap<TLSSocket, { readonly presented: Presented | undefined }>();

/** OpenSSL has verified that the client holds the key; whether the certificate is good is judged for each request. */
function presentedInTls({ socket }: IncomingMessage): Presented | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const known = ofSockets.get(socket) ?? { presented: chainOf(socket) };
  ofSockets.set(socket, known);
  return known.presented;
}

interface Link {
  readonly raw?: Buffer;
  readonly issuerCertificate?: Link;
}

function chainOf(socket: TLSSocket): Presented | undefined {
  let link = socket.getPeerCertificate(true) as Link | null;
  const leaf = link?.raw;
  if (!leaf) return undefined;
  const between: Buffer[] = [];
  while (link?.issuerCertificate && link.issuerCertificate !== link && between.length < MOST_BETWEEN) {
    link = link.issuerCertificate;
    if (link.raw) between.push(link.raw);
  }
  return { leaf, between };
}

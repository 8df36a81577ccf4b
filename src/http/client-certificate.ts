import type { IncomingMessage } from 'node:http';

/** The certificate that the client has proved to hold the key of, and that the configured authorities vouch for. */
export interface ClientCertificate {
  /** SHA-256 of `der`, base64url: `x5t#S256` (RFC 8705, section 3.1). */
  readonly sha256: string;
  readonly der: Buffer;
}

const certificates = new WeakMap<IncomingMessage, ClientCertificate>();

/**
 * The client's certificate, from our own TLS connection or from the header of a trusted proxy; undefined where there is none, or none that
 * is good now (path, validity, purpose, revocation lists).
 */
export function clientCertificate(request: IncomingMessage): ClientCertificate | undefined {
  return certificates.get(request);
}

/** Notes what was found when the request came in. */
export function noteClientCertificate(request: IncomingMessage, certificate: ClientCertificate): void {
  certificates.set(request, certificate);
}

import type { IncomingMessage } from 'node:http';

const addresses = new WeakMap<IncomingMessage, string>();

/**
 * The address that the request came from: of the connection, or what a trusted proxy says of it (X-Forwarded-For). IPv4 in its own form;
 * empty where the connection is gone.
 */
export function clientAddress(request: IncomingMessage): string {
  return addresses.get(request) ?? plainAddress(request.socket?.remoteAddress ?? '');
}

/** Notes what was found when the request came in. */
export function noteClientAddress(request: IncomingMessage, address: string): void {
  addresses.set(request, address);
}

/** An IPv4 address that came over IPv6 (`::ffff:192.0.2.1`) in its own form. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

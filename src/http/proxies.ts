import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Subnet } from '../config.ts';
import { plainAddress } from './client-address.ts';

/** Whether an address, as a socket names it, is one of ours. */
export type Trusted = (address: string) => boolean;

/** Whether an address is of the proxies whose headers are believed. */
export function trustedProxies(subnets: readonly Subnet[]): Trusted {
  // One list for each family: a BlockList matches IPv4-mapped addresses with its IPv4 rules.
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const [address, prefix] of subnets) {
    const family = isIP(address) as 4 | 6;
    lists[family].addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const plain = plainAddress(address);
    const family = isIP(plain) as 0 | 4 | 6;
    return family !== 0 && lists[family].check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/**
 * Whence a request came that a trusted proxy handed on: the last address in X-Forwarded-For that is no trusted proxy. What stands
 * before it was written by others and is not looked at; where something else than an address stands, the last that was one counts.
 */
export function forwardedFor(request: IncomingMessage, peer: string, isTrusted: Trusted): string {
  let last = peer;
  for (const entry of headerLines(request, 'x-forwarded-for').join(',').split(',').reverse()) {
    if (!isTrusted(last)) return last;
    const address = plainAddress(entry.trim().replace(/^\[([^\]]*)\]$/, '$1'));
    if (isIP(address) === 0) return last;
    last = address;
  }
  return last;
}

/** Each line of a header as it came: Node joins some of them, and drops others. `name` in lower case. */
export function headerLines({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === name) lines.push(rawHeaders[at + 1] ?? '');
  return lines;
}

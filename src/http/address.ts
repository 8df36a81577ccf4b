import { BlockList, isIP } from 'node:net';

/**
 * What an address is to a request that leaves the house: `public` is anybody's, `private` belongs to the operator's own machines and needs
 * the operator's word, `never` is no place to send a request to, whoever asks.
 */
export type Reach = 'public' | 'private' | 'never';

type Range = readonly [address: string, prefix: number];

/** IANA special-purpose registries: https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry. */
const PRIVATE: readonly Range[] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['127.0.0.0', 8],
  /** Behind a carrier's NAT, RFC 6598. */
  ['100.64.0.0', 10],
  ['::1', 128],
  ['fc00::', 7],
];

const NEVER: readonly Range[] = [
  /** "This network": Linux takes 0.0.0.0 for itself. */
  ['0.0.0.0', 8],
  /** Link-local, with the metadata service of most clouds at 169.254.169.254. */
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  /** Documentation. */
  ['192.0.2.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  /** 6to4 relays, withdrawn by RFC 7526. */
  ['192.88.99.0', 24],
  /** Benchmarks, RFC 2544. */
  ['198.18.0.0', 15],
  /** Multicast; reserved, with the broadcast address at its end. */
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  /** Metadata services that lie outside 169.254/16: Alibaba Cloud, Azure, Oracle Cloud's old one, AWS over IPv6. */
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['fd00:ec2::254', 128],
  /** Protocol assignments, with Teredo and ORCHID, which carry other addresses inside. */
  ['2001::', 23],
  /** 6to4 carries an IPv4 address inside, RFC 3056. */
  ['2002::', 16],
  /** Documentation. */
  ['2001:db8::', 32],
  ['3fff::', 20],
];

/** Of IPv6 only this is assigned as global unicast; IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/32) and link-local lie outside. */
const GLOBAL_IPV6: readonly Range[] = [['2000::', 3]];

const listed = (ranges: readonly Range[]) => {
  const lists = { 4: new BlockList(), 6: new BlockList() };
  for (const [address, prefix] of ranges) {
    const family = isIP(address) as 4 | 6;
    lists[family].addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  // One list for each family: a BlockList matches IPv4-mapped addresses with its IPv4 rules.
  return (address: string, family: 4 | 6) => lists[family].check(address, family === 4 ? 'ipv4' : 'ipv6');
};

const isPrivate = listed(PRIVATE);
const isNever = listed(NEVER);
const isGlobal = listed(GLOBAL_IPV6);

/** The reach of an IP address as text, without brackets; what is no address, or has a zone, is `never`. */
export function reach(address: string): Reach {
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return 'never';
  if (isNever(address, family as 4 | 6)) return 'never';
  if (isPrivate(address, family as 4 | 6)) return 'private';
  return family === 4 || isGlobal(address, 6) ? 'public' : 'never';
}

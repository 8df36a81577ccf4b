import fc from 'fast-check';
import { reach } from '../../src/http/address.ts';

describe('the reach of an address', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '223.255.255.255'])(
    '%s is public',
    (address) => expect(reach(address)).toBe('public'),
  );

  it.each(['2001:200::1', '2400:4050::1', '2606:4700:4700::1111', '2001:4860:4860::8888'])('%s is public', (address) =>
    expect(reach(address)).toBe('public'),
  );

  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '127.0.0.1',
    '127.255.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    'fc00::1',
    'fdff:ffff::1',
  ])('%s is private', (address) => expect(reach(address)).toBe('private'));

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '198.19.255.255',
    '192.88.99.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
  ])('%s is never reached', (address) => expect(reach(address)).toBe('never'));

  it.each([
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::1',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    '2001::1',
    '2001:0:53aa:64c:0:5efe:7f00:1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    '100::1',
    '5f00::1',
    'fe80::1%eth0',
    '2400:4050::1%eth0',
  ])('%s is never reached', (address) => expect(reach(address)).toBe('never'));

  it.each(['', 'localhost', '127.1', '0x7f.1', '2130706433', '127.0.0.1:80', '[::1]', '1.2.3.4.5', ' 8.8.8.8'])(
    'what is no plain address is never reached: "%s"',
    (address) => expect(reach(address)).toBe('never'),
  );

  it('no IPv4 address becomes reachable by being written as one of IPv6', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((four) => four.join('.'));
    fc.assert(
      fc.property(octets, fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:'), (ipv4, prefix) => {
        // ::0.0.0.1 is the loopback address of IPv6.
        expect(['never', ...(ipv4 === '0.0.0.1' && prefix === '::' ? ['private'] : [])]).toContain(
          reach(`${prefix}${ipv4}`),
        );
      }),
    );
  });
});

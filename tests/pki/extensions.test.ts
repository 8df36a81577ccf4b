import {
  bits,
  boolean,
  context,
  DerError,
  integer,
  namedBits,
  octets,
  oid,
  readDer,
  sequence,
  set,
  utf8,
} from '../../src/pki/der.ts';
import { EXTENSIONS, type KnownExtensions, readExtensions, understand } from '../../src/pki/extensions.ts';
import type { ExtensionParts } from '../../src/pki/issue.ts';
import { formatName, readName, writeName } from '../../src/pki/names.ts';
import { authority, named, party } from './authorities.ts';

const root = authority('Root', undefined);
const known = (extensions: ExtensionParts): KnownExtensions => party('x', root, { extensions }).certificate.known;
const issuer = readName(readDer(writeName(named('Root'))));
const understood = (type: string, value: Uint8Array, critical = false) =>
  understand([{ oid: type, critical, value }], issuer);

describe('extensions that are understood', () => {
  it('say what they were made to say', () => {
    expect(
      known({
        basicConstraints: { ca: true, pathLength: 3 },
        keyUsage: ['nonRepudiation', 'decipherOnly'],
        extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'],
        certificatePolicies: ['1.2.3', '2.5.29.32.0'],
        policyMappings: [['1.2.3', '1.2.4']],
        policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 2 },
        inhibitAnyPolicy: 1,
        subjectKeyIdentifier: Uint8Array.of(1, 2),
        authorityKeyIdentifier: Uint8Array.of(3),
      }),
    ).toEqual({
      basicConstraints: { ca: true, pathLength: 3 },
      keyUsage: new Set(['nonRepudiation', 'decipherOnly']),
      extendedKeyUsage: new Set(['1.3.6.1.5.5.7.3.8']),
      certificatePolicies: new Set(['1.2.3', '2.5.29.32.0']),
      policyMappings: [{ issuerDomain: '1.2.3', subjectDomain: '1.2.4' }],
      policyConstraints: { requireExplicitPolicy: 0, inhibitPolicyMapping: 2 },
      inhibitAnyPolicy: 1,
      subjectKeyIdentifier: Uint8Array.of(1, 2),
      authorityKeyIdentifier: Uint8Array.of(3),
    });
  });

  it('name by every form of general names', () => {
    const { subjectAltName } = known({
      subjectAltName: [
        { directoryName: named('試験 太郎') },
        { uri: 'http://a.example/' },
        { dns: 'a.example' },
        { email: 'a@a.example' },
        { ip: Uint8Array.of(10, 0, 0, 1) },
      ],
    });
    expect(subjectAltName?.map((name) => ('name' in name ? formatName(name.name) : name))).toEqual([
      'CN=試験 太郎,O=Tasuki Test,C=JP',
      { kind: 'uri', text: 'http://a.example/' },
      { kind: 'dns', text: 'a.example' },
      { kind: 'email', text: 'a@a.example' },
      { kind: 'ip', bytes: Uint8Array.of(10, 0, 0, 1) },
    ]);
    const rare = sequence(
      context(0, true, oid('1.2.3'), context(0, true, utf8('x'))),
      context(3, true),
      context(5, true),
      context(8, false, Uint8Array.of(0x2a)),
    );
    const { subjectAltName: kinds } = understood(EXTENSIONS.subjectAltName, rare).known;
    expect(kinds?.map(({ kind }) => kind)).toEqual(['otherName', 'x400Address', 'ediPartyName', 'registeredId']);
  });

  it('make a distribution point that is relative to the issuer a full name', () => {
    const relative = context(0, true, context(1, true, sequence(oid('2.5.4.3'), utf8('SARL'))));
    const { crlDistributionPoints } = understood(
      EXTENSIONS.crlDistributionPoints,
      sequence(
        sequence(relative),
        sequence(
          context(0, true, context(0, true, context(6, false, Buffer.from('u')))),
          context(1, false, Uint8Array.of(6, 0x40)),
        ),
      ),
    ).known;
    const [first, second] = crlDistributionPoints!;
    expect(first).toMatchObject({ someReasons: false, crlIssuer: [] });
    expect(first!.names.map((name) => ('name' in name ? formatName(name.name) : ''))).toEqual([
      'CN=SARL,CN=Root,O=Tasuki Test,C=JP',
    ]);
    expect(second).toEqual({ names: [{ kind: 'uri', text: 'u' }], someReasons: true, crlIssuer: [] });
  });

  it('let FALSE be written out', () => {
    expect(understood(EXTENSIONS.basicConstraints, sequence(boolean(false))).known).toEqual({
      basicConstraints: { ca: false },
    });
    const written = sequence(sequence(oid('1.2.3'), boolean(false), octets(new Uint8Array())));
    expect(readExtensions(readDer(written))).toEqual([{ oid: '1.2.3', critical: false, value: new Uint8Array() }]);
  });
});

describe('extensions that are not understood', () => {
  it('are reported when critical, and no matter when not', () => {
    expect(understood('1.2.3', new Uint8Array(), true).unknownCritical).toEqual(['1.2.3']);
    expect(understood('1.2.3', new Uint8Array()).unknownCritical).toEqual([]);
  });

  it('may be no more than a qualifier in a critical policy', () => {
    const policies = (qualifier: string) =>
      sequence(sequence(oid('1.2.3'), sequence(sequence(oid(qualifier), utf8('x')))));
    const { certificatePolicies } = EXTENSIONS;
    expect(understood(certificatePolicies, policies('1.3.6.1.5.5.7.2.1'), true).unknownCritical).toEqual([]);
    expect(understood(certificatePolicies, policies('1.2.9'), true).unknownCritical).toEqual(['1.2.9']);
    expect(understood(certificatePolicies, policies('1.2.9')).unknownCritical).toEqual([]);
  });
});

describe('what is malformed', () => {
  const uri = context(6, false, Buffer.from('u'));
  const subtree = (...more: Uint8Array[]) => sequence(context(0, true, sequence(uri, ...more)));
  const cases: readonly (readonly [string, keyof typeof EXTENSIONS, Uint8Array])[] = [
    ['a flag that is neither true nor false', 'basicConstraints', sequence(Uint8Array.of(1, 1, 1))],
    ['a negative path length', 'basicConstraints', sequence(boolean(true), integer(-1))],
    ['more than constraints', 'basicConstraints', sequence(boolean(true), integer(1), integer(1))],
    ['no usage', 'keyUsage', namedBits()],
    ['a usage beyond the last', 'keyUsage', namedBits(9)],
    ['zeros at the end', 'keyUsage', bits(Uint8Array.of(0x40, 0), 0)],
    ['no purpose', 'extendedKeyUsage', sequence()],
    ['a purpose twice', 'extendedKeyUsage', sequence(oid('1.2.3'), oid('1.2.3'))],
    ['no policy', 'certificatePolicies', sequence()],
    ['a policy twice', 'certificatePolicies', sequence(sequence(oid('1.2.3')), sequence(oid('1.2.3')))],
    [
      'a qualifier without value',
      'certificatePolicies',
      sequence(sequence(oid('1.2.3'), sequence(sequence(oid('1.2.3'))))),
    ],
    ['half a mapping', 'policyMappings', sequence(sequence(oid('1.2.3')))],
    ['empty policy constraints', 'policyConstraints', sequence()],
    [
      'fields in the wrong order',
      'policyConstraints',
      sequence(context(1, false, Uint8Array.of(0)), context(0, false, Uint8Array.of(0))),
    ],
    ['a number that is none', 'inhibitAnyPolicy', boolean(true)],
    ['empty name constraints', 'nameConstraints', sequence()],
    ['no subtree', 'nameConstraints', sequence(context(0, true))],
    ['a distance in subtrees', 'nameConstraints', subtree(context(0, false, Uint8Array.of(1)))],
    ['an issuer without serial number', 'authorityKeyIdentifier', sequence(context(1, true, uri))],
    ['a key identifier that is no octets', 'subjectKeyIdentifier', utf8('x')],
    ['no distribution point', 'crlDistributionPoints', sequence()],
    ['an empty distribution point', 'crlDistributionPoints', sequence(sequence())],
    ['reasons alone', 'crlDistributionPoints', sequence(sequence(context(1, false, Uint8Array.of(6, 0x40))))],
    ['no alternative name', 'subjectAltName', sequence()],
    ['a name of no form', 'subjectAltName', sequence(context(9, false))],
    ['an address that is not ASCII', 'subjectAltName', sequence(context(6, false, Uint8Array.of(0xe9)))],
    ['a directory name without its tag', 'subjectAltName', sequence(context(4, true, set()))],
    ['attributes that are no sequence', 'subjectDirectoryAttributes', set()],
    ['bytes after the value', 'inhibitAnyPolicy', Uint8Array.from([...integer(1), 0])],
  ];
  it.each(cases)('refuses %s (%s)', (_, name, value) => {
    expect(() => understood(EXTENSIONS[name], value)).toThrow(DerError);
  });

  it.each([
    ['no extension', sequence()],
    ['an extension without value', sequence(sequence(oid('1.2.3')))],
    ['a value that is no octets', sequence(sequence(oid('1.2.3'), utf8('x')))],
    ['a part too many', sequence(sequence(oid('1.2.3'), octets(new Uint8Array()), octets(new Uint8Array())))],
  ])('refuses %s', (_, der) => {
    expect(() => readExtensions(readDer(der))).toThrow(DerError);
  });
});

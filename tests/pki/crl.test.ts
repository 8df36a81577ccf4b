import fc from 'fast-check';
import { isSignedBy } from '../../src/pki/certificate.ts';
import { readCrl } from '../../src/pki/crl.ts';
import {
  boolean,
  context,
  DerError,
  enumerated,
  integer,
  octets,
  oid,
  readDer,
  readSequence,
  sequence,
  time,
  utf8,
} from '../../src/pki/der.ts';
import { type CrlEntryParts, issueCrl } from '../../src/pki/issue.ts';
import { formatName } from '../../src/pki/names.ts';
import { authority, DAY, flipped, list, NOON, named } from './authorities.ts';

const root = authority('Root', undefined);

const outer = readSequence(readDer(list(root, { entries: [{ serial: 1n, revocationDate: NOON }] }).der)).map(
  ({ bytes }) => bytes,
);
const fields = readSequence(readDer(outer[0]!)).map(({ bytes }) => bytes);
const rebuilt = (changed: readonly Uint8Array[]) => sequence(sequence(...changed), outer[1]!, outer[2]!);
const withEntries = (...entries: Uint8Array[]) => rebuilt(fields.with(5, sequence(...entries)));

describe('a revocation list', () => {
  it('says what is in it', () => {
    const crl = list(root, {
      crlNumber: 2n ** 100n,
      deltaBase: 7n,
      expiredCertsOnCrl: NOON - 9 * DAY,
      issuingDistributionPoint: { names: [{ uri: 'http://x/' }], onlyContainsUserCerts: true, someReasons: true },
      entries: [
        { serial: 5n, revocationDate: NOON - DAY, reason: 'keyCompromise', invalidityDate: NOON - 2 * DAY },
        { serial: -6n, revocationDate: Date.parse('2050-01-01T00:00:00Z') },
      ],
    });
    expect(crl).toMatchObject({
      version: 2,
      thisUpdate: NOON,
      nextUpdate: NOON + DAY,
      size: 2,
      crlNumber: 2n ** 100n,
      deltaBase: 7n,
      expiredCertsOnCrl: NOON - 9 * DAY,
      hasCertificateIssuer: false,
      unknownCritical: [],
      authorityKeyIdentifier: root.certificate.known.subjectKeyIdentifier,
      issuingDistributionPoint: {
        names: [{ kind: 'uri', text: 'http://x/' }],
        onlyContainsUserCerts: true,
        onlyContainsCACerts: false,
        onlyContainsAttributeCerts: false,
        onlySomeReasons: true,
        indirectCRL: false,
      },
    });
    expect(formatName(crl.issuer)).toBe('CN=Root,O=Tasuki Test,C=JP');
    expect(crl.lookup(5n)).toEqual([
      { revocationDate: NOON - DAY, reason: 'keyCompromise', invalidityDate: NOON - 2 * DAY },
    ]);
    expect(crl.lookup(-6n)).toEqual([{ revocationDate: Date.parse('2050-01-01T00:00:00Z'), reason: 'unspecified' }]);
    expect([crl.lookup(6n), crl.lookup(0n), crl.lookup(2n ** 2000n)]).toEqual([[], [], []]);
    expect(isSignedBy(crl, root.certificate.spki)).toBe(true);
  });

  it('may be empty, without next update, of version 1', () => {
    const first = list(root, { version: 1, nextUpdate: null });
    expect(first).toMatchObject({ version: 1, size: 0 });
    expect(first.nextUpdate).toBeUndefined();
    expect(first.lookup(1n)).toEqual([]);
    const old = list(root, { version: 1, entries: [{ serial: 9n, revocationDate: NOON }] });
    expect(old.lookup(9n)).toEqual([{ revocationDate: NOON, reason: 'unspecified' }]);
    expect(readCrl(rebuilt(fields.with(5, sequence()))).size).toBe(0);
  });

  it('reports what is critical and not understood, in any entry', () => {
    const unknown = (arc: string) => [{ oid: `1.2.3.${arc}`, critical: true, value: Uint8Array.of(5, 0) }];
    const crl = list(root, {
      raw: [...unknown('1'), { oid: '1.2.3.9', critical: false, value: Uint8Array.of(5, 0) }],
      entries: [
        { serial: 1n, revocationDate: NOON },
        { serial: 2n, revocationDate: NOON, raw: unknown('2') },
        { serial: 3n, revocationDate: NOON, raw: unknown('2') },
      ],
    });
    expect(crl.unknownCritical.toSorted()).toEqual(['1.2.3.1', '1.2.3.2']);
  });

  it('tells that entries are of other issuers', () => {
    const certificateIssuer = named('Other');
    expect(
      list(root, { entries: [{ serial: 1n, revocationDate: NOON, certificateIssuer }] }).hasCertificateIssuer,
    ).toBe(true);
  });

  it('finds what is listed and nothing else', () => {
    const serials = fc.uniqueArray(fc.bigInt({ min: -(2n ** 40n), max: 2n ** 159n }), { maxLength: 40 });
    const reasons = fc.constantFrom('unspecified', 'superseded', 'certificateHold', undefined);
    fc.assert(
      fc.property(serials, serials, fc.infiniteStream(reasons), (listed, others, reason) => {
        const entries = listed.map((serial): CrlEntryParts => {
          const given = reason.next().value;
          return { serial, revocationDate: NOON, ...(given && { reason: given }) };
        });
        const crl = list(root, { entries, authorityKeyIdentifier: false });
        for (const entry of entries) {
          expect(crl.lookup(entry.serial)).toEqual([{ revocationDate: NOON, reason: entry.reason ?? 'unspecified' }]);
        }
        for (const serial of others) expect(crl.lookup(serial)).toHaveLength(listed.includes(serial) ? 1 : 0);
      }),
      { numRuns: 40 },
    );
  });

  it('gives every entry of a serial number that is listed twice', () => {
    const crl = list(root, {
      entries: [
        { serial: 1n, revocationDate: NOON, reason: 'certificateHold' },
        { serial: 1n, revocationDate: NOON - DAY, reason: 'keyCompromise' },
      ],
    });
    expect(crl.lookup(1n).map(({ reason }) => reason)).toEqual(['certificateHold', 'keyCompromise']);
  });

  it('of ten thousand entries has the last one too, and keeps apart what looks alike', () => {
    const entries = Array.from(
      { length: 10_000 },
      (_, at): CrlEntryParts => ({
        serial: 2n ** 127n + BigInt(at),
        revocationDate: NOON - at * 1000,
        reason: at % 2 === 0 ? 'superseded' : 'keyCompromise',
        ...(at % 100 === 0 && { invalidityDate: NOON - at * 2000 }),
      }),
    );
    const crl = list(root, { entries });
    expect(crl.size).toBe(10_000);
    expect(crl.lookup(2n ** 127n + 9_999n)).toEqual([{ revocationDate: NOON - 9_999_000, reason: 'keyCompromise' }]);
    expect(crl.lookup(2n ** 127n + 9_900n)).toEqual([
      { revocationDate: NOON - 9_900_000, reason: 'superseded', invalidityDate: NOON - 19_800_000 },
    ]);
    expect(crl.lookup(2n ** 127n + 10_000n)).toEqual([]);
  });
});

describe('what is malformed', () => {
  const entry = (...parts: Uint8Array[]) => sequence(integer(1), time(NOON), ...parts);
  const entryExtension = (type: string, value: Uint8Array) => entry(sequence(sequence(oid(type), octets(value))));
  const listExtension = (type: string, value: Uint8Array) =>
    rebuilt(fields.with(6, context(0, true, sequence(sequence(oid(type), octets(value))))));
  it.each([
    ['nothing', new Uint8Array()],
    ['version 3', rebuilt(fields.with(0, integer(2)))],
    ['version 1 written out', rebuilt(fields.with(0, integer(0)))],
    ['version 1 with extensions', rebuilt(fields.slice(1))],
    ['two signature algorithms', rebuilt(fields.with(1, sequence(oid('1.2.840.10045.4.3.4'))))],
    ['a field too many', rebuilt([...fields, utf8('x')])],
    ['no time', rebuilt(fields.slice(0, 3))],
    ['bytes after it', Uint8Array.from([...list(root).der, 0])],
    ['an entry without date', withEntries(sequence(integer(1)))],
    ['an entry that is no sequence', withEntries(integer(1))],
    ['an entry with a part too many', withEntries(entry(sequence(), sequence()))],
    ['a serial number that is not in its shortest form', withEntries(sequence(Uint8Array.of(2, 2, 0, 1), time(NOON)))],
    ['an empty serial number', withEntries(sequence(Uint8Array.of(2, 0), time(NOON)))],
    ['a serial number that is no number', withEntries(sequence(utf8('1'), time(NOON)))],
    [
      'a date that does not exist',
      withEntries(sequence(integer(1), Uint8Array.from([0x17, 13, ...Buffer.from('261345000000Z')]))),
    ],
    ['a reason that is not used', withEntries(entryExtension('2.5.29.21', enumerated(7)))],
    ['a reason beyond the last', withEntries(entryExtension('2.5.29.21', enumerated(11)))],
    ['a reason that is an integer', withEntries(entryExtension('2.5.29.21', integer(1)))],
    ['an invalidity date in UTCTime', withEntries(entryExtension('2.5.29.24', time(NOON)))],
    ['a malformed entry after good ones', withEntries(entry(), entry(), entryExtension('2.5.29.21', enumerated(7)))],
    ['a number that is none', listExtension('2.5.29.20', boolean(true))],
    ['a distribution point with an unknown field', listExtension('2.5.29.28', sequence(context(6, false)))],
    ['no extension', rebuilt(fields.with(6, context(0, true, sequence())))],
  ])('refuses %s', (_, der) => {
    expect(() => readCrl(der)).toThrow(DerError);
  });

  it('refuses extensions of entries in version 1', () => {
    const der = issueCrl({
      issuer: root,
      thisUpdate: NOON,
      nextUpdate: null,
      version: 1,
      entries: [{ serial: 1n, revocationDate: NOON }],
    });
    const [tbs, algorithm, signature] = readSequence(readDer(der)).map(({ bytes }) => bytes);
    const parts = readSequence(readDer(tbs!)).map(({ bytes }) => bytes);
    const reason = entryExtension('2.5.29.21', enumerated(1));
    expect(() => readCrl(sequence(sequence(...parts.with(-1, sequence(reason))), algorithm!, signature!))).toThrow(
      DerError,
    );
    expect(readCrl(sequence(sequence(...parts), algorithm!, signature!)).size).toBe(1);
  });

  it('never is a good list: a byte changed anywhere is refused or breaks the signature', () => {
    const { der } = list(root, {
      entries: [{ serial: 5n, revocationDate: NOON, reason: 'keyCompromise' }],
      issuingDistributionPoint: { names: [{ uri: 'http://x/' }] },
    });
    const change = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(change, ([position, mask]) => {
        try {
          return !isSignedBy(readCrl(flipped(der, position, mask)), root.certificate.spki);
        } catch (error) {
          return error instanceof DerError;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

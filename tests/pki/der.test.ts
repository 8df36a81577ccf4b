import fc from 'fast-check';
import * as der from '../../src/pki/der.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const read = (bytes: Uint8Array) => der.readDer(bytes);
const seconds = (min: string, max: string) =>
  fc.integer({ min: Date.parse(min) / 1000, max: Date.parse(max) / 1000 }).map((second) => second * 1000);
const bytes = (maxLength = 300) => fc.uint8Array({ maxLength });

describe('writing and reading again gives the same', () => {
  const law = <T>(
    name: string,
    values: fc.Arbitrary<T>,
    write: (value: T) => Uint8Array,
    again: (tlv: der.Tlv) => unknown,
  ) =>
    it(name, () => {
      fc.assert(fc.property(values, (value) => expect(again(read(write(value)))).toEqual(value)));
    });

  law('INTEGER', fc.bigInt({ min: -(2n ** 600n), max: 2n ** 600n }), der.integer, (tlv) => der.readInteger(tlv));
  law('small INTEGER', fc.nat(), der.integer, (tlv) => der.readSmallInteger(tlv));
  law('ENUMERATED', fc.integer(), der.enumerated, (tlv) => der.readEnumerated(tlv));
  law('BOOLEAN', fc.boolean(), der.boolean, (tlv) => der.readBoolean(tlv));
  law('NULL', fc.constant(null), der.nil, (tlv) => der.readNull(tlv));
  law('OCTET STRING', bytes(), der.octets, (tlv) => der.readOctets(tlv));
  law(
    'BIT STRING',
    bytes(),
    (value) => der.bits(value),
    (tlv) => der.readWholeBits(tlv),
  );
  law(
    'named bits',
    fc.uniqueArray(fc.nat(200)).map((positions) => new Set(positions.toSorted((a, b) => a - b))),
    (positions) => der.namedBits(...positions),
    (tlv) => der.readNamedBits(tlv),
  );
  law(
    'OBJECT IDENTIFIER',
    fc
      .tuple(fc.nat(2), fc.nat(39), fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n }), { maxLength: 6 }))
      .map(([root, second, rest]) => [root, second, ...rest].join('.')),
    der.oid,
    (tlv) => der.readOid(tlv),
  );
  law(
    'UTF8String',
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    der.utf8,
    der.readText,
  );
  law('PrintableString', fc.stringMatching(/^[A-Za-z0-9 '()+,./:=?-]*$/), der.printable, der.readText);
  law(
    'IA5String',
    fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)) }),
    der.ia5,
    der.readText,
  );
  law('Time', seconds('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'), der.time, der.readTime);
  law('GeneralizedTime', seconds('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'), der.generalizedTime, (tlv) =>
    der.readGeneralizedTime(tlv),
  );
  law(
    'GeneralizedTime to the millisecond',
    fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2200, 0) }),
    (ms) => der.generalizedTime(ms, true),
    (tlv) => der.readGeneralizedTime(tlv, { fraction: true }),
  );
  law(
    'SEQUENCE of any length',
    fc.array(bytes(200), { maxLength: 50 }),
    (all) => der.sequence(...all.map(der.octets)),
    (tlv) => der.readSequence(tlv).map((one) => der.readOctets(one)),
  );
  law(
    'context-specific tags of any number',
    fc.tuple(fc.nat(2 ** 28 - 1), bytes(20)),
    ([tag, content]) => der.context(tag, false, content),
    ({ tag, content, tagClass, constructed }) => (tagClass === 2 && !constructed ? [tag, content] : undefined),
  );

  it('SET OF, whose members it puts in order', () => {
    fc.assert(
      fc.property(fc.array(bytes(40)), (all) => {
        const members = der.readSetOf(read(der.set(...all.map(der.octets)))).map((one) => Buffer.from(one.bytes));
        expect(members).toEqual(all.map((one) => Buffer.from(der.octets(one))).sort(Buffer.compare));
      }),
    );
  });

  it('of lengths in one, two, three and four bytes', () => {
    for (const length of [0, 127, 128, 255, 256, 65_535, 65_536, 16_777_216]) {
      expect(der.readOctets(read(der.octets(new Uint8Array(length)))).length).toBe(length);
    }
  });
});

describe('what is not in the distinguished encoding is refused', () => {
  const sequenceOf = (tlv: der.Tlv) => der.readSequence(tlv);
  const time = (text: string, tag = '17') =>
    `${tag}${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`;
  const table: readonly (readonly [string, string, ((tlv: der.Tlv) => unknown)?])[] = [
    ['nothing', ''],
    ['a tag alone', '30'],
    ['an indefinite length', '30 80 02 01 01 00 00'],
    ['an indefinite length of a string', '24 80 04 01 01 00 00'],
    ['end-of-contents', '00 00'],
    ['end-of-contents within', '30 02 00 00'],
    ['a long length that fits in short form', '04 81 01 00'],
    ['a long length of 127', `04 81 7f ${'00'.repeat(127)}`],
    ['a length with leading zeros', `04 82 00 80 ${'00'.repeat(128)}`],
    ['a length of five bytes', '04 85 00 00 00 00 01 00'],
    ['the reserved length FF', '04 ff 00'],
    ['a length cut short', '04 82 01'],
    ['a length beyond the end', '04 02 00'],
    ['a length of almost 4 GB', '30 84 ff ff ff ff 00'],
    ['a member beyond its sequence', '30 03 04 02 00 00'],
    ['bytes after the element', '05 00 00'],
    ['a long tag that fits in short form', '9f 1e 00'],
    ['a long tag with leading zeros', '9f 80 1f 00'],
    ['a long tag without end', '9f ff ff'],
    ['a tag of more than 28 bits', '9f ff ff ff ff 7f 00'],
    ['a primitive sequence', '10 00'],
    ['a primitive set', '11 00'],
    ['a constructed octet string', '24 03 04 01 00'],
    ['a constructed bit string', '23 04 03 02 00 00'],
    ['a constructed UTF8String', '2c 03 0c 01 41'],
    ['a constructed integer', '22 03 02 01 00'],
    ['a BOOLEAN of 01', '01 01 01', (tlv) => der.readBoolean(tlv)],
    ['a BOOLEAN of two bytes', '01 02 00 00', (tlv) => der.readBoolean(tlv)],
    ['a BOOLEAN of none', '01 00', (tlv) => der.readBoolean(tlv)],
    ['an INTEGER of none', '02 00', (tlv) => der.readInteger(tlv)],
    ['an INTEGER with leading zeros', '02 02 00 7f', (tlv) => der.readInteger(tlv)],
    ['an INTEGER with leading ones', '02 02 ff 80', (tlv) => der.readInteger(tlv)],
    ['a small INTEGER below zero', '02 01 ff', (tlv) => der.readSmallInteger(tlv)],
    ['an ENUMERATED with leading zeros', '0a 02 00 01', (tlv) => der.readEnumerated(tlv)],
    ['an INTEGER for an ENUMERATED', '02 01 01', (tlv) => der.readEnumerated(tlv)],
    ['an INTEGER of 8,193 bytes', `02 82 20 01 ${'11'.repeat(8193)}`, (tlv) => der.readInteger(tlv)],
    ['a NULL with content', '05 01 00', (tlv) => der.readNull(tlv)],
    ['a BIT STRING of none', '03 00', (tlv) => der.readBits(tlv)],
    ['a BIT STRING with eight unused bits', '03 02 08 00', (tlv) => der.readBits(tlv)],
    ['a BIT STRING with unused bits of no byte', '03 01 01', (tlv) => der.readBits(tlv)],
    ['a BIT STRING whose unused bits are set', '03 02 04 01', (tlv) => der.readBits(tlv)],
    ['named bits with zeros at the end', '03 02 05 40', (tlv) => der.readNamedBits(tlv)],
    ['named bits in too many bytes', '03 03 00 80 00', (tlv) => der.readNamedBits(tlv)],
    ['a key that does not end with a byte', '03 02 01 80', (tlv) => der.readWholeBits(tlv)],
    ['an OBJECT IDENTIFIER of none', '06 00', (tlv) => der.readOid(tlv)],
    ['an OBJECT IDENTIFIER with leading zeros', '06 03 2a 80 01', (tlv) => der.readOid(tlv)],
    ['an OBJECT IDENTIFIER cut short', '06 02 2a 86', (tlv) => der.readOid(tlv)],
    ['an OBJECT IDENTIFIER of 129 bytes', `06 81 81 ${'2a'.repeat(129)}`, (tlv) => der.readOid(tlv)],
    ['a SET OF out of order', '31 06 02 01 02 02 01 01', (tlv) => der.readSetOf(tlv)],
    ['a SET OF with the longer first', '31 07 04 02 00 00 04 01 00', (tlv) => der.readSetOf(tlv)],
    ['a SET for a SEQUENCE', '31 00', sequenceOf],
    ['a context tag for a SEQUENCE', 'a0 00', sequenceOf],
    ['the elements of a primitive', '80 02 05 00', (tlv) => der.children(tlv)],
    ['UTCTime without seconds', time('2401010000Z'), der.readTime],
    ['UTCTime with an offset', time('240101000000+0900'), der.readTime],
    ['UTCTime of local time', time('240101000000'), der.readTime],
    ['UTCTime of 30 February', time('240230000000Z'), der.readTime],
    ['UTCTime of 29 February in no leap year', time('230229000000Z'), der.readTime],
    ['UTCTime of month 13', time('241301000000Z'), der.readTime],
    ['UTCTime of month 0', time('240001000000Z'), der.readTime],
    ['UTCTime of 24 h', time('240101240000Z'), der.readTime],
    ['UTCTime of a leap second', time('161231235960Z'), der.readTime],
    ['UTCTime with a letter', time('24010100000aZ'), der.readTime],
    ['UTCTime with a sign', time('2401010000-1Z'), der.readTime],
    ['GeneralizedTime of 2024 where UTCTime is due', time('20240101000000Z', '18'), der.readTime],
    ['GeneralizedTime with parts of a second in a certificate', time('20500101000000.5Z', '18'), der.readTime],
    ['GeneralizedTime without seconds', time('205001010000Z', '18'), der.readTime],
    ['GeneralizedTime of local time', time('20500101000000', '18'), der.readTime],
    ...['.Z', '.50Z', '.0Z', ',5Z', '.5', '.5+0900', '.5ZZ'].map(
      (end) =>
        [
          `GeneralizedTime that ends in ${end}`,
          time(`20240101000000${end}`, '18'),
          (tlv: der.Tlv) => der.readGeneralizedTime(tlv, { fraction: true }),
        ] as const,
    ),
    ['UTF8String in overlong form', '0c 02 c0 80', der.readText],
    ['UTF8String of a lone surrogate', '0c 03 ed a0 80', der.readText],
    ['UTF8String with NUL', '0c 03 41 00 42', der.readText],
    ['PrintableString with an underscore', '13 01 5f', der.readText],
    ['NumericString with a letter', '12 01 41', der.readText],
    ['IA5String beyond ASCII', '16 01 e9', der.readText],
    ['an implicit IA5String beyond ASCII', '86 01 e9', (tlv) => der.readIa5(tlv, 6)],
    ['BMPString of an odd length', '1e 03 00 41 00', der.readText],
    ['BMPString of a lone surrogate', '1e 02 d8 00', der.readText],
    ['an OCTET STRING for a text', '04 01 41', der.readText],
    ['a context tag for a text', '8c 01 41', der.readText],
  ];

  it.each(table.map(([name, encoded, reader]) => ({ name, encoded, reader })))('$name', ({ encoded, reader }) => {
    if (reader) {
      const tlv = read(hex(encoded));
      expect(() => reader(tlv)).toThrow(der.DerError);
    } else {
      expect(() => read(hex(encoded))).toThrow(der.DerError);
    }
  });

  it('and says where', () => {
    expect(() => read(hex('30 05 02 01 01 01 81'))).toThrow(/\(at 5\)/);
    const [, second] = der.readSequence(read(hex('30 06 02 01 01 02 01 ff')));
    expect(() => der.readSmallInteger(second!)).toThrow(expect.objectContaining({ name: 'DerError', offset: 5 }));
  });
});

describe('what is', () => {
  it('is read where it stands, without a copy', () => {
    const source = der.sequence(der.octets(Uint8Array.of(1, 2, 3)));
    const [member] = der.readSequence(read(source));
    source[source.length - 1] = 9;
    expect(member).toMatchObject({ offset: 2, content: Uint8Array.of(1, 2, 9), bytes: Uint8Array.of(4, 3, 1, 2, 9) });
    expect(member!.content.buffer).toBe(source.buffer);
  });

  it('may be a part of a Buffer, and comes as plain bytes', () => {
    const source = Buffer.from('ffff0403010203ff', 'hex').subarray(2, 7);
    const { content } = read(source);
    expect(content).toEqual(Uint8Array.of(1, 2, 3));
    expect(Buffer.isBuffer(content)).toBe(false);
  });

  it('takes the years of UTCTime for 1950 to 2049', () => {
    expect(der.readTime(read(hex('17 0d 35 30 30 31 30 31 30 30 30 30 30 30 5a')))).toBe(Date.UTC(1950, 0, 1));
    expect(der.readTime(read(hex('17 0d 34 39 31 32 33 31 32 33 35 39 35 39 5a')))).toBe(
      Date.UTC(2049, 11, 31, 23, 59, 59),
    );
    expect(der.time(Date.UTC(2050, 0, 1))[0]).toBe(0x18);
  });

  it('has parts of a second rounded down to milliseconds', () => {
    const finer = Buffer.from('20240101000000.123987Z');
    const tlv = read(Uint8Array.of(0x18, finer.length, ...finer));
    expect(der.readGeneralizedTime(tlv, { fraction: true })).toBe(Date.UTC(2024, 0, 1, 0, 0, 0, 123));
  });

  it('has texts in the character sets of old certificates', () => {
    expect(der.readText(read(hex('1e 04 65e5 672c')))).toBe('日本');
    expect(der.readText(read(hex('14 03 41 e9 42')))).toBe('AéB');
    expect(der.readText(read(hex('12 02 31 32')))).toBe('12');
    expect(der.readText(read(hex('1a 02 41 7e')))).toBe('A~');
  });

  it('has the object identifiers of HPKI in their known bytes', () => {
    expect(der.hex(der.oid('1.2.392.100495.1.6.1.1'))).toBe('060a2a830886910f01060101');
    expect(der.hex(der.oid('1.0.17090.0.1'))).toBe('060628818542 0001'.replace(' ', ''));
    expect(der.readOid(read(der.oid('2.999.1')))).toBe('2.999.1');
  });

  it.each([
    ['an object identifier', () => der.oid('1.40')],
    ['an object identifier of one arc', () => der.oid('1')],
    ['a PrintableString', () => der.printable('a_b')],
    ['an IA5String', () => der.ia5('é')],
    ['unused bits', () => der.bits(new Uint8Array(), 1)],
    ['a year', () => der.time(Date.UTC(10_000, 0))],
    ['a tag', () => der.context(-1, false)],
  ])('is not written of what is no such thing: %s', (_, write) => {
    expect(write).toThrow(RangeError);
  });
});

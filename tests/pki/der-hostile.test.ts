import fc from 'fast-check';
import * as der from '../../src/pki/der.ts';
import { children, concat, DerError, octets, readDer, readDerPrefix, sequence, type Tlv } from '../../src/pki/der.ts';

const readers: readonly ((tlv: Tlv) => unknown)[] = [
  der.readOid,
  der.readInteger,
  der.readSmallInteger,
  der.readEnumerated,
  der.readOctets,
  der.readBits,
  der.readWholeBits,
  der.readNamedBits,
  der.readBoolean,
  der.readNull,
  der.readTime,
  (tlv: Tlv) => der.readGeneralizedTime(tlv, { fraction: true }),
  der.readText,
  der.readIa5,
  der.readSequence,
  der.readSetOf,
].map((reader) => (tlv: Tlv) => (reader as (tlv: Tlv) => unknown)(tlv));

/** Anything but a DerError goes through. */
function tolerate<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Every element, whatever it is, given to every reader. */
function exhaust(tlv: Tlv): void {
  for (const reader of readers) tolerate(() => reader(tlv));
  if (tlv.constructed) for (const child of children(tlv)) exhaust(child);
}

const tree: fc.Arbitrary<Uint8Array> = fc.letrec<{ node: Uint8Array }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.uint8Array({ maxLength: 20 }))
      .map(([tag, content]) => Uint8Array.of(tag, content.length, ...content)),
    fc.array(tie('node'), { maxLength: 4 }).map((members) => sequence(...members)),
    fc.array(tie('node'), { maxLength: 4 }).map((members) => der.set(...members)),
  ),
})).node;

describe('hostile DER', () => {
  it('of random bytes never gives anything but a value or a DerError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const tlv = tolerate(() => readDerPrefix(bytes));
        if (tlv) exhaust(tlv);
      }),
      { numRuns: 2000 },
    );
  });

  it('of well-formed elements with a byte changed neither', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        const changed = Uint8Array.from(bytes);
        changed[at % changed.length]! ^= change;
        const tlv = tolerate(() => readDer(changed));
        if (tlv) exhaust(tlv);
      }),
      { numRuns: 1000 },
    );
  });

  it('has one encoding: what is read is, byte for byte, what would be written', () => {
    const written = (tlv: Tlv): Uint8Array => {
      const again = octets(tlv.constructed ? concat(...children(tlv).map(written)) : tlv.content);
      again[0] = tlv.bytes[0]!;
      return again;
    };
    const shortTag = (tlv: Tlv): boolean =>
      (tlv.bytes[0]! & 0x1f) !== 0x1f && (!tlv.constructed || children(tlv).every(shortTag));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), tree), (bytes) => {
        const tlv = tolerate(() => readDerPrefix(bytes));
        if (tlv && shortTag(tlv)) expect(written(tlv)).toEqual(tlv.bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('nested 100,000 deep is refused, within the stack', () => {
    let size = 0;
    const heads: Uint8Array[] = [];
    for (let level = 0; level < 100_000; level += 1) {
      const length =
        size < 0x80
          ? [size]
          : size < 0x100
            ? [0x81, size]
            : size < 0x1_0000
              ? [0x82, size >> 8, size & 255]
              : [0x83, size >> 16, (size >> 8) & 255, size & 255];
      heads.push(Uint8Array.of(0x30, ...length));
      size += 1 + length.length;
    }
    const nested = new Uint8Array(Buffer.concat(heads.reverse()));
    expect(() => readDer(nested)).toThrow('deeper than 32');
    expect(() => readDer(nested, { depth: 1_000_000 })).not.toThrow();
  });

  it('is as deep as it may be, and no deeper', () => {
    const nested = (levels: number) =>
      Array.from({ length: levels }).reduce<Uint8Array>((inner) => sequence(inner), new Uint8Array());
    expect(() => readDer(nested(32))).not.toThrow();
    expect(() => readDer(nested(33))).toThrow('deeper than 32');
  });

  it('that claims 4 GB allocates nothing', () => {
    expect(() => readDer(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff))).toThrow('a length beyond the end');
    expect(() => readDer(Uint8Array.of(0x30, 0x06, 0x04, 0x84, 0x7f, 0xff, 0xff, 0xff))).toThrow(
      'a length beyond the end',
    );
  });

  it('of more elements than it may have is refused', () => {
    const bomb = sequence(new Uint8Array(4_000_000).map((_, at) => (at % 2 === 0 ? 5 : 0)));
    expect(() => readDer(bomb)).toThrow('more than 1000000 elements');
    expect(() => readDer(sequence(der.nil(), der.nil()), { nodes: 2 })).toThrow('more than 2 elements');
    expect(() => readDer(sequence(der.nil(), der.nil()), { nodes: 3 })).not.toThrow();
  });

  it('of more bytes than it may have is refused', () => {
    expect(() => readDer(octets(new Uint8Array(100)), { bytes: 101 })).toThrow('more than 101 bytes');
    expect(() => readDer(octets(new Uint8Array(100)), { bytes: 102 })).not.toThrow();
  });

  it('is not read from an element of other making', () => {
    const forged = {
      tagClass: 0,
      constructed: true,
      tag: 16,
      bytes: new Uint8Array(),
      content: new Uint8Array(),
      offset: 0,
    } as const;
    expect(() => children(forged)).toThrow(DerError);
  });
});

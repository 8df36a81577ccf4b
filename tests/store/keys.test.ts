import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Keys } from '../../src/store/keys.ts';

const SECRET = 'a secret that is only good enough for tests';
const keys = new Keys(SECRET);
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

describe('a key', () => {
  it('is the first eight bytes of SHA-256 over secret and text, signed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const digest = createHash('sha256').update(`${SECRET}\u001e${text}`, 'utf8').digest();
        expect(keys.of(text)).toBe(digest.readBigInt64LE(0));
      }),
    );
  });

  it.each(['', 'a', '山田', '\u{29e3d}', 'x'.repeat(10_000)])(
    'of %.20j is the same each time, remembered or not',
    (text) => {
      expect(keys.of(text)).toBe(keys.of(text));
      expect(new Keys(SECRET).of(text)).toBe(keys.of(text));
    },
  );

  it('is another in another database', () => {
    const other = new Keys('another secret that is good enough for tests');
    expect(other.rid('Patient', '1')).not.toBe(keys.rid('Patient', '1'));
    expect(other.param('Patient', 'name')).not.toBe(keys.param('Patient', 'name'));
  });

  it('fits a bigint, of which it uses both signs', () => {
    const all = Array.from({ length: 1000 }, (_, i) => keys.of(String(i)));
    expect(all.every((key) => key >= MIN && key <= MAX)).toBe(true);
    expect(all.some((key) => key < 0n)).toBe(true);
    expect(all.some((key) => key > 0n)).toBe(true);
  });

  it('is still the same after so many that they are not all remembered', () => {
    const fresh = new Keys(SECRET);
    const first = fresh.of('first');
    const seen = new Set<bigint>();
    for (let i = 0; i < 60_000; i++) seen.add(fresh.of(`n${i}`));
    expect(seen.size).toBe(60_000);
    expect(fresh.of('first')).toBe(first);
    expect(fresh.of('n59999')).toBe(keys.of('n59999'));
  });

  it.each(['', 'short', 'x'.repeat(31)])('needs a secret of some length, not %j', (secret) => {
    expect(() => new Keys(secret)).toThrow('too short');
  });
});

describe('keys of different kinds', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '/', '|', ':', '.'), maxLength: 4 });

  it('never meet: where the one ends is not taken for where the other begins', () => {
    fc.assert(
      fc.property(fc.tuple(part, part, part, part), fc.tuple(part, part, part, part), (one, other) => {
        fc.pre(one.join('\u001f') !== other.join('\u001f'));
        expect(keys.value(...one)).not.toBe(keys.value(...other));
      }),
    );
  });

  it('tell a parameter from a value of it, and both from a resource', () => {
    const all = [
      keys.param('Patient', 'name'),
      keys.value('Patient', 'name', '', ''),
      keys.value('Patient', 'name', 'present', ''),
      keys.value('Patient', 'name', 'exact', ''),
      keys.rid('Patient', 'name'),
      keys.of('Patient'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('a reference', () => {
  const id = fc.string({ unit: fc.constantFrom(...'ab09-.'), minLength: 1, maxLength: 8 });

  it('can be walked both ways by XOR with its parameter', () => {
    fc.assert(
      fc.property(id, id, (code, target) => {
        const rid = keys.rid('Patient', target);
        const salt = keys.param('Observation', code);
        const key = keys.reference('Observation', code, rid);
        expect(BigInt.asIntN(64, key)).toBe(key);
        expect(key ^ salt).toBe(rid);
        expect(rid ^ salt).toBe(key);
      }),
    );
  });

  it('has another key in each parameter and each type that refers', () => {
    const rid = keys.rid('Patient', '1');
    const all = [
      keys.reference('Observation', 'subject', rid),
      keys.reference('Observation', 'patient', rid),
      keys.reference('Condition', 'subject', rid),
    ];
    expect(new Set([...all, rid]).size).toBe(4);
  });
});

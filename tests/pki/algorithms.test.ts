import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import {
  describeKey,
  digest,
  HASHES,
  type Hash,
  hashOf,
  isRefused,
  readDigestAlgorithm,
  readScheme,
  readSignerScheme,
  type Scheme,
  schemeFor,
  sign,
  spkiOf,
  verifySignature,
  writeDigestAlgorithm,
  writeScheme,
} from '../../src/pki/algorithms.ts';
import {
  bits,
  context,
  DerError,
  integer,
  nil,
  octets,
  oid,
  readDer,
  readInteger,
  readSequence,
  sequence,
} from '../../src/pki/der.ts';
import { keyOf } from './material.ts';

const hashes = Object.keys(HASHES) as Hash[];
const schemes: readonly Scheme[] = hashes.flatMap((hash): Scheme[] => [
  { kind: 'rsa-pkcs1', hash },
  { kind: 'rsa-pss', hash, saltLength: HASHES[hash].size },
  { kind: 'ecdsa', hash },
]);
const keys = { 'rsa-pkcs1': 'rsa', 'rsa-pss': 'rsa', ecdsa: 'P-256' } as const;
const data = Buffer.from('what is signed');
const scheme = (...parts: readonly Uint8Array[]) => readScheme(readDer(sequence(...parts)));

describe('an AlgorithmIdentifier', () => {
  it.each(schemes.map((one) => ({ name: `${one.kind} with ${one.hash}`, one })))(
    'of $name is read as written',
    ({ one }) => {
      expect(readScheme(readDer(writeScheme(one)))).toEqual(one);
    },
  );

  it('of PSS has any length of salt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1024 }), fc.constantFrom(...hashes), (saltLength, hash) => {
        const pss: Scheme = { kind: 'rsa-pss', hash, saltLength };
        expect(readScheme(readDer(writeScheme(pss)))).toEqual(pss);
      }),
    );
  });

  it.each(hashes)('of the digest %s is read with NULL and without parameters', (hash) => {
    expect(readDigestAlgorithm(readDer(writeDigestAlgorithm(hash)))).toBe(hash);
    expect(readDigestAlgorithm(readDer(sequence(oid(HASHES[hash].oid), nil())))).toBe(hash);
    expect(hashOf(HASHES[hash].oid)).toBe(hash);
    expect(digest(hash, data).length).toBe(HASHES[hash].size);
    expect(() => readDigestAlgorithm(readDer(sequence(oid(HASHES[hash].oid), integer(1))))).toThrow(DerError);
  });

  it.each([
    ['MD5', '1.2.840.113549.2.5', 'HASH_WEAK'],
    ['SHA-1', '1.3.14.3.2.26', 'HASH_WEAK'],
    ['SHA-224', '2.16.840.1.101.3.4.2.4', 'HASH_WEAK'],
    ['SHA3-256', '2.16.840.1.101.3.4.2.8', 'ALGORITHM_UNKNOWN'],
    ['one that nobody knows', '1.2.3', 'ALGORITHM_UNKNOWN'],
  ])('of the digest %s is refused by name', (_, id, code) => {
    expect(readDigestAlgorithm(readDer(sequence(oid(id), nil())))).toMatchObject({ kind: 'refused', code, oid: id });
  });

  it.each([
    ['RSA with MD5', '1.2.840.113549.1.1.4', 'HASH_WEAK'],
    ['RSA with SHA-1', '1.2.840.113549.1.1.5', 'HASH_WEAK'],
    ['ECDSA with SHA-1', '1.2.840.10045.4.1', 'HASH_WEAK'],
    ['DSA with SHA-1', '1.2.840.10040.4.3', 'HASH_WEAK'],
    ['DSA with SHA-256', '2.16.840.1.101.3.4.3.2', 'ALGORITHM_UNKNOWN'],
    ['Ed25519', '1.3.101.112', 'ALGORITHM_UNKNOWN'],
    ['RSA without a hash', '1.2.840.113549.1.1.1', 'ALGORITHM_UNKNOWN'],
    ['a key for a signature', '1.2.840.10045.2.1', 'ALGORITHM_UNKNOWN'],
  ])('of %s is refused by name', (_, id, code) => {
    expect(scheme(oid(id))).toMatchObject({ kind: 'refused', code, oid: id });
  });

  it('with parameters that it must not have is malformed', () => {
    expect(() => scheme(oid('1.2.840.10045.4.3.2'), nil())).toThrow('parameters of ECDSA');
    expect(() => scheme(oid('1.2.840.113549.1.1.11'), sequence())).toThrow(DerError);
    expect(() => scheme(oid('1.2.840.113549.1.1.11'), nil(), nil())).toThrow(DerError);
    expect(scheme(oid('1.2.840.113549.1.1.11'))).toEqual({ kind: 'rsa-pkcs1', hash: 'sha256' });
  });
});

describe('parameters of RSASSA-PSS', () => {
  const sha1 = sequence(oid('1.3.14.3.2.26'), nil());
  const sha256 = sequence(oid(HASHES.sha256.oid), nil());
  const sha512 = sequence(oid(HASHES.sha512.oid), nil());
  const mgf1 = (hash: Uint8Array) => sequence(oid('1.2.840.113549.1.1.8'), hash);
  const field = (tag: number, value: Uint8Array) => context(tag, true, value);
  const pss = (...fields: readonly Uint8Array[]) => scheme(oid('1.2.840.113549.1.1.10'), sequence(...fields));
  const good = [field(0, sha256), field(1, mgf1(sha256)), field(2, integer(32))];

  it('may leave the trailer out or write it', () => {
    expect(pss(...good)).toEqual({ kind: 'rsa-pss', hash: 'sha256', saltLength: 32 });
    expect(pss(...good, field(3, integer(1)))).toEqual({ kind: 'rsa-pss', hash: 'sha256', saltLength: 32 });
    expect(pss(...good.slice(0, 2))).toMatchObject({ saltLength: 20 });
  });

  it.each([
    ['none at all', () => scheme(oid('1.2.840.113549.1.1.10')), 'HASH_WEAK'],
    ['all of the defaults, which mean SHA-1', () => pss(), 'HASH_WEAK'],
    ['the default hash', () => pss(field(1, mgf1(sha256))), 'HASH_WEAK'],
    ['SHA-1', () => pss(field(0, sha1), field(1, mgf1(sha1))), 'HASH_WEAK'],
    ['the default mask', () => pss(field(0, sha256)), 'HASH_WEAK'],
    ['a mask of SHA-1', () => pss(field(0, sha256), field(1, mgf1(sha1))), 'HASH_WEAK'],
    ['a mask of another hash', () => pss(field(0, sha256), field(1, mgf1(sha512))), 'HASH_MISMATCH'],
    [
      'another mask generation',
      () => pss(field(0, sha256), field(1, sequence(oid('1.2.3'), sha256))),
      'ALGORITHM_UNKNOWN',
    ],
    ['another trailer', () => pss(...good, field(3, integer(2))), 'ALGORITHM_UNKNOWN'],
  ])('are refused: %s', (_, read, code) => {
    expect(read()).toMatchObject({ kind: 'refused', code });
  });

  it.each([
    ['a negative salt', () => pss(...good.slice(0, 2), field(2, integer(-1)))],
    ['a salt of 4 GB', () => pss(...good.slice(0, 2), field(2, integer(2n ** 32n)))],
    ['fields out of order', () => pss(good[1]!, good[0]!)],
    ['a field twice', () => pss(good[0]!, good[0]!)],
    ['a field that is none', () => pss(...good, field(4, nil()))],
    ['two values in a field', () => pss(context(0, true, sha256, sha256), ...good.slice(1))],
    ['a primitive field', () => pss(context(0, false, sha256), ...good.slice(1))],
    ['no sequence', () => scheme(oid('1.2.840.113549.1.1.10'), nil())],
    ['a mask without hash', () => pss(good[0]!, field(1, sequence(oid('1.2.840.113549.1.1.8'))))],
  ])('are malformed: %s', (_, read) => {
    expect(read).toThrow(DerError);
  });
});

describe("a signer's algorithms", () => {
  const signer = (signature: Uint8Array, hash: Hash) =>
    readSignerScheme(readDer(signature), readDer(writeDigestAlgorithm(hash)));

  it('may be rsaEncryption and a digest', () => {
    const rsaEncryption = sequence(oid('1.2.840.113549.1.1.1'), nil());
    expect(signer(rsaEncryption, 'sha384')).toEqual({ kind: 'rsa-pkcs1', hash: 'sha384' });
    const sha1 = readDer(sequence(oid('1.3.14.3.2.26')));
    expect(readSignerScheme(readDer(rsaEncryption), sha1)).toMatchObject({ code: 'HASH_WEAK' });
  });

  it.each(schemes.map((one) => ({ name: `${one.kind} with ${one.hash}`, one })))(
    'must name one hash: $name',
    ({ one }) => {
      for (const hash of hashes) {
        const read = signer(writeScheme(one), hash);
        if (hash === one.hash) expect(read).toEqual(one);
        else expect(read).toMatchObject({ code: 'HASH_MISMATCH' });
      }
    },
  );
});

describe('a public key', () => {
  const spki = (parts: readonly Uint8Array[], key: Uint8Array) => sequence(sequence(...parts), bits(key));
  const rsaEncryption = [oid('1.2.840.113549.1.1.1'), nil()];
  const rsa = (n: bigint, e: bigint) => spki(rsaEncryption, sequence(integer(n), integer(e)));
  const modulus = (size: number) => 2n ** BigInt(size - 1) + 1n;

  it.each([
    ['rsa', { kind: 'rsa', bits: 2048, pssOnly: false }],
    ['rsa-pss', { kind: 'rsa', bits: 2048, pssOnly: true }],
    ['P-256', { kind: 'ec', curve: 'P-256' }],
    ['P-384', { kind: 'ec', curve: 'P-384' }],
  ] as const)('of %s is described', (kind, description) => {
    expect(describeKey(spkiOf(keyOf(kind)))).toEqual(description);
    expect(describeKey(readDer(spkiOf(createPublicKey(keyOf(kind)))))).toEqual(description);
  });

  const generated = (type: string, options: object) =>
    generateKeyPairSync(type as 'ec', { ...options, publicKeyEncoding: { format: 'der', type: 'spki' } } as never)
      .publicKey as unknown as Uint8Array;

  it.each([
    ['RSA of 2047 bits', () => rsa(modulus(2047), 65537n), 'KEY_WEAK'],
    ['RSA of 1024 bits', () => generated('rsa', { modulusLength: 1024 }), 'KEY_WEAK'],
    ['RSA of 8193 bits', () => rsa(modulus(8193), 65537n), 'KEY_UNKNOWN'],
    ['RSA with the exponent 1', () => rsa(modulus(2048), 1n), 'KEY_WEAK'],
    ['RSA with the exponent 3', () => rsa(modulus(2048), 3n), 'KEY_WEAK'],
    ['RSA with an even exponent', () => rsa(modulus(2048), 65538n), 'KEY_WEAK'],
    ['RSA with a negative exponent', () => rsa(modulus(2048), -65537n), 'KEY_WEAK'],
    ['RSA with a huge exponent', () => rsa(modulus(2048), 2n ** 64n + 1n), 'KEY_UNKNOWN'],
    ['P-521', () => generated('ec', { namedCurve: 'P-521' }), 'KEY_UNKNOWN'],
    ['secp256k1', () => generated('ec', { namedCurve: 'secp256k1' }), 'KEY_UNKNOWN'],
    [
      'a curve given by its numbers',
      () => generated('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
      'KEY_UNKNOWN',
    ],
    ['Ed25519', () => generated('ed25519', {}), 'KEY_UNKNOWN'],
    [
      'a compressed point',
      () => spki([oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')], Uint8Array.of(2, ...new Uint8Array(32))),
      'KEY_UNKNOWN',
    ],
  ])('is refused: %s', (_, key, code) => {
    expect(describeKey(key())).toMatchObject({ kind: 'refused', code });
  });

  it.each([
    ['RSA without NULL', () => spki([rsaEncryption[0]!], sequence(integer(modulus(2048)), integer(65537)))],
    ['an even modulus', () => rsa(2n ** 2047n, 65537n)],
    ['a negative modulus', () => rsa(-modulus(2048), 65537n)],
    ['three numbers', () => spki(rsaEncryption, sequence(integer(modulus(2048)), integer(65537), integer(1)))],
    ['bytes after the key', () => spki(rsaEncryption, Uint8Array.of(...sequence(integer(3), integer(3)), 0))],
    ['no key', () => sequence(sequence(...rsaEncryption))],
  ])('is malformed: %s', (_, key) => {
    expect(() => describeKey(key())).toThrow(DerError);
  });

  it('that is refused gets no scheme', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    expect(() => schemeFor(privateKey)).toThrow(RangeError);
  });
});

describe('a signature', () => {
  it.each(schemes.map((one) => ({ name: `${one.kind} with ${one.hash}`, one })))(
    'of $name verifies, over these bytes and by this key alone',
    ({ one }) => {
      const key = keyOf(keys[one.kind]);
      const signature = sign(one, key, data);
      expect(verifySignature(one, spkiOf(key), data, signature)).toBe(true);
      expect(verifySignature(one, spkiOf(key), Buffer.from('what is signes'), signature)).toBe(false);
      expect(verifySignature(one, spkiOf(keyOf(keys[one.kind], 'other')), data, signature)).toBe(false);
      for (const other of schemes) {
        if (other !== one) expect(verifySignature(other, spkiOf(key), data, signature)).toBe(false);
      }
    },
  );

  it('by the scheme for the key verifies', () => {
    for (const kind of ['rsa', 'rsa-pss', 'P-256', 'P-384'] as const) {
      const key = keyOf(kind);
      const own = schemeFor(key);
      expect(verifySignature(own, spkiOf(key), data, sign(own, key, data))).toBe(true);
    }
    expect(schemeFor(keyOf('P-384'))).toEqual({ kind: 'ecdsa', hash: 'sha384' });
    expect(schemeFor(keyOf('rsa-pss'))).toEqual({ kind: 'rsa-pss', hash: 'sha256', saltLength: 32 });
    expect(schemeFor(keyOf('rsa'), 'sha512', { pss: true })).toMatchObject({ kind: 'rsa-pss', saltLength: 64 });
  });

  it('of PSS has the salt that was said', () => {
    const key = keyOf('rsa');
    const signature = sign({ kind: 'rsa-pss', hash: 'sha256', saltLength: 20 }, key, data);
    expect(verifySignature({ kind: 'rsa-pss', hash: 'sha256', saltLength: 20 }, spkiOf(key), data, signature)).toBe(
      true,
    );
    expect(verifySignature({ kind: 'rsa-pss', hash: 'sha256', saltLength: 32 }, spkiOf(key), data, signature)).toBe(
      false,
    );
  });

  it('with any bit changed does not verify', () => {
    for (const one of schemes.filter(({ hash }) => hash === 'sha256')) {
      const key = keyOf(keys[one.kind]);
      const signature = sign(one, key, data);
      fc.assert(
        fc.property(fc.nat(signature.length * 8 - 1), (bit) => {
          const changed = Uint8Array.from(signature);
          changed[bit >> 3]! ^= 0x80 >> (bit & 7);
          expect(verifySignature(one, spkiOf(key), data, changed)).toBe(false);
        }),
        { numRuns: 40 },
      );
    }
  });

  it('of ECDSA is two positive numbers in strict DER', () => {
    const ecdsa: Scheme = { kind: 'ecdsa', hash: 'sha256' };
    const key = keyOf('P-256');
    const signature = sign(ecdsa, key, data);
    const [r, s] = readSequence(readDer(signature)).map((number) => readInteger(number));
    const verifies = (bytes: Uint8Array) => verifySignature(ecdsa, spkiOf(key), data, bytes);
    expect(verifies(sequence(integer(r!), integer(s!)))).toBe(true);
    expect(verifies(Uint8Array.of(...signature, 0))).toBe(false);
    expect(verifies(Uint8Array.of(0x30, 0x81, ...signature.subarray(1)))).toBe(false);
    expect(verifies(sequence(integer(r!), integer(s!), nil()))).toBe(false);
    expect(verifies(sequence(integer(0), integer(0)))).toBe(false);
    expect(verifies(sequence(integer(r!), integer(-s!)))).toBe(false);
    expect(verifies(sequence(octets(integer(r!)), integer(s!)))).toBe(false);
  });

  it('of junk by junk over junk is none, and no error', () => {
    const junk = fc.uint8Array({ maxLength: 300 });
    const real = fc.constantFrom(spkiOf(keyOf('rsa')), spkiOf(keyOf('P-256')));
    fc.assert(
      fc.property(fc.constantFrom(...schemes), fc.oneof(junk, real), junk, junk, (one, spki, bytes, signature) => {
        expect(verifySignature(one, spki, bytes, signature)).toBe(false);
      }),
    );
  });

  it('by a key that is not accepted is none, though it be right', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const one: Scheme = { kind: 'rsa-pkcs1', hash: 'sha256' };
    expect(isRefused(describeKey(spkiOf(weak.publicKey)))).toBe(true);
    expect(verifySignature(one, spkiOf(weak.publicKey), data, sign(one, weak.privateKey, data))).toBe(false);
  });
});

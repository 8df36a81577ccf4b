import { generateKeyPairSync } from 'node:crypto';
import { FhirError } from '../../src/http/errors.ts';
import { publicJwks } from '../../src/identity/jwks.ts';

type Jwk = Record<string, unknown>;

const ec = (namedCurve = 'P-384') => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength = 2048, publicExponent = 65537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });
const publicOf = (pair: ReturnType<typeof ec> | ReturnType<typeof rsa>, more: Jwk = {}): Jwk => ({
  ...(pair.publicKey.export({ format: 'jwk' }) as Jwk),
  kid: 'k1',
  ...more,
});

const pair = ec();
const good = publicOf(pair);

const refusal = (input: unknown): string => {
  try {
    publicJwks(input);
  } catch (error) {
    expect(error).toBeInstanceOf(FhirError);
    expect((error as FhirError).status).toBe(422);
    return (error as FhirError).message;
  }
  throw new Error('it was accepted');
};

describe('a JWK Set that may be registered', () => {
  it('holds P-384 and RSA public keys, reduced to what verifying needs', () => {
    const key = publicOf(rsa(), { kid: 'k2', alg: 'RS384', x5u: 'http://169.254.169.254/', key_ops: ['verify'] });
    expect(publicJwks({ keys: [{ ...good, use: 'sig', extra: 1 }, key], more: true })).toEqual({
      keys: [
        { kty: 'EC', kid: 'k1', alg: 'ES384', use: 'sig', crv: 'P-384', x: good.x, y: good.y },
        { kty: 'RSA', kid: 'k2', alg: 'RS384', use: 'sig', n: key.n, e: key.e },
      ],
    });
  });

  it('may come as text', () => {
    expect(publicJwks(JSON.stringify({ keys: [good] })).keys).toHaveLength(1);
  });
});

describe('what is refused', () => {
  const tooMany = Array.from({ length: 11 }, (_, index) => ({ ...good, kid: `k${index}` }));

  it.each<[string, unknown, RegExp]>([
    ['no set', undefined, /not a JWK Set/],
    ['null', null, /not a JWK Set/],
    ['an array', [good], /not a JWK Set/],
    ['a key instead of a set', good, /not a JWK Set/],
    ['text that is not JSON', '{"keys":', /not JSON/],
    ['endless text', ' '.repeat(70_000), /longer than/],
    ['no keys', { keys: [] }, /1 to 10/],
    ['eleven keys', { keys: tooMany }, /1 to 10/],
    ['two keys of one kid', { keys: [good, { ...good }] }, /one "kid"/],
    ['a key that is null', { keys: [null] }, /keys\[0\] is not an object/],
    ['no kid', { keys: [{ ...good, kid: undefined }] }, /needs a "kid"/],
    ['a kid with a line break', { keys: [{ ...good, kid: 'a\nb' }] }, /needs a "kid"/],
    ['a private key', { keys: [{ ...pair.privateKey.export({ format: 'jwk' }), kid: 'k1' }] }, /private or symmetric/],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'k1' }] }, /private or symmetric/],
    ['an Ed25519 key', { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'k1' }] }, /kty EC or RSA/],
    ['P-256', { keys: [publicOf(ec('P-256'))] }, /P-384/],
    ['a P-256 key that says P-384', { keys: [publicOf(ec('P-256'), { crv: 'P-384' })] }, /not a valid key/],
    ['a point that is not on the curve', { keys: [{ ...good, y: good.x }] }, /not a valid key/],
    ['a number for x', { keys: [{ ...good, x: 1 }] }, /base64url/],
    ['RSA of 1024 bits', { keys: [publicOf(rsa(1024))] }, /2048 to 8192 bits/],
    ['RSA with exponent 3', { keys: [publicOf(rsa(2048, 3))] }, /exponent/],
    ['a key for ES256', { keys: [{ ...good, alg: 'ES256' }] }, /another algorithm/],
    ['a key for encryption', { keys: [{ ...good, use: 'enc' }] }, /not for signatures/],
    ['a key for signing only', { keys: [{ ...good, key_ops: ['sign'] }] }, /not for verifying/],
  ])('%s', (_name, input, reason) => {
    expect(refusal(input)).toMatch(reason);
  });

  it('never repeats the content of a key', () => {
    const { d, ...rest } = pair.privateKey.export({ format: 'jwk' }) as Jwk;
    expect(refusal({ keys: [{ ...rest, d, kid: 'k1' }] })).not.toContain(String(d));
  });
});

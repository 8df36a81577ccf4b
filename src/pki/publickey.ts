/** Public keys as certificates carry them: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279 §2.3.1, RFC 5480 §2). */
import { DerError, readDer, readInteger, readNull, readOid, readSequence, readWholeBits, type Tlv } from './der.ts';
import { type Refusal, refuse } from './refusal.ts';

export type KeyDescription =
  /** `pssOnly`: the key says that it signs with RSASSA-PSS and nothing else. */
  | { readonly kind: 'rsa'; readonly bits: number; readonly pssOnly: boolean }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' };

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

const CURVES: Readonly<Record<string, { readonly curve: 'P-256' | 'P-384'; readonly size: number }>> = Object.freeze({
  '1.2.840.10045.3.1.7': { curve: 'P-256', size: 32 },
  '1.3.132.0.34': { curve: 'P-384', size: 48 },
});

/** Larger ones cost more than any signature here is worth. */
const MOST_BITS = 8192;

/** @throws DerError */
export function describeKey(spki: Uint8Array | Tlv): KeyDescription | Refusal {
  const [algorithm, key, ...rest] = readSequence(spki instanceof Uint8Array ? readDer(spki) : spki);
  if (algorithm === undefined || key === undefined || rest.length > 0)
    throw new DerError('not a SubjectPublicKeyInfo', 0);
  const [identifier, parameters, ...more] = readSequence(algorithm);
  if (identifier === undefined || more.length > 0) throw new DerError('not an AlgorithmIdentifier', algorithm.offset);
  const oid = readOid(identifier);
  const bits = readWholeBits(key);
  switch (oid) {
    case RSA_ENCRYPTION:
      if (parameters === undefined) throw new DerError('an RSA key without its NULL', algorithm.offset);
      readNull(parameters);
      return describeRsa(oid, bits);
    case RSASSA_PSS:
      return describeRsa(oid, bits);
    case EC_PUBLIC_KEY:
      return describeEc(parameters, bits);
    default:
      return refuse('KEY_UNKNOWN', oid, `a key of ${oid} is not accepted`);
  }
}

function describeRsa(oid: string, bytes: Uint8Array): KeyDescription | Refusal {
  const [modulus, exponent, ...rest] = readSequence(readDer(bytes));
  if (modulus === undefined || exponent === undefined || rest.length > 0) throw new DerError('not an RSAPublicKey', 0);
  const n = readInteger(modulus);
  const e = readInteger(exponent);
  if (n <= 0n || n % 2n === 0n) throw new DerError('not an RSA modulus', modulus.offset);
  const bits = n.toString(2).length;
  if (bits < 2048) return refuse('KEY_WEAK', oid, `RSA of ${bits} bits`);
  if (bits > MOST_BITS) return refuse('KEY_UNKNOWN', oid, `RSA of ${bits} bits`);
  if (e < 65537n || e % 2n === 0n) return refuse('KEY_WEAK', oid, `RSA with the public exponent ${e}`);
  if (e >= 2n ** 64n) return refuse('KEY_UNKNOWN', oid, 'RSA with a public exponent of more than 64 bits');
  return { kind: 'rsa', bits, pssOnly: oid === RSASSA_PSS };
}

/** Named curves and uncompressed points only. */
function describeEc(parameters: Tlv | undefined, point: Uint8Array): KeyDescription | Refusal {
  if (parameters === undefined || parameters.constructed) {
    return refuse('KEY_UNKNOWN', EC_PUBLIC_KEY, 'an elliptic curve that is not named');
  }
  const oid = readOid(parameters);
  const named = Object.hasOwn(CURVES, oid) ? CURVES[oid] : undefined;
  if (named === undefined) return refuse('KEY_UNKNOWN', oid, `the curve ${oid} is not accepted`);
  if (point.length !== 1 + 2 * named.size || point[0] !== 4) {
    return refuse('KEY_UNKNOWN', oid, 'a point that is not written out whole');
  }
  return { kind: 'ec', curve: named.curve };
}

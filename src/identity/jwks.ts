import { createPublicKey } from 'node:crypto';
import { FhirError, refuse } from '../http/errors.ts';

/** A public key of a client, reduced to what verifying needs. */
export interface PublicJwk {
  readonly kty: 'EC' | 'RSA';
  readonly kid: string;
  readonly alg: 'ES384' | 'RS384';
  readonly use: 'sig';
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

export interface PublicJwks {
  readonly keys: readonly PublicJwk[];
}

const MAX_KEYS = 10;
const MAX_TEXT = 64 * 1024;
const RSA_BITS = { min: 2048, max: 8192 };

/** Members that only a private or a symmetric key has (RFC 7518 §6). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The two key types that SMART asks every server to verify: what they need, and the one algorithm of each. */
const KEY_TYPES = {
  EC: { alg: 'ES384', members: ['crv', 'x', 'y'] },
  RSA: { alg: 'RS384', members: ['n', 'e'] },
} as const;

/**
 * A JWK Set (RFC 7517) of 1 to 10 public keys, each EC on P-384 or RSA of 2048 bits and more, each with a `kid` of its own.
 * Takes the set or its JSON text. Members that verifying does not need are dropped, so that nothing else is stored or followed.
 *
 * @throws FhirError 422 that names the key and never repeats its content.
 */
export function publicJwks(input: unknown): PublicJwks {
  const set = typeof input === 'string' ? parsed(input) : input;
  const list = isObject(set) ? set.keys : undefined;
  if (!Array.isArray(list)) throw refused('jwks', 'is not a JWK Set: an object with an array "keys"');
  if (list.length < 1 || list.length > MAX_KEYS) throw refused('jwks.keys', `must hold 1 to ${MAX_KEYS} keys`);
  const keys = list.map((key, index) => publicJwk(key, `jwks.keys[${index}]`));
  if (new Set(keys.map((key) => key.kid)).size !== keys.length)
    throw refused('jwks.keys', 'has two keys with one "kid"');
  return { keys };
}

/** Keys that one document may have beside those that are of use, before it is refused. */
const MAX_FETCHED = 100;

/**
 * What of a document that a client publishes can be used here: it may hold keys for others – of other algorithms, for encryption, without a
 * `kid` – and those are left out. A private key in it is a reason to take none.
 *
 * @throws FhirError 422 where nothing can be used.
 */
export function usableJwks(text: string): PublicJwks {
  const set = parsed(text);
  const list = isObject(set) ? set.keys : undefined;
  if (!Array.isArray(list) || list.length > MAX_FETCHED)
    throw refused('jwks', `is not a JWK Set of at most ${MAX_FETCHED} keys`);
  if (list.some((key) => isObject(key) && SECRET_MEMBERS.some((member) => Object.hasOwn(key, member))))
    throw refused('jwks', 'holds a private or symmetric key: it must be replaced');
  const keys = list.flatMap((key, index) => {
    try {
      return [publicJwk(key, `jwks.keys[${index}]`)];
    } catch (error) {
      if (error instanceof FhirError) return [];
      throw error;
    }
  });
  const named = keys.filter(({ kid }) => keys.filter((other) => other.kid === kid).length === 1);
  if (named.length < 1 || named.length > MAX_KEYS)
    throw refused('jwks.keys', `must hold 1 to ${MAX_KEYS} keys that can be used`);
  return { keys: named };
}

function publicJwk(input: unknown, where: string): PublicJwk {
  if (!isObject(input)) throw refused(where, 'is not an object');
  if (SECRET_MEMBERS.some((member) => Object.hasOwn(input, member))) {
    throw refused(where, 'holds a private or symmetric key: register the public part only, and replace this key');
  }
  const { kty, kid } = input;
  if (kty !== 'EC' && kty !== 'RSA') throw refused(where, 'must be of kty EC or RSA');
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(kid)) {
    throw refused(where, 'needs a "kid" of 1 to 200 printable ASCII characters');
  }
  const { alg, members } = KEY_TYPES[kty];
  if (input.alg !== undefined && input.alg !== alg)
    throw refused(where, `is for another algorithm: kty ${kty} is used with ${alg}`);
  if (input.use !== undefined && input.use !== 'sig')
    throw refused(where, 'is not for signatures: "use" must be "sig"');
  if (Array.isArray(input.key_ops) && !input.key_ops.includes('verify'))
    throw refused(where, 'is not for verifying: see "key_ops"');
  if (kty === 'EC' && input.crv !== 'P-384') throw refused(where, 'must be on the curve P-384');
  const material = Object.fromEntries(members.map((member) => [member, input[member]]));
  if (!Object.values(material).every((value) => typeof value === 'string' && /^[A-Za-z0-9_-]{1,1400}$/.test(value))) {
    throw refused(where, `needs ${members.join(', ')} in base64url`);
  }
  checkMaterial(kty, material as Record<string, string>, where);
  return Object.freeze({ kty, kid, alg, use: 'sig', ...material }) as PublicJwk;
}

/** OpenSSL refuses a point that is not on the curve; sizes are ours to check. */
function checkMaterial(kty: 'EC' | 'RSA', material: Record<string, string>, where: string): void {
  try {
    const key = createPublicKey({ key: { kty, ...material }, format: 'jwk' });
    if (kty === 'EC') return;
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    if (modulusLength < RSA_BITS.min || modulusLength > RSA_BITS.max) {
      throw refused(where, `must have ${RSA_BITS.min} to ${RSA_BITS.max} bits`);
    }
    if (publicExponent < 65537n || publicExponent % 2n === 0n)
      throw refused(where, 'must have an odd exponent of at least 65537');
  } catch (error) {
    if (error instanceof Error && 'issues' in error) throw error;
    throw refused(where, 'is not a valid key');
  }
}

function parsed(text: string): unknown {
  if (text.length > MAX_TEXT) throw refused('jwks', `is longer than ${MAX_TEXT} characters`);
  try {
    return JSON.parse(text);
  } catch {
    throw refused('jwks', 'is not JSON');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(where: string, what: string): FhirError {
  return refuse.unprocessable(`${where} ${what}`, undefined, 'value');
}

/**
 * The algorithms that are accepted, by their identifiers, and nothing else: RSA of 2048 bits and more with PKCS #1 v1.5 or PSS, and ECDSA
 * on P-256 and P-384, each with SHA-256, SHA-384 or SHA-512 (RFC 4055, RFC 5480, RFC 5754, RFC 5758). What is well-formed but not
 * accepted is a Refusal, a value, because certificates that carry it must still be readable.
 */
import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import {
  children,
  context,
  DerError,
  integer,
  nil,
  oid,
  readDer,
  readInteger,
  readNull,
  readOid,
  readSequence,
  readSmallInteger,
  sequence,
  type Tlv,
} from './der.ts';
import { describeKey, type KeyDescription } from './publickey.ts';
import { isRefused, type Refusal, refuse } from './refusal.ts';

export { describeKey, type KeyDescription } from './publickey.ts';
export { isRefused, type Refusal, type RefusalCode } from './refusal.ts';

export type Hash = 'sha256' | 'sha384' | 'sha512';

export const HASHES: Readonly<Record<Hash, { readonly oid: string; readonly size: number }>> = Object.freeze({
  sha256: { oid: '2.16.840.1.101.3.4.2.1', size: 32 },
  sha384: { oid: '2.16.840.1.101.3.4.2.2', size: 48 },
  sha512: { oid: '2.16.840.1.101.3.4.2.3', size: 64 },
});

/** `saltLength` in bytes, of PSS alone, where it must be exactly that. */
export type Scheme =
  | { readonly kind: 'rsa-pkcs1' | 'ecdsa'; readonly hash: Hash }
  | { readonly kind: 'rsa-pss'; readonly hash: Hash; readonly saltLength: number };

export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters: Tlv | undefined;
  /** Of the whole, to compare two of them. */
  readonly bytes: Uint8Array;
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';

const SCHEMES: Readonly<Record<string, Scheme>> = Object.freeze({
  '1.2.840.113549.1.1.11': { kind: 'rsa-pkcs1', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa-pkcs1', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa-pkcs1', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { kind: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ecdsa', hash: 'sha512' },
});

/** Recognised to say why they are refused. */
const WEAK: Readonly<Record<string, string>> = Object.freeze({
  '1.2.840.113549.2.2': 'MD2',
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
  '1.2.840.113549.1.1.2': 'RSA with MD2',
  '1.2.840.113549.1.1.4': 'RSA with MD5',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.3.14.3.2.29': 'RSA with SHA-1',
  '1.2.840.113549.1.1.14': 'RSA with SHA-224',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.1': 'ECDSA with SHA-224',
});

/** @throws DerError */
export function readAlgorithmIdentifier(tlv: Tlv | undefined, implicit?: number): AlgorithmIdentifier {
  const [algorithm, parameters, ...rest] = readSequence(tlv, implicit);
  if (algorithm === undefined || rest.length > 0) throw new DerError('not an AlgorithmIdentifier', tlv!.offset);
  return { oid: readOid(algorithm), parameters, bytes: tlv!.bytes };
}

const notAccepted = (algorithm: string): Refusal =>
  Object.hasOwn(WEAK, algorithm)
    ? refuse('HASH_WEAK', algorithm, `${WEAK[algorithm]} is not accepted`)
    : refuse('ALGORITHM_UNKNOWN', algorithm, `algorithm ${algorithm} is not accepted`);

export const hashOf = (algorithm: string): Hash | undefined =>
  (Object.keys(HASHES) as Hash[]).find((hash) => HASHES[hash].oid === algorithm);

export function digest(hash: Hash, ...data: readonly Uint8Array[]): Uint8Array {
  const state = createHash(hash);
  for (const part of data) state.update(part);
  return new Uint8Array(state.digest());
}

/** Absent or NULL: both are written, and both must be read (RFC 4055 §2.1, RFC 5754 §2). @throws DerError on others. */
function nullOrAbsent({ parameters }: AlgorithmIdentifier): void {
  if (parameters !== undefined) readNull(parameters);
}

/** @throws DerError */
export function readDigestAlgorithm(tlv: Tlv | undefined, implicit?: number): Hash | Refusal {
  return hashFrom(readAlgorithmIdentifier(tlv, implicit));
}

function hashFrom(algorithm: AlgorithmIdentifier): Hash | Refusal {
  const hash = hashOf(algorithm.oid);
  if (hash === undefined) return notAccepted(algorithm.oid);
  nullOrAbsent(algorithm);
  return hash;
}

/** The scheme that a certificate's, a list's or a signer's signatureAlgorithm names. @throws DerError */
export function readScheme(tlv: Tlv | undefined): Scheme | Refusal {
  const algorithm = readAlgorithmIdentifier(tlv);
  if (algorithm.oid === RSASSA_PSS) return readPss(algorithm);
  const scheme = Object.hasOwn(SCHEMES, algorithm.oid) ? SCHEMES[algorithm.oid] : undefined;
  if (scheme === undefined) return notAccepted(algorithm.oid);
  if (scheme.kind === 'rsa-pkcs1') nullOrAbsent(algorithm);
  else if (algorithm.parameters !== undefined) throw new DerError('parameters of ECDSA', tlv!.offset);
  return scheme;
}

/**
 * The scheme of a CMS SignerInfo. There rsaEncryption alone stands for PKCS #1 v1.5 with the signer's digest algorithm
 * (RFC 3370 §3.2); where both name a hash, it must be the same (RFC 5754 §3, RFC 4056 §3). @throws DerError
 */
export function readSignerScheme(
  signatureAlgorithm: Tlv | undefined,
  digestAlgorithm: Tlv | undefined,
): Scheme | Refusal {
  const hash = readDigestAlgorithm(digestAlgorithm);
  if (isRefused(hash)) return hash;
  const algorithm = readAlgorithmIdentifier(signatureAlgorithm);
  if (algorithm.oid === RSA_ENCRYPTION) {
    nullOrAbsent(algorithm);
    return { kind: 'rsa-pkcs1', hash };
  }
  const scheme = readScheme(signatureAlgorithm);
  if (isRefused(scheme) || scheme.hash === hash) return scheme;
  return refuse('HASH_MISMATCH', algorithm.oid, `signed with ${scheme.hash}, but digested with ${hash}`);
}

/**
 * RSASSA-PSS-params (RFC 4055 §3.1): each default is SHA-1's, so that hash and mask generation are always written here; the mask's hash
 * is the hash, and the trailer 1, which a verifier must accept written and unwritten.
 */
function readPss({ oid: algorithm, parameters }: AlgorithmIdentifier): Scheme | Refusal {
  if (parameters === undefined) return refuse('HASH_WEAK', algorithm, 'PSS without parameters means SHA-1');
  const fields = new Map<number, Tlv>();
  let last = -1;
  for (const field of readSequence(parameters)) {
    if (field.tagClass !== 2 || field.tag > 3 || field.tag <= last)
      throw new DerError('not parameters of PSS', field.offset);
    last = field.tag;
    const [value, ...rest] = children(field);
    if (value === undefined || rest.length > 0) throw new DerError('not parameters of PSS', field.offset);
    fields.set(field.tag, value);
  }
  const hash = fields.has(0) ? readDigestAlgorithm(fields.get(0)) : notAccepted('1.3.14.3.2.26');
  if (isRefused(hash)) return hash;
  if (!fields.has(1)) return notAccepted('1.3.14.3.2.26');
  const mask = readAlgorithmIdentifier(fields.get(1));
  if (mask.oid !== MGF1) return refuse('ALGORITHM_UNKNOWN', mask.oid, `mask generation ${mask.oid} is not accepted`);
  const maskHash = readDigestAlgorithm(mask.parameters);
  if (isRefused(maskHash)) return maskHash;
  if (maskHash !== hash) return refuse('HASH_MISMATCH', algorithm, `PSS with ${hash}, but its mask with ${maskHash}`);
  const saltLength = fields.has(2) ? readSmallInteger(fields.get(2)!, 1024) : 20;
  if (fields.has(3) && readSmallInteger(fields.get(3)!) !== 1) {
    return refuse('ALGORITHM_UNKNOWN', algorithm, 'a trailer of PSS other than 1');
  }
  return { kind: 'rsa-pss', hash, saltLength };
}

export const writeDigestAlgorithm = (hash: Hash): Uint8Array => sequence(oid(HASHES[hash].oid));

export function writeScheme(scheme: Scheme): Uint8Array {
  if (scheme.kind === 'rsa-pss') {
    const hash = sequence(oid(HASHES[scheme.hash].oid), nil());
    return sequence(
      oid(RSASSA_PSS),
      sequence(
        context(0, true, hash),
        context(1, true, sequence(oid(MGF1), hash)),
        ...(scheme.saltLength === 20 ? [] : [context(2, true, integer(scheme.saltLength))]),
      ),
    );
  }
  const [algorithm] = Object.entries(SCHEMES).find(
    ([, { kind, hash }]) => kind === scheme.kind && hash === scheme.hash,
  )!;
  return scheme.kind === 'ecdsa' ? sequence(oid(algorithm)) : sequence(oid(algorithm), nil());
}

/**
 * The scheme for a private or public key: PKCS #1 v1.5 for RSA unless PSS is asked for; the hash, unless given, is SHA-256, with P-384
 * SHA-384. @throws RangeError for keys that are not accepted.
 */
export function schemeFor(key: KeyObject, hash?: Hash, { pss = false } = {}): Scheme {
  const known = describeKey(spkiOf(key));
  if (isRefused(known)) throw new RangeError(known.detail);
  if (known.kind === 'ec') return { kind: 'ecdsa', hash: hash ?? (known.curve === 'P-384' ? 'sha384' : 'sha256') };
  const chosen = hash ?? 'sha256';
  if (known.pssOnly || pss) return { kind: 'rsa-pss', hash: chosen, saltLength: HASHES[chosen].size };
  return { kind: 'rsa-pkcs1', hash: chosen };
}

/** SubjectPublicKeyInfo, DER, of a private or public key. */
export const spkiOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(
    (key.type === 'private' ? createPublicKey(key as never) : key).export({ format: 'der', type: 'spki' }),
  );

export function sign(scheme: Scheme, key: KeyObject, data: Uint8Array): Uint8Array {
  return new Uint8Array(signBytes(scheme.hash, data, { key, ...options(scheme) }));
}

const options = (scheme: Scheme) => {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return { padding: constants.RSA_PKCS1_PADDING };
    case 'rsa-pss':
      return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength };
    case 'ecdsa':
      return { dsaEncoding: 'der' as const };
  }
};

const fits = (scheme: Scheme, key: KeyDescription): boolean =>
  scheme.kind === 'ecdsa' ? key.kind === 'ec' : key.kind === 'rsa' && (scheme.kind === 'rsa-pss' || !key.pssOnly);

/**
 * Whether `signature` is that of the key in `spki` (SubjectPublicKeyInfo, DER) over `data`. False, never an error, for a key that is not
 * accepted or not of the scheme and for anything malformed.
 */
export function verifySignature(scheme: Scheme, spki: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = describeKey(spki);
    if (isRefused(key) || !fits(scheme, key)) return false;
    if (key.kind === 'rsa' ? signature.length !== Math.ceil(key.bits / 8) : !isEcdsaSignature(signature)) return false;
    const object = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return verifyBytes(scheme.hash, data, { key: object, ...options(scheme) }, signature);
  } catch {
    return false;
  }
}

/** ECDSA-Sig-Value in strict DER, both numbers positive (RFC 3279 §2.2.3). */
function isEcdsaSignature(signature: Uint8Array): boolean {
  const numbers = readSequence(readDer(signature, { bytes: 256 }));
  return numbers.length === 2 && numbers.every((number) => readInteger(number) > 0n);
}

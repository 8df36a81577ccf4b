import { constants, createHash, privateEncrypt, sign as signBytes } from 'node:crypto';
import { digest, sign } from '../../../../src/pki/algorithms.ts';
import {
  children,
  context,
  integer,
  nil,
  octets,
  oid,
  readDer,
  readInteger,
  sequence,
} from '../../../../src/pki/der.ts';
import { readOutline } from '../../../../src/pki/outline.ts';
import { authorities } from '../../../support/signature/authorities.ts';
import { signerOf } from '../../../support/signature/authority.ts';
import { keyOf } from '../../../support/signature/keys.ts';
import { signers } from '../../../support/signature/signers.ts';
import { letter } from '../verify/ask.ts';
import { type Attack, refuted } from './attack.ts';
import { keyOfThree } from './certificates.ts';
import { algorithm, handmade, tampered } from './making.ts';

const SHA1 = '1.3.14.3.2.26';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
/** Order of P-256. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const hash = (identifier: string): Uint8Array => sequence(oid(identifier), nil());
const pss = (own: string, mask: string, salt: number): Uint8Array =>
  algorithm(
    PSS,
    sequence(
      context(0, true, hash(own)),
      context(1, true, sequence(oid(MGF1), hash(mask))),
      context(2, true, integer(salt)),
    ),
  );
const signPss = (saltLength: number) => (bytes: Uint8Array) =>
  new Uint8Array(
    signBytes('sha256', bytes, { key: signers.doctorRsa.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }),
  );

/** The block that RSA is applied to, made by hand. */
const byHand = (block: (digestInfo: Uint8Array) => readonly number[]) => (bytes: Uint8Array) => {
  const info = sequence(hash(SHA256), octets(digest('sha256', bytes)));
  const whole = Buffer.from(Uint8Array.from(block(info)));
  return new Uint8Array(privateEncrypt({ key: signers.doctorRsa.key, padding: constants.RSA_NO_PADDING }, whole));
};
const ones = (count: number): number[] => Array.from({ length: count }, () => 0xff);

function cubeRoot(value: bigint): bigint {
  let low = 0n;
  let high = 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1);
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < value) low = middle + 1n;
    else high = middle;
  }
  return low;
}

const asBytes = (value: bigint, length: number): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex'));

/** Bleichenbacher's of 2006: a cube that begins as a padded digest does, with garbage behind it. */
function forgedCube(bytes: Uint8Array): Uint8Array {
  const info = sequence(hash(SHA256), octets(digest('sha256', bytes)));
  const head = Uint8Array.from([0, 1, ...ones(8), 0, ...info]);
  const size = 384;
  const target = BigInt(`0x${Buffer.from(head).toString('hex')}`) << BigInt((size - head.length) * 8);
  return asBytes(cubeRoot(target), size);
}

const rsa = { signer: signers.doctorRsa };
const twice = (bytes: Uint8Array) => sign({ kind: 'ecdsa', hash: 'sha256' }, signers.doctor.key, bytes);

/** Hashes, keys and signature values that mathematics, or carelessness, would let pass. */
export const ALGORITHMS: readonly Attack[] = [
  refuted('digests with SHA-1', 'message-digest HASH_WEAK', () =>
    handmade({
      hash: 'sha1',
      digestAlgorithm: algorithm(SHA1),
      sign: (bytes) => new Uint8Array(signBytes('sha1', bytes, signers.doctor.key)),
      signatureAlgorithm: algorithm('1.2.840.10045.4.1'),
    }),
  ),
  refuted('signs with SHA-1 what was digested with SHA-256', 'signature HASH_WEAK', () =>
    handmade({
      ...rsa,
      sign: (bytes) => new Uint8Array(signBytes('sha1', bytes, signers.doctorRsa.key)),
      signatureAlgorithm: hash('1.2.840.113549.1.1.5'),
    }),
  ),
  refuted('digests with SHA-256 and signs with SHA-384', 'signature HASH_MISMATCH', () =>
    handmade({
      ...rsa,
      sign: (bytes) => sign({ kind: 'rsa-pkcs1', hash: 'sha384' }, signers.doctorRsa.key, bytes),
      signatureAlgorithm: hash('1.2.840.113549.1.1.12'),
    }),
  ),
  refuted('names an algorithm that nobody knows', 'signature ALGORITHM_UNKNOWN', () =>
    handmade({ signatureAlgorithm: algorithm('1.2.392.200000.9.9') }),
  ),
  refuted('names SHA3-256 for a digest by SHA-256', 'message-digest ALGORITHM_UNKNOWN', () =>
    handmade({ digestAlgorithm: algorithm('2.16.840.1.101.3.4.2.8') }),
  ),
  refuted('signs with an RSA key of 1024 bits', 'signature KEY_WEAK', () => handmade({ signer: signers.weakKey })),
  refuted('forges a signature for an RSA key with the exponent 3', 'signature KEY_WEAK', () => {
    const signer = signerOf('SHIKEN Mitsu', authorities.signing, { parts: { key: keyOfThree() } });
    return handmade({ signer, sign: forgedCube, signatureAlgorithm: hash('1.2.840.113549.1.1.11') });
  }),
  refuted('signs with Ed25519', 'signature ALGORITHM_UNKNOWN', () => {
    const key = keyOf('SHIKEN Edowazu', 'ed25519');
    return handmade({
      signer: signerOf('SHIKEN Edowazu', authorities.signing, { kind: 'ed25519' }),
      sign: (bytes) => new Uint8Array(signBytes(null, bytes, key)),
      signatureAlgorithm: algorithm('1.3.101.112'),
    });
  }),
  refuted('has a key for Ed25519 and names ECDSA', 'signature KEY_UNKNOWN', () => {
    const key = keyOf('SHIKEN Edowazu', 'ed25519');
    return handmade({
      signer: signerOf('SHIKEN Edowazu', authorities.signing, { kind: 'ed25519' }),
      sign: (bytes) => new Uint8Array(signBytes(null, bytes, key)),
    });
  }),
  refuted('signs on P-521', 'signature KEY_UNKNOWN', () => {
    const signer = signerOf('SHIKEN Gohyaku', authorities.signing, { kind: 'p-521' });
    return handmade({ signer, sign: (bytes) => new Uint8Array(signBytes('sha256', bytes, signer.key)) });
  }),
  refuted('signs by ECDSA with r = 0 and s = 0', 'signature SIGNATURE_INVALID', () =>
    handmade({ sign: () => sequence(integer(0), integer(0)) }),
  ),
  refuted('signs by ECDSA with the order of the curve', 'signature SIGNATURE_INVALID', () =>
    handmade({ sign: () => sequence(integer(N), integer(N)) }),
  ),
  refuted('signs by ECDSA with a negative number', 'signature SIGNATURE_INVALID', () =>
    handmade({ sign: () => sequence(integer(-1), integer(1)) }),
  ),
  refuted('adds a third number to the ECDSA signature', 'signature SIGNATURE_INVALID', () =>
    handmade({
      sign: (bytes) => {
        const numbers = children(readDer(twice(bytes))).map(({ bytes: number }) => number);
        return sequence(...numbers, integer(1));
      },
    }),
  ),
  refuted('writes the ECDSA signature as two numbers side by side', 'signature SIGNATURE_INVALID', () =>
    handmade({
      sign: (bytes) =>
        new Uint8Array(signBytes('sha256', bytes, { key: signers.doctor.key, dsaEncoding: 'ieee-p1363' })),
    }),
  ),
  refuted('turns an ECDSA signature over (s to n - s) after it is time-stamped', 'timestamp TST_IMPRINT', () =>
    letter({
      faults: {
        cms: tampered((_, signer) => {
          const [r, s] = children(readDer(readDer(signer.signature).content)).map((number) => readInteger(number));
          signer.signature = octets(sequence(integer(r!), integer(N - s!)));
        }),
      },
    }),
  ),
  refuted('signs with an empty value', 'signature SIGNATURE_INVALID', () => handmade({ sign: () => new Uint8Array() })),
  refuted('signs with RSA of the value 1', 'signature SIGNATURE_INVALID', () =>
    handmade({ ...rsa, sign: () => asBytes(1n, 256) }),
  ),
  refuted('adds the modulus to the RSA signature', 'signature SIGNATURE_INVALID', () =>
    handmade({
      ...rsa,
      sign: (bytes, scheme) => {
        const [, key] = children(readDer(readOutline(signers.doctorRsa.certificate).spki));
        const modulus = readInteger(children(readDer(key!.content.subarray(1)))[0]!);
        const value = BigInt(`0x${Buffer.from(sign(scheme, signers.doctorRsa.key, bytes)).toString('hex')}`);
        return asBytes(value + modulus, (value + modulus).toString(16).length > 512 ? 257 : 256);
      },
    }),
  ),
  refuted('puts a zero before the RSA signature', 'signature SIGNATURE_INVALID', () =>
    handmade({ ...rsa, sign: (bytes, scheme) => Uint8Array.from([0, ...sign(scheme, signers.doctorRsa.key, bytes)]) }),
  ),
  refuted('pads RSA shortly, with garbage behind the digest', 'signature SIGNATURE_INVALID', () =>
    handmade({
      ...rsa,
      sign: byHand((info) => [0, 1, ...ones(8), 0, ...info, ...ones(256 - 11 - info.length)]),
    }),
  ),
  refuted('pads RSA as for encryption', 'signature SIGNATURE_INVALID', () =>
    handmade({ ...rsa, sign: byHand((info) => [0, 2, ...ones(253 - info.length), 0, ...info]) }),
  ),
  refuted('writes the digest into the RSA signature without saying by what', 'signature SIGNATURE_INVALID', () =>
    handmade({
      ...rsa,
      sign: (bytes) => byHand(() => [0, 1, ...ones(221), 0, ...createHash('sha256').update(bytes).digest()])(bytes),
    }),
  ),

  refuted('signs by PSS without parameters', 'signature HASH_WEAK', () =>
    handmade({ ...rsa, sign: signPss(20), signatureAlgorithm: algorithm(PSS) }),
  ),
  refuted('signs by PSS with a mask by SHA-1', 'signature HASH_WEAK', () =>
    handmade({ ...rsa, sign: signPss(32), signatureAlgorithm: pss(SHA256, SHA1, 32) }),
  ),
  refuted('signs by PSS with a mask of another hash', 'signature HASH_MISMATCH', () =>
    handmade({ ...rsa, sign: signPss(32), signatureAlgorithm: pss(SHA256, SHA384, 32) }),
  ),
  refuted('claims another length of salt', 'signature SIGNATURE_INVALID', () =>
    handmade({ ...rsa, sign: signPss(32), signatureAlgorithm: pss(SHA256, SHA256, 0) }),
  ),
  refuted('calls a PKCS #1 v1.5 signature one by PSS', 'signature SIGNATURE_INVALID', () =>
    handmade({ ...rsa, signatureAlgorithm: pss(SHA256, SHA256, 32) }),
  ),
  refuted('has a key for PSS alone and signs by PKCS #1 v1.5', 'signature SIGNATURE_INVALID', () =>
    handmade({ signer: signers.doctorPss, signatureAlgorithm: hash('1.2.840.113549.1.1.11') }),
  ),
  refuted('calls an RSA signature one by ECDSA', 'signature SIGNATURE_INVALID', () =>
    handmade({ ...rsa, signatureAlgorithm: algorithm('1.2.840.10045.4.3.2') }),
  ),
];

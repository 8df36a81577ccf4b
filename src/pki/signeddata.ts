/**
 * Signatures in CMS (RFC 5652 §5), read strictly: one ContentInfo of SignedData in DER. Where certificates or lists are of kinds other than
 * X.509's they are counted, not read. What is judged here is form; signature.ts verifies.
 */

import {
  type Hash,
  type Refusal,
  readAlgorithmIdentifier,
  readDigestAlgorithm,
  readSignerScheme,
  type Scheme,
} from './algorithms.ts';
import { type Attribute, readAttributes } from './attributes.ts';
import {
  children,
  DerError,
  type DerLimits,
  expectType,
  isContext,
  isUniversal,
  readDer,
  readDerPrefix,
  readInteger,
  readOctets,
  readOid,
  readSequence,
  readSmallInteger,
  TAGS,
  type Tlv,
} from './der.ts';

export const DATA = '1.2.840.113549.1.7.1';
export const SIGNED_DATA = '1.2.840.113549.1.7.2';

export type SignerIdentifier =
  /** `issuer` is the whole Name in DER. */
  | { readonly kind: 'issuer-serial'; readonly issuer: Uint8Array; readonly serial: bigint }
  | { readonly kind: 'key-id'; readonly keyId: Uint8Array };

export interface SignerInfo {
  readonly version: number;
  readonly identifier: SignerIdentifier;
  readonly hash: Hash | Refusal;
  readonly scheme: Scheme | Refusal;
  /** The whole AlgorithmIdentifiers. */
  readonly digestAlgorithm: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  /** Each object identifier once; undefined where there are none, which only signatures that are not accepted do. */
  readonly signedAttributes: readonly Attribute[] | undefined;
  /** As they stand in the file, [0] IMPLICIT. */
  readonly signedAttributesBytes: Uint8Array | undefined;
  readonly unsignedAttributes: readonly Attribute[];
  readonly signature: Uint8Array;
}

export interface SignedData {
  readonly version: number;
  /** Object identifiers, each once. */
  readonly digestAlgorithms: readonly string[];
  /** eContentType. */
  readonly contentType: string;
  /** eContent; undefined where the signature is detached. */
  readonly content: Uint8Array | undefined;
  /** X.509, DER, in the order of the file. Not trusted, not even related. */
  readonly certificates: readonly Uint8Array[];
  /** How many were attribute certificates or of other formats. */
  readonly otherCertificates: number;
  readonly crls: readonly Uint8Array[];
  readonly otherRevocations: number;
  readonly signers: readonly SignerInfo[];
}

/** 2 MB and 200,000 elements: many times what a signature with its certificates, lists and time-stamps has. */
export const CMS_LIMITS: DerLimits = Object.freeze({ bytes: 2 * 1024 * 1024, nodes: 200_000 });

/** @throws DerError */
export function readSignedData(der: Uint8Array, limits: DerLimits = CMS_LIMITS): SignedData {
  const [type, explicit, ...after] = readSequence(readDer(der, limits));
  if (type === undefined || readOid(type) !== SIGNED_DATA) throw new DerError('not a ContentInfo of SignedData', 0);
  const [signedData, ...more] = explicit && isContext(explicit, 0) ? children(explicit) : [];
  if (signedData === undefined || more.length > 0 || after.length > 0) throw new DerError('not a ContentInfo', 0);

  const [version, digests, encapsulated, ...rest] = readSequence(signedData);
  if (encapsulated === undefined) throw new DerError('not a SignedData', signedData.offset);
  const certificates = take(rest, 0);
  const crls = take(rest, 1);
  const signerInfos = rest.shift();
  if (signerInfos === undefined || rest.length > 0) throw new DerError('not a SignedData', signedData.offset);
  const digestAlgorithms = new Set(setOf(digests).map(readAnnounced));

  return {
    version: readVersion(version!, [1, 3, 4, 5]),
    digestAlgorithms: [...digestAlgorithms],
    ...readEncapsulated(encapsulated),
    certificates: certificates.filter(isX509).map(({ bytes }) => bytes),
    otherCertificates: certificates.filter((one) => !isX509(one)).length,
    crls: crls.filter(isX509).map(({ bytes }) => bytes),
    otherRevocations: crls.filter((one) => !isX509(one)).length,
    signers: setOf(signerInfos).map((signerInfo) => readSignerInfo(signerInfo, digestAlgorithms)),
  };
}

/** Of these sets RFC 5652 asks for BER only, and signing programs do not sort them: their order means nothing. */
const setOf = (tlv: Tlv | undefined): readonly Tlv[] => children(expectType(tlv, TAGS.SET, 'a SET'));

/** Read as strictly as that of a signer, though it decides nothing. */
function readAnnounced(tlv: Tlv): string {
  readDigestAlgorithm(tlv);
  return readAlgorithmIdentifier(tlv).oid;
}

/** The members of an optional SET OF with this IMPLICIT tag, if it comes next. */
function take(fields: Tlv[], tag: number): readonly Tlv[] {
  return fields[0] !== undefined && isContext(fields[0], tag) ? children(fields.shift()!) : [];
}

function isX509(one: Tlv): boolean {
  if (one.tagClass !== 2 && !isUniversal(one, TAGS.SEQUENCE))
    throw new DerError('neither a certificate nor a list', one.offset);
  return one.tagClass === 0;
}

function readVersion(tlv: Tlv, known: readonly number[]): number {
  const version = readSmallInteger(tlv);
  if (!known.includes(version)) throw new DerError(`version ${version} is not known`, tlv.offset);
  return version;
}

function readEncapsulated(tlv: Tlv): { contentType: string; content: Uint8Array | undefined } {
  const [type, explicit, ...rest] = readSequence(tlv);
  if (type === undefined || rest.length > 0) throw new DerError('not an EncapsulatedContentInfo', tlv.offset);
  const contentType = readOid(type);
  if (explicit === undefined) return { contentType, content: undefined };
  const [content, ...more] = isContext(explicit, 0) ? children(explicit) : [];
  if (content === undefined || more.length > 0) throw new DerError('not an EncapsulatedContentInfo', tlv.offset);
  return { contentType, content: readOctets(content) };
}

function readSignerInfo(tlv: Tlv, announced: ReadonlySet<string>): SignerInfo {
  const [version, sid, digestAlgorithm, ...rest] = readSequence(tlv);
  const signed = rest[0] !== undefined && isContext(rest[0], 0) ? rest.shift() : undefined;
  const [signatureAlgorithm, signature, unsigned, ...more] = rest;
  if (signature === undefined || more.length > 0) throw new DerError('not a SignerInfo', tlv.offset);
  if (unsigned !== undefined && !isContext(unsigned, 1)) throw new DerError('not a SignerInfo', unsigned.offset);

  const identifier = readIdentifier(sid!);
  const algorithm = readAlgorithmIdentifier(digestAlgorithm);
  if (!announced.has(algorithm.oid)) throw new DerError('a digest algorithm that is not announced', tlv.offset);
  return {
    version: readVersion(version!, [identifier.kind === 'key-id' ? 3 : 1]),
    identifier,
    hash: readDigestAlgorithm(digestAlgorithm),
    scheme: readSignerScheme(signatureAlgorithm, digestAlgorithm),
    digestAlgorithm: algorithm.bytes,
    signatureAlgorithm: signatureAlgorithm!.bytes,
    signedAttributes: signed && readAttributes(signed, { signed: true }),
    signedAttributesBytes: signed?.bytes,
    unsignedAttributes: unsigned ? readAttributes(unsigned, { signed: false }) : [],
    signature: readOctets(signature),
  };
}

function readIdentifier(tlv: Tlv): SignerIdentifier {
  if (isContext(tlv, 0)) return { kind: 'key-id', keyId: readOctets(tlv, 0) };
  const [issuer, serial, ...rest] = readSequence(tlv);
  if (serial === undefined || rest.length > 0) throw new DerError('not an IssuerAndSerialNumber', tlv.offset);
  return {
    kind: 'issuer-serial',
    issuer: expectType(issuer, TAGS.SEQUENCE, 'a Name').bytes,
    serial: readInteger(serial),
  };
}

/**
 * The signature in a PDF's /Contents, which is made larger than needed and filled up with zeros (ISO 32000-1 §12.8.3.3.1): one element,
 * then nothing but zero bytes. @throws DerError where something else follows, or there is no signature.
 */
export function trimPadding(contents: Uint8Array, limits: DerLimits = CMS_LIMITS): Uint8Array {
  const { bytes } = readDerPrefix(contents, limits);
  for (let at = bytes.length; at < contents.length; at += 1) {
    if (contents[at] !== 0) throw new DerError('bytes other than zeros after the signature', at);
  }
  return bytes;
}

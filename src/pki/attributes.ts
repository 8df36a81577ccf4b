/** Attributes of CMS signatures (RFC 5652 §11, RFC 5035, RFC 6211, ETSI EN 319 122-1) and what they say. */
import { createHash } from 'node:crypto';
import { digest, type Hash, isRefused, type Refusal, readDigestAlgorithm } from './algorithms.ts';
import {
  children,
  DerError,
  isContext,
  isUniversal,
  readInteger,
  readOctets,
  readOid,
  readSequence,
  readSetOf,
  readTime,
  sameBytes,
  TAGS,
  type Tlv,
} from './der.ts';
import { readOutline } from './outline.ts';

export interface Attribute {
  readonly oid: string;
  readonly values: readonly Tlv[];
}

/** Attributes that signing programs for PAdES and HPKI write. */
export const ATTRIBUTES = Object.freeze({
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  counterSignature: '1.2.840.113549.1.9.6',
  smimeCapabilities: '1.2.840.113549.1.9.15',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signatureTimeStampToken: '1.2.840.113549.1.9.16.2.14',
  signaturePolicy: '1.2.840.113549.1.9.16.2.15',
  commitmentType: '1.2.840.113549.1.9.16.2.16',
  signerLocation: '1.2.840.113549.1.9.16.2.17',
  signerAttributes: '1.2.840.113549.1.9.16.2.18',
  contentTimeStamp: '1.2.840.113549.1.9.16.2.20',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  signerAttributesV2: '0.4.0.19122.1.1',
  algorithmProtection: '1.2.840.113549.1.9.52',
  adobeRevocations: '1.2.840.113583.1.1.8',
});

/**
 * Signed attributes must be in DER's order, each kind once and with a value (RFC 5652 §5.3, §11); unsigned ones may repeat.
 * @throws DerError
 */
export function readAttributes(tlv: Tlv, { signed }: { signed: boolean }): readonly Attribute[] {
  const members = signed ? readSetOf(tlv, signed ? 0 : 1) : children(tlv);
  const attributes = members.map((member) => {
    const [type, values, ...rest] = readSequence(member);
    if (type === undefined || rest.length > 0) throw new DerError('not an Attribute', member.offset);
    const attribute = { oid: readOid(type), values: signed ? readSetOf(values) : setOf(values) };
    if (attribute.values.length === 0) throw new DerError('an attribute without value', member.offset);
    return attribute;
  });
  if (attributes.length === 0) throw new DerError('no attributes where there must be some', tlv.offset);
  if (signed && new Set(attributes.map(({ oid }) => oid)).size < attributes.length) {
    throw new DerError('a signed attribute twice', tlv.offset);
  }
  return attributes;
}

function setOf(tlv: Tlv | undefined): readonly Tlv[] {
  if (tlv === undefined || !isUniversal(tlv, TAGS.SET)) throw new DerError('not a SET', tlv?.offset ?? 0);
  return children(tlv);
}

/** What carries signed attributes: a SignerInfo. */
interface Signed {
  readonly signedAttributes: readonly Attribute[] | undefined;
}

/** The value of a signed attribute that has exactly one. @throws DerError where it has more. */
export function signedValue(signer: Signed, oid: string): Tlv | undefined {
  const attribute = signer.signedAttributes?.find((one) => one.oid === oid);
  if (attribute === undefined) return undefined;
  if (attribute.values.length !== 1)
    throw new DerError('an attribute of more than one value', attribute.values[1]!.offset);
  return attribute.values[0];
}

/** Object identifier. @throws DerError */
export function contentTypeOf(signer: Signed): string | undefined {
  const value = signedValue(signer, ATTRIBUTES.contentType);
  return value && readOid(value);
}

/** @throws DerError */
export function messageDigestOf(signer: Signed): Uint8Array | undefined {
  const value = signedValue(signer, ATTRIBUTES.messageDigest);
  return value && readOctets(value);
}

/** Epoch milliseconds by the signer's own clock: proves nothing. @throws DerError */
export function signingTimeOf(signer: Signed): number | undefined {
  const value = signedValue(signer, ATTRIBUTES.signingTime);
  return value && readTime(value);
}

/** ESSCertID or ESSCertIDv2 (RFC 5035 §4). */
export interface CertificateReference {
  readonly hash: Hash | 'sha1' | Refusal;
  readonly certificateHash: Uint8Array;
  /** The Name in DER. */
  readonly issuer: Uint8Array | undefined;
  readonly serial: bigint | undefined;
}

export interface SigningCertificate {
  /** 2, or 1 where the certificate is named by SHA-1 alone. */
  readonly version: 1 | 2;
  /** The first is the signer's; others, if any, say which chain is meant. */
  readonly certificates: readonly CertificateReference[];
}

/** The signed attributes that name the certificate: signing-certificate-v2, signing-certificate; there may be both. @throws DerError */
export const signingCertificatesOf = (signer: Signed): readonly SigningCertificate[] =>
  ([2, 1] as const).flatMap((version) => {
    const type = version === 2 ? ATTRIBUTES.signingCertificateV2 : ATTRIBUTES.signingCertificate;
    const value = signedValue(signer, type);
    return value === undefined ? [] : [readSigningCertificate(value, version)];
  });

/** The newer of them. @throws DerError */
export const signingCertificateOf = (signer: Signed): SigningCertificate | undefined =>
  signingCertificatesOf(signer)[0];

function readSigningCertificate(value: Tlv, version: 1 | 2): SigningCertificate {
  const [references, policies, ...rest] = readSequence(value);
  if (rest.length > 0) throw new DerError('not a SigningCertificate', value.offset);
  if (policies !== undefined) readSequence(policies);
  const certificates = readSequence(references).map((reference) => readReference(reference, version));
  if (certificates.length === 0) throw new DerError('a SigningCertificate without certificate', value.offset);
  return { version, certificates };
}

function readReference(tlv: Tlv, version: 1 | 2): CertificateReference {
  const fields = [...readSequence(tlv)];
  const written = version === 2 && fields[0] !== undefined && isUniversal(fields[0], TAGS.SEQUENCE);
  const hash: CertificateReference['hash'] =
    version === 1 ? 'sha1' : written ? readDigestAlgorithm(fields.shift()) : 'sha256';
  const [certificateHash, issuerSerial, ...rest] = fields;
  if (certificateHash === undefined || rest.length > 0) throw new DerError('not an ESSCertID', tlv.offset);
  const reference = { hash, certificateHash: readOctets(certificateHash), issuer: undefined, serial: undefined };
  if (issuerSerial === undefined) return reference;

  const [names, serial, ...more] = readSequence(issuerSerial);
  const [name, ...others] = readSequence(names);
  if (serial === undefined || name === undefined || more.length > 0 || others.length > 0 || !isContext(name, 4)) {
    throw new DerError('not an IssuerSerial', issuerSerial.offset);
  }
  const [issuer, ...extra] = children(name);
  if (issuer === undefined || extra.length > 0) throw new DerError('not a directory name', name.offset);
  return { ...reference, issuer: issuer.bytes, serial: readInteger(serial) };
}

/** Whether the reference is to this certificate (DER): by hash and, where it has them, by issuer and serial number. */
export function refersTo(reference: CertificateReference, certificate: Uint8Array): boolean {
  const { hash, certificateHash, issuer, serial } = reference;
  if (isRefused(hash)) return false;
  const actual = hash === 'sha1' ? createHash('sha1').update(certificate).digest() : digest(hash, certificate);
  if (!sameBytes(actual, certificateHash)) return false;
  if (issuer === undefined) return true;
  const outline = readOutline(certificate);
  return sameBytes(outline.issuer, issuer) && outline.serial === serial;
}

/** DER of every signature-time-stamp of a signer, well-formed or not. */
export const timestampTokensOf = (signer: {
  readonly unsignedAttributes: readonly Attribute[];
}): readonly Uint8Array[] =>
  signer.unsignedAttributes
    .filter(({ oid }) => oid === ATTRIBUTES.signatureTimeStampToken)
    .flatMap(({ values }) => values.map(({ bytes }) => bytes));

/** Revocation lists that Adobe's signers put among the signed attributes: [0] of RevocationInfoArchival. @throws DerError */
export function adobeCrlsOf(signer: Signed): readonly Uint8Array[] {
  const value = signedValue(signer, ATTRIBUTES.adobeRevocations);
  const lists = value && readSequence(value).find((field) => isContext(field, 0));
  return lists ? readSequence(children(lists)[0]).map(({ bytes }) => bytes) : [];
}

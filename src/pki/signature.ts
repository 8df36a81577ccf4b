/** Whether a CMS signature is one (RFC 5652 §5.4 to §5.6): of these bytes, by this key, for this certificate. */
import { digest, isRefused, verifySignature } from './algorithms.ts';
import {
  ATTRIBUTES,
  contentTypeOf,
  messageDigestOf,
  refersTo,
  signedValue,
  signingCertificatesOf,
} from './attributes.ts';
import { DerError, isContext, readDer, readSequence, sameBytes } from './der.ts';
import { readOutline } from './outline.ts';
import type { SignedData, SignerInfo } from './signeddata.ts';

/** What is signed: the attributes' own bytes, with the tag of SET OF in place of [0] (RFC 5652 §5.4). */
export function signedAttrsForSignature(signer: SignerInfo): Uint8Array | undefined {
  if (signer.signedAttributesBytes === undefined) return undefined;
  const bytes = Uint8Array.from(signer.signedAttributesBytes);
  bytes[0] = 0x31;
  return bytes;
}

/**
 * Whether the signed digest is that of `content`, in its parts, and the signed content type that of the SignedData. False without signed
 * attributes. @throws DerError where these attributes are malformed.
 */
export function digestMatches(cms: SignedData, signer: SignerInfo, ...content: readonly Uint8Array[]): boolean {
  const signed = messageDigestOf(signer);
  if (isRefused(signer.hash) || signed === undefined) return false;
  return contentTypeOf(signer) === cms.contentType && sameBytes(digest(signer.hash, ...content), signed);
}

/**
 * Whether the signature over the signed attributes is by this key (SubjectPublicKeyInfo). False without signed attributes.
 * @throws DerError where the attribute CMSAlgorithmProtection is malformed.
 */
export function signatureMatches(signer: SignerInfo, spki: Uint8Array): boolean {
  const signed = signedAttrsForSignature(signer);
  if (signed === undefined || isRefused(signer.scheme) || !protectedAlgorithms(signer)) return false;
  return verifySignature(signer.scheme, spki, signed, signer.signature);
}

/** Whether CMSAlgorithmProtection (RFC 6211), where it is signed, has the algorithms that stand outside the signed bytes. */
export function protectedAlgorithms(signer: SignerInfo): boolean {
  const value = signedValue(signer, ATTRIBUTES.algorithmProtection);
  if (value === undefined) return true;
  const [digestAlgorithm, signatureAlgorithm, ...rest] = readSequence(value);
  if (signatureAlgorithm === undefined || rest.length > 0 || !isContext(signatureAlgorithm, 1)) return false;
  return (
    sameBytes(digestAlgorithm!.bytes, signer.digestAlgorithm) &&
    sameBytes(signatureAlgorithm.content, readDer(signer.signatureAlgorithm).content)
  );
}

/** Whether the SignerInfo's identifier is that of the certificate. @throws DerError where the certificate is malformed. */
export function identifies({ identifier }: SignerInfo, certificate: Uint8Array): boolean {
  const outline = readOutline(certificate);
  if (identifier.kind === 'key-id') return outline.keyId !== undefined && sameBytes(outline.keyId, identifier.keyId);
  return sameBytes(outline.issuer, identifier.issuer) && outline.serial === identifier.serial;
}

/**
 * The certificate among `candidates` (DER) that the signer names by identifier and, where there is one, by the signed attribute; the first
 * of those the identifier alone fits where none does both, so that what is wrong can be said. Malformed candidates are passed over.
 */
export function signerCertificate(signer: SignerInfo, candidates: readonly Uint8Array[]): Uint8Array | undefined {
  const identified = candidates.filter((certificate) => holds(() => identifies(signer, certificate)));
  return (
    identified.find((certificate) => holds(() => namesCertificate(signer, certificate) !== 'other')) ?? identified[0]
  );
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/**
 * How the signed attributes name the certificate: by signing-certificate-v2, by signing-certificate (SHA-1 alone), not at all, or one of them
 * names another. Only the first certificate that one lists counts (RFC 5035 §3). @throws DerError
 */
export function namesCertificate(signer: SignerInfo, certificate: Uint8Array): 'v2' | 'v1' | 'none' | 'other' {
  const named = signingCertificatesOf(signer);
  if (named.some(({ certificates }) => !refersTo(certificates[0]!, certificate))) return 'other';
  const [newer] = named;
  return newer === undefined ? 'none' : `v${newer.version}`;
}

import type { SignatureSubFilter } from '../../../pdf/examine.ts';
import { describeKey, isRefused, type Refusal } from '../../../pki/algorithms.ts';
import {
  ATTRIBUTES,
  contentTypeOf,
  DATA,
  digestMatches,
  messageDigestOf,
  namesCertificate,
  protectedAlgorithms,
  readSignedData,
  type SignedData,
  type SignerInfo,
  signatureMatches,
  signerCertificate,
  trimPadding,
} from '../../../pki/cms.ts';
import { DerError, hex } from '../../../pki/der.ts';
import { readOutline } from '../../../pki/outline.ts';
import type { Code } from '../codes.ts';
import { sha256 } from './material.ts';
import { type Finding, failed, noted, passed } from './outcome.ts';

/** More than any chain has: each costs work. */
const MOST_CERTIFICATES = 64;

/** A signature value whose form was found right. */
export interface Signature {
  readonly cms: SignedData;
  readonly signer: SignerInfo;
  /** The one that the signer names, DER. Nothing about it is known yet. */
  readonly certificate: Uint8Array;
}

/** What an untrusted structure gave, or that it is malformed. */
export function wellFormed<T>(read: () => T, code: Code): { readonly value: T } | { readonly finding: Finding } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof DerError) return { finding: failed(code, error.message) };
    throw error;
  }
}

/** The form of a signature that is accepted: RFC 5652 §5 as ETSI EN 319 142-1 §4.1 and ISO 32000-1 §12.8.3.3 narrow it. */
export function readSignature(contents: Uint8Array): { finding: Finding; signature?: Signature } {
  const read = wellFormed(() => readForm(readSignedData(trimPadding(contents))), 'CMS_MALFORMED');
  if ('finding' in read) return read;
  if ('code' in read.value) return { finding: read.value };
  const { cms } = read.value;
  const evidence = { certificates: String(cms.certificates.length), lists: String(cms.crls.length) };
  return { finding: passed('SignedData of one signer, detached', evidence), signature: read.value };
}

function readForm(cms: SignedData): Finding | Signature {
  const [signer, ...others] = cms.signers;
  if (signer === undefined || others.length > 0) return failed('CMS_SIGNER_COUNT', `${cms.signers.length} signers`);
  if (cms.version !== 1 || signer.version !== 1)
    return failed('CMS_VERSION', `SignedData of version ${cms.version}, SignerInfo of version ${signer.version}`);
  if (cms.contentType !== DATA) return failed('CMS_CONTENT_TYPE', `content of type ${cms.contentType}`);
  if (cms.content !== undefined) return failed('CMS_NOT_DETACHED', 'the signature carries a content of its own');
  if (cms.otherCertificates + cms.otherRevocations > 0)
    return failed('CMS_VERSION', 'certificates or revocation data of formats other than X.509');
  if (cms.certificates.length > MOST_CERTIFICATES || cms.crls.length > MOST_CERTIFICATES)
    return failed('CMS_TOO_LARGE', `${cms.certificates.length} certificates, ${cms.crls.length} lists`);
  if (signer.signedAttributes === undefined) return failed('CMS_NO_ATTRIBUTES', 'no signed attributes');
  if (contentTypeOf(signer) !== DATA) return failed('CMS_ATTRIBUTE_MISSING', 'the signed content type is not data');
  if (messageDigestOf(signer) === undefined) return failed('CMS_ATTRIBUTE_MISSING', 'no signed message digest');
  if (signer.unsignedAttributes.some(({ oid }) => oid === ATTRIBUTES.counterSignature))
    return failed('CMS_COUNTERSIGNED', 'a counter-signature');
  const certificate = signerCertificate(signer, cms.certificates);
  if (certificate === undefined)
    return failed('CMS_CERTIFICATE_MISSING', 'the certificate that the signer names is not in the signature');
  return { cms, signer, certificate };
}

const refused = ({ code, detail, oid }: Refusal): Finding => failed(code, detail, { oid });

export function checkMessageDigest({ cms, signer }: Signature, content: readonly Uint8Array[]): Finding {
  if (isRefused(signer.hash)) return refused(signer.hash);
  const digest = messageDigestOf(signer);
  const evidence = { algorithm: signer.hash, digest: hex(digest ?? new Uint8Array()) };
  return digestMatches(cms, signer, ...content)
    ? passed('the signed digest is that of the bytes', evidence)
    : failed('DIGEST_MISMATCH', 'the signed digest is not that of the bytes', evidence);
}

/** Over the attributes as they stand in the file, with the algorithms and key sizes that are accepted. */
export function checkSignature({ signer, certificate }: Signature): Finding {
  if (isRefused(signer.scheme)) return refused(signer.scheme);
  const { scheme } = signer;
  const read = wellFormed(() => {
    const { spki } = readOutline(certificate);
    return { spki, key: describeKey(spki) };
  }, 'SIGNATURE_INVALID');
  if ('finding' in read) return read.finding;
  const { spki, key } = read.value;
  if (isRefused(key)) return refused(key);
  const evidence = {
    algorithm: `${scheme.kind} ${scheme.hash}`,
    key: key.kind === 'rsa' ? `RSA ${key.bits}` : key.curve,
    certificate: sha256(certificate),
  };
  const isProtected = wellFormed(() => protectedAlgorithms(signer), 'CMS_ALGORITHM_PROTECTION');
  if ('finding' in isProtected) return isProtected.finding;
  if (!isProtected.value)
    return failed('CMS_ALGORITHM_PROTECTION', 'signed for other algorithms than those it names', evidence);
  return signatureMatches(signer, spki)
    ? passed('made with the key of the certificate', evidence)
    : failed('SIGNATURE_INVALID', 'not made with the key of the certificate', evidence);
}

/**
 * ESS signing-certificate-v2 (RFC 5035 §5): PAdES demands it (ETSI EN 319 142-1 §6.3). ISO 32000-1's own adbe.pkcs7.detached does not know it:
 * there it may be absent or name the certificate by SHA-1 alone, which is noted, but never name another.
 */
export function checkSigningCertificate({ signer, certificate }: Signature, subFilter: SignatureSubFilter): Finding {
  const read = wellFormed(() => namesCertificate(signer, certificate), 'ESS_MALFORMED');
  if ('finding' in read) return read.finding;
  const evidence = { certificate: sha256(certificate), subFilter };
  switch (read.value) {
    case 'v2':
      return passed('the attribute names the certificate', evidence);
    case 'other':
      return failed('ESS_MISMATCH', 'the attribute names another certificate', evidence);
    case 'v1':
    case 'none': {
      const detail = read.value === 'v1' ? 'named by SHA-1 alone' : 'no signing-certificate attribute';
      return subFilter === 'adbe.pkcs7.detached'
        ? noted('ESS_ABSENT_LEGACY', detail, evidence)
        : failed('ESS_MISSING', detail, evidence);
    }
  }
}

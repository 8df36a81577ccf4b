/** The time-stamp token: SignedData over a TSTInfo (RFC 3161 §2.4.2). */
import { digest, HASHES, type Hash, isRefused, type Refusal, readDigestAlgorithm } from './algorithms.ts';
import {
  children,
  DerError,
  isContext,
  isUniversal,
  readBoolean,
  readDer,
  readGeneralizedTime,
  readInteger,
  readOctets,
  readOid,
  readSequence,
  readSmallInteger,
  sameBytes,
  TAGS,
  type Tlv,
} from './der.ts';
import { readOutline } from './outline.ts';
import { digestMatches, identifies, namesCertificate, signatureMatches, signerCertificate } from './signature.ts';
import { readSignedData, type SignedData, type SignerInfo } from './signeddata.ts';

export const TST_INFO = '1.2.840.113549.1.9.16.1.4';

export interface MessageImprint {
  readonly hash: Hash | Refusal;
  readonly imprint: Uint8Array;
}

export interface TstInfo extends MessageImprint {
  readonly version: 1;
  /** Object identifier. */
  readonly policy: string;
  readonly serial: bigint;
  /** Epoch milliseconds; what is finer is dropped. */
  readonly genTime: number;
  /** Milliseconds, rounded up, by which genTime may be off either way; undefined where only the policy says it. */
  readonly accuracy: number | undefined;
  readonly ordering: boolean;
  readonly nonce: bigint | undefined;
  /** GeneralName, DER. */
  readonly tsa: Uint8Array | undefined;
  /** Object identifiers of the critical extensions, none of which is known here. */
  readonly criticalExtensions: readonly string[];
}

export interface TimestampToken {
  readonly cms: SignedData;
  readonly signer: SignerInfo;
  readonly tst: TstInfo;
  /** The token as it stands. */
  readonly bytes: Uint8Array;
}

/** @throws DerError */
export function readTimestampToken(der: Uint8Array): TimestampToken {
  const cms = readSignedData(der);
  if (cms.contentType !== TST_INFO || cms.content === undefined) throw new DerError('not a time-stamp token', 0);
  // The version of a content that is not data, and of nothing but X.509 (RFC 5652 §5.1): it is not signed, so only one can be right.
  if (cms.version !== 3 || cms.otherCertificates + cms.otherRevocations > 0)
    throw new DerError(`SignedData of version ${cms.version} around a time-stamp`, 0);
  const [signer, ...others] = cms.signers;
  if (signer === undefined || others.length > 0) throw new DerError(`a time-stamp of ${cms.signers.length} signers`, 0);
  return { cms, signer, tst: readTstInfo(cms.content), bytes: der };
}

/** @throws DerError */
export function readMessageImprint(tlv: Tlv | undefined): MessageImprint {
  const [algorithm, hashed, ...rest] = readSequence(tlv);
  if (hashed === undefined || rest.length > 0) throw new DerError('not a MessageImprint', tlv!.offset);
  const hash = readDigestAlgorithm(algorithm);
  const imprint = readOctets(hashed);
  if (!isRefused(hash) && imprint.length !== HASHES[hash].size) {
    throw new DerError(`an imprint of ${imprint.length} bytes by ${hash}`, hashed.offset);
  }
  return { hash, imprint };
}

function readTstInfo(content: Uint8Array): TstInfo {
  const tlv = readDer(content);
  const [version, policy, imprint, serial, genTime, ...rest] = readSequence(tlv);
  if (genTime === undefined) throw new DerError('not a TSTInfo', tlv.offset);
  if (readSmallInteger(version!) !== 1) throw new DerError('a TSTInfo of another version than 1', version!.offset);
  const take = (is: (field: Tlv) => boolean): Tlv | undefined => (rest[0] && is(rest[0]) ? rest.shift() : undefined);
  const accuracy = take((field) => isUniversal(field, TAGS.SEQUENCE));
  const ordering = take((field) => isUniversal(field, TAGS.BOOLEAN));
  const nonce = take((field) => isUniversal(field, TAGS.INTEGER));
  const tsa = take((field) => isContext(field, 0));
  const extensions = take((field) => isContext(field, 1));
  if (rest.length > 0) throw new DerError('not a TSTInfo', rest[0]!.offset);
  return {
    version: 1,
    policy: readOid(policy!),
    ...readMessageImprint(imprint),
    serial: readInteger(serial!),
    genTime: readGeneralizedTime(genTime, { fraction: true }),
    accuracy: accuracy && readAccuracy(accuracy),
    ordering: ordering !== undefined && readBoolean(ordering),
    nonce: nonce && readInteger(nonce),
    tsa: tsa && readTsa(tsa),
    criticalExtensions: extensions ? readExtensions(extensions) : [],
  };
}

function readAccuracy(tlv: Tlv): number {
  const rest = [...readSequence(tlv)];
  const take = (is: boolean, most: number, implicit?: number): number =>
    is ? readSmallInteger(rest.shift()!, most, implicit) : 0;
  const seconds = take(rest[0] !== undefined && isUniversal(rest[0], TAGS.INTEGER), 0x7fff_ffff);
  const millis = take(rest[0] !== undefined && isContext(rest[0], 0), 999, 0);
  const micros = take(rest[0] !== undefined && isContext(rest[0], 1), 999, 1);
  if (rest.length > 0) throw new DerError('not an Accuracy', rest[0]!.offset);
  return seconds * 1000 + millis + (micros > 0 ? 1 : 0);
}

function readTsa(explicit: Tlv): Uint8Array {
  const [name, ...rest] = children(explicit);
  if (name === undefined || rest.length > 0 || name.tagClass !== 2)
    throw new DerError('not a GeneralName', explicit.offset);
  return name.bytes;
}

function readExtensions(tlv: Tlv): readonly string[] {
  const seen = new Set<string>();
  return children(tlv).flatMap((extension) => {
    const [id, ...fields] = readSequence(extension);
    if (id === undefined || fields.length < 1 || fields.length > 2)
      throw new DerError('not an Extension', extension.offset);
    const oid = readOid(id);
    if (seen.has(oid)) throw new DerError(`the extension ${oid} twice`, extension.offset);
    seen.add(oid);
    readOctets(fields.at(-1)!);
    return fields.length === 2 && readBoolean(fields[0]!) ? [oid] : [];
  });
}

/** The certificate that made the token: one that it carries, or one of `others`. Not trusted by this. */
export const timestampCertificate = (
  { cms, signer }: TimestampToken,
  others: readonly Uint8Array[] = [],
): Uint8Array | undefined => signerCertificate(signer, [...cms.certificates, ...others]);

/** What the token should be of: these bytes, in their parts, or what has this imprint. */
export type Stamped = { readonly data: readonly Uint8Array[] } | { readonly hash: Hash; readonly imprint: Uint8Array };

export type TimestampFinding =
  /** `weak`: the certificate is named by SHA-1 alone, as RFC 3161 had it before RFC 5816. */
  | { readonly ok: true; readonly weak: boolean }
  | { readonly ok: false; readonly code: TimestampCode; readonly detail: string };

export type TimestampCode =
  /** Of other bytes. */
  | 'TST_IMPRINT'
  /** An algorithm that is not accepted. */
  | 'TST_ALGORITHM'
  /** Not made with this certificate, or with one that it names differently. */
  | 'TST_CERTIFICATE'
  /** The signed digest is not that of the TSTInfo. */
  | 'TST_DIGEST'
  | 'TST_SIGNATURE'
  /** A critical extension, or a signed part that is malformed. */
  | 'TST_MALFORMED';

/**
 * The half of a verification that cryptography decides: the token is of these bytes, whole, and made with the key of this certificate (DER),
 * which it names. Whether that certificate may make time-stamps and is trusted is another question, and so is the time. Never throws for
 * what is in the token or the certificate.
 */
export function verifyTimestampToken(
  token: TimestampToken,
  stamped: Stamped,
  certificate: Uint8Array,
): TimestampFinding {
  try {
    return verify(token, stamped, certificate);
  } catch (error) {
    if (error instanceof DerError) return { ok: false, code: 'TST_MALFORMED', detail: error.message };
    throw error;
  }
}

function verify({ cms, signer, tst }: TimestampToken, stamped: Stamped, certificate: Uint8Array): TimestampFinding {
  const no = (code: TimestampCode, detail: string): TimestampFinding => ({ ok: false, code, detail });
  for (const algorithm of [tst.hash, signer.hash, signer.scheme]) {
    if (isRefused(algorithm)) return no('TST_ALGORITHM', algorithm.detail);
  }
  if (!isImprintOf(tst, stamped)) return no('TST_IMPRINT', 'the time-stamp is of other bytes');
  if (tst.criticalExtensions.length > 0) {
    return no('TST_MALFORMED', `critical extensions that are not known: ${tst.criticalExtensions.join(', ')}`);
  }
  if (!identifies(signer, certificate)) return no('TST_CERTIFICATE', 'the signer is another certificate');
  const named = namesCertificate(signer, certificate);
  if (named === 'none') return no('TST_CERTIFICATE', 'no signed attribute names the certificate');
  if (named === 'other') return no('TST_CERTIFICATE', 'the signed attribute names another certificate');
  const outline = readOutline(certificate);
  if (tst.tsa !== undefined && !isNamed(tst.tsa, outline)) {
    return no('TST_CERTIFICATE', "the authority named in the time-stamp is not the certificate's subject");
  }
  if (!digestMatches(cms, signer, cms.content!))
    return no('TST_DIGEST', 'the signed digest is not that of the TSTInfo');
  if (!signatureMatches(signer, outline.spki))
    return no('TST_SIGNATURE', "the signature is not by the certificate's key");
  return { ok: true, weak: named === 'v1' };
}

function isImprintOf({ hash, imprint }: MessageImprint, stamped: Stamped): boolean {
  if (isRefused(hash)) return false;
  if ('data' in stamped) return sameBytes(digest(hash, ...stamped.data), imprint);
  return stamped.hash === hash && sameBytes(stamped.imprint, imprint);
}

/** The name must be one of the certificate's subject names (RFC 3161 §2.4.2). */
function isNamed(tsa: Uint8Array, { subject, alternativeNames }: ReturnType<typeof readOutline>): boolean {
  const name = readDer(tsa);
  if (isContext(name, 4) && sameBytes(name.content, subject)) return true;
  return alternativeNames.some((other) => sameBytes(other, tsa));
}

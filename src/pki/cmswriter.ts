/** Writers of CMS signatures: the attributes to be signed, the signature made with them, the time-stamp added to it. */
import { digest, type Hash, type Scheme, verifySignature, writeDigestAlgorithm, writeScheme } from './algorithms.ts';
import { ATTRIBUTES, timestampTokensOf } from './attributes.ts';
import {
  children,
  context,
  derOrder,
  integer,
  isContext,
  octets,
  oid,
  readDer,
  readSequence,
  sequence,
  set,
  time,
} from './der.ts';
import { readOutline } from './outline.ts';
import { DATA, readSignedData, SIGNED_DATA } from './signeddata.ts';

const attribute = (type: string, ...values: readonly Uint8Array[]): Uint8Array => sequence(oid(type), set(...values));

export interface SignedAttributesInput {
  readonly messageDigest: Uint8Array;
  /** The signer's, DER. */
  readonly certificate: Uint8Array;
  /** eContentType; data unless given. */
  readonly contentType?: string;
  /** By which signing-certificate-v2 names the certificate. */
  readonly hash?: Hash;
  /** Epoch milliseconds. PAdES forbids it: there the signature dictionary's /M says it (ETSI EN 319 142-1 §6.3). */
  readonly signingTime?: number;
}

/** SignedAttributes as DER SET OF: the bytes to be signed. */
export function signedAttributes(input: SignedAttributesInput): Uint8Array {
  const { issuer, serial } = readOutline(input.certificate);
  const hash = input.hash ?? 'sha256';
  const reference = sequence(
    ...(hash === 'sha256' ? [] : [writeDigestAlgorithm(hash)]),
    octets(digest(hash, input.certificate)),
    sequence(sequence(context(4, true, issuer)), integer(serial)),
  );
  return set(
    attribute(ATTRIBUTES.contentType, oid(input.contentType ?? DATA)),
    attribute(ATTRIBUTES.messageDigest, octets(input.messageDigest)),
    attribute(ATTRIBUTES.signingCertificateV2, sequence(sequence(reference))),
    ...(input.signingTime === undefined ? [] : [attribute(ATTRIBUTES.signingTime, time(input.signingTime))]),
  );
}

export interface SignedDataInput {
  /** From signedAttributes. */
  readonly attributes: Uint8Array;
  /** The signer's, DER. */
  readonly certificate: Uint8Array;
  readonly scheme: Scheme;
  /** Certificates to carry, DER; the signer's alone unless given. */
  readonly certificates?: readonly Uint8Array[];
  readonly crls?: readonly Uint8Array[];
  /** What is signed, to be carried within; detached unless given. */
  readonly content?: { readonly type: string; readonly bytes: Uint8Array };
}

/** Signs the bytes that it is given, hashing included: a card, a token, a key. ECDSA as DER. */
export type Signing = (toBeSigned: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/** ContentInfo of SignedData, DER. @throws Error where what `sign` made is not a signature by the certificate's key. */
export async function signedData(input: SignedDataInput, sign: Signing): Promise<Uint8Array> {
  return signedDataWith(input, await sign(input.attributes));
}

/** As signedData, with the signature at hand. */
export function signedDataWith(input: SignedDataInput, signature: Uint8Array): Uint8Array {
  const { issuer, serial, spki } = readOutline(input.certificate);
  if (!verifySignature(input.scheme, spki, input.attributes, signature)) {
    throw new Error(`not a signature (${input.scheme.kind}, ${input.scheme.hash}) by the key of the certificate`);
  }
  const { certificates = [input.certificate], crls = [], content } = input;
  const type = content?.type ?? DATA;
  const digestAlgorithm = writeDigestAlgorithm(input.scheme.hash);
  const signerInfo = sequence(
    integer(1),
    sequence(issuer, integer(serial)),
    digestAlgorithm,
    context(0, true, readDer(input.attributes).content),
    writeScheme(input.scheme),
    octets(signature),
  );
  return contentInfo(
    sequence(
      integer(type === DATA ? 1 : 3),
      set(digestAlgorithm),
      sequence(oid(type), ...(content === undefined ? [] : [context(0, true, octets(content.bytes))])),
      ...(certificates.length === 0 ? [] : [context(0, true, ...derOrder(certificates))]),
      ...(crls.length === 0 ? [] : [context(1, true, ...derOrder(crls))]),
      set(signerInfo),
    ),
  );
}

const contentInfo = (content: Uint8Array): Uint8Array => sequence(oid(SIGNED_DATA), context(0, true, content));

/**
 * The same signature with a signature-time-stamp (ETSI EN 319 122-1 §5.3) among its unsigned attributes; what was signed and what signs
 * it stays byte for byte. @throws RangeError unless there is one signer, not yet time-stamped.
 */
export function withTimestamp(cms: Uint8Array, token: Uint8Array): Uint8Array {
  const { signers } = readSignedData(cms);
  if (signers.length !== 1) throw new RangeError(`${signers.length} signers, not one`);
  if (timestampTokensOf(signers[0]!).length > 0) throw new RangeError('already time-stamped');
  const fields = [...readSequence(children(readSequence(readDer(cms))[1]!)[0])];
  const parts = [...readSequence(children(fields.pop()!)[0])];
  const unsigned = isContext(parts.at(-1)!, 1) ? children(parts.pop()!) : [];
  const stamp = attribute(ATTRIBUTES.signatureTimeStampToken, readDer(token).bytes);
  const signerInfo = sequence(
    ...parts.map(({ bytes }) => bytes),
    context(1, true, ...derOrder([...unsigned.map(({ bytes }) => bytes), stamp])),
  );
  return contentInfo(sequence(...fields.map(({ bytes }) => bytes), set(signerInfo)));
}

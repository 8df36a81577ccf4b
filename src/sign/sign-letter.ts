import { randomBytes } from 'node:crypto';
import { addDss, vriKey } from '../pdf/dss.ts';
import { signedBytes } from '../pdf/examine.ts';
import { fillContents, prepareSignature } from '../pdf/sign.ts';
import { digest, verifySignature } from '../pki/algorithms.ts';
import { signedAttributes, signedDataWith, withTimestamp } from '../pki/cmswriter.ts';
import { DerError } from '../pki/der.ts';
import { readOutline } from '../pki/outline.ts';
import {
  differsFromRequest,
  readTimestampRequest,
  readTimestampResponse,
  readTimestampToken,
  timestampCertificate,
  timestampRequest,
  verifyTimestampToken,
} from '../pki/timestamp.ts';
import { KeyError, type SigningKey } from './signing-key.ts';

export interface LetterSigning {
  /** As the server issued it; the signed letter begins with exactly these bytes. */
  readonly pdf: Uint8Array;
  readonly key: SigningKey;
  /** Takes a TimeStampReq to the authority and gives its TimeStampResp (RFC 3161), DER both. */
  readonly timestamp: (request: Uint8Array) => Promise<Uint8Array>;
  /** What revocation lists there are, DER: kept in the file beside the certificates. */
  readonly crls?: readonly Uint8Array[];
  readonly reason?: string;
  readonly location?: string;
  /** Epoch milliseconds: what the signer's machine takes for now. The time-stamp is what counts. */
  readonly now: number;
}

/** The authority gave no time-stamp, or one for something else. */
export class TimestampError extends Error {}

/** Bytes kept free for the signature, its certificate and a time-stamp with its chain; the signer's chain comes on top. */
const CONTENTS_SIZE = 16_384;

/**
 * Signs a letter as PAdES baseline T (ETSI EN 319 142-1): a CAdES signature in an update of its own, with a time-stamp on it; with
 * revocation lists a DSS after it. The PDF is not changed otherwise. @throws KeyError, TimestampError, PdfError where the file cannot be signed
 */
export async function signLetter({
  pdf,
  key,
  timestamp,
  crls = [],
  reason,
  location,
  now,
}: LetterSigning): Promise<Uint8Array> {
  const prepared = prepareSignature(pdf, {
    fieldName: 'HPKI',
    subFilter: 'ETSI.CAdES.detached',
    signingTime: now,
    contentsSize: CONTENTS_SIZE + key.chain.reduce((sum, { length }) => sum + length, 0),
    ...(reason !== undefined && { reason }),
    ...(location !== undefined && { location }),
  });
  const messageDigest = digest(key.scheme.hash, ...signedBytes(prepared.bytes, prepared.byteRange));
  const attributes = signedAttributes({ messageDigest, certificate: key.certificate });
  const signature = key.sign(attributes);
  if (!verifySignature(key.scheme, readOutline(key.certificate).spki, attributes, signature))
    throw new KeyError('SIGNATURE_WRONG', 'what the key made is not a signature by its certificate');
  const certificates = [key.certificate, ...key.chain];
  const cms = signedDataWith({ attributes, certificate: key.certificate, scheme: key.scheme, certificates }, signature);
  const token = await stamp(signature, timestamp);
  const signed = fillContents(prepared, withTimestamp(cms, token));
  if (crls.length === 0) return signed;
  const { cms: stamped } = readTimestampToken(token);
  const material = { certificates: [...certificates, ...stamped.certificates], crls };
  const contents = signed.subarray(prepared.contentsOffset, prepared.contentsOffset + 2 * prepared.contentsSize);
  const name = vriKey(Buffer.from(Buffer.from(contents).toString('latin1'), 'hex'));
  return addDss(signed, { ...material, vri: { [name]: material } });
}

/** The token for a signature value, checked as far as a client can: what it stamps, and that it answers this request. */
async function stamp(signature: Uint8Array, timestamp: LetterSigning['timestamp']): Promise<Uint8Array> {
  const request = timestampRequest({
    imprint: digest('sha256', signature),
    nonce: BigInt(`0x${randomBytes(8).toString('hex')}`),
  });
  const answer = await timestamp(request);
  try {
    return tokenIn(answer, request, signature);
  } catch (error) {
    if (error instanceof DerError) throw new TimestampError(`not an answer of RFC 3161: ${error.message}`);
    throw error;
  }
}

function tokenIn(answer: Uint8Array, request: Uint8Array, signature: Uint8Array): Uint8Array {
  const { token: bytes, text, failures } = readTimestampResponse(answer);
  if (!bytes) throw new TimestampError(`refused: ${[...text, ...failures].join(', ') || 'no reason given'}`);
  const token = readTimestampToken(bytes);
  const different = differsFromRequest(readTimestampRequest(request), token);
  if (different !== undefined) throw new TimestampError(different);
  const certificate = timestampCertificate(token);
  if (!certificate) throw new TimestampError('the token does not carry its certificate');
  const finding = verifyTimestampToken(token, { data: [signature] }, certificate);
  if (!finding.ok) throw new TimestampError(`${finding.code}: ${finding.detail}`);
  return bytes;
}

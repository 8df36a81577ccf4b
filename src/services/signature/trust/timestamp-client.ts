import { randomBytes } from 'node:crypto';
import { type Outbound, OutboundError, outbound } from '../../../http/outbound.ts';
import { digest, type Hash } from '../../../pki/algorithms.ts';
import { DerError } from '../../../pki/der.ts';
import {
  differsFromRequest,
  readTimestampRequest,
  readTimestampResponse,
  readTimestampToken,
  timestampCertificate,
  timestampRequest,
  verifyTimestampToken,
} from '../../../pki/timestamp.ts';

export interface TimestampWanted {
  /** Where the authority answers, by HTTP (RFC 3161 §3.4). */
  readonly service: { readonly url: string; readonly policy: string | undefined; readonly allowPrivate: boolean };
  /** The bytes to be stamped, in their parts; only their hash leaves the house. */
  readonly data: readonly Uint8Array[];
  /** SHA-256 unless told. */
  readonly hash?: Hash;
  readonly now: number;
  readonly signal?: AbortSignal;
  readonly send?: Outbound;
}

export type TimestampErrorCode =
  /** Not reached, or no answer of the right kind. */
  | 'TSA_UNREACHABLE'
  /** It answered that it will not. */
  | 'TSA_REFUSED'
  | 'TSA_MALFORMED'
  /** The time-stamp is not one of what was asked for. */
  | 'TSA_MISMATCH'
  /** The signature on the time-stamp is not right. */
  | 'TSA_SIGNATURE'
  /** Its clock and ours differ. */
  | 'TSA_CLOCK';

/** No time-stamp was had. The message is for engineers. */
export class TimestampError extends Error {
  readonly code: TimestampErrorCode;

  constructor(code: TimestampErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const MAX_ANSWER_BYTES = 256 * 1024;
const TIMEOUT_MS = 15_000;
/** Either clock may be off by so much. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Asks an authority for a time-stamp of the bytes and returns the token, DER: granted, of these bytes, with our nonce, of the policy that was
 * asked for, signed by the certificate that it names, and of about now. Whether that certificate chains to a trusted anchor is the
 * verifier's matter: verify before relying on it. Throws TimestampError.
 */
export async function requestTimestamp(wanted: TimestampWanted): Promise<Uint8Array> {
  const { service, data, hash = 'sha256', now } = wanted;
  const request = timestampRequest({
    imprint: digest(hash, ...data),
    hash,
    nonce: nonce(),
    certReq: true,
    ...(service.policy === undefined ? {} : { policy: service.policy }),
  });
  const answer = await post(wanted, request);
  try {
    const response = readTimestampResponse(answer);
    if (!response.token) {
      const why = [...response.failures, ...response.text].join(', ').slice(0, 200);
      throw new TimestampError('TSA_REFUSED', `the authority refuses, status ${response.status}${why && `: ${why}`}`);
    }
    const token = readTimestampToken(response.token);
    const difference = differsFromRequest(readTimestampRequest(request), token);
    if (difference) throw new TimestampError('TSA_MISMATCH', difference);
    const certificate = timestampCertificate(token);
    if (!certificate)
      throw new TimestampError('TSA_SIGNATURE', 'the token does not carry the certificate of its signer');
    const finding = verifyTimestampToken(token, { data }, certificate);
    if (!finding.ok) throw new TimestampError('TSA_SIGNATURE', `${finding.code}: ${finding.detail}`);
    if (Math.abs(token.tst.genTime - now) > CLOCK_SKEW_MS + (token.tst.accuracy ?? 0))
      throw new TimestampError('TSA_CLOCK', `the time-stamp is of ${new Date(token.tst.genTime).toISOString()}`);
    return token.bytes;
  } catch (error) {
    if (error instanceof DerError) throw new TimestampError('TSA_MALFORMED', error.message, error);
    throw error;
  }
}

async function post({ service, signal, send = outbound }: TimestampWanted, body: Uint8Array): Promise<Uint8Array> {
  try {
    const answer = await send({
      url: service.url,
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/timestamp-query' },
      accept: ['application/timestamp-reply'],
      maxBytes: MAX_ANSWER_BYTES,
      timeoutMs: TIMEOUT_MS,
      allowPrivate: service.allowPrivate,
      ...(signal ? { signal } : {}),
    });
    return answer.body;
  } catch (error) {
    if (error instanceof OutboundError) throw new TimestampError('TSA_UNREACHABLE', error.message, error);
    throw error;
  }
}

/** 64 random bits, never 0. */
const nonce = (): bigint => randomBytes(8).readBigUInt64BE() | 1n;

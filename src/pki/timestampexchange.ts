/** What passes between a requester and a time-stamp authority (RFC 3161 §2.4). */
import { HASHES, type Hash, isRefused, writeDigestAlgorithm } from './algorithms.ts';
import {
  boolean,
  DerError,
  expectType,
  integer,
  isContext,
  isUniversal,
  namedBits,
  octets,
  oid,
  readBoolean,
  readDer,
  readInteger,
  readNamedBits,
  readOid,
  readSequence,
  readSmallInteger,
  readText,
  sameBytes,
  sequence,
  TAGS,
  type Tlv,
  utf8,
} from './der.ts';
import { type MessageImprint, readMessageImprint, type TimestampToken } from './timestamptoken.ts';

export interface TimestampRequestInput {
  readonly imprint: Uint8Array;
  /** SHA-256 unless given. */
  readonly hash?: Hash;
  /** Positive and not used before: ties the answer to the question. */
  readonly nonce?: bigint;
  /** Whether the token should carry the authority's certificate; it should, unless said otherwise. */
  readonly certReq?: boolean;
  /** Object identifier. */
  readonly policy?: string;
}

export const messageImprint = (hash: Hash, imprint: Uint8Array): Uint8Array =>
  sequence(writeDigestAlgorithm(hash), octets(imprint));

/** TimeStampReq, DER. @throws RangeError where the imprint is not of the hash's length. */
export function timestampRequest({
  imprint,
  hash = 'sha256',
  nonce,
  certReq = true,
  policy,
}: TimestampRequestInput): Uint8Array {
  if (imprint.length !== HASHES[hash].size) throw new RangeError(`${imprint.length} bytes are no imprint by ${hash}`);
  return sequence(
    integer(1),
    messageImprint(hash, imprint),
    ...(policy === undefined ? [] : [oid(policy)]),
    ...(nonce === undefined ? [] : [integer(nonce)]),
    ...(certReq ? [boolean(true)] : []),
  );
}

export interface TimestampRequest extends MessageImprint {
  readonly version: number;
  readonly policy: string | undefined;
  readonly nonce: bigint | undefined;
  readonly certReq: boolean;
  /** Whether there are any; none is known here. */
  readonly extensions: boolean;
}

/** @throws DerError */
export function readTimestampRequest(der: Uint8Array): TimestampRequest {
  const [version, imprint, ...rest] = readSequence(readDer(der, { bytes: 64 * 1024, nodes: 1000 }));
  if (imprint === undefined) throw new DerError('not a TimeStampReq', 0);
  const take = (is: (field: Tlv) => boolean): Tlv | undefined => (rest[0] && is(rest[0]) ? rest.shift() : undefined);
  const policy = take((field) => isUniversal(field, TAGS.OBJECT_IDENTIFIER));
  const nonce = take((field) => isUniversal(field, TAGS.INTEGER));
  const certReq = take((field) => isUniversal(field, TAGS.BOOLEAN));
  const extensions = take((field) => isContext(field, 0));
  if (rest.length > 0) throw new DerError('not a TimeStampReq', rest[0]!.offset);
  return {
    version: readSmallInteger(version!),
    ...readMessageImprint(imprint),
    policy: policy && readOid(policy),
    nonce: nonce && readInteger(nonce),
    certReq: certReq !== undefined && readBoolean(certReq),
    extensions: extensions !== undefined,
  };
}

/** PKIFailureInfo, by bit (RFC 3161 §2.4.2). */
export const FAILURES = Object.freeze({
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
});

export type Failure = keyof typeof FAILURES;

export interface TimestampResponse {
  /** PKIStatus: 0 granted, 1 granted with changes, 2 rejected, 3 waiting, 4 and 5 revocation warning and notification. */
  readonly status: number;
  readonly granted: boolean;
  readonly text: readonly string[];
  /** Those without a name by their bit. */
  readonly failures: readonly (Failure | number)[];
  /** DER; there exactly when granted. */
  readonly token: Uint8Array | undefined;
}

/** @throws DerError */
export function readTimestampResponse(der: Uint8Array): TimestampResponse {
  const [info, token, ...more] = readSequence(readDer(der, { bytes: 2 * 1024 * 1024, nodes: 200_000 }));
  const [statusTlv, ...rest] = readSequence(info);
  if (statusTlv === undefined || more.length > 0) throw new DerError('not a TimeStampResp', 0);
  const status = readSmallInteger(statusTlv, 5);
  const text = rest[0] && isUniversal(rest[0], TAGS.SEQUENCE) ? readSequence(rest.shift()).map(readText) : [];
  const bits = rest[0] && isUniversal(rest[0], TAGS.BIT_STRING) ? readNamedBits(rest.shift()!) : new Set<number>();
  if (rest.length > 0) throw new DerError('not a PKIStatusInfo', rest[0]!.offset);
  const granted = status <= 1;
  if (granted !== (token !== undefined)) throw new DerError('a token without being granted, or granted without one', 0);
  return {
    status,
    granted,
    text,
    failures: [...bits].map((bit) => failureNames.get(bit) ?? bit),
    token: token && expectType(token, TAGS.SEQUENCE, 'a time-stamp token').bytes,
  };
}

const failureNames = new Map<number, Failure>(Object.entries(FAILURES).map(([name, bit]) => [bit, name as Failure]));

/** TimeStampResp, DER. */
export const grantedResponse = (token: Uint8Array): Uint8Array => sequence(sequence(integer(0)), token);

/** TimeStampResp, DER. */
export const rejectedResponse = (failure: Failure, text: string): Uint8Array =>
  sequence(sequence(integer(2), sequence(utf8(text)), namedBits(FAILURES[failure])));

/**
 * What is wrong with the token as an answer to the request (RFC 3161 §2.4.2), as far as the two alone tell: undefined if nothing. Its
 * signature and its time are another matter.
 */
export function differsFromRequest(request: TimestampRequest, { tst, cms }: TimestampToken): string | undefined {
  if (isRefused(tst.hash)) return tst.hash.detail;
  if (tst.hash !== request.hash || !sameBytes(tst.imprint, request.imprint)) return 'the time-stamp is of other bytes';
  if (tst.nonce !== request.nonce) return 'the nonce is not that of the request';
  if (request.policy !== undefined && tst.policy !== request.policy)
    return `the policy is ${tst.policy}, not ${request.policy}`;
  if (!request.certReq && cms.certificates.length > 0) return 'certificates that were not asked for';
  if (request.certReq && cms.certificates.length === 0) return 'no certificate, though it was asked for';
  return undefined;
}

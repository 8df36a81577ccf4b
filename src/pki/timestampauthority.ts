/** A time-stamp authority (RFC 3161 §2.3, §2.4.2) but for its clock, its counter and its transport: for the demo and for tests. */
import type { KeyObject } from 'node:crypto';
import { digest, isRefused, schemeFor, sign } from './algorithms.ts';
import { signedAttributes, signedDataWith } from './cmswriter.ts';
import { context, DerError, generalizedTime, integer, oid, readDer, sequence } from './der.ts';
import { readOutline } from './outline.ts';
import {
  type Failure,
  grantedResponse,
  messageImprint,
  readTimestampRequest,
  rejectedResponse,
  type TimestampRequest,
} from './timestampexchange.ts';
import { TST_INFO } from './timestamptoken.ts';

export interface TimestampAuthority {
  readonly key: KeyObject;
  /** DER, with the extended key usage timeStamping, critical and alone. */
  readonly certificate: Uint8Array;
  /** Its issuers, DER; carried along with the certificate when the requester wants certificates. */
  readonly chain?: readonly Uint8Array[];
  /** Object identifier of the only policy that is granted. */
  readonly policy: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Never the same twice. */
  readonly serial: bigint;
  /** Milliseconds; a second unless given. */
  readonly accuracy?: number;
}

/** TimeStampResp, DER: a token, or why there is none. Never throws for what is in the request. */
export function issueTimestamp(request: Uint8Array, authority: TimestampAuthority): Uint8Array {
  let asked: TimestampRequest;
  try {
    asked = readTimestampRequest(request);
  } catch (error) {
    if (error instanceof DerError) return rejectedResponse('badDataFormat', error.message);
    throw error;
  }
  const [failure, text] = objection(asked, authority.policy) ?? [];
  if (failure !== undefined) return rejectedResponse(failure, text!);
  return grantedResponse(token(asked, authority));
}

function objection(asked: TimestampRequest, policy: string): readonly [Failure, string] | undefined {
  if (asked.version !== 1) return ['badRequest', `version ${asked.version}`];
  if (isRefused(asked.hash)) return ['badAlg', asked.hash.detail];
  if (asked.policy !== undefined && asked.policy !== policy)
    return ['unacceptedPolicy', `the policy here is ${policy}`];
  if (asked.extensions) return ['unacceptedExtension', 'no extension is known here'];
  return undefined;
}

function token(asked: TimestampRequest, authority: TimestampAuthority): Uint8Array {
  const { key, certificate, chain = [], policy, now, serial } = authority;
  if (isRefused(asked.hash)) throw new RangeError(asked.hash.detail);
  const tst = sequence(
    integer(1),
    oid(policy),
    messageImprint(asked.hash, asked.imprint),
    integer(serial),
    generalizedTime(now, true),
    writeAccuracy(authority.accuracy ?? 1000),
    ...(asked.nonce === undefined ? [] : [integer(asked.nonce)]),
    context(0, true, context(4, true, readOutline(certificate).subject)),
  );
  const scheme = schemeFor(key);
  const attributes = signedAttributes({
    contentType: TST_INFO,
    messageDigest: digest(scheme.hash, tst),
    certificate,
    signingTime: now,
  });
  const certificates = asked.certReq ? [certificate, ...chain] : [];
  const content = { type: TST_INFO, bytes: tst };
  return signedDataWith({ attributes, certificate, scheme, certificates, content }, sign(scheme, key, attributes));
}

function writeAccuracy(accuracy: number): Uint8Array {
  const ms = Math.ceil(accuracy);
  const whole = Math.floor(ms / 1000);
  const millis = ms % 1000;
  return sequence(
    ...(whole > 0 ? [integer(whole)] : []),
    ...(millis > 0 ? [context(0, false, readDer(integer(millis)).content)] : []),
  );
}

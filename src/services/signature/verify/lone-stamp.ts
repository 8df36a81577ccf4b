import type { Trust } from '../verdict.ts';
import { trustMaterial } from './material.ts';
import { readStamp } from './timestamps.ts';

/**
 * What is wrong with a time-stamp (RFC 3161, DER) of bytes that stand for themselves, in their parts; undefined: it is of these bytes, and its
 * authority was trusted at its time. Whether the authority's certificate was revoked since is not asked.
 */
export function loneStampFault(
  token: Uint8Array,
  data: readonly Uint8Array[],
  trust: Trust,
  now: number,
): string | undefined {
  const { timestampIntermediates, timestampAnchors } = trustMaterial(trust);
  const read = readStamp(token, data, { candidates: timestampIntermediates, anchors: timestampAnchors }, now);
  return 'code' in read ? `${read.code}: ${read.detail}` : undefined;
}

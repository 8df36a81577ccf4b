import type { SignatureParts } from './parts.ts';

/**
 * A time-stamp of the bytes, in their parts, from the first authority of trust.json that answers; undefined where none is named there. The token
 * is DER.
 *
 * @param now  epoch milliseconds
 * @throws AggregateError where none gives one
 */
export async function firstTimestamp(
  { trust, stamp }: Pick<SignatureParts, 'trust' | 'stamp'>,
  data: readonly Uint8Array[],
  now: number,
): Promise<Uint8Array | undefined> {
  const { timestampServices } = await trust(now);
  const failures: unknown[] = [];
  for (const service of timestampServices) {
    try {
      return await stamp({ service, data, now });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) return undefined;
  throw new AggregateError(failures, 'no time-stamp authority answers');
}

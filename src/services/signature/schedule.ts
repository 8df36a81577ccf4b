import type { LetterRow } from '../../store/letter.ts';
import type { Verdict } from './verdict.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What could not be decided for so long is left as it is, until it is submitted again or its signer is confirmed. */
const GIVE_UP = 30 * DAY;
/** An archive time-stamp is added so long before the certificate of the last one ends. */
export const RENEW_BEFORE = 60 * DAY;

/**
 * When a letter is verified anew, and when its file gets another time-stamp. A valid signature is verified until lists that are newer than
 * it say nothing against it; then the proof goes into the file.
 */
export function due(
  { preserved, createdAt, issuedAt }: LetterRow,
  { result, recheckAfter, renewBefore }: Verdict,
  now: number,
): { readonly recheckAt: number | null; readonly renewAt: number | null } {
  const age = now - (issuedAt ?? createdAt);
  const later = now + Math.min(Math.max(age / 4, HOUR), DAY);
  if (result === 'INVALID') return { recheckAt: null, renewAt: null };
  if (result === 'INDETERMINATE') return { recheckAt: age > GIVE_UP ? null : later, renewAt: null };
  const renewAt = preserved && renewBefore !== undefined ? renewBefore - RENEW_BEFORE : null;
  if (recheckAfter !== undefined) return { recheckAt: recheckAfter > now ? recheckAfter : later, renewAt };
  return { recheckAt: preserved ? null : now, renewAt };
}

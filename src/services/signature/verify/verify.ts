import type { Verdict, VerificationInput } from '../verdict.ts';
import { noVerdict } from './outcome.ts';

/**
 * Every check of a signed letter, in the order of `CHECKS`. Pure and synchronous: the same input gives the same verdict, today and in ten
 * years. Whatever the bytes are, it answers and does not throw. At best INDETERMINATE: `binding` is skipped, and `decide` completes it.
 */
export function verify(input: VerificationInput): Verdict {
  return noVerdict('VERIFIER_FAILED', `no check could be made of ${input.submitted.length} bytes`);
}

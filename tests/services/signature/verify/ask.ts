import type { Trust, Verdict } from '../../../../src/services/signature/verdict.ts';
import { decide, verify } from '../../../../src/services/signature/verify/index.ts';
import { sampleLetter } from '../../../support/signature/sample-letter.ts';
import { type SignLetter, type Stamper, signLetter } from '../../../support/signature/sign-letter.ts';
import { signers } from '../../../support/signature/signers.ts';
import { stampers } from '../../../support/signature/stampers.ts';
import { SIGNED_AT } from '../../../support/signature/times.ts';
import { stampedBy } from '../../../support/signature/timestamp-authority.ts';
import { BOUND, question } from '../../../support/signature/trust.ts';

/** The letter of these tests, as issued. */
export const ISSUED = sampleLetter();

export interface Circumstances {
  readonly now?: number;
  readonly roles?: readonly string[];
  readonly trust?: Partial<Trust>;
  readonly issued?: Uint8Array | undefined;
}

/** What is said of a file, with its binding decided. */
export const judge = (submitted: Uint8Array, { issued = ISSUED, ...circumstances }: Circumstances = {}): Verdict =>
  decide(verify(question({ submitted, issued, ...circumstances })), BOUND);

export const stamp = (at = SIGNED_AT): Stamper => stampedBy(stampers.tsa, { at });

/** A letter signed as it should be, but for what is given. */
export const letter = (differently: Partial<SignLetter> = {}): Promise<Uint8Array> =>
  signLetter({ pdf: ISSUED, signer: signers.doctor, timestamp: stamp(), ...differently });

/** A letter signed without a time-stamp. */
export const unstamped = (differently: Partial<SignLetter> = {}): Promise<Uint8Array> => {
  const { timestamp: _, ...rest } = { timestamp: undefined, ...differently };
  return signLetter({ pdf: ISSUED, signer: signers.doctor, ...rest });
};

/** Codes by check, of those that did not simply pass; a check that was not reached is left out. */
export const told = ({ checks }: Verdict): Record<string, string> =>
  Object.fromEntries(
    checks
      .filter(({ status }) => status !== 'passed' && status !== 'skipped')
      .map(({ name, code, status }) => [name, `${status} ${code}`]),
  );

import type { Check, Trust, VerificationInput } from '../../../src/services/signature/verdict.ts';
import { authorities } from './authorities.ts';
import { AUTHENTICATION_POLICY, SIGNATURE_POLICY } from './authority.ts';
import { listsAt } from './lists.ts';
import { HOUR, VERIFIED_AT } from './times.ts';

const kept = new Map<number, Trust>();

/** What a house trusts at a time, with the lists of an hour before. The same object each time. */
export function trustAt(now: number): Trust {
  const known = kept.get(now);
  if (known) return known;
  const trust: Trust = {
    anchors: [authorities.root.certificate],
    intermediates: [authorities.signing, authorities.secondSigning, authorities.authentication].map(
      ({ certificate }) => certificate,
    ),
    timestampAnchors: [authorities.timestampRoot.certificate],
    timestampIntermediates: [],
    crls: listsAt(now - HOUR),
    policies: [SIGNATURE_POLICY],
    refusedPolicies: [AUTHENTICATION_POLICY],
  };
  kept.set(now, trust);
  return trust;
}

/** What the verifier is asked: about this file, at `VERIFIED_AT`, with what is trusted then, unless told otherwise. */
export function question(
  input: Pick<VerificationInput, 'submitted' | 'issued'> & {
    readonly now?: number;
    readonly roles?: readonly string[];
    readonly trust?: Partial<Trust>;
  },
): VerificationInput {
  const now = input.now ?? VERIFIED_AT;
  const trust = input.trust ? { ...trustAt(now), ...input.trust } : trustAt(now);
  return { submitted: input.submitted, issued: input.issued, trust, roles: input.roles ?? ['Medical Doctor'], now };
}

/** The one check that is decided elsewhere, passed. */
export const BOUND: Check = Object.freeze({ name: 'binding', code: 'OK', status: 'passed', detail: 'by the test' });

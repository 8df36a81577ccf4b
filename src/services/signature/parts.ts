import type { CurrentTrust } from './trust/current.ts';
import type { requestTimestamp } from './trust/timestamp-client.ts';
import type { Verdict, VerificationInput } from './verdict.ts';

/** What the workflow stands on: real in server.ts, whatever they need to be in tests. */
export interface SignatureParts {
  /** The letter as PDF. Throws FhirError 422 where the document is no letter. */
  readonly render: (letter: { readonly document: Uint8Array; readonly issuedAt: number }) => Promise<Uint8Array>;
  /** Everything but the binding of the certificate to a practitioner. */
  readonly verify: (input: VerificationInput) => Promise<Verdict>;
  readonly trust: (now: number) => Promise<CurrentTrust>;
  readonly stamp: typeof requestTimestamp;
}

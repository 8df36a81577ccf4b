import type { Trust } from '../verdict.ts';
import type { Words } from './mistake.ts';

/** Kinds of letters, each with the hcRole strings that may sign it. */
export interface Roles {
  readonly medical: readonly string[];
  readonly dental: readonly string[];
}

/** A time-stamp authority that may be asked for time-stamps of our own. */
export interface TimestampService {
  readonly name: Words;
  readonly url: string;
  /** Object identifier of the policy that is asked for. */
  readonly policy: string | undefined;
  /** Whether the URL may lead to a machine of the operator's own. */
  readonly allowPrivate: boolean;
}

/** What is trusted now: one consistent value; a verification takes it once and uses it throughout. */
export interface CurrentTrust {
  readonly trust: Trust;
  /** `production`, `test` … as trust.json says; `none` where nothing is configured. */
  readonly environment: string;
  readonly roles: Roles;
  /** In the order in which they are to be asked. */
  readonly timestampServices: readonly TimestampService[];
}

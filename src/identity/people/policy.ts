import type { Config } from '../../config.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is asked of people; times in milliseconds. */
export interface PeoplePolicy {
  /** Whether everybody needs a second factor. */
  readonly secondFactorRequired: boolean;
  /** A session is over when it was not used for so long, and after so long whatever happens. */
  readonly sessionIdle: number;
  readonly sessionLife: number;
  /** How many of the last passwords may not come back, beside the current one. */
  readonly passwordHistory: number;
  /** After so long a new password is asked for; 0: never. */
  readonly passwordLife: number;
  readonly invitationLife: number;
  /** After so long an administrator is to confirm a person's roles. */
  readonly rightsReview: number;
}

export const DEFAULT_POLICY: PeoplePolicy = Object.freeze({
  secondFactorRequired: true,
  sessionIdle: 15 * MINUTE,
  sessionLife: 12 * HOUR,
  passwordHistory: 10,
  passwordLife: 0,
  invitationLife: 7 * DAY,
  rightsReview: 180 * DAY,
});

/** The policy that the settings ask for. */
export function policyOf(config: Config): PeoplePolicy {
  return Object.freeze({
    secondFactorRequired: config.secondFactor === 'required',
    sessionIdle: config.sessionIdleMinutes * MINUTE,
    sessionLife: config.sessionHours * HOUR,
    passwordHistory: config.passwordHistory,
    passwordLife: config.passwordDays * DAY,
    invitationLife: config.invitationDays * DAY,
    rightsReview: config.rightsReviewDays * DAY,
  });
}

/** How long a proof of who one is counts for changes of password and factors. */
export const FRESH = 5 * MINUTE;

/** How the service calls itself in authenticator apps and to passkeys. */
export const ISSUER = 'Tasuki';

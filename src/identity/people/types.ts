import type { InstitutionKind } from '../../access/access.ts';
import type { PersonRole } from '../../access/roles.ts';
import type { PasswordProblem } from './passwords/problems.ts';

/** A person's account, as pages show it. */
export interface Account {
  /** UUID. */
  readonly id: string;
  /** rid and id of the Organization. */
  readonly institution: bigint;
  readonly institutionId: string;
  readonly institutionName: string;
  readonly kind: InstitutionKind;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly PersonRole[];
  /** rid and id of the Practitioner that stands for the person. */
  readonly practitioner: bigint | null;
  readonly practitionerId: string | null;
  /** The login before this one, epoch milliseconds, and the failed tries between the two; null for the first. */
  readonly lastLogin: { readonly at: number; readonly failures: number } | null;
}

/** What a login still needs, in this order, before the session is complete. */
export type LoginStep = 'second-factor' | 'change-password' | 'enrol-second-factor' | 'accept-terms';

/** The session behind a cookie. Whoever holds it may do no more than its first step asks for until `steps` is empty. */
export interface Session {
  /** UUID, its public name. */
  readonly id: string;
  readonly account: Account;
  readonly steps: readonly LoginStep[];
  /** Whether it was proved with two factors. */
  readonly strong: boolean;
  /** Whether that was long enough ago that settings of security ask for a proof again. */
  readonly stale: boolean;
  /** When the person last proved who they are, epoch milliseconds. */
  readonly authenticatedAt: number;
  readonly createdAt: number;
  readonly seenAt: number;
  /** How (RFC 8176): `pwd`, `otp`, `hwk`, and `mfa` for two factors. */
  readonly amr: readonly string[];
  /** What the person has set up. */
  readonly factors: readonly ('totp' | 'passkey' | 'recovery')[];
}

/** What a step that went well answers. The token is new each time, the one before it is dead: put it into the cookie. */
export interface Login {
  /** 43 characters of base64url. */
  readonly sessionToken: string;
  readonly account: Account;
  readonly steps: readonly LoginStep[];
}

/** `recoveryCodes`: to be shown once; empty where the person has some already. */
export interface Enrolled extends Login {
  readonly recoveryCodes: readonly string[];
}

/** Where a request comes from. */
export interface From {
  /** IP address of the client. */
  readonly address: string;
  /** `User-Agent` as it was sent. */
  readonly agent: string;
  /** SHA-256 of the certificate of the connection, base64url, where one was presented that is good. */
  readonly certificate?: string | undefined;
}

/** Times in epoch milliseconds. */
export interface SessionInfo {
  readonly id: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly address: string;
  /** The device in plain words: `Firefox, Windows`. */
  readonly agent: string;
  /** False: whoever began it has not shown a second factor. */
  readonly strong: boolean;
}

/** Times in epoch milliseconds. */
export interface FactorInfo {
  readonly id: string;
  readonly kind: 'totp' | 'passkey' | 'recovery';
  readonly name: string;
  readonly createdAt: number;
  readonly usedAt: number | null;
  /** Recovery codes that are left. */
  readonly left?: number;
}

/** `stale`: the person must prove who they are once more; `last`: there must be a second factor, and it is the only one. */
export type FactorRemoval = 'removed' | 'unknown' | 'stale' | 'last';

/** Null: the session or the invitation is over. A list: nothing was changed, because of these. */
export type PasswordChange = Login | readonly PasswordProblem[] | null;

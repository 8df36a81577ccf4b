import type { PersonRole } from '../../access/roles.ts';
import type { Language } from '../../http/negotiate.ts';
import type { Interactions, LoggedIn } from '../interactions.ts';

/** What the pages stand on, as far as they need it: People and Interactions fit, and so does what tests put in their place. */
export interface PagesParts {
  readonly people: PeopleOfPages;
  readonly interactions: Interactions;
  readonly terms: TermsOfPages;
  readonly patients: PatientsOfPages;
  /** BASE_URL, without a slash at its end. */
  readonly baseUrl: string;
  /** Whether browsers allow passkeys at that address: it has a name, and https or the loopback interface. */
  readonly passkeys: boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** IANA zone of the times that people read. */
  readonly zone: string;
  /** Told of each defect, with the number that the person is told. */
  readonly failed: (error: unknown, id: string) => void;
}

export type LoginStep = 'second-factor' | 'change-password' | 'enrol-second-factor' | 'accept-terms';

export interface AccountShown {
  readonly id: string;
  readonly institution: bigint;
  readonly institutionId: string;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly PersonRole[];
  readonly lastLogin: { readonly at: number } | null;
}

export interface SessionShown extends LoggedIn {
  readonly account: AccountShown;
  /** What the login still needs, the next first; empty: it is complete. */
  readonly steps: readonly LoginStep[];
}

export interface LoginBegun {
  readonly sessionToken: string;
}

export interface SessionListed {
  readonly id: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly address: string;
  readonly agent: string;
}

export interface FactorListed {
  readonly id: string;
  readonly kind: 'totp' | 'passkey' | 'recovery';
  readonly name: string | null;
  readonly createdAt: number;
  readonly usedAt: number | null;
  /** Of recovery codes: how many have not been used. */
  readonly left?: number;
}

/** Made of identity/people: see there for what each promises. */
export interface PeopleOfPages {
  logIn(login: string, password: string, from: { address: string; agent: string }): Promise<LoginBegun | null>;
  session(token: string): Promise<SessionShown | null>;
  logOut(token: string): Promise<void>;
  sessions(person: string): Promise<readonly SessionListed[]>;
  endSession(person: string, sessionId: string): Promise<boolean>;
  verifyTotp(token: string, code: string): Promise<boolean>;
  verifyRecoveryCode(token: string, code: string): Promise<boolean>;
  passkeyOptions(token: string): Promise<object>;
  verifyPasskey(token: string, response: unknown): Promise<boolean>;
  beginTotp(token: string): Promise<{ secret: string; uri: string }>;
  confirmTotp(token: string, code: string): Promise<readonly string[] | null>;
  beginPasskey(token: string): Promise<object>;
  confirmPasskey(token: string, response: unknown, name: string): Promise<readonly string[] | null>;
  renewRecoveryCodes(token: string): Promise<readonly string[] | null>;
  factors(person: string): Promise<readonly FactorListed[]>;
  removeFactor(token: string, factorId: string): Promise<boolean>;
  changePassword(token: string, current: string | null, next: string): Promise<readonly string[]>;
  invitation(code: string): Promise<{ login: string; name: string; institutionName: string } | null>;
  acceptInvitation(code: string, password: string): Promise<LoginBegun | readonly string[] | null>;
}

/** Made of identity/terms. */
export interface TermsOfPages {
  current(language: Language): Promise<{ version: string; title: string; text: string; publishedAt: number } | null>;
  accept(person: string, version: string): Promise<void>;
}

export interface PatientRow {
  readonly id: string;
  readonly name: string;
  readonly kana: string;
  /** FHIR's administrative gender. */
  readonly sex: string;
  /** A FHIR date; empty where it is not known. */
  readonly birthDate: string;
  readonly number: string;
}

export interface PatientSought {
  readonly name: string;
  /** yyyy-mm-dd, or empty. */
  readonly birthDate: string;
  readonly identifier: string;
}

/** Patients as the person may see them, through the FHIR engine; each look is audited. */
export interface PatientsOfPages {
  /** At most `most` of them; null where the person may not search patients. */
  search(
    session: SessionShown,
    sought: PatientSought,
    most: number,
  ): Promise<{ rows: readonly PatientRow[]; more: boolean } | null>;
  /** The one with the id; null where the person does not see it. */
  find(session: SessionShown, id: string): Promise<PatientRow | null>;
}

import type { Language } from '../../http/negotiate.ts';
import type { Interactions } from '../interactions.ts';
import type { People, Session } from '../people/index.ts';

/** What the pages stand on, as far as they need it: People and Interactions fit, and so does what tests put in their place. */
export interface PagesParts {
  readonly people: PeopleOfPages;
  readonly interactions: Interactions;
  readonly terms: TermsOfPages;
  readonly patients: PatientsOfPages;
  readonly notices: NoticesOfPages;
  /** BASE_URL, without a slash at its end. */
  readonly baseUrl: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** IANA zone of the times that people read. */
  readonly zone: string;
  /** Told of each defect, with the number that the person is told. */
  readonly failed: (error: unknown, id: string) => void;
}

/** See there for what each promises. */
export type PeopleOfPages = Pick<
  People,
  | 'logIn'
  | 'session'
  | 'logOut'
  | 'sessions'
  | 'endSession'
  | 'verifyTotp'
  | 'verifyRecoveryCode'
  | 'passkeyOptions'
  | 'verifyPasskey'
  | 'verifyPassword'
  | 'beginTotp'
  | 'confirmTotp'
  | 'beginPasskey'
  | 'confirmPasskey'
  | 'renewRecoveryCodes'
  | 'factors'
  | 'removeFactor'
  | 'changePassword'
  | 'invitation'
  | 'acceptInvitation'
>;

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
    session: Session,
    sought: PatientSought,
    most: number,
  ): Promise<{ rows: readonly PatientRow[]; more: boolean } | null>;
  /** The one with the id; null where the person does not see it. */
  find(session: Session, id: string): Promise<PatientRow | null>;
}

/** A text that may be there in English too. */
interface Said {
  readonly ja: string;
  readonly en: string | null;
}

/** What somebody is told by the service or a hospital. Times in epoch milliseconds. */
export interface NoticeRow {
  readonly id: string;
  /** Code of notice-kind; `contract` and `standing` of what the service tells the institution about those. */
  readonly kind: string;
  /** Null of what the service tells the institution alone. */
  readonly title: Said | null;
  readonly body: Said;
  readonly sent: number;
  readonly starts: number | null;
  readonly ends: number | null;
  /** Whether the service does not answer in between. */
  readonly stops: boolean;
  /** Why it was withdrawn; null where it was not. */
  readonly withdrawn: string | null;
  /** Why it reads otherwise than before. */
  readonly note: string | null;
  /** When the person read it. */
  readonly read: number | null;
}

/** Notices as the person may see them, through the FHIR engine; each look is audited, and that it was read. */
export interface NoticesOfPages {
  /** Newest first, after the one with that id; null where the person may not see any. */
  list(
    session: Session,
    after: string | null,
    most: number,
  ): Promise<{ readonly rows: readonly NoticeRow[]; readonly next: string | null } | null>;
  markRead(session: Session, id: string): Promise<boolean>;
}

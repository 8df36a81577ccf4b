import type { Database } from '../../store/database.ts';
import type { PeoplePolicy } from './policy.ts';
import type {
  Enrolled,
  FactorInfo,
  FactorRemoval,
  From,
  Login,
  PasswordChange,
  Session,
  SessionInfo,
} from './types.ts';

export interface PeopleSettings {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly policy: PeoplePolicy;
  /** BASE_URL: passkeys belong to its host. */
  readonly baseUrl: string;
  /** Whether the person has to accept new terms before anything else. */
  readonly termsDue?: (person: string) => Promise<boolean>;
}

/**
 * People's accounts: log-in, sessions, passwords and second factors. Every process on the same database knows the same; nothing is
 * remembered here. A token is that of a session, complete or not; each method allows what the session has been proved for.
 */
export class People {
  readonly settings: PeopleSettings;

  constructor(settings: PeopleSettings) {
    this.settings = settings;
  }

  /** Null for every failure: unknown, wrong, disabled, suspended, no contract, throttled. The same work for each. */
  logIn(_login: string, _password: string, _from: From): Promise<Login | null> {
    throw new Error('to be done');
  }

  /** The session behind a cookie, and that it was used; null when it is over. */
  session(_token: string): Promise<Session | null> {
    throw new Error('to be done');
  }

  logOut(_token: string): Promise<void> {
    throw new Error('to be done');
  }

  sessions(_person: string): Promise<readonly SessionInfo[]> {
    throw new Error('to be done');
  }

  /** False where the person has no such session. */
  endSession(_person: string, _session: string): Promise<boolean> {
    throw new Error('to be done');
  }

  /** The second factor of a login, or a proof that the person is still there. Null: refused. */
  verifyTotp(_token: string, _code: string): Promise<Login | null> {
    throw new Error('to be done');
  }

  verifyRecoveryCode(_token: string, _code: string): Promise<Login | null> {
    throw new Error('to be done');
  }

  /** `PublicKeyCredentialRequestOptionsJSON`, for `startAuthentication` of @simplewebauthn/browser; null where there is no passkey. */
  passkeyOptions(_token: string): Promise<object | null> {
    throw new Error('to be done');
  }

  verifyPasskey(_token: string, _response: unknown): Promise<Login | null> {
    throw new Error('to be done');
  }

  /** The password once more: a proof that the person is still there, for people without a second factor. Null: refused. */
  verifyPassword(_token: string, _password: string): Promise<Login | null> {
    throw new Error('to be done');
  }

  /** A seed to be scanned; the same again until it is confirmed. Null where the session does not allow it: see `Session.stale`. */
  beginTotp(_token: string): Promise<{ readonly secret: string; readonly uri: string } | null> {
    throw new Error('to be done');
  }

  confirmTotp(_token: string, _code: string): Promise<Enrolled | null> {
    throw new Error('to be done');
  }

  /** `PublicKeyCredentialCreationOptionsJSON`, for `startRegistration`; null as for `beginTotp`. */
  beginPasskey(_token: string): Promise<object | null> {
    throw new Error('to be done');
  }

  confirmPasskey(_token: string, _response: unknown, _name: string): Promise<Enrolled | null> {
    throw new Error('to be done');
  }

  /** Ten new recovery codes in the place of the old ones; null as for `beginTotp`. */
  renewRecoveryCodes(_token: string): Promise<readonly string[] | null> {
    throw new Error('to be done');
  }

  factors(_person: string): Promise<readonly FactorInfo[]> {
    throw new Error('to be done');
  }

  removeFactor(_token: string, _factor: string): Promise<FactorRemoval> {
    throw new Error('to be done');
  }

  /** `current` may be null only while the step `change-password` is due. All other sessions of the person end. */
  changePassword(_token: string, _current: string | null, _next: string): Promise<PasswordChange> {
    throw new Error('to be done');
  }

  /** Whom an invitation is for; null when it is unknown, used or over. */
  invitation(
    _code: string,
  ): Promise<{ readonly login: string; readonly name: string; readonly institutionName: string } | null> {
    throw new Error('to be done');
  }

  /** Chooses the first password, once, and logs in. */
  acceptInvitation(_code: string, _password: string, _from: From): Promise<PasswordChange> {
    throw new Error('to be done');
  }
}

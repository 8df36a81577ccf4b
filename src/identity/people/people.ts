import type { Access } from '../../access/access.ts';
import type { Database, Queryable } from '../../store/database.ts';
import { findAccount } from '../../store/person.ts';
import { deleteSession, deleteSessions, listSessions } from '../../store/session.ts';
import type { SecretFile } from '../secret-file.ts';
import type { Cost, SlowHash } from '../slow-hash.ts';
import { factors, isId, removeFactor, renewRecoveryCodes } from './factors/own.ts';
import { beginPasskey, confirmPasskey, passkey, passkeyOptions } from './factors/passkeys.ts';
import { prove } from './factors/prove.ts';
import { recoveryCode } from './factors/recovery.ts';
import { beginTotp, confirmTotp, totpCode } from './factors/totp.ts';
import { type Ground, PEOPLE, record, transaction } from './ground.ts';
import { acceptInvitation, type Invitation, invitation, invite } from './invitations.ts';
import { logIn } from './log-in.ts';
import { changePassword } from './passwords/change.ts';
import { PasswordHashes } from './passwords/hash.ts';
import { verifyPassword } from './passwords/prove.ts';
import type { PeoplePolicy } from './policy.ts';
import { find } from './sessions.ts';
import { Tries, type TryLimits } from './tries.ts';
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

const OWN = Object.freeze({ detail: 'by the person' });

export interface PeopleSettings {
  readonly database: Database;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly policy: PeoplePolicy;
  /** What passwords, seeds and recovery codes are hashed and sealed with. */
  readonly secrets: SecretFile;
  /** BASE_URL: passkeys belong to its host. */
  readonly baseUrl: string;
  /** Whether the person has to accept new terms before anything else. */
  readonly termsDue?: (person: string) => Promise<boolean>;
  readonly limits?: TryLimits;
  readonly hash?: SlowHash;
  readonly cost?: Cost;
}

/**
 * People's accounts: log-in, sessions, passwords and second factors. Every process on the same database knows the same; nothing is
 * remembered here. A token is that of a session, complete or not; each method allows what the session has been proved for.
 */
export class People {
  readonly policy: PeoplePolicy;
  readonly #ground: Ground;

  constructor(settings: PeopleSettings) {
    const { database, now, policy, secrets, baseUrl, termsDue = async () => false, limits, hash, cost } = settings;
    this.policy = policy;
    this.#ground = {
      access: PEOPLE,
      database,
      now,
      policy,
      secrets,
      hashes: new PasswordHashes(secrets, hash, cost),
      tries: new Tries(limits),
      baseUrl,
      termsDue,
    };
  }

  /**
   * Null for every failure: unknown, wrong, disabled, suspended, no contract, throttled. The same work for each.
   *
   * @throws FhirError 503 where more people are waiting than can be served
   */
  logIn(login: string, password: string, from: From): Promise<Login | null> {
    return logIn(this.#ground, login, password, from);
  }

  /**
   * The session behind a cookie, and that it was used; null when it is over.
   *
   * @param certificate  of the connection that a request came on, null for none: then null too away from the terminals of an institution that
   *   demands them
   */
  async session(token: string, certificate?: string | null): Promise<Session | null> {
    return (await find(this.#ground, token, certificate))?.session ?? null;
  }

  async logOut(token: string): Promise<void> {
    const ground = this.#ground;
    const found = await find(ground, token);
    if (!found) return;
    await transaction(ground, async (tx) => {
      if (await deleteSession(ground.access, tx, found.hash)) await record(ground, tx, 'log-out', found.row, OWN);
    });
  }

  async sessions(person: string): Promise<readonly SessionInfo[]> {
    const { access, database, now } = this.#ground;
    const rows = await listSessions(access, database, person, now());
    return rows.map(({ created_at, seen_at, ...row }) => ({ ...row, createdAt: created_at, seenAt: seen_at }));
  }

  /** False where the person has no such session. */
  async endSession(person: string, session: string): Promise<boolean> {
    if (!isId(person) || !isId(session)) return false;
    const ground = this.#ground;
    return transaction(ground, async (tx) => {
      const ended = (await deleteSessions(ground.access, tx, person, { only: session })) > 0;
      if (ended) await record(ground, tx, 'session-ended', (await findAccount(ground.access, tx, person)) ?? null, OWN);
      return ended;
    });
  }

  /** The second factor of a login, or a proof that the person is still there. Null: refused. */
  verifyTotp(token: string, code: string): Promise<Login | null> {
    return prove(this.#ground, token, totpCode(this.#ground, code));
  }

  verifyRecoveryCode(token: string, code: string): Promise<Login | null> {
    return prove(this.#ground, token, recoveryCode(this.#ground, code));
  }

  /** `PublicKeyCredentialRequestOptionsJSON`, for `startAuthentication` of @simplewebauthn/browser; null where there is no passkey. */
  passkeyOptions(token: string): Promise<object | null> {
    return passkeyOptions(this.#ground, token);
  }

  verifyPasskey(token: string, response: unknown): Promise<Login | null> {
    return prove(this.#ground, token, passkey(this.#ground, response));
  }

  /** The password once more: a proof that the person is still there, for people without a second factor. Null: refused. */
  verifyPassword(token: string, password: string): Promise<Login | null> {
    return verifyPassword(this.#ground, token, password);
  }

  /** A seed to be scanned; the same again until it is confirmed. Null where the session does not allow it: see `Session.stale`. */
  beginTotp(token: string): Promise<{ readonly secret: string; readonly uri: string } | null> {
    return beginTotp(this.#ground, token);
  }

  confirmTotp(token: string, code: string): Promise<Enrolled | null> {
    return confirmTotp(this.#ground, token, code);
  }

  /** `PublicKeyCredentialCreationOptionsJSON`, for `startRegistration`; null as for `beginTotp`. */
  beginPasskey(token: string): Promise<object | null> {
    return beginPasskey(this.#ground, token);
  }

  confirmPasskey(token: string, response: unknown, name: string): Promise<Enrolled | null> {
    return confirmPasskey(this.#ground, token, response, name);
  }

  /** Ten new recovery codes in the place of the old ones; null where the session is not complete, or stale. */
  renewRecoveryCodes(token: string): Promise<readonly string[] | null> {
    return renewRecoveryCodes(this.#ground, token);
  }

  factors(person: string): Promise<readonly FactorInfo[]> {
    return factors(this.#ground, person);
  }

  removeFactor(token: string, factor: string): Promise<FactorRemoval> {
    return removeFactor(this.#ground, token, factor);
  }

  /** `current` may be null only while the step `change-password` is due. All other sessions of the person end. */
  changePassword(token: string, current: string | null, next: string): Promise<PasswordChange> {
    return changePassword(this.#ground, token, current, next);
  }

  /** Whom an invitation is for; null when it is unknown, used or over. */
  invitation(
    code: string,
  ): Promise<{ readonly login: string; readonly name: string; readonly institutionName: string } | null> {
    return invitation(this.#ground, code);
  }

  /** Chooses the first password, once, and logs in. */
  acceptInvitation(code: string, password: string, from: From): Promise<PasswordChange> {
    return acceptInvitation(this.#ground, code, password, from);
  }

  /** Makes an invitation in the place of any before, in the transaction of whoever may invite. */
  invite(access: Access, transaction: Queryable, person: string): Promise<Invitation> {
    return invite(this.#ground, access, transaction, person);
  }
}

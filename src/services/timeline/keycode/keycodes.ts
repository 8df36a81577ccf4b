import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Access } from '../../../access/access.ts';
import { refuse } from '../../../http/errors.ts';
import type { SecretFile } from '../../../identity/secret-file.ts';
import { argon2id, type SlowHash } from '../../../identity/slow-hash.ts';
import type { Database, Queryable } from '../../../store/database.ts';
import {
  callerOf,
  insertKeycode,
  type KeycodeHash,
  type KeycodeRow,
  lockKeycode,
  type NewKeycode,
  ownsPatient,
  pepperKids,
  type Redemption,
  redeemed,
  redemptionOf,
  rotateKeycode,
} from '../../../store/keycode.ts';
import {
  type Admitted,
  type AttemptLimits,
  type Consequence,
  failAttempt,
  notRedeemable,
  releaseAttempt,
  reserveAttempt,
  type Throttled,
  type Unfit,
} from '../../../store/keycode-attempt.ts';
import { Keycode, notAccepted, type SecretChars } from './keycode.ts';
import { LIMITS, LONGEST_LIFE } from './limits.ts';
import { openPeppers } from './pepper.ts';

export interface KeycodeSettings {
  readonly database: Database;
  readonly pepperFile: string;
  readonly secretChars: SecretChars;
  readonly now: Date;
  readonly hash?: SlowHash;
  readonly limits?: AttemptLimits;
}

export interface IssueRequest {
  /** rid of the caller's own Patient. */
  readonly patient: bigint;
  readonly now: Date;
  /** `reusable` (default): the patient gives it to as many institutions as it likes. */
  readonly kind?: 'reusable' | 'single-use';
  /** rid of the only institution that may redeem it. */
  readonly boundTo?: bigint;
  readonly notBefore?: Date;
  /** At most, and unless given, 365 days from now. */
  readonly expires?: Date;
}

export interface Issued {
  readonly id: string;
  readonly expires: Date;
  /** Id of the keycode that it replaces. */
  readonly rotated: string | null;
}

/** Why an attempt was denied: for the audit only. Whoever tries is told nothing of it. */
export type DenialReason =
  | Unfit
  | 'wrong-secret'
  | 'other-institution'
  | 'outside-network'
  | 'used-up'
  | 'second-check'
  | `throttled-${Throttled['by']}`;

export interface Denial {
  readonly reason: DenialReason;
  /** Null where the locator is unknown or was not looked up. */
  readonly keycode: KeycodeRow | null;
  /** What this failure did to the keycode: the patient's hospital is to be told. */
  readonly consequence: Consequence | null;
}

/** What the operation adds to a redemption, within its transaction, which may run more than once: act on the database only. */
export interface RedeemSteps<T extends { readonly consent: string }> {
  /**
   * Whether what the caller knows of the patient is right. Called for every code that is compared, also where the secret was wrong,
   * so that both take as long. The caller cannot see the Patient yet: read it as the system. A `previous` redemption by the same institution may have been withdrawn since: false refuses it.
   */
  check(tx: Queryable, keycode: KeycodeRow, previous: Redemption | null): Promise<boolean>;
  /** Makes Consent, grant and audit, or finds those of the `previous` redemption; `consent` is the id of the Consent. */
  grant(tx: Queryable, keycode: KeycodeRow, previous: Redemption | null): Promise<T>;
  /** Writes the audit of a denied attempt. */
  denied(tx: Queryable, denial: Denial): Promise<void>;
}

const THROTTLED: Readonly<Record<Throttled['by'], string>> = {
  client: 'Too many keycode attempts by this client',
  institution: 'Too many keycode attempts by this institution: it cannot redeem keycodes for a day',
  everyone: 'Too many keycode attempts: try again in a minute',
};

/** Issues and redeems keycodes. Several processes on one database share all of its state but the pepper file, which they must share too. */
export class Keycodes {
  readonly #database: Database;
  readonly #peppers: SecretFile;
  readonly #secretChars: SecretChars;
  readonly #hash: SlowHash;
  readonly #limits: AttemptLimits;

  private constructor(settings: KeycodeSettings, peppers: SecretFile) {
    this.#database = settings.database;
    this.#peppers = peppers;
    this.#secretChars = settings.secretChars;
    this.#hash = settings.hash ?? argon2id;
    this.#limits = settings.limits ?? LIMITS;
  }

  /** Throws where the pepper file does not fit the keycodes in the database. */
  static async open(settings: KeycodeSettings): Promise<Keycodes> {
    const inUse = await pepperKids(
      Access.system('keycodes: which peppers are in use'),
      settings.database,
      settings.now,
    );
    return new Keycodes(settings, await openPeppers(settings.pepperFile, inUse, settings.now));
  }

  /**
   * Makes a keycode for the caller's own patient; the one before it is no longer accepted from the commit on, and its grants stay.
   * 404 where the Patient is not the caller's. `record` writes the audit in the same transaction.
   *
   * @returns the keycode as it is printed: it exists nowhere else
   */
  async issue(
    access: Access,
    request: IssueRequest,
    record: (tx: Queryable, issued: Issued) => Promise<void>,
  ): Promise<Issued & { readonly keycode: string }> {
    const fields = newKeycode(request);
    const prepared = await this.#prepare();
    return this.#transaction(async (tx) => {
      // The keycode first and then the Patient, as whoever redeems it locks them.
      const rotated = await rotateKeycode(access, tx, request.patient, request.now);
      if (!(await ownsPatient(access, tx, request.patient))) throw refuse.notFound();
      for (let { keycode, hash } = prepared; ; { keycode, hash } = await this.#prepare()) {
        const id = await insertKeycode(access, tx, fields, hash);
        if (!id) continue; // one in 2³⁰ for each keycode there is: its locator is taken
        const issued = { id, expires: fields.expiresAt, rotated };
        await record(tx, issued);
        return { ...issued, keycode: keycode.print() };
      }
    });
  }

  /**
   * Redeems what a person typed, for the caller's institution. In this order: read it, reserve an attempt, hash once, then in one
   * transaction look again, check the patient and grant. The same institution may repeat it without using the code up.
   *
   * Throws 400 for what is not a keycode (no attempt is used), 429 where client, institution or everyone has tried too often,
   * and one and the same 400 `security` for every other failure, after the same work.
   */
  async redeem<T extends { readonly consent: string }>(
    access: Access,
    request: { readonly keycode: string; readonly now: Date },
    steps: RedeemSteps<T>,
  ): Promise<T> {
    const guess = Keycode.parse(request.keycode);
    const reservation = await this.#reserve(access, guess.locator, request.now, steps);
    const matches = await this.#matches(guess, reservation.hash);
    const granted = await this.#transaction((tx) => this.#settle(access, tx, reservation, matches, request.now, steps));
    if (!granted) throw notAccepted();
    return granted;
  }

  async #reserve<T extends { readonly consent: string }>(
    access: Access,
    locator: string,
    now: Date,
    steps: RedeemSteps<T>,
  ): Promise<Admitted> {
    const reservation = await reserveAttempt(access, this.#database, this.#limits, { locator, now });
    if (!reservation.throttled) return reservation;
    const { by, until } = reservation.throttled;
    const denial: Denial = { reason: `throttled-${by}`, keycode: null, consequence: null };
    await this.#transaction((tx) => steps.denied(tx, denial));
    throw refuse.throttled(THROTTLED[by], Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)));
  }

  /** The end of an attempt, granted or denied (null), with its keycode locked: what was read before the hash may have changed. */
  async #settle<T extends { readonly consent: string }>(
    access: Access,
    tx: Queryable,
    reservation: Admitted,
    matches: boolean,
    now: Date,
    steps: RedeemSteps<T>,
  ): Promise<T | null> {
    const keycode = reservation.hash && (await lockKeycode(access, tx, reservation.keycode!.id));
    const previous = keycode && (await redemptionOf(access, tx, keycode.id));
    const known = keycode !== null && (await steps.check(tx, keycode, previous));
    let reason: DenialReason | null = reservation.unfit;
    if (!keycode) reason ??= 'unknown';
    else if (!matches) reason = 'wrong-secret';
    else
      reason =
        notRedeemable(keycode, now) ?? notForCaller(access, keycode, previous) ?? (known ? null : 'second-check');

    if (keycode && !reason) {
      const granted = await steps.grant(tx, keycode, previous);
      await redeemed(access, tx, keycode.id, { consent: granted.consent, at: now });
      await releaseAttempt(access, tx, reservation.attempt);
      return granted;
    }
    const consequence = await failAttempt(access, tx, this.#limits, reservation.attempt, now);
    await steps.denied(tx, { reason: reason ?? 'unknown', keycode: keycode ?? reservation.keycode, consequence });
    return null;
  }

  /** Locks before it looks: a statement must see what was committed before it began, not before the transaction did. */
  #transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#database.transaction(work, { isolation: 'read committed' });
  }

  /** One slow hash, whether there is anything to compare it with or not. */
  async #matches(guess: Keycode, known: KeycodeHash | null): Promise<boolean> {
    const pepper = known ? await this.#peppers.of(known.kid) : this.#peppers.any();
    const hash = await this.#hash(pepper.mac(guess.message()), known?.salt ?? randomBytes(16));
    return timingSafeEqual(hash, known?.hash ?? randomBytes(hash.length)) && known !== null;
  }

  async #prepare(): Promise<{ readonly keycode: Keycode; readonly hash: KeycodeHash }> {
    const keycode = Keycode.generate(this.#secretChars);
    const pepper = await this.#peppers.newest();
    const salt = randomBytes(16);
    const hash = await this.#hash(pepper.mac(keycode.message()), salt);
    return { keycode, hash: { locator: keycode.locator, hash, salt, kid: pepper.kid } };
  }
}

function notForCaller(access: Access, keycode: KeycodeRow, previous: Redemption | null): DenialReason | null {
  const { organization, timeline } = callerOf(access);
  if (keycode.boundTo !== null && keycode.boundTo !== organization) return 'other-institution';
  if (!timeline.includes(keycode.hospital)) return 'outside-network';
  if (!previous && keycode.maxRedemptions !== null && keycode.redemptions >= keycode.maxRedemptions) return 'used-up';
  return null;
}

function newKeycode(request: IssueRequest): NewKeycode {
  const { patient, now, notBefore = null, boundTo = null } = request;
  const last = new Date(now.getTime() + LONGEST_LIFE);
  const expiresAt = request.expires ?? last;
  const first = notBefore && notBefore > now ? notBefore : now;
  if (!(expiresAt > first && expiresAt <= last)) {
    throw refuse.badRequest(
      'expires: must lie ahead, by 365 days at most',
      "Parameters.parameter.where(name = 'expires')",
      'value',
    );
  }
  return { patient, now, notBefore, expiresAt, boundTo, maxRedemptions: request.kind === 'single-use' ? 1 : null };
}

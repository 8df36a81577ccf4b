import { randomBytes } from 'node:crypto';
import { errors } from 'oidc-provider';
import { findAppConsents, putAppConsent } from '../store/app-consent.ts';
import { insertGrant } from '../store/authorization.ts';
import type { Queryable } from '../store/database.ts';
import { type LaunchRow, usedLaunch } from '../store/interaction.ts';
import { covers, needsPatient, SPECIAL_SCOPES } from './app-scope.ts';
import { tokenHash } from './callers.ts';
import type { LoggedIn } from './logged-in.ts';

/** How long an authorization with offline_access lasts at most: then the person logs in once more. Seconds. */
export const OFFLINE_SECONDS = 30 * 86_400;

/** What an app asks for, as the authorization endpoint has understood it. */
export interface Request {
  readonly client: string;
  /** Scopes that the app may be granted. */
  readonly scopes: readonly string[];
  /** The parameter `launch`, used up by this request. */
  readonly launch: string | undefined;
}

/** What a person says to it. */
export interface Answered {
  readonly session: Pick<LoggedIn, 'id' | 'account'>;
  readonly scopes: readonly string[];
  /** Chosen by the person; a launch's own patient comes before it. */
  readonly patient: { readonly rid: bigint; readonly id: string } | null;
}

/** Begins authorizations: what was asked for and allowed becomes the row on which codes and tokens depend. */
export class Authorizations {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** What the launch says that a request came with. */
  async launchOf({ client, launch }: Request): Promise<LaunchRow | undefined> {
    return launch === undefined ? undefined : usedLaunch(this.#database, tokenHash(launch), client);
  }

  /** Whether the person has allowed the app all of this before. */
  async isRemembered(person: string, client: string, scopes: readonly string[]): Promise<boolean> {
    const [known] = await findAppConsents(this.#database, person, client);
    return known !== undefined && covers(known.scope.split(' '), scopes);
  }

  async remember(person: string, client: string, scopes: readonly string[]): Promise<void> {
    await putAppConsent(this.#database, { person, client, scope: scopes.join(' ') });
  }

  /**
   * The id of a new authorization.
   *
   * @throws errors.AccessDenied where the launch is another person's or institution's, a patient is needed and there is none, or anybody
   * is shut out
   */
  async begin(request: Request, { session, scopes, patient }: Answered): Promise<string> {
    const launch = await this.launchOf(request);
    if (request.launch !== undefined && !launch) throw new errors.AccessDenied('the launch is over');
    if (launch && launch.person !== null && launch.person !== session.account.id)
      throw new errors.AccessDenied('the launch was made for somebody else');
    const launched = launch?.patient != null ? { rid: launch.patient, id: launch.patient_id ?? '' } : null;
    const context = launched ?? patient;
    if (needsPatient(scopes) && !context) throw new errors.AccessDenied('no patient was chosen');
    const id = randomBytes(32).toString('base64url');
    const grant = {
      id,
      client: request.client,
      person: session.account.id,
      session: session.id,
      institution: launch?.institution ?? null,
      offlineSeconds: scopes.includes('offline_access') ? OFFLINE_SECONDS : null,
      patient: context,
      scope: scopes.join(' '),
      oidcScope: scopes.filter((scope) => SPECIAL_SCOPES.some((one) => one === scope)).join(' '),
    };
    if (!(await insertGrant(this.#database, grant)))
      throw new errors.AccessDenied('the person may not use this app, or the session is over');
    return id;
  }
}

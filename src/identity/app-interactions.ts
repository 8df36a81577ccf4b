import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import { Access } from '../access/access.ts';
import { refuse } from '../http/errors.ts';
import { findAllowedApps, removeAppConsent } from '../store/app-consent.ts';
import type { Database } from '../store/database.ts';
import type { Keys } from '../store/keys.ts';
import { read } from '../store/read.ts';
import { needsPatient } from './app-scope.ts';
import { Authorizations } from './authorizations.ts';
import type { Callers } from './callers.ts';
import type { Allowed, AllowedApp, Asked, Interactions } from './interactions.ts';
import type { LoggedIn } from './logged-in.ts';
import { INSTITUTION_NAME } from './metadata.ts';

export interface InteractionsOptions {
  readonly database: Database;
  readonly keys: Keys;
  readonly callers: Callers;
  /** Changes when the signing keys do. */
  readonly provider: () => Promise<Provider>;
}

/** Of apps' authorization requests, as oidc-provider keeps them. */
export class AppInteractions implements Interactions {
  readonly #options: InteractionsOptions;
  readonly #authorizations: Authorizations;

  constructor(options: InteractionsOptions) {
    this.#options = options;
    this.#authorizations = new Authorizations(options.database);
  }

  async details(request: IncomingMessage, response: ServerResponse): Promise<Asked | null> {
    const provider = await this.#options.provider();
    try {
      return await this.#asked(provider, await provider.interactionDetails(request, response));
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return null;
      throw error;
    }
  }

  async remembered(session: LoggedIn, { client, scopes, redirectUri, askAnyway }: Asked): Promise<boolean> {
    return askAnyway || isOwnPort(redirectUri)
      ? false
      : this.#authorizations.isRemembered(session.account.id, client.id, scopes);
  }

  async finish(request: IncomingMessage, response: ServerResponse, allowed: Allowed): Promise<void> {
    const asked = await this.details(request, response);
    if (!asked) throw refuse.badRequest('There is no request of an app to be answered here');
    const { session, remember } = allowed;
    if (session.steps.length > 0) throw refuse.badRequest('The login is not complete');
    if (asked.authenticatedSince !== null && session.authenticatedAt < asked.authenticatedSince)
      throw refuse.badRequest('The app asks for a login that is newer');
    const scopes = asked.scopes.filter((scope) => allowed.scopes.includes(scope));
    if (scopes.length === 0) return this.refuse(request, response);
    const patient = allowed.patient === undefined ? null : await this.#patient(session, allowed.patient);
    const provider = await this.#options.provider();
    const details = await provider.interactionDetails(request, response);
    const asks = { client: asked.client.id, scopes: asked.scopes, launch: textOf(details.params.launch) };
    let grantId: string;
    try {
      grantId = await this.#authorizations.begin(asks, { session, scopes, patient });
    } catch (error) {
      if (!(error instanceof errors.AccessDenied)) throw error;
      return this.#answer(request, response, denied(error.error_description));
    }
    if (remember && !isOwnPort(asked.redirectUri))
      await this.#authorizations.remember(session.account.id, asked.client.id, scopes);
    await this.#answer(request, response, { login: null, consent: { grantId } });
  }

  refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#answer(request, response, denied('the person did not allow it'));
  }

  async apps(personId: string): Promise<readonly AllowedApp[]> {
    const rows = await findAllowedApps(this.#options.database, personId);
    return rows.map(({ client, name, institution_name, scope, given }) => ({
      client: { id: client, name, institutionName: institution_name },
      scopes: scope.split(' '),
      at: given,
    }));
  }

  revokeApp(personId: string, clientId: string): Promise<boolean> {
    return removeAppConsent(this.#options.database, personId, clientId);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, result: object): Promise<void> {
    const provider = await this.#options.provider();
    await provider.interactionFinished(request, response, result as never, { mergeWithLastSubmission: false });
  }

  async #asked(provider: Provider, { uid, params, prompt, iat = 0 }: Details): Promise<Asked> {
    const client = await provider.Client.find(String(params.client_id));
    if (!client) throw new errors.SessionNotFound('the app was shut out');
    const scopes = String(params.scope).split(' ');
    const request = { client: client.clientId, scopes, launch: textOf(params.launch) };
    const launch = await this.#authorizations.launchOf(request);
    const launchPatient = launch?.patient_id ?? null;
    return {
      uid,
      client: {
        id: client.clientId,
        name: client.clientName ?? client.clientId,
        institutionName: String(client[INSTITUTION_NAME] ?? ''),
      },
      redirectUri: String(params.redirect_uri),
      scopes,
      needsPatient: needsPatient(scopes) && launchPatient === null,
      launchPatient,
      prompt: prompt.name === 'login' ? 'login' : 'consent',
      authenticatedSince: provedSince(prompt, params, iat * 1000),
      askAnyway: String(params.prompt ?? '')
        .split(' ')
        .includes('consent'),
    };
  }

  /** The Patient that was chosen, if the person may read it at all. */
  async #patient(session: LoggedIn, id: string): Promise<{ readonly rid: bigint; readonly id: string }> {
    const { callers, database, keys } = this.#options;
    const caller = await callers.callerOfSession(session, { requestId: randomUUID(), scope: 'user/Patient.r' });
    const rid = keys.rid('Patient', id);
    const found = caller && (await read(Access.of(caller), database, 'Patient', id, rid));
    if (!found?.content) throw refuse.badRequest('There is no such patient');
    return { rid, id };
  }
}

type Details = Awaited<ReturnType<Provider['interactionDetails']>>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const denied = (description: string | undefined) => ({
  error: 'access_denied',
  ...(description !== undefined && { error_description: description }),
});

/** Whoever listens on a port of the person's own machine may be another program next time: it is never remembered (RFC 8252, 8.6). */
const isOwnPort = (redirectUri: string): boolean => redirectUri.startsWith('http:');

/** Where the login that there is will not do, the time from which one will. */
function provedSince(prompt: Details['prompt'], params: Details['params'], asked: number): number | null {
  if (prompt.reasons.includes('login_prompt') || prompt.reasons.includes('id_token_hint')) return asked;
  return params.max_age === undefined ? null : asked - Number(params.max_age) * 1000;
}

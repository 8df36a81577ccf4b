import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoggedIn } from './logged-in.ts';

export type { LoggedIn } from './logged-in.ts';

/** What an app asks of a person, for the pages to show. */
export interface Asked {
  /** Of the interaction: `[A-Za-z0-9_-]{1,64}`; its pages are below `/interaction/<uid>`. */
  readonly uid: string;
  readonly client: { readonly id: string; readonly name: string; readonly institutionName: string };
  /** Where the browser will be sent with the answer. */
  readonly redirectUri: string;
  /** Requested, and such as the app may be granted. */
  readonly scopes: readonly string[];
  /** Whether a patient must be chosen: none came with the launch, and a scope needs one. */
  readonly needsPatient: boolean;
  /** Id of the Patient that came with the launch. */
  readonly launchPatient: string | null;
  readonly prompt: 'login' | 'consent';
  /** The person must have proved who they are at or after this time, epoch milliseconds; null: any session that stands will do. */
  readonly authenticatedSince: number | null;
  /** The app wants the person to be asked, whatever they have allowed it before (`prompt=consent`). */
  readonly askAnyway: boolean;
}

export interface Allowed {
  readonly session: LoggedIn;
  /** Of the scopes asked for, those that the person lets the app have. */
  readonly scopes: readonly string[];
  /** Id of a Patient that the person's institution sees; where one is needed. */
  readonly patient?: string;
  /** Whether the person need not be asked for these scopes again. */
  readonly remember: boolean;
}

/** An app that a person has allowed something. */
export interface AllowedApp {
  readonly client: { readonly id: string; readonly name: string; readonly institutionName: string };
  readonly scopes: readonly string[];
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The authorization endpoint's side of the pages: what is asked, and what the person answers. */
export interface Interactions {
  /** Null where the browser has no interaction under way at this address, or it is over. */
  details(request: IncomingMessage, response: ServerResponse): Promise<Asked | null>;
  /** Whether the person has allowed this app all that it asks for before, and has not taken it back. */
  remembered(session: LoggedIn, asked: Asked): Promise<boolean>;
  /** Answers the app: redirects. Throws FhirError 400 for an answer that does not fit the question. */
  finish(request: IncomingMessage, response: ServerResponse, allowed: Allowed): Promise<void>;
  /** Tells the app `access_denied`: redirects. */
  refuse(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What the person allows now. */
  apps(personId: string): Promise<readonly AllowedApp[]>;
  /** Forgets it; the app's tokens of this person are dead from now on. False where there was nothing. */
  revokeApp(personId: string, clientId: string): Promise<boolean>;
}

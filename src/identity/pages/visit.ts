import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '../../http/negotiate.ts';
import type { Asked } from '../interactions.ts';
import type { Login, LoginStep, Session } from '../people/index.ts';
import { beginSessionCookie, endSessionCookie } from './cookie.ts';
import { FORM_TOKEN, type Form, formToken } from './form.ts';
import { type Html, html } from './html.ts';
import type { PagesParts } from './parts.ts';
import { inLanguage, type Text } from './texts/text.ts';

/** One request of a person to a page. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parts: PagesParts;
  readonly language: Language;
  /** Path of the page itself. */
  readonly path: string;
  /** What was asked for after the `?`. */
  readonly query: Form;
  /** Empty outside of a POST. */
  readonly form: Form;
  /** Before the paths of the steps of a login: empty, or `/interaction/[uid]` where an app asks for a person. */
  readonly base: string;
  /** What the app asks; null outside of an interaction. */
  readonly asked: Asked | null;
  /** From the cookie; undefined where there is none. */
  readonly token: string | undefined;
  /** Null where there is none, where it is over, and where the app wants a newer proof of who it is. */
  readonly session: Session | null;
  /** The cookie that forms of this page prove to know. */
  readonly proof: string;
}

/** A visit of somebody who has at least given the right password. */
export type Member = Visit & { readonly token: string; readonly session: Session };

/** What a page is, before it is put into its frame. */
export interface Page {
  readonly title: string;
  readonly main: Html;
  /** Whether something that was entered is wrong. */
  readonly wrong?: boolean;
  readonly width?: 'wide';
  /** Whether the page needs the browser's passkeys. */
  readonly passkeys?: boolean;
}

/** A page, another place of ours to go on to, or nothing more because the answer is sent. */
export type Answer =
  | { readonly page: Page; readonly status?: number; readonly cookies?: readonly string[] }
  | { readonly to: string; readonly cookies?: readonly string[] }
  | 'sent';

export type Values = Readonly<Record<string, string | number>>;

export const say = ({ language }: Pick<Visit, 'language'>, text: Text, values?: Values): string =>
  inLanguage(text, language, values);

/** The hidden field that every form carries. */
export const proofField = ({ proof }: Pick<Visit, 'proof'>): Html =>
  html`<input type="hidden" name="${FORM_TOKEN}" value="${formToken(proof)}">`;

/** Where a person goes on: to the next step of the login, or when it is complete, to the app or the account. */
export function onwards({ base }: Pick<Visit, 'base'>, { steps: [step] }: { steps: readonly LoginStep[] }): string {
  return step ? `${base}/${PAGE_OF_STEP[step]}` : base || '/account';
}

const PAGE_OF_STEP: Readonly<Record<LoginStep, string>> = {
  'second-factor': 'second-factor',
  'change-password': 'password',
  'enrol-second-factor': 'enrol',
  'accept-terms': 'terms',
};

/** Puts the token that a step answered into the cookie; the one before it is dead. */
export const renewedCookie = ({ parts }: Pick<Visit, 'parts'>, { sessionToken }: Login): string =>
  beginSessionCookie(sessionToken, parts.baseUrl);

/** As `onwards`, after a step that went well. */
export const goOn = (visit: Visit, login: Login, to = onwards(visit, login)): Answer => ({
  to,
  cookies: [renewedCookie(visit, login)],
});

/** Back to the beginning of the login, without a session. */
export const startOver = ({ base, parts }: Pick<Visit, 'base' | 'parts'>): Answer => ({
  to: `${base}/login`,
  cookies: [endSessionCookie(parts.baseUrl)],
});

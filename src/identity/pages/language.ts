import type { IncomingMessage } from 'node:http';
import { type Language, languageOf } from '../../http/negotiate.ts';
import { cookie, cookieOf, isSecure } from './cookie.ts';

const LANGUAGES: readonly Language[] = ['ja', 'en'];

export const asLanguage = (text: string | undefined): Language | undefined =>
  LANGUAGES.find((language) => language === text);

const nameOf = (baseUrl: string) => `${isSecure(baseUrl) ? '__Host-' : ''}tasuki_language`;

/** As the person has chosen on one of the pages, or as the browser says. */
export const languageFor = (request: Pick<IncomingMessage, 'headers'>, baseUrl: string): Language =>
  asLanguage(cookieOf(request, nameOf(baseUrl))) ?? languageOf(request.headers['accept-language']);

/** `Set-Cookie` that keeps the choice for a year. */
export const languageCookie = (language: Language, baseUrl: string): string =>
  `${cookie(nameOf(baseUrl), language, baseUrl)}; Max-Age=31536000`;

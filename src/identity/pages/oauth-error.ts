import type { IncomingMessage } from 'node:http';
import { documentOf } from './frame.ts';
import { pageHeaders } from './headers.ts';
import { html } from './html.ts';
import { languageFor } from './language.ts';
import { errors } from './texts/frame.ts';
import { say } from './visit.ts';

/**
 * What a person is shown when the request of an app is such that there is nobody to send an answer to, for example a redirect address that
 * is not registered: people can do nothing about it but tell the app's makers, for whom the error stands there as OAuth names it.
 */
export function oauthErrorPage(
  baseUrl: string,
  request: IncomingMessage,
  { error, description }: { readonly error: string; readonly description?: string | undefined },
): { readonly html: string; readonly headers: Readonly<Record<string, string>> } {
  const language = languageFor(request, baseUrl);
  const page = {
    title: say({ language }, errors.app),
    main: html`<p>${say({ language }, errors.appAdvice)}</p>
<p class="hint"><code>${error}${description && `: ${description}`}</code></p>`,
  };
  return {
    html: documentOf({ language, path: null, request, session: null, token: undefined }, page).text,
    headers: { ...pageHeaders(baseUrl), 'Content-Language': language },
  };
}

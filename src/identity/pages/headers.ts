import { isSecure } from './cookie.ts';

/**
 * Headers of every page: nothing runs or loads but what this server serves from files, nobody frames the page or learns where it was, no cache
 * keeps it, and no search engine lists it.
 *
 * @param redirect where an app is reached; Chromium holds a redirect after a form against `form-action`
 */
export const pageHeaders = (baseUrl: string, redirect?: string): Readonly<Record<string, string>> => ({
  ...HEADERS,
  'Content-Security-Policy': policy(formTarget(redirect)),
  ...(isSecure(baseUrl) && { 'Strict-Transport-Security': 'max-age=31536000' }),
});

/** What holds for static files too. */
export const HEADERS_OF_FILES = Object.freeze({
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex, nofollow',
  'Cross-Origin-Resource-Policy': 'same-origin',
});

const HEADERS = Object.freeze({
  ...HEADERS_OF_FILES,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': [
    ...['camera', 'microphone', 'geolocation', 'payment', 'usb', 'serial', 'hid', 'browsing-topics'].map(
      (feature) => `${feature}=()`,
    ),
    'publickey-credentials-get=(self)',
    'publickey-credentials-create=(self)',
  ].join(', '),
  'X-Frame-Options': 'DENY',
});

const policy = (target: string | undefined) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `form-action 'self'${target ? ` ${target}` : ''}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

/** Origin of an http(s) address, scheme of an app's own; nothing that could be more than one source expression. */
function formTarget(redirect: string | undefined): string | undefined {
  if (redirect === undefined || !URL.canParse(redirect)) return undefined;
  const { protocol, origin } = new URL(redirect);
  const target = protocol === 'http:' || protocol === 'https:' ? origin : protocol;
  return /^[a-z][a-z0-9+.-]*:(\/\/[\w.:[\]-]+)?$/i.test(target) ? target : undefined;
}

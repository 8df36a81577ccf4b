import { refuse } from './errors.ts';

/** Decoded pairs of a query string or of an `application/x-www-form-urlencoded` body, in order. `+` is a space. */
export function parseQuery(text: string): [string, string][] {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });
}

function decode(text: string): string {
  try {
    const value = decodeURIComponent(text.replaceAll('+', ' '));
    if (value.includes('\u0000')) throw new URIError();
    return value;
  } catch {
    throw refuse.badRequest('The query string is not well-formed percent-encoded UTF-8');
  }
}

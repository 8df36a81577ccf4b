import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { refuse } from '../../http/errors.ts';
import { parseQuery } from '../../http/query.ts';

/** The most bytes of a form: a passkey's answer is the longest, a few thousand. */
const MOST = 64 * 1024;

/** Name of the hidden field that proves that a form is from a page of ours. */
export const FORM_TOKEN = 'form_token';

/** What was filled in. Fields that nobody asks for are never looked at. */
export class Form {
  readonly #pairs: readonly (readonly [string, string])[];

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.#pairs = pairs;
  }

  /** The first value of that name; empty where there is none. */
  get(name: string): string {
    return this.#pairs.find(([given]) => given === name)?.[1] ?? '';
  }

  all(name: string): readonly string[] {
    return this.#pairs.filter(([given]) => given === name).map(([, value]) => value);
  }
}

/** Reads the body of a POST. @throws FhirError 400, 413 or 415. */
export async function readForm(request: IncomingMessage): Promise<Form> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const { 'content-encoding': coding = 'identity' } = request.headers;
  if (type !== 'application/x-www-form-urlencoded' || coding !== 'identity')
    throw refuse.mediaType('Send application/x-www-form-urlencoded');
  return new Form(parseQuery((await bytesOf(request)).toString('utf8')));
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST) break;
      chunks.push(chunk);
    }
  } catch {
    throw refuse.badRequest('The request ended before its body was complete');
  }
  if (size > MOST) throw refuse.tooLarge(`A form has at most ${MOST} bytes`);
  return Buffer.concat(chunks);
}

/**
 * What a form carries so that no other site can have filled it in: it follows from a cookie that no other site can read, and tells nothing
 * of it.
 */
export const formToken = (cookie: string): string => hash('sha256', `form ${cookie}`, 'base64url');

/**
 * Whether a POST comes from a page of this server: what the browser says of its origin must not speak against it, and the token must be that of
 * the cookie. `Origin: null` is what browsers send for a page without referrer; then Sec-Fetch-Site and the token decide.
 */
export function isOurs(request: IncomingMessage, form: Form, baseUrl: string, cookie: string | undefined): boolean {
  const { origin = 'null', 'sec-fetch-site': site = 'same-origin' } = request.headers;
  if (site !== 'same-origin' || (origin !== 'null' && origin !== new URL(baseUrl).origin)) return false;
  return cookie !== undefined && same(form.get(FORM_TOKEN), formToken(cookie));
}

const same = (given: string, right: string) => {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

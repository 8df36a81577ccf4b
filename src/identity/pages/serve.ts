import { randomBytes, randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { clientCertificate } from '../../http/client-certificate.ts';
import { FhirError, refuse } from '../../http/errors.ts';
import { parseQuery } from '../../http/query.ts';
import { normalise } from '../../http/reply.ts';
import type { Asked } from '../interactions.ts';
import type { LoginStep, Session } from '../people/index.ts';
import { cookie, cookieOf, isSecure, sessionTokenOf } from './cookie.ts';
import { errorPage, StaleForm, UnknownInteraction } from './errors.ts';
import { Form, isOurs, readForm } from './form.ts';
import { documentOf } from './frame.ts';
import { pageHeaders } from './headers.ts';
import { asLanguage, languageCookie, languageFor } from './language.ts';
import type { PagesParts } from './parts.ts';
import { type Answer, type Member, onwards, type Visit } from './visit.ts';

/** Who may come to a page: anybody, or who has reached one of these steps of the login. */
export type Guard = 'anybody' | readonly (LoginStep | 'complete')[];

export interface Route {
  readonly method: 'get' | 'post';
  /** Below the base of the visit. */
  readonly path: string;
  /** Whether it is offered outside of interactions, within them, or both. */
  readonly where: 'outside' | 'interaction' | 'both';
  readonly guard: Guard;
  readonly run: (visit: Member) => Promise<Answer> | Answer;
}

const NO_FORM = new Form([]);

/** Answers one request for a page, whatever happens. */
export async function serve(parts: PagesParts, route: Route, request: Request, response: Response): Promise<void> {
  const { baseUrl } = parts;
  const cookies: string[] = [];
  let visit = emptyVisit(parts, request, response, cookies);
  try {
    visit = { ...visit, query: new Form(parseQuery(new URL(request.url, baseUrl).search.slice(1))) };
    const wanted = asLanguage(visit.query.get('lang'));
    if (wanted && route.method === 'get') {
      cookies.push(languageCookie(wanted, baseUrl));
      return go(visit, { to: visit.path, cookies });
    }
    visit = await withInteraction(visit);
    visit = await withSession(visit, route.guard);
    if (route.method === 'post') {
      const form = await readForm(request);
      if (!isOurs(request, form, baseUrl, visit.proof)) throw new StaleForm();
      visit = { ...visit, form };
    }
    const away = turnedAway(visit, route.guard);
    const answer = away === null ? await route.run(visit as Member) : { to: away };
    if (answer !== 'sent') go(visit, { ...answer, cookies: [...cookies, ...(answer.cookies ?? [])] });
  } catch (error) {
    fail(visit, error, cookies);
  }
}

/** A page for a request that there is no page for. */
export function serveNothing(parts: PagesParts, request: Request, response: Response, status: 404 | 405): void {
  const error =
    status === 404 ? refuse.unknown('no page') : refuse.notAllowed('no page', String(response.get('Allow')));
  fail(emptyVisit(parts, request, response, []), error, []);
}

function emptyVisit(parts: PagesParts, request: Request, response: Response, cookies: string[]): Visit {
  const { baseUrl } = parts;
  return {
    request,
    response,
    parts,
    language: languageFor(request, baseUrl),
    path: request.path,
    query: NO_FORM,
    form: NO_FORM,
    base: '',
    asked: null,
    token: sessionTokenOf(request, baseUrl),
    session: null,
    proof: browserCookie(request, baseUrl, cookies),
  };
}

/** What an app asks, where the path is that of an interaction. @throws UnknownInteraction */
async function withInteraction(visit: Visit): Promise<Visit> {
  const { request, response, parts } = visit;
  const { uid } = (request as Request).params;
  if (uid === undefined) return visit;
  const asked = /^[\w-]{1,64}$/.test(String(uid)) ? await parts.interactions.details(request, response) : null;
  if (!asked) throw new UnknownInteraction();
  return { ...visit, asked, base: `/interaction/${uid}` };
}

async function withSession(visit: Visit, guard: Guard): Promise<Visit> {
  const { token, asked, parts } = visit;
  if (token === undefined) return visit;
  const certificate = clientCertificate(visit.request)?.sha256;
  const found = await parts.people.session(token, certificate ?? null);
  const session = found && recent(found, asked) ? { ...found, certificate } : null;
  return { ...visit, session, proof: guard === 'anybody' ? visit.proof : token };
}

const recent = ({ authenticatedAt }: Session, asked: Asked | null) =>
  authenticatedAt >= (asked?.authenticatedSince ?? Number.NEGATIVE_INFINITY);

/** Where somebody belongs who has no business at this page; null for who has. */
function turnedAway(visit: Visit, guard: Guard): string | null {
  if (guard === 'anybody') return null;
  if (!visit.session) return `${visit.base}/login`;
  return guard.includes(visit.session.steps[0] ?? 'complete') ? null : onwards(visit, visit.session);
}

function go(visit: Visit, answer: Exclude<Answer, 'sent'>): void {
  const { request, response, parts, asked } = visit;
  response.setHeaders(new Map(Object.entries(pageHeaders(parts.baseUrl, asked?.redirectUri))));
  if (answer.cookies?.length) response.setHeader('Set-Cookie', [...answer.cookies]);
  if ('to' in answer) {
    response.writeHead(303, { Location: answer.to, 'Content-Length': '0' });
    return void response.end();
  }
  const bytes = Buffer.from(documentOf(visit, answer.page).text);
  response.writeHead(answer.status ?? 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': String(bytes.length),
    'Content-Language': visit.language,
    Vary: 'Accept-Language, Cookie',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function fail(visit: Visit, error: unknown, cookies: readonly string[]): void {
  const { response, parts, request } = visit;
  if (response.headersSent) return void response.destroy();
  const known = error instanceof StaleForm || error instanceof UnknownInteraction ? error : normalise(error);
  const id = randomUUID();
  if (known instanceof FhirError) {
    if (known.status === 500) parts.failed(error, id);
    for (const [name, value] of Object.entries(known.headers)) response.setHeader(name, value);
  }
  if (!request.complete) response.setHeader('Connection', 'close'); // what is left of the body is not read
  go(visit, { ...errorPage(visit, known, id), cookies });
}

/** A cookie for who has no session yet: forms prove to come from the same browser. */
function browserCookie(request: Request, baseUrl: string, cookies: string[]): string {
  const name = `${isSecure(baseUrl) ? '__Host-' : ''}tasuki_browser`;
  const given = cookieOf(request, name);
  if (given !== undefined && /^[\w-]{43}$/.test(given)) return given;
  const made = randomBytes(32).toString('base64url');
  if (request.method === 'GET') cookies.push(cookie(name, made, baseUrl));
  return made;
}

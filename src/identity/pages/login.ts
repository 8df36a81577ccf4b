import type { IncomingMessage } from 'node:http';
import { clientAddress } from '../../http/client-address.ts';
import { clientCertificate } from '../../http/client-certificate.ts';
import { endSessionCookie } from './cookie.ts';
import { alertBox, field, formTo, needed, noticeBox } from './fields.ts';
import { html } from './html.ts';
import type { Route } from './serve.ts';
import { login } from './texts/login.ts';
import { type Answer, goOn, type Member, onwards, type Page, say, type Visit } from './visit.ts';

/** What was entered, when it did not do. */
interface Failed {
  readonly login: string;
  readonly password: string;
}

function show(visit: Visit): Answer {
  const { session, token, asked } = visit;
  if (session?.steps.length === 0) return { to: onwards(visit, session) };
  // A cookie without a session is from one that is over: say so, once. One that is too old for the app is kept.
  const over = token !== undefined && !session && asked?.authenticatedSince == null;
  return { page: page(visit, over), ...(over && { cookies: [endSessionCookie(visit.parts.baseUrl)] }) };
}

function page(visit: Visit, over: boolean, failed?: Failed): Page {
  const { base, asked } = visit;
  const again = asked?.authenticatedSince != null && !over;
  const refused = failed && failed.login !== '' && failed.password !== '';
  const app = asked && { app: asked.client.name, institution: asked.client.institutionName };
  return {
    title: say(visit, login.title),
    wrong: failed !== undefined,
    main: html`${app && html`<p class="lead">${say(visit, login.toApp, app)}</p>`}
${noticeBox(over ? say(visit, login.idle) : again ? say(visit, login.again) : undefined)}
${alertBox(refused ? say(visit, login.failed) : undefined)}
${formTo(
  visit,
  `${base}/login`,
  html`${field({
    name: 'login',
    label: say(visit, login.login),
    autocomplete: 'username',
    autofocus: !refused,
    value: failed?.login ?? '',
    error: failed && needed(visit, failed.login),
  })}
${field({
  name: 'password',
  label: say(visit, login.password),
  type: 'password',
  autocomplete: 'current-password',
  autofocus: refused === true,
  error: failed && needed(visit, failed.password),
})}
<p class="actions"><button>${say(visit, login.submit)}</button></p>`,
)}
<details><summary>${say(visit, login.trouble)}</summary><p>${say(visit, login.troubleAdvice)}</p>
<p><a href="/invitation">${say(visit, login.invitation)}</a></p></details>
${asked && formTo(visit, `${base}/refuse`, html`<button class="quiet">${say(visit, login.cancel)}</button>`)}`,
  };
}

/** Where a request comes from, for what the person is shown of it and for those who try too often. */
export const from = (request: IncomingMessage) => ({
  address: clientAddress(request),
  agent: request.headers['user-agent']?.slice(0, 400) ?? '',
  certificate: clientCertificate(request)?.sha256,
});

async function logIn(visit: Visit): Promise<Answer> {
  const { form, request, parts, token } = visit;
  const given = { login: form.get('login'), password: form.get('password') };
  const begun =
    given.login && given.password ? await parts.people.logIn(given.login, given.password, from(request)) : null;
  if (!begun) return { status: 422, page: page(visit, false, given) };
  if (token !== undefined) await parts.people.logOut(token);
  return goOn(visit, begun);
}

async function logOut(visit: Member): Promise<Answer> {
  await visit.parts.people.logOut(visit.token);
  const to = visit.base ? `${visit.base}/login` : '/logged-out';
  return { to, cookies: [endSessionCookie(visit.parts.baseUrl)] };
}

async function refuse(visit: Visit): Promise<Answer> {
  await visit.parts.interactions.refuse(visit.request, visit.response);
  return 'sent';
}

export const loginRoutes: readonly Route[] = [
  { method: 'get', path: '/login', where: 'both', guard: 'anybody', run: show },
  { method: 'post', path: '/login', where: 'both', guard: 'anybody', run: logIn },
  {
    method: 'post',
    path: '/logout',
    where: 'both',
    guard: ['second-factor', 'change-password', 'enrol-second-factor', 'accept-terms', 'complete'],
    run: logOut,
  },
  { method: 'post', path: '/refuse', where: 'interaction', guard: 'anybody', run: refuse },
];

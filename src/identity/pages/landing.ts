import { html } from './html.ts';
import type { Route } from './serve.ts';
import { landing, loggedOut } from './texts/frame.ts';
import { login } from './texts/login.ts';
import { type Answer, say, type Visit } from './visit.ts';

function start(visit: Visit): Answer {
  const metadata = `${visit.parts.baseUrl}/fhir/metadata`;
  return {
    page: {
      title: say(visit, landing.title),
      main: html`<p class="lead">${say(visit, landing.what)}</p>
<p>${say(visit, landing.closed)}</p>
<p class="actions"><a class="button" href="/login">${say(visit, login.title)}</a></p>
<p>${say(visit, landing.invited)} <a href="/invitation">${say(visit, login.invitation)}</a></p>
<p><a href="/status">${say(visit, landing.status)}</a></p>
<section class="aside"><h2>${say(visit, landing.systems)}</h2>
<p>${say(visit, landing.systemsAdvice, { metadata })}</p></section>`,
    },
  };
}

function end(visit: Visit): Answer {
  return {
    page: {
      title: say(visit, loggedOut.title),
      main: html`<p>${say(visit, loggedOut.advice)}</p>
<p class="actions"><a class="button" href="/login">${say(visit, loggedOut.again)}</a></p>`,
    },
  };
}

export const landingRoutes: readonly Route[] = [
  { method: 'get', path: '/', where: 'outside', guard: 'anybody', run: start },
  { method: 'get', path: '/logged-out', where: 'outside', guard: 'anybody', run: end },
];

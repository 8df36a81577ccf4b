import type { IncomingMessage } from 'node:http';
import { ASSETS } from './assets.ts';
import { type Html, html } from './html.ts';
import { frame } from './texts/frame.ts';
import { type Page, proofField, say, type Visit } from './visit.ts';

/** What the frame is made of; without a path where the page is at no address that it could be had from again. */
type Framed = Pick<Visit, 'language' | 'session' | 'token'> & {
  readonly request: Pick<IncomingMessage, 'method'>;
  readonly path: string | null;
};

/** The whole document: what stands around every page. */
export function documentOf(visit: Framed, page: Page): Html {
  const { language } = visit;
  const title = page.wrong ? say(visit, frame.errorPrefix, { title: page.title }) : page.title;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title} – ${say(visit, frame.brand)}</title>
<link rel="icon" href="${ASSETS.icon.path}" type="image/svg+xml">
<link rel="stylesheet" href="${ASSETS.style.path}">
${page.passkeys && html`<script src="${ASSETS.webauthn.path}" defer></script>`}
<script src="${ASSETS.script.path}" defer></script>
</head>
<body>
<a class="skip" href="#main">${say(visit, frame.skip)}</a>
<header class="top"><div class="bar ${page.width ?? 'narrow'}">
<a class="brand" href="/"><img src="${ASSETS.icon.path}" alt="" width="36" height="36"><span><b>${say(visit, frame.brand)}</b> <small>${say(visit, frame.tagline)}</small></span></a>
<div class="visitor">${visitor(visit)}${otherLanguage(visit)}</div>
</div></header>
<main id="main" class="${page.width ?? 'narrow'}" tabindex="-1">
<h1>${page.title}</h1>
${page.main}
</main>
</body>
</html>
`;
}

/** Who is logged in, and the way out; nothing before the login is complete. */
function visitor(visit: Framed): Html | undefined {
  const { session, token } = visit;
  if (!session || !token || session.steps.length > 0) return undefined;
  return html`
<a href="/account">${say(visit, frame.person, { name: session.account.name })}</a>
<form method="post" action="/logout">${proofField({ proof: token })}<button class="quiet">${say(visit, frame.logOut)}</button></form>`;
}

function otherLanguage(visit: Framed): Html | undefined {
  if (visit.path === null) return undefined;
  const other = visit.language === 'ja' ? 'en' : 'ja';
  const place = visit.request.method === 'POST' ? (PLACE_OF_POST[visit.path] ?? visit.path) : visit.path;
  return html`<a href="${place}?lang=${other}" lang="${other}" hreflang="${other}">${say(visit, frame.otherLanguage)}</a>`;
}

/** Where a page that answers a form can be had again without the form. */
const PLACE_OF_POST: Readonly<Record<string, string>> = { '/invitation/accept': '/invitation' };

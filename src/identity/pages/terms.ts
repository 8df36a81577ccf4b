import { formTo, hidden } from './fields.ts';
import { html } from './html.ts';
import { moment } from './moment.ts';
import type { Route } from './serve.ts';
import { terms } from './texts/settings.ts';
import { type Answer, type Member, onwards, say, startOver } from './visit.ts';

async function show(visit: Member): Promise<Answer> {
  const current = await visit.parts.terms.current(visit.language);
  if (!current) return { to: onwards(visit, visit.session) };
  const { version, title, text, publishedAt } = current;
  return {
    page: {
      title: say(visit, terms.title),
      width: 'wide',
      main: html`<p class="lead">${say(visit, terms.lead)}</p>
<section class="terms" aria-label="${say(visit, terms.text)}" tabindex="0">
<h2>${title}</h2>
<p class="hint">${say(visit, terms.version, { version, date: moment(visit, publishedAt) })}</p>
${text.split(/\n{2,}/).map((paragraph) => html`<p>${paragraph}</p>\n`)}</section>
${formTo(
  visit,
  `${visit.base}/terms`,
  html`${hidden('version', version)}
<p class="actions"><button>${say(visit, terms.accept)}</button></p>`,
)}
${formTo(visit, `${visit.base}/logout`, html`<button class="quiet">${say(visit, terms.decline)}</button>`)}`,
    },
  };
}

/** Of a version that has been replaced since it was shown, the new one is shown. */
async function accept(visit: Member): Promise<Answer> {
  const { parts, form, session, token, language } = visit;
  const current = await parts.terms.current(language);
  if (!current || current.version !== form.get('version')) return { to: `${visit.base}/terms` };
  await parts.terms.accept(session.account.id, current.version);
  const after = await parts.people.session(token);
  return after ? { to: onwards(visit, after) } : startOver(visit);
}

export const termsRoutes: readonly Route[] = [
  { method: 'get', path: '/terms', where: 'both', guard: ['accept-terms'], run: show },
  { method: 'post', path: '/terms', where: 'both', guard: ['accept-terms'], run: accept },
];

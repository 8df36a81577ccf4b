import { field, formTo, hidden } from './fields.ts';
import { html } from './html.ts';
import { from } from './login.ts';
import { checkChoice, chosenPassword, inWords, keptFor, type Wrong } from './password.ts';
import type { Route } from './serve.ts';
import { invitation } from './texts/settings.ts';
import { type Answer, goOn, say, type Visit } from './visit.ts';

/** The code comes in the fragment of the link, which browsers send to nobody; from there the script puts it into this form. */
function ask(visit: Visit, unknown = false): Answer {
  return {
    status: unknown ? 422 : 200,
    page: {
      title: say(visit, invitation.title),
      wrong: unknown,
      main: html`<p class="lead">${say(visit, invitation.lead)}</p>
${formTo(
  visit,
  '/invitation',
  html`${field({
    name: 'code',
    label: say(visit, invitation.code),
    autocomplete: 'off',
    kind: 'code',
    autofocus: true,
    error: unknown ? say(visit, invitation.unknown) : undefined,
  })}
<p class="actions"><button>${say(visit, invitation.submit)}</button></p>`,
  html`data-fragment="code"`,
)}`,
    },
  };
}

/** A code without the blanks that copying brings along. */
const codeOf = (visit: Visit): string => visit.form.get('code').replace(/\s/g, '').slice(0, 200);

async function open(visit: Visit, wrong: Wrong = {}): Promise<Answer> {
  const code = codeOf(visit);
  const found = code === '' ? null : await visit.parts.people.invitation(code);
  if (!found) return ask(visit, true);
  const failed = Object.keys(wrong).length > 0;
  const { institutionName: institution, name, login } = found;
  return {
    status: failed ? 422 : 200,
    page: {
      title: say(visit, invitation.choose),
      wrong: failed,
      main: html`<p class="lead">${say(visit, invitation.welcome, { institution, name })}</p>
<p class="hint">${say(visit, invitation.notYou)}</p>
<dl class="facts"><div><dt>${say(visit, invitation.login)}</dt><dd><code>${login}</code></dd></div></dl>
${formTo(
  visit,
  '/invitation/accept',
  html`${hidden('code', code)}${keptFor(login)}
${chosenPassword(visit, wrong, true)}
<p class="actions"><button>${say(visit, invitation.accept)}</button></p>`,
)}`,
    },
  };
}

async function accept(visit: Visit): Promise<Answer> {
  const { parts, form, token } = visit;
  const wrong = checkChoice(visit);
  if (wrong) return open(visit, wrong);
  const begun = await parts.people.acceptInvitation(codeOf(visit), form.get('next'), from(visit.request));
  if (begun === null) return ask(visit, true);
  if (!('sessionToken' in begun)) return open(visit, { next: inWords(visit, begun) });
  if (token !== undefined) await parts.people.logOut(token);
  return goOn(visit, begun);
}

export const invitationRoutes: readonly Route[] = [
  { method: 'get', path: '/invitation', where: 'outside', guard: 'anybody', run: (visit) => ask(visit) },
  { method: 'post', path: '/invitation', where: 'outside', guard: 'anybody', run: (visit) => open(visit) },
  { method: 'post', path: '/invitation/accept', where: 'outside', guard: 'anybody', run: accept },
];

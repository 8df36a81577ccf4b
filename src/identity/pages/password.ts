import { type PasswordProblem, passwordProblemText } from '../people/index.ts';
import { field, formTo, needed } from './fields.ts';
import { type Html, html } from './html.ts';
import type { Route } from './serve.ts';
import { frame } from './texts/frame.ts';
import { password } from './texts/settings.ts';
import { type Answer, goOn, type Member, say, startOver, type Visit } from './visit.ts';

/** What is wrong with a password that was chosen, in words, and with which of the fields. */
export interface Wrong {
  readonly current?: string | undefined;
  readonly next?: string | undefined;
  readonly again?: string | undefined;
}

/** Tells the browser whose password it is to keep. */
export const keptFor = (login: string): Html =>
  html`<input type="text" name="username" value="${login}" autocomplete="username" readonly hidden>`;

/** The fields in which a person chooses a password. */
export function chosenPassword(visit: Visit, wrong: Wrong, autofocus: boolean): Html {
  return html`${field({
    name: 'next',
    label: say(visit, password.next),
    hint: say(visit, password.hint),
    type: 'password',
    autocomplete: 'new-password',
    error: wrong.next,
    autofocus,
  })}
${field({
  name: 'again',
  label: say(visit, password.again),
  type: 'password',
  autocomplete: 'new-password',
  error: wrong.again,
})}`;
}

/** What can be told before anything is asked of the store; null where nothing is wrong yet. */
export function checkChoice(visit: Visit): Wrong | null {
  const [next, again] = [visit.form.get('next'), visit.form.get('again')];
  if (next === '') return { next: needed(visit, next) };
  return next === again ? null : { again: say(visit, password.differ) };
}

/** Why a password is not taken, as sentences. */
export const inWords = ({ language }: Visit, found: readonly PasswordProblem[]): string =>
  found.map((problem) => passwordProblemText(problem, language)).join(' ');

function show(visit: Member, wrong: Wrong = {}): Answer {
  const { base, session } = visit;
  const forced = session.steps.length > 0;
  const failed = Object.keys(wrong).length > 0;
  return {
    status: failed ? 422 : 200,
    page: {
      title: say(visit, password.title),
      wrong: failed,
      main: html`<p class="lead">${say(visit, forced ? password.forced : password.othersEnd)}</p>
${formTo(
  visit,
  `${base}/password`,
  html`${keptFor(session.account.login)}${
    !forced &&
    field({
      name: 'current',
      label: say(visit, password.current),
      type: 'password',
      autocomplete: 'current-password',
      error: wrong.current,
      autofocus: true,
    })
  }
${chosenPassword(visit, wrong, forced)}
<p class="actions"><button>${say(visit, password.submit)}</button></p>`,
)}
${
  forced
    ? formTo(visit, `${base}/logout`, html`<button class="quiet">${say(visit, frame.logOut)}</button>`)
    : html`<p><a href="/account">${say(visit, frame.backToAccount)}</a></p>`
}`,
    },
  };
}

async function change(visit: Member): Promise<Answer> {
  const { form, session, token, parts } = visit;
  const forced = session.steps.length > 0;
  if (!forced && form.get('current') === '') return show(visit, { current: needed(visit, '') });
  const wrong = checkChoice(visit);
  if (wrong) return show(visit, wrong);
  const found = await parts.people.changePassword(token, forced ? null : form.get('current'), form.get('next'));
  if (found === null) return startOver(visit);
  if ('sessionToken' in found) return goOn(visit, found, forced ? undefined : '/account?done=password');
  const rest = found.filter((problem) => problem !== 'current');
  return show(visit, {
    ...(rest.length < found.length && { current: inWords(visit, ['current']) }),
    ...(rest.length > 0 && { next: inWords(visit, rest) }),
  });
}

const guard = ['change-password', 'complete'] as const;

export const passwordRoutes: readonly Route[] = [
  { method: 'get', path: '/password', where: 'both', guard, run: (visit) => show(visit) },
  { method: 'post', path: '/password', where: 'both', guard, run: change },
];

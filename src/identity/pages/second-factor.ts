import type { Login } from '../people/index.ts';
import { field, formTo, hidden } from './fields.ts';
import { type Html, html } from './html.ts';
import { passkeyForm, passkeyResponse } from './passkey-form.ts';
import type { Route } from './serve.ts';
import { frame } from './texts/frame.ts';
import { login, secondFactor } from './texts/login.ts';
import type { Text } from './texts/text.ts';
import { type Answer, goOn, type Member, say, startOver } from './visit.ts';

type Way = 'code' | 'passkey' | 'recovery' | 'password';

/** What is said of each way that did not do. */
const WRONG: Readonly<Record<Way, Text>> = {
  code: secondFactor.wrongCode,
  passkey: secondFactor.passkeyFailed,
  recovery: secondFactor.wrongRecovery,
  password: secondFactor.wrongPassword,
};

/** What a person may be about to do for which the proof is asked once more, and where it goes on. */
const PURPOSES: Readonly<Record<string, string>> = { enrol: '/enrol', account: '/account' };

/** The page where a proof is asked once more. */
export const proveFor = (purpose: 'enrol' | 'account'): Answer => ({ to: `/second-factor?for=${purpose}` });

/** The second factor of a login; and for a login that is complete, a proof that the person is still there. */
async function show(visit: Member, wrong?: Way): Promise<Answer> {
  const { base, session, parts, token } = visit;
  const { factors } = session;
  const again = session.steps.length === 0;
  const options = factors.includes('passkey') ? await parts.people.passkeyOptions(token) : null;
  const form = formOf(visit, wrong);
  return {
    status: wrong ? 422 : 200,
    page: {
      title: say(visit, secondFactor.title),
      wrong: wrong !== undefined,
      passkeys: options !== null,
      main: html`<p class="lead">${say(visit, again ? secondFactor.again : secondFactor.lead)}</p>
${factors.includes('totp') && form.code()}
${factors.includes('totp') && options && html`<p class="or"><span>${say(visit, secondFactor.or)}</span></p>`}
${options && form.passkey(options)}
${factors.length === 0 && form.password()}
${factors.includes('recovery') && form.recovery()}
${
  again
    ? html`<p><a href="/account">${say(visit, frame.backToAccount)}</a></p>`
    : formTo(visit, `${base}/logout`, html`<button class="quiet">${say(visit, secondFactor.startOver)}</button>`)
}`,
    },
  };
}

/** The forms of the ways; each says beside its field what was wrong with it. */
function formOf(visit: Member, wrong: Way | undefined) {
  const action = `${visit.base}/second-factor`;
  const error = (way: Way) => (wrong === way ? say(visit, WRONG[way]) : undefined);
  const purpose = visit.query.get('for') || visit.form.get('for');
  const carried = Object.hasOwn(PURPOSES, purpose) && hidden('for', purpose);
  const submit = (kind: string): Html =>
    html`<p class="actions"><button class="${kind}">${say(visit, secondFactor.submit)}</button></p>`;
  return {
    code: () =>
      formTo(
        visit,
        action,
        html`${carried}${field({
          name: 'code',
          label: say(visit, secondFactor.code),
          hint: say(visit, secondFactor.codeHint),
          autocomplete: 'one-time-code',
          kind: 'digits',
          autofocus: wrong !== 'recovery',
          error: error('code'),
        })}
${submit('')}`,
      ),
    passkey: (options: object) => html`<p class="hint">${say(visit, secondFactor.passkeyHint)}</p>
${error('passkey') && html`<p class="alert" role="alert">${error('passkey')}</p>`}
${passkeyForm(visit, { action, what: 'get', options, button: say(visit, secondFactor.passkey), fields: carried })}`,
    password: () =>
      formTo(
        visit,
        action,
        html`${carried}${field({
          name: 'password',
          label: say(visit, login.password),
          type: 'password',
          autocomplete: 'current-password',
          autofocus: true,
          error: error('password'),
        })}
${submit('')}`,
      ),
    recovery: () => html`<details ${wrong === 'recovery' && html`open`}>
<summary>${say(visit, secondFactor.recovery)}</summary>
${formTo(
  visit,
  action,
  html`${carried}${field({
    name: 'recovery',
    label: say(visit, secondFactor.recoveryCode),
    hint: say(visit, secondFactor.recoveryHint),
    autocomplete: 'off',
    kind: 'code',
    autofocus: wrong === 'recovery',
    error: error('recovery'),
  })}
${submit('second')}`,
)}</details>`,
  };
}

async function prove(visit: Member): Promise<Answer> {
  const { form, token, parts, session } = visit;
  const way: Way = form.get('response')
    ? 'passkey'
    : form.get('recovery')
      ? 'recovery'
      : form.get('password')
        ? 'password'
        : 'code';
  const proved = await check(visit, way);
  const again = session.steps.length === 0;
  const purpose = form.get('for');
  if (proved) return goOn(visit, proved, again && Object.hasOwn(PURPOSES, purpose) ? PURPOSES[purpose] : undefined);
  // After too many failures the session is gone.
  return (await parts.people.session(token)) ? show(visit, way) : startOver(visit);
}

function check(visit: Member, way: Way): Promise<Login | null> | null {
  const { form, token, parts } = visit;
  switch (way) {
    case 'passkey': {
      const response = passkeyResponse(visit);
      return response && parts.people.verifyPasskey(token, response);
    }
    case 'recovery':
      return parts.people.verifyRecoveryCode(token, form.get('recovery').slice(0, 100));
    case 'password':
      return parts.people.verifyPassword(token, form.get('password'));
    case 'code':
      return parts.people.verifyTotp(token, digits(form.get('code')));
  }
}

/** A code as people type it: in two groups, or with the wide digits of a Japanese keyboard. */
export const digits = (text: string): string => text.slice(0, 40).normalize('NFKC').replace(/[\s-]/g, '');

const guard = ['second-factor', 'complete'] as const;

export const secondFactorRoutes: readonly Route[] = [
  { method: 'get', path: '/second-factor', where: 'both', guard, run: (visit) => show(visit) },
  { method: 'post', path: '/second-factor', where: 'both', guard, run: prove },
];

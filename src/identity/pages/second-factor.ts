import { field, formTo } from './fields.ts';
import { html } from './html.ts';
import { passkeyForm, passkeyResponse } from './passkey-form.ts';
import { forgetSession, type Route } from './serve.ts';
import { secondFactor } from './texts/login.ts';
import type { Text } from './texts/text.ts';
import { type Answer, goOn, type Member, say } from './visit.ts';

/** By which of the person's ways it was tried, and what was wrong. */
interface Wrong {
  readonly way: 'code' | 'passkey' | 'recovery';
  readonly text: Text;
}

async function show(visit: Member, wrong?: Wrong): Promise<Answer> {
  const { people } = visit.parts;
  const factors = await people.factors(visit.session.account.id);
  const has = (kind: string) => factors.some((factor) => factor.kind === kind);
  const options = has('passkey') ? await people.passkeyOptions(visit.token) : null;
  const action = `${visit.base}/second-factor`;
  const error = (way: Wrong['way']) => (wrong?.way === way ? say(visit, wrong.text) : undefined);
  const code = () =>
    formTo(
      visit,
      action,
      html`${field({
        name: 'code',
        label: say(visit, secondFactor.code),
        hint: say(visit, secondFactor.codeHint),
        autocomplete: 'one-time-code',
        kind: 'digits',
        autofocus: wrong?.way !== 'recovery',
        error: error('code'),
      })}
<p class="actions"><button>${say(visit, secondFactor.submit)}</button></p>`,
    );
  const passkey = (given: object) => html`<p class="hint">${say(visit, secondFactor.passkeyHint)}</p>
${error('passkey') && html`<p class="alert" role="alert">${error('passkey')}</p>`}
${passkeyForm(visit, { action, what: 'get', options: given, button: say(visit, secondFactor.passkey) })}`;
  const recovery = () => html`<details ${wrong?.way === 'recovery' && html`open`}>
<summary>${say(visit, secondFactor.recovery)}</summary>
${formTo(
  visit,
  action,
  html`${field({
    name: 'recovery',
    label: say(visit, secondFactor.recoveryCode),
    hint: say(visit, secondFactor.recoveryHint),
    autocomplete: 'off',
    kind: 'code',
    autofocus: wrong?.way === 'recovery',
    error: error('recovery'),
  })}
<p class="actions"><button class="second">${say(visit, secondFactor.submit)}</button></p>`,
)}</details>`;
  return {
    status: wrong ? 422 : 200,
    page: {
      title: say(visit, secondFactor.title),
      wrong: wrong !== undefined,
      passkeys: options !== null,
      main: html`<p class="lead">${say(visit, secondFactor.lead)}</p>
${has('totp') && code()}
${has('totp') && options && html`<p class="or"><span>${say(visit, secondFactor.or)}</span></p>`}
${options && passkey(options)}
${has('recovery') && recovery()}
${formTo(visit, `${visit.base}/logout`, html`<button class="quiet">${say(visit, secondFactor.startOver)}</button>`)}`,
    },
  };
}

async function prove(visit: Member): Promise<Answer> {
  const { form, token, parts } = visit;
  const { people } = parts;
  const [proved, wrong] = form.get('response')
    ? [await byPasskey(visit), { way: 'passkey', text: secondFactor.passkeyFailed } as const]
    : form.get('recovery')
      ? [
          await people.verifyRecoveryCode(token, form.get('recovery').slice(0, 100)),
          { way: 'recovery', text: secondFactor.wrongRecovery } as const,
        ]
      : [
          await people.verifyTotp(token, digits(form.get('code'))),
          { way: 'code', text: secondFactor.wrongCode } as const,
        ];
  if (proved) return goOn(visit, token);
  // After too many failures the session is gone.
  if (await people.session(token)) return show(visit, wrong);
  return { to: `${visit.base}/login`, cookies: [forgetSession(visit)] };
}

async function byPasskey(visit: Member): Promise<boolean> {
  const response = passkeyResponse(visit);
  return response !== null && visit.parts.people.verifyPasskey(visit.token, response);
}

/** A code as people type it: in two groups, or with the wide digits of a Japanese keyboard. */
export const digits = (text: string): string => text.slice(0, 40).normalize('NFKC').replace(/[\s-]/g, '');

export const secondFactorRoutes: readonly Route[] = [
  { method: 'get', path: '/second-factor', where: 'both', guard: ['second-factor'], run: (visit) => show(visit) },
  { method: 'post', path: '/second-factor', where: 'both', guard: ['second-factor'], run: prove },
];

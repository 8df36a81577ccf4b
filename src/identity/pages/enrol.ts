import { isIP } from 'node:net';
import { encode } from 'uqr';
import type { Enrolled } from '../people/index.ts';
import { field, formTo } from './fields.ts';
import { type Html, html } from './html.ts';
import { passkeyForm, passkeyResponse } from './passkey-form.ts';
import { recoveryCodes } from './recovery-codes.ts';
import { digits, proveFor } from './second-factor.ts';
import type { Route } from './serve.ts';
import { frame } from './texts/frame.ts';
import { enrol } from './texts/settings.ts';
import { type Answer, goOn, type Member, onwards, renewedCookie, say } from './visit.ts';

type Wrong = 'code' | 'passkey' | undefined;

async function show(visit: Member, wrong?: Wrong): Promise<Answer> {
  const { base, session, parts, token } = visit;
  const totp = await parts.people.beginTotp(token);
  if (!totp) return proveFor('enrol');
  const { secret, uri } = totp;
  const options = allowPasskeys(parts.baseUrl) ? await parts.people.beginPasskey(token) : null;
  const forced = session.steps.length > 0;
  return {
    status: wrong ? 422 : 200,
    page: {
      title: say(visit, enrol.title),
      wrong: wrong !== undefined,
      passkeys: options !== null,
      main: html`<p class="lead">${say(visit, forced ? enrol.forced : enrol.voluntary)}</p>
<section class="card" aria-labelledby="app"><h2 id="app">${say(visit, enrol.app)}</h2>
<p>${say(visit, enrol.scan)}</p>
<div class="qr">${qr(uri, say(visit, enrol.qr))}</div>
<p class="on-phone"><a href="${uri}">${say(visit, enrol.open)}</a></p>
<p id="secret-label">${say(visit, enrol.secret)}:</p>
<p class="copyable"><code id="secret" aria-labelledby="secret-label">${groups(secret)}</code>
<button type="button" class="second small" data-copy="secret" data-copied="${say(visit, frame.copied)}" hidden>${say(visit, frame.copy)}</button></p>
${formTo(
  visit,
  `${base}/enrol/totp`,
  html`${field({
    name: 'code',
    label: say(visit, enrol.code),
    autocomplete: 'one-time-code',
    kind: 'digits',
    error: wrong === 'code' ? say(visit, enrol.wrongCode) : undefined,
    autofocus: wrong === 'code',
  })}
<p class="actions"><button>${say(visit, enrol.confirm)}</button></p>`,
)}</section>
${options && passkeySection(visit, options, wrong)}
${
  forced
    ? formTo(visit, `${base}/logout`, html`<button class="quiet">${say(visit, frame.logOut)}</button>`)
    : html`<p><a href="/account">${say(visit, frame.backToAccount)}</a></p>`
}`,
    },
  };
}

function passkeySection(visit: Member, options: object, wrong: Wrong): Html {
  return html`<section class="card" aria-labelledby="passkey"><h2 id="passkey">${say(visit, enrol.passkey)}</h2>
<p>${say(visit, enrol.passkeyLead)}</p>
${wrong === 'passkey' && html`<p class="alert" role="alert">${say(visit, enrol.passkeyFailed)}</p>`}
${passkeyForm(visit, {
  action: `${visit.base}/enrol/passkey`,
  what: 'create',
  options,
  button: say(visit, enrol.create),
  fields: field({
    name: 'name',
    label: say(visit, enrol.name),
    hint: say(visit, enrol.nameHint),
    autocomplete: 'off',
    value: visit.form.get('name') || say(visit, enrol.nameExample),
  }),
})}</section>`;
}

async function confirmTotp(visit: Member): Promise<Answer> {
  return enrolled(visit, await visit.parts.people.confirmTotp(visit.token, digits(visit.form.get('code'))), 'code');
}

async function confirmPasskey(visit: Member): Promise<Answer> {
  const response = passkeyResponse(visit);
  const name = visit.form.get('name').trim().slice(0, 60) || say(visit, enrol.nameExample);
  return enrolled(visit, response && (await visit.parts.people.confirmPasskey(visit.token, response, name)), 'passkey');
}

/** On, by way of the recovery codes where there are new ones. */
function enrolled(visit: Member, done: Enrolled | null, wrong: Wrong): Promise<Answer> | Answer {
  if (!done) return show(visit, wrong);
  if (done.recoveryCodes.length === 0) return goOn(visit, done);
  return {
    ...recoveryCodes(visit, done.recoveryCodes, 'enrolled', onwards(visit, done)),
    cookies: [renewedCookie(visit, done)],
  };
}

/** Passkeys belong to a name; no browser makes one for an address of numbers. */
const allowPasskeys = (baseUrl: string): boolean => isIP(new URL(baseUrl).hostname.replace(/^\[|\]$/g, '')) === 0;

/** Black on white whatever the colours of the page, with the quiet zone of four modules (ISO/IEC 18004). */
function qr(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const rows = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')));
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" width="220" height="220" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff"/><path d="${rows.join('')}" fill="#000"/></svg>`;
}

/** In fours, to be read aloud and typed. */
const groups = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? secret;

const guard = ['enrol-second-factor', 'complete'] as const;

export const enrolRoutes: readonly Route[] = [
  { method: 'get', path: '/enrol', where: 'both', guard, run: (visit) => show(visit) },
  { method: 'post', path: '/enrol/totp', where: 'both', guard, run: confirmTotp },
  { method: 'post', path: '/enrol/passkey', where: 'both', guard, run: confirmPasskey },
];

import { OFFLINE_SECONDS } from '../authorizations.ts';
import type { Asked } from '../interactions.ts';
import { alertBox, formTo, hidden } from './fields.ts';
import { attribute, type Html, html } from './html.ts';
import type { PatientRow } from './parts.ts';
import { patientInWords } from './patient-words.ts';
import { chosenScopes, isOfAdministration, isOfRecords, type Right, rightsOf } from './rights.ts';
import type { Route } from './serve.ts';
import { consent, patient as patientTexts } from './texts/app.ts';
import { type Answer, type Member, say } from './visit.ts';

type Asking = Member & { readonly asked: Asked };

/** An app has asked for a person, and here is one: on to the patient, the consent, or straight back where both are known. */
function begin(visit: Member): Promise<Answer> | Answer {
  const { asked, base } = visit as Asking;
  return asked.needsPatient ? { to: `${base}/patient` } : consentTo(visit, null);
}

/** Asks for the consent, unless the person has given it before. */
export async function consentTo(visit: Member, patient: PatientRow | null): Promise<Answer> {
  const { asked, parts, session } = visit as Asking;
  if (!(await parts.interactions.remembered(session, asked))) return show(visit as Asking, patient);
  return finish(visit as Asking, asked.scopes, patient, true);
}

async function show(visit: Asking, patient: PatientRow | null, nothing = false): Promise<Answer> {
  const { asked, session, base, parts } = visit;
  const { name: app, institutionName: institution } = asked.client;
  const launched = asked.launchPatient && !patient ? await parts.patients.find(session, asked.launchPatient) : null;
  const whom = patient ?? launched;
  const stays = asked.scopes.includes('offline_access');
  const administers =
    asked.scopes.some(isOfAdministration) &&
    session.account.roles.some((role) => role === 'administrator' || role === 'operator');
  return {
    status: nothing ? 422 : 200,
    page: {
      title: say(visit, consent.title, { app }),
      wrong: nothing,
      main: html`<p class="lead">${say(visit, consent.lead, { institution, name: session.account.name })}</p>
${alertBox(nothing ? say(visit, consent.nothing) : undefined)}
${formTo(
  visit,
  `${base}/consent`,
  html`${patient && hidden('patient', patient.id)}
${whom && whose(visit, whom)}
<fieldset class="rights" aria-describedby="rights-hint"><legend>${say(visit, consent.rights)}</legend>
<p class="hint" id="rights-hint">${say(visit, consent.rightsHint)}</p>
<ul>${rightsOf(visit, asked.scopes).map(line)}</ul>
${administers && html`<p>${say(visit, consent.administers)}</p>`}</fieldset>
<h2>${say(visit, consent.howLong)}</h2>
<p>${stays ? say(visit, consent.offline, { days: OFFLINE_SECONDS / 86_400 }) : say(visit, consent.whileLoggedIn)}</p>
<p class="hint">${say(visit, asked.redirectUri.startsWith('http:') ? consent.notRemembered : consent.remembered)}</p>
<p class="actions"><button name="decision" value="allow">${say(visit, consent.allow)}</button>
<button name="decision" value="refuse" class="second">${say(visit, consent.refuse)}</button></p>`,
)}`,
    },
  };
}

function whose(visit: Asking, patient: PatientRow): Html {
  const { name, kana, sex, birth } = patientInWords(visit, patient);
  return html`<dl class="facts"><div><dt>${say(visit, consent.patient)}</dt>
<dd><b>${name}</b>${kana && html` <span>${kana}</span>`}<br>${birth}${say(visit, patientTexts.between)}${sex}</dd></div></dl>`;
}

const line = ({ scope, words, choice }: Right, index: number): Html =>
  choice
    ? html`<li><input type="checkbox" id="right-${index}" name="scope" value="${scope}" ${attribute(true, 'checked')}><label for="right-${index}">${words}</label></li>\n`
    : html`<li class="always">${words}</li>\n`;

async function decide(visit: Member): Promise<Answer> {
  const { asked, form, parts, session, request, response, base } = visit as Asking;
  if (form.get('decision') !== 'allow') {
    await parts.interactions.refuse(request, response);
    return 'sent';
  }
  const id = form.get('patient').slice(0, 64);
  const patient = asked.needsPatient && id ? await parts.patients.find(session, id) : null;
  if (asked.needsPatient && !patient) return { to: `${base}/patient` };
  const scopes = chosenScopes(visit, asked.scopes, form.all('scope'));
  if (asked.scopes.some(isOfRecords) && !scopes.some(isOfRecords)) return show(visit as Asking, patient, true);
  return finish(visit as Asking, scopes, patient, true);
}

async function finish(
  visit: Asking,
  scopes: readonly string[],
  patient: PatientRow | null,
  remember: boolean,
): Promise<Answer> {
  const { parts, request, response, session } = visit;
  await parts.interactions.finish(request, response, {
    session,
    scopes,
    ...(patient && { patient: patient.id }),
    remember,
  });
  return 'sent';
}

const guard = ['complete'] as const;

export const consentRoutes: readonly Route[] = [
  { method: 'get', path: '', where: 'interaction', guard, run: begin },
  { method: 'get', path: '/consent', where: 'interaction', guard, run: begin },
  { method: 'post', path: '/consent', where: 'interaction', guard, run: decide },
];

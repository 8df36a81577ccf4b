import { readBirthDate } from './birth-date.ts';
import { consentTo } from './consent.ts';
import { alertBox, field, formTo } from './fields.ts';
import { type Html, html } from './html.ts';
import type { PatientRow, PatientSought } from './parts.ts';
import { patientInWords } from './patient-words.ts';
import type { Route } from './serve.ts';
import { patient as texts } from './texts/app.ts';
import type { Text } from './texts/text.ts';
import { type Answer, type Member, say, type Visit } from './visit.ts';

/** So many are listed: who does not find the patient among them has to say more. */
const MOST = 20;

/** The search goes by POST: names of patients belong into no address, history or log. */
function show(visit: Member, result?: Html, given: { wrongDate?: boolean; alert?: Text } = {}): Answer {
  const { base, form, asked } = visit;
  const wrong = given.wrongDate === true || given.alert !== undefined;
  return {
    status: wrong ? 422 : 200,
    page: {
      title: say(visit, texts.title),
      width: 'wide',
      wrong,
      main: html`<p class="lead">${say(visit, texts.lead, { app: asked?.client.name ?? '' })}</p>
${alertBox(given.alert && say(visit, given.alert))}
${formTo(
  visit,
  `${base}/patient/search`,
  html`<div class="row">
${field({ name: 'name', label: say(visit, texts.name), autocomplete: 'off', optional: true, value: form.get('name'), autofocus: !result })}
${field({
  name: 'birthDate',
  label: say(visit, texts.birthDate),
  hint: say(visit, texts.birthDateHint),
  autocomplete: 'off',
  optional: true,
  value: form.get('birthDate'),
  error: given.wrongDate ? say(visit, texts.wrongDate) : undefined,
})}
${field({ name: 'identifier', label: say(visit, texts.identifier), autocomplete: 'off', optional: true, value: form.get('identifier') })}
</div>
<p class="actions"><button>${say(visit, texts.search)}</button></p>`,
  html`role="search"`,
)}
${result}
${formTo(visit, `${base}/consent`, html`<button name="decision" value="refuse" class="quiet">${say(visit, texts.refuse)}</button>`)}`,
    },
  };
}

async function search(visit: Member): Promise<Answer> {
  const { form, parts, session } = visit;
  const typed = form.get('birthDate').trim();
  const birthDate = typed === '' ? '' : readBirthDate(typed);
  if (birthDate === null) return show(visit, undefined, { wrongDate: true });
  const sought: PatientSought = {
    name: form.get('name').trim().slice(0, 100),
    birthDate,
    identifier: form.get('identifier').trim().slice(0, 100),
  };
  if (Object.values(sought).every((value) => value === '')) return show(visit, undefined, { alert: texts.nothing });
  const found = await parts.patients.search(session, sought, MOST);
  if (!found) return show(visit, undefined, { alert: texts.unavailable });
  return show(
    visit,
    found.rows.length === 0 ? html`<p class="notice" role="status">${say(visit, texts.none)}</p>` : list(visit, found),
  );
}

function list(visit: Visit, { rows, more }: { rows: readonly PatientRow[]; more: boolean }): Html {
  const heading = (text: Text) => html`<th scope="col">${say(visit, text)}</th>`;
  const count = more ? say(visit, texts.more, { count: rows.length }) : say(visit, texts.found, { count: rows.length });
  return html`<h2 id="found">${count}</h2>
${formTo(
  visit,
  `${visit.base}/patient`,
  html`<table class="patients" aria-labelledby="found">
<thead><tr>${[texts.columnName, texts.columnKana, texts.columnSex, texts.columnBirth, texts.columnNumber, texts.columnChoose].map(heading)}</tr></thead>
<tbody>
${rows.map((row) => line(visit, row))}</tbody>
</table>`,
)}`;
}

function line(visit: Visit, row: PatientRow): Html {
  const cell = (label: Text, text: string) => html`<td data-label="${say(visit, label)}">${text}</td>`;
  const { name, kana, sex, birth, number } = patientInWords(visit, row);
  return html`<tr><th scope="row">${name}</th>${cell(texts.columnKana, kana)}${cell(texts.columnSex, sex)}${cell(texts.columnBirth, birth)}${cell(texts.columnNumber, number)}
<td><button name="patient" value="${row.id}" class="small">${say(visit, texts.choose)}<span class="unseen"> ${say(visit, texts.chooseWhom, { name, birth })}</span></button></td></tr>
`;
}

async function choose(visit: Member): Promise<Answer> {
  const found = await visit.parts.patients.find(visit.session, visit.form.get('patient').slice(0, 64));
  return found ? consentTo(visit, found) : show(visit, undefined, { alert: texts.gone });
}

const guard = ['complete'] as const;

export const patientRoutes: readonly Route[] = [
  { method: 'get', path: '/patient', where: 'interaction', guard, run: (visit) => show(visit) },
  {
    method: 'get',
    path: '/patient/search',
    where: 'interaction',
    guard,
    run: ({ base }) => ({ to: `${base}/patient` }),
  },
  { method: 'post', path: '/patient/search', where: 'interaction', guard, run: search },
  { method: 'post', path: '/patient', where: 'interaction', guard, run: choose },
];

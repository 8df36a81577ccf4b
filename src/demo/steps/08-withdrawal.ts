import type { Consent } from '@medplum/fhirtypes';
import type { Answer } from '../fhir-client.ts';
import { parameters } from '../parameters.ts';
import { findsNothing, isEmpty, whoSees } from '../sight.ts';
import { need, type Stage, type Step } from '../stage.ts';
import { sharedNumber } from './04-registration.ts';

/** The hospital withdraws the care agency's grant and deletes one of its entries. */
export const withdrawal: Step = {
  japanese: '同意を撤回し、記録を削除する',
  english: 'the hospital withdraws a grant and deletes an entry',
  async play(stage) {
    await withdraw(stage);
    await remove(stage);
    const { pressure, note } = need(stage, 'visit');
    const { patient } = need(stage, 'shared');
    const sharers = ['hospital', 'clinic'] as const;
    await whoSees(stage, [
      { label: "hospital's Patient", reference: patient, seenBy: sharers },
      { label: 'DiagnosticReport', reference: need(stage, 'report').report, seenBy: sharers },
      { label: "careagency's note", reference: note, seenBy: sharers },
    ]);
    await isGone(stage, pressure);
  },
};

async function withdraw(stage: Stage): Promise<void> {
  const { checks } = stage;
  const { hospital, careagency } = need(stage, 'institutions');
  const { patient } = need(stage, 'shared');
  const consent = need(stage, 'grants').careagency;
  const withdrawn = await hospital.fhir.post(
    `${consent}/$withdraw`,
    parameters({ name: 'reason', valueString: '患者の申し出による' }),
  );
  // Started as soon as the withdrawal is answered: nothing may be left of the grant.
  const [read, timeline, search] = await Promise.all([
    careagency.fhir.get(patient),
    careagency.fhir.get(`${patient}/$timeline`),
    careagency.fhir.get(`Observation?patient=${patient}&_total=accurate`),
  ]);
  const inactive = withdrawn.ok && withdrawn.as<Consent>('Consent').status === 'inactive';
  checks.must(hospital, "withdraws the care agency's grant at the wish of the patient", inactive, withdrawn);
  checks.check(careagency, 'finds no such patient on its very next request', read.status === 404, read);
  checks.check(careagency, 'finds no timeline', timeline.status === 404, timeline);
  checks.check(careagency, 'finds no Observation, not even its own: a total of zero', isEmpty(search), search);
  await findsNothing(stage, careagency, patient, sharedNumber(stage));
}

async function remove(stage: Stage): Promise<void> {
  const { checks } = stage;
  const { hospital, clinic } = need(stage, 'institutions');
  const { pressure, note } = need(stage, 'visit');
  const foreign = await clinic.fhir.remove(note);
  const refused = foreign.status >= 400 && foreign.status < 500;
  checks.check(clinic, `may not delete another institution's entry (${foreign.status})`, refused, foreign);
  checks.succeeds(hospital, "deletes the care agency's blood pressure", await hospital.fhir.remove(pressure));
}

/** Gone: 410 or 404 for those who saw the entry, 404 for all others, and in no search, timeline or old version. */
async function isGone(stage: Stage, reference: string): Promise<void> {
  const institutions = need(stage, 'institutions');
  const { patient } = need(stage, 'shared');
  const [type, id] = reference.split('/') as [string, string];
  for (const institution of Object.values(institutions)) {
    const { fhir, name } = institution;
    const saw = name === 'hospital' || name === 'clinic';
    const gone = ({ status }: Answer) => status === 404 || (saw && status === 410);
    const [read, old, search, timeline] = await Promise.all([
      fhir.get(reference),
      fhir.get(`${reference}/_history/1`),
      fhir.get(`${type}?_id=${id}&_total=accurate`),
      fhir.get(`${patient}/$timeline?_count=100`),
    ]);
    const absent = timeline.status === (saw ? 200 : 404) && !timeline.text.includes(id);
    const claim = `finds the deleted entry gone (${read.status})`;
    stage.checks.check(
      institution,
      claim,
      gone(read) && gone(old) && isEmpty(search) && absent,
      read,
      old,
      search,
      timeline,
    );
  }
}

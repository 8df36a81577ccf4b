import type { Bundle } from '@medplum/fhirtypes';
import { homeBloodPressure, visitNote } from '../data/home-visit.ts';
import { resourcesIn } from '../fhir-client.ts';
import { type Institution, need, type Props, type Stage } from '../stage.ts';

/** The timeline with what the hospital registered, newest first, and whatever else it has to show. */
export async function readTimeline(
  stage: Stage,
  institution: Institution,
  more: readonly string[] = [],
): Promise<void> {
  const { checks } = stage;
  const { patient, history, bloodTest } = need(stage, 'shared');
  const { report, study, findings } = need(stage, 'report');
  const answer = await institution.fhir.get(`${patient}/$timeline?_count=100`);
  const entries = answer.ok ? timelineEntries(answer.as<Bundle>('Bundle')) : [];
  const missing = [report, study, findings, history, bloodTest, ...more].filter(
    (reference) => !entries.includes(reference),
  );
  const claim = `reads the timeline: ${entries.length} entries${missing.length > 0 ? `, without ${missing.join(', ')}` : ''}`;
  checks.check(institution, claim, answer.ok && missing.length === 0, answer);
  const ordered = [...more]
    .reverse()
    .concat(findings, bloodTest)
    .map((reference) => entries.indexOf(reference));
  checks.check(
    institution,
    'gets the newest entry first',
    ordered.every((place, i) => i === 0 || ordered[i - 1]! < place),
    answer,
  );
  const foreign = entries.filter((reference) =>
    /^(Communication|Appointment|ServiceRequest|Consent|AuditEvent)\//.test(reference),
  );
  checks.check(institution, 'finds clinical entries only in it', foreign.length === 0, answer);
}

function timelineEntries({ entry = [] }: Bundle): string[] {
  return entry.flatMap(({ resource }) => (resource ? [`${resource.resourceType}/${resource.id}`] : []));
}

/** The care agency adds what its nurse measured and noted at the patient's home; the hospital sees it, and nobody may remove it but the hospital. */
export async function addVisit(stage: Stage): Promise<Props['visit']> {
  const { checks, moment } = stage;
  const { careagency, clinic, hospital } = need(stage, 'institutions');
  const refs = {
    patient: need(stage, 'shared').patient,
    nurse: need(stage, 'practitioners').visitingNurse,
    agency: careagency.organization,
  };
  const intruding = await clinic.fhir.post(
    'Observation',
    homeBloodPressure(moment, { ...refs, agency: clinic.organization }),
  );
  const kept = intruding.status >= 400 && intruding.status < 500;
  checks.check(
    clinic,
    `cannot add to the timeline on the strength of its booking (${intruding.status})`,
    kept,
    intruding,
  );

  const measured = await careagency.fhir.post('Observation', homeBloodPressure(moment, refs));
  const pressure = checks.succeeds(careagency, 'adds the blood pressure that its nurse measured', measured).reference();
  const noted = await careagency.fhir.post('DocumentReference', visitNote(moment, refs));
  const note = checks.succeeds(careagency, "adds its nurse's note", noted).reference();

  const removal = await careagency.fhir.remove(note);
  checks.check(
    careagency,
    `may not delete even its own entry (${removal.status})`,
    removal.status >= 400 && removal.status < 500,
    removal,
  );
  const own = await careagency.fhir.get(note);
  checks.check(careagency, 'reads its own entry', own.ok, own);
  const found = await hospital.fhir.get(`Observation?patient=${refs.patient}&code=http://loinc.org|85354-9`);
  const seen = found.ok && resourcesIn(found, 'Observation').some(({ id }) => `Observation/${id}` === pressure);
  checks.check(hospital, 'finds the new entry by patient and code', seen, found);
  return { pressure, note };
}

import { randomUUID } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import type { Actor } from './checklist.ts';
import type { InstitutionName } from './data/institutions.ts';
import type { Answer, FhirClient } from './fhir-client.ts';
import { type Institution, need, type Stage } from './stage.ts';

/** A resource, and who must see it; for all others it must be as if it had never been. */
export interface Thing {
  readonly label: string;
  readonly reference: string;
  readonly seenBy: readonly InstitutionName[];
  /** Binary has no search. */
  readonly searchable?: boolean;
}

const ORDER: readonly InstitutionName[] = ['hospital', 'clinic', 'clinic2', 'careagency', 'hospital2'];
const EVERYONE: Actor = { title: '全員', name: 'everyone' };
const NOBODY: Actor = { title: 'トークンなし', name: 'nobody' };

type View = 'sees' | 'nothing' | 'half';
interface Look {
  readonly view: View;
  readonly evidence: readonly Answer[];
}

/**
 * Looks at each thing with each institution's eyes and with nobody's: by id, by a search with an accurate total, by a count. Prints the
 * table and checks every cell.
 */
export async function whoSees(stage: Stage, things: readonly Thing[]): Promise<void> {
  const institutions = need(stage, 'institutions');
  const rows: string[][] = [];
  let wrong = 0;
  for (const thing of things) {
    const looks = await Promise.all(ORDER.map((name) => look(institutions[name].fhir, thing)));
    const unknown = await stage.nobody.get(thing.reference);
    const cells = ORDER.map((name, i) => {
      const { view, evidence } = looks[i]!;
      const expected: View = thing.seenBy.includes(name) ? 'sees' : 'nothing';
      if (view !== expected) {
        wrong++;
        const claim = `${expected === 'sees' ? 'sees' : 'does not see'} ${thing.label} (${thing.reference})`;
        stage.checks.check(institutions[name], claim, false, ...evidence);
      }
      return view === expected ? SIGN[view] : `✗ ${view}`;
    });
    if (unknown.status !== 401) {
      wrong++;
      stage.checks.check(NOBODY, `is asked for a token before ${thing.label}`, false, unknown);
    }
    rows.push([thing.label, ...cells, String(unknown.status)]);
  }
  stage.checks.table(['who sees what', ...ORDER, 'nobody'], rows);
  if (wrong === 0) stage.checks.check(EVERYONE, 'see exactly this, by id, by search and in totals', true);
}

const SIGN: Readonly<Record<View, string>> = { sees: '●', nothing: '–', half: '?' };

/** One institution's view. `nothing` means that no answer tells the resource from one that never existed. */
async function look(fhir: FhirClient, { reference, searchable = true }: Thing): Promise<Look> {
  const [type, id] = reference.split('/') as [string, string];
  const never = randomUUID();
  const [read, readNever, ...searches] = await Promise.all([
    fhir.get(reference),
    fhir.get(`${type}/${never}`),
    ...(searchable
      ? [`_id=${id}&_total=accurate`, `_id=${id}&_summary=count`].map((query) => fhir.get(`${type}?${query}`))
      : []),
  ]);
  const evidence = [read!, readNever!, ...searches];
  if (read!.status === 200 && searches.every((answer) => total(answer) === 1)) return { view: 'sees', evidence };
  const closed = read!.status === 403;
  const hidden = searches.every((answer) => (closed ? answer.status === 403 : isEmpty(answer)));
  if (hidden && (closed || read!.status === 404) && isSameAs(read!, readNever!)) return { view: 'nothing', evidence };
  return { view: 'half', evidence };
}

/** Bundle.total of a searchset; NaN where there is none. */
export function total(answer: Answer): number {
  return answer.status === 200 ? (answer.as<Bundle>('Bundle').total ?? Number.NaN) : Number.NaN;
}

/** A searchset with nothing in it and a total of zero. */
export function isEmpty(answer: Answer): boolean {
  return total(answer) === 0 && (answer.as<Bundle>('Bundle').entry ?? []).length === 0;
}

/** Headers that differ between any two answers. */
const OWN_HEADERS = new Set(['date', 'x-request-id']);

/** Whether two answers are the same to the byte: status, headers, body. */
export function isSameAs(one: Answer, other: Answer): boolean {
  const headers = (answer: Answer) => JSON.stringify([...answer.headers].filter(([name]) => !OWN_HEADERS.has(name)));
  return one.status === other.status && one.text === other.text && headers(one) === headers(other);
}

/** Every way in which an institution without any right might come to know of a patient, or of an entry of its timeline. */
export async function findsNothing(
  stage: Stage,
  institution: Institution,
  patient: string,
  number: { readonly system: string; readonly value: string },
): Promise<void> {
  const { fhir } = institution;
  const never = `Patient/${randomUUID()}`;
  const identifier = encodeURIComponent(`${number.system}|${number.value}`);
  const id = patient.slice('Patient/'.length);
  const pairs = await Promise.all(
    ['', '/_history', '/$timeline'].map((tail) => Promise.all([fhir.get(patient + tail), fhir.get(never + tail)])),
  );
  for (const [answer, answerNever] of pairs) {
    const claim = `gets 404 from ${answer!.request.replace(patient, 'Patient/[id]')}, to the byte as for an id that never was`;
    stage.checks.check(
      institution,
      claim,
      answer!.status === 404 && isSameAs(answer!, answerNever!),
      answer!,
      answerNever!,
    );
  }
  const queries = await Promise.all([
    fhir.get(`Observation?patient=${patient}&_total=accurate`),
    fhir.get(`Observation?patient=${patient}&_summary=count`),
    fhir.get(`DiagnosticReport?patient=${patient}&_include=DiagnosticReport:subject&_total=accurate`),
    fhir.get(`DocumentReference?patient=${patient}&_total=accurate`),
    fhir.get(`Patient?identifier=${identifier}&_total=accurate`),
    fhir.get(`Patient?identifier=${identifier}&_revinclude=Observation:subject&_summary=count`),
    fhir.get(`Observation?patient.identifier=${identifier}&_total=accurate`),
    fhir.get(`Patient?_id=${id}&_has:Observation:patient:code=85354-9&_total=accurate`),
    fhir.search('Observation', `patient=${encodeURIComponent(patient)}&_total=accurate`),
  ]);
  const found = queries.filter((answer) => !isEmpty(answer));
  const claim = `finds nothing in ${queries.length} searches, chained, reversed and counted too: no entries, totals of zero`;
  stage.checks.check(institution, claim, found.length === 0, ...found);
}

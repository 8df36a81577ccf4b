import type { Bundle } from '@medplum/fhirtypes';
import type { ScenarioName } from './budgets.ts';
import type { Call, Reply } from './drive.ts';
import type { Draw } from './random.ts';
import {
  day,
  encounter,
  familyKana,
  HEART_RATE,
  LOINC,
  NUMBERS,
  observation,
  patient,
  patientNumber,
  Transaction,
} from './resources.ts';
import { CHART, type Seeded } from './seed.ts';

export interface Scenario {
  readonly name: ScenarioName;
  /** As the table calls it. */
  readonly title: string;
  /** Of every answer. */
  readonly status: number;
  /** Least and most entries of a Bundle; absent for an answer that is the resource itself. */
  readonly entries?: readonly [number, number];
  /** The next request, of a patient drawn anew. */
  next(seeded: Seeded, draw: Draw): Call;
}

const get = (path: string): Call => ({ method: 'GET', path });
const post = (path: string, body: object): Call => ({ method: 'POST', path, body: JSON.stringify(body) });
const token = (system: string, value: string) => encodeURIComponent(`${system}|${value}`);
const numbered = ({ number }: { number: number }) => token(NUMBERS, patientNumber(number));
const only = (entries: number) => [entries, entries] as const;
const BATCH = 20;
const TRANSACTION = 50;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'read',
    title: 'read a Patient by id',
    status: 200,
    next: ({ patients }, draw) => get(`Patient/${draw.pick(patients).id}`),
  },
  {
    name: 'vread',
    title: 'vread a Patient',
    status: 200,
    next: ({ patients }, draw) => {
      const { id, version } = draw.pick(patients);
      return get(`Patient/${id}/_history/${version}`);
    },
  },
  {
    name: 'search-identifier',
    title: 'Patient by identifier',
    status: 200,
    entries: only(1),
    next: ({ patients }, draw) => get(`Patient?identifier=${numbered(draw.pick(patients))}`),
  },
  {
    name: 'search-name',
    title: 'Patient by the beginning of a name, 20',
    status: 200,
    entries: [1, 20],
    next: ({ patients }, draw) =>
      get(`Patient?name=${encodeURIComponent(familyKana(draw.pick(patients).number).slice(0, 2))}&_count=20`),
  },
  {
    name: 'search-patient-code',
    title: 'Observation by patient and code, newest 20',
    status: 200,
    entries: [1, 20],
    next: ({ patients }, draw) =>
      get(
        `Observation?patient=Patient/${draw.pick(patients).id}&code=${token(LOINC, HEART_RATE)}&_sort=-date&_count=20`,
      ),
  },
  {
    name: 'search-date-actor',
    title: 'Appointment by actor and date, one week',
    status: 200,
    entries: [1, 50],
    next: ({ patients }, draw) => {
      const { practitioner, day: first } = draw.pick(patients).appointment;
      const week = `date=ge${day(first)}&date=lt${day(first + 7)}`;
      return get(`Appointment?actor=Practitioner/${practitioner}&${week}&_count=50`);
    },
  },
  {
    name: 'include',
    title: 'DiagnosticReport by patient, `_include` results and patient',
    status: 200,
    entries: only(7),
    next: ({ patients }, draw) => {
      const includes = '_include=DiagnosticReport:result&_include=DiagnosticReport:patient';
      return get(`DiagnosticReport?patient=Patient/${draw.pick(patients).id}&${includes}`);
    },
  },
  {
    name: 'revinclude',
    title: 'Patient by identifier, `_revinclude` encounters and appointments',
    status: 200,
    entries: only(6),
    next: ({ patients }, draw) => {
      const includes = '_revinclude=Encounter:patient&_revinclude=Appointment:patient';
      return get(`Patient?identifier=${numbered(draw.pick(patients))}&${includes}`);
    },
  },
  {
    name: 'chained',
    title: 'Observation by `subject:Patient.identifier`, 20',
    status: 200,
    entries: only(20),
    next: ({ patients }, draw) =>
      get(`Observation?subject:Patient.identifier=${numbered(draw.pick(patients))}&_count=20`),
  },
  {
    name: 'everything',
    title: `\`Patient/$everything\`, ${CHART} resources`,
    status: 200,
    entries: only(CHART),
    next: ({ patients }, draw) => get(`Patient/${draw.pick(patients).id}/$everything`),
  },
  {
    name: 'batch-20',
    title: 'batch of 20 reads',
    status: 200,
    entries: only(BATCH),
    next: ({ patients }, draw) => {
      const entry = Array.from({ length: BATCH }, (_, i) => {
        const { id, observation } = draw.pick(patients);
        return { request: { method: 'GET', url: i % 2 === 0 ? `Patient/${id}` : `Observation/${observation}` } };
      });
      return post('', { resourceType: 'Bundle', type: 'batch', entry });
    },
  },
  {
    name: 'create-patient',
    title: 'create a Patient',
    status: 201,
    next: (_, draw) => post('Patient', patient(draw.int(1e6), `P${draw.serial()}`)),
  },
  {
    name: 'create-observation',
    title: 'create an Observation',
    status: 201,
    next: ({ patients }, draw) =>
      post('Observation', observation(draw, { reference: `Patient/${draw.pick(patients).id}` })),
  },
  {
    name: 'update',
    title: 'update a Patient',
    status: 200,
    next: ({ patients }, draw) => {
      const { id, number } = draw.pick(patients);
      const changed = { ...patient(number), id, multipleBirthInteger: 1 + draw.int(5) };
      return { method: 'PUT', path: `Patient/${id}`, body: JSON.stringify(changed) };
    },
  },
  {
    name: 'transaction-50',
    title: 'transaction of 50 creates',
    status: 200,
    entries: only(TRANSACTION),
    next: (_, draw) => {
      const transaction = new Transaction();
      const subject = transaction.add(patient(draw.int(1e6), `T${draw.serial()}`));
      const visits = Array.from({ length: 4 }, () => transaction.add(encounter(draw, subject)));
      while (transaction.size < TRANSACTION) transaction.add(observation(draw, subject, draw.pick(visits)));
      return { method: 'POST', path: '', body: transaction.body };
    },
  },
];

/** What is wrong with an answer; undefined where nothing is. */
export function fault({ status, entries }: Scenario, reply: Reply): string | undefined {
  const text = reply.body.toString();
  if (reply.status !== status) return `status ${reply.status}, not ${status}: ${text.slice(0, 500)}`;
  if (!entries) return undefined;
  const { entry = [] } = JSON.parse(text) as Bundle;
  const [least, most] = entries;
  if (entry.length < least || entry.length > most) return `${entry.length} entries, not ${least} to ${most}`;
  const failed = entry.find(({ response }) => response && !response.status?.startsWith('2'));
  return failed && `an entry failed: ${JSON.stringify(failed.response).slice(0, 500)}`;
}

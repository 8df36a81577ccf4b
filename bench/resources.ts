import type {
  Appointment,
  Bundle,
  BundleEntry,
  DiagnosticReport,
  Encounter,
  Observation,
  Patient,
  Practitioner,
  Reference,
  Resource,
  ServiceRequest,
} from '@medplum/fhirtypes';
import type { Draw } from './random.ts';

/** Synthetic resources of the sizes that a hospital's system sends: a Patient of 1 KB, an Observation of 0.7 KB. */

export const NUMBERS = 'https://bench.example/patient-number';
export const LOINC = 'http://loinc.org';
/** Drawn for two of five Observations: about twelve for each patient. */
export const HEART_RATE = '8867-4';

const FAMILIES = [
  ['佐藤', 'サトウ'],
  ['鈴木', 'スズキ'],
  ['高橋', 'タカハシ'],
  ['田中', 'タナカ'],
  ['伊藤', 'イトウ'],
  ['渡辺', 'ワタナベ'],
  ['山本', 'ヤマモト'],
  ['中村', 'ナカムラ'],
  ['小林', 'コバヤシ'],
  ['加藤', 'カトウ'],
] as const;
const GIVEN = [
  ['花子', 'ハナコ'],
  ['太郎', 'タロウ'],
  ['由紀', 'ユキ'],
  ['健二', 'ケンジ'],
  ['葵', 'アオイ'],
  ['蓮', 'レン'],
  ['さくら', 'サクラ'],
] as const;
const MEASUREMENTS = [
  ['8310-5', '体温', 'Cel', 'vital-signs'],
  ['29463-7', '体重', 'kg', 'vital-signs'],
  ['4548-4', 'ヘモグロビンA1c', '%', 'laboratory'],
  ['2160-0', 'クレアチニン', 'mg/dL', 'laboratory'],
  ['2345-7', 'グルコース', 'mg/dL', 'laboratory'],
] as const;
const PULSE = [HEART_RATE, '心拍数', '/min', 'vital-signs'] as const;
const PANEL = { coding: [{ system: LOINC, code: '24323-8', display: '総合代謝パネル' }] };

export const familyKana = (number: number) => FAMILIES[number % FAMILIES.length]?.[1] as string;
export const patientNumber = (number: number) => `B${String(number).padStart(8, '0')}`;
/** A calendar day of 2026, counted from 0. */
export const day = (number: number) => new Date(Date.UTC(2026, 0, 1 + number)).toISOString().slice(0, 10);
/** Within the working hours of a day in Tokyo; `quarter` counts quarters of an hour from 9 o'clock. */
const moment = (number: number, quarter: number) =>
  `${day(number)}T${String(9 + Math.floor(quarter / 4)).padStart(2, '0')}:${String(15 * (quarter % 4)).padStart(2, '0')}:00+09:00`;

export function patient(number: number, value = patientNumber(number)): Patient {
  const [family, kana] = FAMILIES[number % FAMILIES.length] as (typeof FAMILIES)[number];
  const [given, givenKana] = GIVEN[number % GIVEN.length] as (typeof GIVEN)[number];
  const house = `丸の内${1 + (number % 9)}丁目${number}番`;
  return {
    resourceType: 'Patient',
    identifier: [{ use: 'usual', type: { text: '患者番号' }, system: NUMBERS, value }],
    active: true,
    name: [
      { use: 'official', text: `${family} ${given}`, family, given: [given] },
      { use: 'usual', text: `${kana} ${givenKana}`, family: kana, given: [givenKana] },
    ],
    telecom: [
      { system: 'phone', use: 'home', value: `03-1234-${String(number % 10_000).padStart(4, '0')}` },
      { system: 'email', value: `${value.toLowerCase()}@bench.example` },
    ],
    gender: number % 2 === 0 ? 'female' : 'male',
    birthDate: day(-1 - ((number * 97) % 30_000)),
    address: [
      {
        use: 'home',
        text: `東京都千代田区${house}`,
        line: [house],
        city: '千代田区',
        state: '東京都',
        postalCode: '100-0005',
        country: 'JP',
      },
    ],
  };
}

export function encounter(draw: Draw, subject: Reference<Patient>): Encounter {
  const on = draw.int(365);
  return {
    resourceType: 'Encounter',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    subject,
    period: { start: moment(on, 0), end: moment(on, 2) },
  };
}

export function observation(draw: Draw, subject: Reference<Patient>, visit?: Reference<Encounter>): Observation {
  const [code, display, unit, category] = draw.next() < 0.4 ? PULSE : draw.pick(MEASUREMENTS);
  const at = moment(draw.int(365), draw.int(32));
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }],
    code: { coding: [{ system: LOINC, code, display }], text: display },
    subject,
    ...(visit && { encounter: visit }),
    effectiveDateTime: at,
    issued: at,
    valueQuantity: { value: draw.int(2000) / 10, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

export function practitioner(number: number): Practitioner {
  const [family, given] = [FAMILIES[number % FAMILIES.length]?.[0], GIVEN[number % GIVEN.length]?.[0]] as string[];
  return {
    resourceType: 'Practitioner',
    identifier: [{ system: 'https://bench.example/staff-number', value: `D${number}` }],
    name: [{ family: family as string, given: [given as string], text: `${family} ${given}` }],
  };
}

export function appointment(on: number, quarter: number, ...actors: Reference<Patient | Practitioner>[]): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'booked',
    start: moment(on, quarter),
    end: moment(on, quarter + 1),
    minutesDuration: 15,
    participant: actors.map((actor) => ({ actor, status: 'accepted' })),
  };
}

export function order(draw: Draw, subject: Reference<Patient>, visit: Reference<Encounter>): ServiceRequest {
  const authoredOn = moment(draw.int(365), 4);
  const head = { resourceType: 'ServiceRequest', status: 'completed', intent: 'order' } as const;
  return { ...head, code: PANEL, subject, encounter: visit, authoredOn };
}

export function report(
  draw: Draw,
  subject: Reference<Patient>,
  basedOn: Reference<ServiceRequest>,
  result: Reference<Observation>[],
): DiagnosticReport {
  const issued = moment(draw.int(365), 8);
  const head = { resourceType: 'DiagnosticReport', status: 'final' } as const;
  return { ...head, code: PANEL, subject, basedOn: [basedOn], issued, result };
}

/** A transaction whose entries refer to each other by `urn:uuid`. */
export class Transaction {
  readonly #entry: BundleEntry[] = [];

  /** Adds a create; the reference is good within this transaction. */
  add<T extends Resource>(resource: T): Reference<T> {
    const fullUrl = `urn:uuid:00000000-0000-4000-8000-${String(this.size).padStart(12, '0')}`;
    this.#entry.push({ fullUrl, resource, request: { method: 'POST', url: resource.resourceType } });
    return { reference: fullUrl } as Reference<T>;
  }

  get size(): number {
    return this.#entry.length;
  }

  get body(): string {
    return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: this.#entry } satisfies Bundle);
  }
}

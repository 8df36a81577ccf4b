import type fc from 'fast-check';
import { drawn, Picks } from './picks.ts';
import { CODES, DAYS, type Ids, NAMES } from './sheet.ts';

/** A search as it stands in a URL, decoded. */
export interface Search {
  readonly type: string;
  readonly params: readonly (readonly [name: string, value: string])[];
}

type Kind = 'token' | 'string' | 'date' | 'number' | 'quantity' | 'uri';

/** A parameter and values to ask for, most of which the resources of random worlds have. */
interface Asks {
  readonly kind: Kind;
  readonly values: readonly string[];
}

const asks = (kind: Kind, ...values: readonly (string | number)[]): Asks => ({ kind, values: values.map(String) });

const code = asks(
  'token',
  ...CODES.flatMap((one) =>
    'system' in one ? [one.code, `${one.system}|${one.code}`, `${one.system}|`] : [one.code, `|${one.code}`],
  ),
);
const identifier = asks('token', '0', '1', 'https://id.example|2', 'https://id.example|');
const name = asks('string', ...NAMES, 'やま', '田', 'a');
const date = asks('date', ...DAYS, '2026', '2026-01-11');
const birthdate = asks('date', '1950', '1950-01', '1950-01-10', '2001-05-05');
const active = asks('token', 'true', 'false');
const status = (...codes: readonly string[]) => asks('token', ...codes);

/** Parameters that the resources of random worlds have values for. */
const VALUES: Readonly<{ [type: string]: Readonly<{ [parameter: string]: Asks }> }> = {
  Organization: { name, active },
  Practitioner: { name, identifier },
  PractitionerRole: { role: code },
  Location: { name, status: status('active') },
  HealthcareService: { name, active },
  OrganizationAffiliation: { active },
  Questionnaire: {
    title: name,
    url: asks('uri', 'https://q.example/1', 'https://q.example/2'),
    status: status('active', 'draft'),
  },
  Contract: { status: status('executed', 'negotiable'), identifier },
  Schedule: { active, date },
  Slot: { status: status('free', 'busy'), start: date, 'service-type': code },
  Patient: { name, family: name, given: name, gender: status('female', 'male'), birthdate, identifier },
  ServiceRequest: { status: status('active', 'completed'), code, authored: date, identifier },
  Appointment: { status: status('booked', 'fulfilled'), date },
  AppointmentResponse: { 'part-status': status('accepted', 'declined') },
  Communication: { sent: date, status: status('completed') },
  Task: { status: status('requested', 'completed'), code },
  QuestionnaireResponse: { authored: date, status: status('completed') },
  Consent: { status: status('active', 'inactive'), date },
  Observation: {
    code,
    status: status('final', 'amended'),
    date,
    'value-quantity': asks('quantity', '1', '2.5', '2.5||mg', '10|http://unitsofmeasure.org|mg', '2.5||g'),
    'value-string': name,
    'value-concept': code,
    'combo-code': code,
  },
  DiagnosticReport: { code, status: status('final', 'preliminary'), date, issued: date },
  ImagingStudy: { started: date, status: status('available') },
  Procedure: { code, date },
  Encounter: { status: status('finished', 'planned'), class: code, date },
  Condition: { code, 'recorded-date': date },
  Specimen: { type: code },
  DocumentReference: { type: code, date, description: name, status: status('current') },
  List: { code, date },
  Group: { actual: active, type: status('person') },
  RiskAssessment: { probability: asks('number', '0.1', '0.25', '0.5'), date },
  Binary: {},
};

/** Reference parameters with targets that worlds have. */
const LINKS: readonly (readonly [source: string, parameter: string, ...targets: string[]])[] = [
  ['Organization', 'partof', 'Organization'],
  ['PractitionerRole', 'practitioner', 'Practitioner'],
  ['PractitionerRole', 'organization', 'Organization'],
  ['PractitionerRole', 'location', 'Location'],
  ['Location', 'organization', 'Organization'],
  ['HealthcareService', 'organization', 'Organization'],
  ['OrganizationAffiliation', 'primary-organization', 'Organization'],
  ['OrganizationAffiliation', 'participating-organization', 'Organization'],
  ['Schedule', 'actor', 'HealthcareService', 'Location', 'Practitioner'],
  ['Slot', 'schedule', 'Schedule'],
  ['Patient', 'general-practitioner', 'Practitioner', 'Organization'],
  ['Patient', 'organization', 'Organization'],
  ['Patient', 'link', 'Patient'],
  ['ServiceRequest', 'subject', 'Patient'],
  ['ServiceRequest', 'patient', 'Patient'],
  ['ServiceRequest', 'performer', 'Organization', 'Practitioner'],
  ['ServiceRequest', 'requester', 'Organization', 'Practitioner'],
  ['ServiceRequest', 'based-on', 'ServiceRequest'],
  ['Appointment', 'actor', 'Patient', 'HealthcareService', 'Practitioner'],
  ['Appointment', 'patient', 'Patient'],
  ['Appointment', 'based-on', 'ServiceRequest'],
  ['Appointment', 'supporting-info', 'Observation', 'DocumentReference'],
  ['Appointment', 'slot', 'Slot'],
  ['AppointmentResponse', 'appointment', 'Appointment'],
  ['AppointmentResponse', 'actor', 'Practitioner', 'Patient'],
  ['Communication', 'subject', 'Patient'],
  ['Communication', 'sender', 'Organization', 'Practitioner', 'Patient'],
  ['Communication', 'recipient', 'Organization', 'Practitioner', 'Patient'],
  ['Communication', 'based-on', 'ServiceRequest'],
  ['Task', 'patient', 'Patient'],
  ['Task', 'focus', 'ServiceRequest', 'Observation', 'Patient'],
  ['Task', 'owner', 'Organization', 'Practitioner'],
  ['Task', 'based-on', 'ServiceRequest', 'Appointment'],
  ['QuestionnaireResponse', 'subject', 'Patient'],
  ['QuestionnaireResponse', 'based-on', 'ServiceRequest'],
  ['Consent', 'patient', 'Patient'],
  ['Consent', 'actor', 'Organization'],
  ['Observation', 'subject', 'Patient'],
  ['Observation', 'patient', 'Patient'],
  ['Observation', 'performer', 'Patient', 'Practitioner', 'Organization'],
  ['Observation', 'based-on', 'ServiceRequest'],
  ['Observation', 'encounter', 'Encounter'],
  ['Observation', 'specimen', 'Specimen'],
  ['DiagnosticReport', 'subject', 'Patient'],
  ['DiagnosticReport', 'based-on', 'ServiceRequest'],
  ['DiagnosticReport', 'result', 'Observation'],
  ['DiagnosticReport', 'encounter', 'Encounter'],
  ['ImagingStudy', 'subject', 'Patient'],
  ['ImagingStudy', 'basedon', 'ServiceRequest'],
  ['Procedure', 'subject', 'Patient'],
  ['Procedure', 'based-on', 'ServiceRequest'],
  ['Encounter', 'subject', 'Patient'],
  ['Condition', 'patient', 'Patient'],
  ['Condition', 'asserter', 'Patient', 'Practitioner'],
  ['Specimen', 'subject', 'Patient'],
  ['DocumentReference', 'subject', 'Patient'],
  ['DocumentReference', 'author', 'Patient', 'Practitioner'],
  ['List', 'subject', 'Patient'],
  ['List', 'source', 'Patient', 'Practitioner'],
  ['List', 'item', 'Observation', 'Condition'],
  ['Group', 'member', 'Patient'],
  ['RiskAssessment', 'subject', 'Patient'],
];

/** What a search is drawn from, before the world is known whose ids it asks for. */
export type Draft = readonly number[];

export const draft: fc.Arbitrary<Draft> = drawn(40);

/** A search for one of the types. */
export function searchOf(draft: Draft, types: readonly string[], ids: Ids): Search {
  const picks = new Picks(draft);
  const type = picks.of(types.length > 0 && !picks.once(6) ? types : Object.keys(VALUES));
  const criteria = [
    ...(picks.once(3) ? [criterion(type, picks, ids)] : []),
    ...(picks.once(6) ? [criterion(type, picks, ids)] : []),
    ...(picks.once(4) ? [chain(type, picks, ids)] : []),
    ...(picks.once(3) ? [has(type, picks, ids)] : []),
  ];
  const params = [...criteria, ...results(type, picks)].filter((one) => one !== undefined);
  return { type, params };
}

const KINDS_OF_CRITERION = [
  'value',
  'value',
  'value',
  'value',
  'reference',
  'reference',
  '_id',
  'missing',
  '_lastUpdated',
  '_tag',
] as const;

type Param = readonly [name: string, value: string];

/** One filter of the type's own. */
function criterion(type: string, picks: Picks, ids: Ids): Param | undefined {
  const reference = picks.any(LINKS.filter(([source]) => source === type));
  const own = picks.any(Object.entries(VALUES[type] ?? {}));
  switch (picks.of(KINDS_OF_CRITERION)) {
    case 'missing': {
      const code = picks.any([...Object.keys(VALUES[type] ?? {}), ...(reference ? [reference[1]] : [])]);
      return code === undefined ? undefined : [`${code}:missing`, picks.of(['true', 'false'])];
    }
    case '_id':
      return ['_id', either(picks, () => picks.any(ids[type] ?? []) ?? 'none')];
    case '_lastUpdated':
      return [
        '_lastUpdated',
        `${picks.of(['le', 'ge', '', 'lt'])}${picks.of(['2026-03-02', '2026-03-01', '2026-03-03'])}`,
      ];
    case '_tag':
      return ['_tag', picks.of(['x', 'UNDELIVERED', 'https://a.example|'])];
    case 'reference':
      return reference && referring(reference, picks, ids);
    default:
      return own && value(own[0], own[1], picks);
  }
}

function referring([, parameter, ...targets]: (typeof LINKS)[number], picks: Picks, ids: Ids): Param {
  const target = picks.of(targets);
  return [parameter, either(picks, () => `${target}/${picks.any(ids[target] ?? []) ?? 'none'}`)];
}

const PREFIXES: Readonly<{ [kind in Kind]?: readonly string[] }> = {
  date: ['', '', 'ge', 'le', 'gt', 'lt', 'ne', 'sa', 'eb'],
  number: ['', 'ge', 'lt', 'ne'],
  quantity: ['', 'ge', 'lt', 'ne'],
};
const MODIFIERS: Readonly<{ [kind in Kind]?: readonly string[] }> = {
  token: ['', '', '', ':not'],
  string: ['', '', ':exact', ':contains'],
};

const value = (parameter: string, { kind, values }: Asks, picks: Picks): Param => [
  `${parameter}${picks.of(MODIFIERS[kind] ?? [''])}`,
  either(picks, () => `${picks.of(PREFIXES[kind] ?? [''])}${picks.of(values)}`),
];

/** Sometimes one value, sometimes any of two. */
const either = (picks: Picks, make: () => string): string => (picks.once(2) ? `${make()},${make()}` : make());

/** `link:Target.parameter=value`, one level deep. */
function chain(type: string, picks: Picks, ids: Ids): Param | undefined {
  const link = picks.any(LINKS.filter(([source]) => source === type));
  if (!link) return undefined;
  const [, parameter, ...targets] = link;
  const target = picks.of(targets);
  const end = criterion(target, picks, ids);
  return end && [`${parameter}:${target}.${end[0]}`, end[1]];
}

/** `_has:Source:link:parameter=value`. */
function has(type: string, picks: Picks, ids: Ids): Param | undefined {
  const link = picks.any(LINKS.filter(([, , ...targets]) => targets.includes(type)));
  if (!link) return undefined;
  const [source, parameter] = link;
  const end = criterion(source, picks, ids);
  return end && [`_has:${source}:${parameter}:${end[0]}`, end[1]];
}

const SORTED: ReadonlySet<Kind> = new Set(['string', 'date', 'number', 'quantity']);

/** Order, page, total and what goes along. */
function results(type: string, picks: Picks): Param[] {
  const own = Object.entries(VALUES[type] ?? {}).flatMap(([code, { kind }]) => (SORTED.has(kind) ? [code] : []));
  const sort = picks.some(['_lastUpdated', '_id', ...own], 2).map((code) => `${picks.of(['', '-'])}${code}`);
  const includes = picks.some(
    LINKS.filter(([source]) => source === type),
    2,
  );
  const reverse = picks.some(
    LINKS.filter(([, , ...targets]) => targets.includes(type)),
    2,
  );
  return [
    ...(sort.length > 0 ? [['_sort', sort.join(',')] as const] : []),
    ['_count', picks.of(['50', '1', '2', '3', '5'])],
    ...(picks.once(2) ? [['_total', picks.of(['accurate', 'none'])] as const] : []),
    ...(picks.once(12) ? [['_summary', 'count'] as const] : []),
    ...includes.map(
      ([source, parameter, ...targets]): Param => [
        '_include',
        `${source}:${parameter}${picks.once(3) ? `:${picks.of(targets)}` : ''}`,
      ],
    ),
    ...reverse.map(([source, parameter]): Param => ['_revinclude', `${source}:${parameter}`]),
  ];
}

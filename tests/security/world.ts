import fc from 'fast-check';
import { drawn, Picks } from './picks.ts';
import { make } from './records.ts';
import type { Ids, Json } from './sheet.ts';

export interface Institution {
  readonly id: string;
  readonly kind: string;
}

/** Those who take part in every random world: two hospitals, three others, and the operator. Each owns its Organization. */
export const INSTITUTIONS = [
  { id: 'hospital-a', kind: 'cooperating-hospital' },
  { id: 'hospital-b', kind: 'cooperating-hospital' },
  { id: 'clinic', kind: 'medical' },
  { id: 'care', kind: 'care' },
  { id: 'office', kind: 'health' },
  { id: 'operator', kind: 'operator' },
] as const;
const MEMBERS = ['clinic', 'care', 'office', 'hospital-b', 'hospital-a'] as const;

/** Whether something that has a time holds now. */
export type Standing = 'live' | 'ended' | 'to come';

export interface Affiliation {
  readonly hospital: string;
  readonly member: string;
  readonly medical: boolean;
  readonly timeline: boolean;
  readonly active: boolean;
  readonly standing: Standing;
}

export interface Grant {
  readonly institution: string;
  /** Id of the Patient. */
  readonly patient: string;
  readonly standing: Standing;
}

/** A resource as it is at last. */
export interface Record {
  readonly json: Json;
  /** Id of the institution that wrote it. */
  readonly owner: string;
  /** The versions before, oldest first. */
  readonly earlier: readonly Json[];
  readonly deleted: boolean;
}

export interface World {
  readonly affiliations: readonly Affiliation[];
  readonly grants: readonly Grant[];
  readonly records: readonly Record[];
}

/** What every world has. */
const ALWAYS = ['Patient', 'Observation', 'ServiceRequest', 'Patient'];

/** Types that belong together: a world has those of one or two rows, so that there is enough of each to refer to. */
const THEMES: readonly (readonly string[])[] = [
  ['Appointment', 'Slot', 'Schedule', 'AppointmentResponse', 'HealthcareService'],
  ['DiagnosticReport', 'ImagingStudy', 'Procedure', 'Specimen', 'Encounter', 'Binary'],
  ['Communication', 'Task', 'QuestionnaireResponse', 'DocumentReference', 'Encounter'],
  ['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'OrganizationAffiliation'],
  ['List', 'Group', 'Condition', 'RiskAssessment', 'DocumentReference'],
  ['Consent', 'Contract', 'Questionnaire', 'Task', 'Practitioner'],
];

const record = fc.record({
  type: fc.nat(9999),
  owner: fc.constantFrom(0, 0, 1, 2, 3, 4),
  fate: fc.constantFrom('stays', 'stays', 'stays', 'changes', 'changes', 'goes'),
  drawn: drawn(32),
  changed: drawn(32),
});

const standing = fc.constantFrom<Standing>('live', 'live', 'ended', 'to come');

/** A random world. Patients come first, so that there is somebody to write about. */
export const world: fc.Arbitrary<World> = fc
  .record({
    affiliations: fc.array(
      fc.record({
        hospital: fc.constantFrom('hospital-a', 'hospital-a', 'hospital-b'),
        member: fc.constantFrom(...MEMBERS),
        medical: fc.boolean(),
        timeline: fc.constantFrom(true, true, false),
        active: fc.constantFrom(true, true, true, true, false),
        standing: fc.constantFrom<Standing>('live', 'live', 'live', 'live', 'ended', 'to come'),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    grants: fc.array(fc.record({ institution: fc.constantFrom(2, 3, 4, 1), patient: fc.nat(99), standing }), {
      minLength: 1,
      maxLength: 12,
      size: 'max',
    }),
    patients: fc.array(fc.record({ owner: fc.constantFrom(0, 0, 0, 1, 2, 3), drawn: drawn(32) }), {
      minLength: 1,
      maxLength: 4,
    }),
    themes: fc.subarray([...THEMES], { minLength: 1, maxLength: 2 }),
    records: fc.array(record, { minLength: 12, maxLength: 60, size: 'max' }),
  })
  .map(({ affiliations, grants, patients, themes, records }) => {
    const types = [...ALWAYS, ...themes.flat()];
    const specs = [
      ...patients.map((one) => ({ ...one, type: 'Patient', fate: 'stays', changed: [] as number[] })),
      ...records.map((one) => ({ ...one, type: types[one.type % types.length] as string })),
    ];
    const ids: { [type: string]: string[] } = { Organization: INSTITUTIONS.map(({ id }) => id) };
    const named = specs.map((spec, i) => ({ ...spec, id: `r${i}`, owner: institution(spec.owner) }));
    for (const { type, id } of named) ids[type] = [...(ids[type] ?? []), id];
    const made = named.flatMap((spec) => recordOf(spec, ids));
    return {
      affiliations: affiliations.filter(({ hospital, member }) => hospital !== member),
      grants: onePerPair(
        grants.map((grant) => ({
          institution: institution(grant.institution),
          patient: new Picks([grant.patient]).of(ids.Patient ?? []),
          standing: grant.standing,
        })),
      ),
      records: [...INSTITUTIONS.map(({ id }) => organization(id)), ...withoutDangling(steady(made))],
    };
  });

const institution = (drawn: number): string => INSTITUTIONS[drawn % INSTITUTIONS.length]?.id as string;

const organization = (id: string): Record => ({
  json: { resourceType: 'Organization', id, name: id, active: true },
  owner: id,
  earlier: [],
  deleted: false,
});

interface Spec {
  readonly type: string;
  readonly id: string;
  readonly owner: string;
  readonly fate: string;
  readonly drawn: readonly number[];
  readonly changed: readonly number[];
}

function recordOf({ type, id, owner, fate, drawn, changed }: Spec, ids: Ids): Record[] {
  const first = make(type, id, new Picks(drawn), ids, `Organization/${owner}`);
  if (!first) return [];
  const other = fate === 'changes' ? make(type, id, new Picks(changed), ids, `Organization/${owner}`) : undefined;
  return [{ json: other ?? first, owner, earlier: other ? [first] : [], deleted: fate === 'goes' && mayGo(first) }];
}

/**
 * What others follow stays as it was written: who the parties of the others are is worked out when these are written, and not again
 * when what they follow changes.
 */
function steady(records: readonly Record[]): Record[] {
  const followed = new Set(records.flatMap(({ json, earlier }) => [json, ...earlier].flatMap(followedBy)));
  return records.map((record) =>
    record.earlier[0] && followed.has(`${record.json.resourceType}/${record.json.id}`)
      ? { ...record, json: record.earlier[0], earlier: [] }
      : record,
  );
}

const followedBy = ({ basedOn, focus, appointment }: Json) => referencesOf([basedOn, focus, appointment]);

const CARRIERS = new Set([
  'Contract',
  'ServiceRequest',
  'Appointment',
  'Task',
  'Communication',
  'DiagnosticReport',
  'ImagingStudy',
  'Observation',
  'Procedure',
]);
const mayGo = (json: Json): boolean =>
  !CARRIERS.has(json.resourceType) && !JSON.stringify(json.meta ?? {}).includes('UNDELIVERED');

/** What could not be made leaves others without their target: they go too, until all that is left holds together. */
function withoutDangling(records: readonly Record[]): Record[] {
  let left = [...records];
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const there = new Set(left.map(({ json }) => `${json.resourceType}/${json.id}`));
    for (const { id } of INSTITUTIONS) there.add(`Organization/${id}`);
    const holds = (json: Json) => referencesOf(json).every((reference) => there.has(reference));
    left = left.filter(({ json, earlier }) => [json, ...earlier].every(holds));
  }
  return left;
}

/** All references in a resource, and the urls of attachments. */
export function referencesOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(referencesOf);
  if (!node || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([name, value]) =>
    typeof value === 'string'
      ? name === 'reference' || (name === 'url' && value.startsWith('Binary/'))
        ? [value]
        : []
      : referencesOf(value),
  );
}

/** An institution has one grant for a patient, the last that was given. */
function onePerPair(grants: readonly Grant[]): Grant[] {
  return [...new Map(grants.map((grant) => [`${grant.institution} ${grant.patient}`, grant])).values()];
}

/** The ids of a world's resources by type. */
export function idsOf({ records }: World): Ids {
  const byType = Map.groupBy(records, ({ json }) => json.resourceType);
  return Object.fromEntries([...byType].map(([type, list]) => [type, list.map(({ json }) => json.id)]));
}

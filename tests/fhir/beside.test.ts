import { Beside } from '../../src/fhir/beside.ts';
import type { Change, Resolved, Resource } from '../../src/fhir/engine.ts';
import { readJson } from '../../src/fhir/json.ts';
import { engine } from './callers.ts';
import { keys } from './indexing/context.ts';
import { find, plan, type Stored } from './search/find.ts';

const PATIENTS: readonly Stored[] = [
  {
    resourceType: 'Patient',
    id: 'a',
    identifier: [{ system: 'https://id.example', value: '1' }],
    name: [{ family: '山田', given: ['太郎'] }],
    birthDate: '1950-03-01',
    active: true,
    managingOrganization: { reference: 'Organization/o' },
  },
  { resourceType: 'Patient', id: 'b', identifier: [{ value: '1' }], name: [{ family: 'ヤマダ' }], birthDate: '1950' },
  {
    resourceType: 'Patient',
    id: 'c',
    gender: 'female',
    meta: { tag: [{ system: 'https://t.example', code: 'x' }] } as object,
  },
];

const OBSERVATIONS: readonly Stored[] = [
  {
    resourceType: 'Observation',
    id: 'x',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
    subject: { reference: 'Patient/a' },
    effectiveDateTime: '2026-05-01T09:00:00+09:00',
    valueQuantity: { value: 36.5, unit: 'Cel', system: 'http://unitsofmeasure.org', code: 'Cel' },
  },
  {
    resourceType: 'Observation',
    id: 'y',
    status: 'amended',
    code: { text: '体温' },
    subject: { reference: 'Patient/b' },
    effectivePeriod: { start: '2026-04-30', end: '2026-05-02' },
    valueQuantity: { value: 40 },
  },
];

const creations = (resources: readonly Stored[]): { changes: Change[]; resolved: Resolved[] } => ({
  changes: resources.map((resource) => ({ interaction: 'create', type: resource.resourceType, resource })),
  resolved: resources.map(({ resourceType: type, id }) => ({ interaction: 'create', type, id })),
});

const NO_NAMES = () => undefined;

function beside(resources: readonly Stored[]): Beside {
  const { changes, resolved } = creations(resources);
  return new Beside(engine, changes, resolved, NO_NAMES);
}

const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id).sort();

describe('what a transaction is about to make', () => {
  it.each([
    ['Patient', 'identifier=https://id.example|1'],
    ['Patient', 'identifier=1'],
    ['Patient', 'identifier=|1'],
    ['Patient', 'identifier=1,2'],
    ['Patient', 'identifier=2'],
    ['Patient', 'identifier:not=https://id.example|1'],
    ['Patient', 'identifier:missing=true'],
    ['Patient', 'family=山'],
    ['Patient', 'family:exact=山田'],
    ['Patient', 'name:contains=ﾏﾀﾞ'],
    ['Patient', 'birthdate=1950'],
    ['Patient', 'birthdate=1950-03-01'],
    ['Patient', 'birthdate=gt1950-02'],
    ['Patient', 'birthdate=ge1950-01-01&birthdate=lt1951'],
    ['Patient', 'birthdate:missing=false'],
    ['Patient', 'gender=female'],
    ['Patient', 'active=true&family=山田'],
    ['Patient', 'organization=Organization/o'],
    ['Patient', 'organization:missing=true'],
    ['Patient', '_id=a,c'],
    ['Patient', '_tag=https://t.example|x'],
    ['Patient', '_lastUpdated=gt2026'],
    ['Patient', '_lastUpdated=lt2026'],
    ['Observation', 'code=8310-5'],
    ['Observation', 'subject=Patient/a'],
    ['Observation', 'patient=a,b'],
    ['Observation', 'date=2026-05-01'],
    ['Observation', 'date=sa2026-05-02'],
    ['Observation', 'value-quantity=36.5'],
    ['Observation', 'value-quantity=gt36|http://unitsofmeasure.org|Cel'],
    ['Observation', 'value-quantity=gt36|http://unitsofmeasure.org|kg'],
    ['Observation', 'status:not=final'],
  ])('is found as the stored would be: %s?%s', (type, query) => {
    const all = [...PATIENTS, ...OBSERVATIONS];
    expect(ids(beside(all).matching(plan(type, query).plan))).toEqual(find(type, query, all).sort());
  });

  it.each(['organization.name=x', '_has:Observation:subject:status=final', 'general-practitioner:Organization.name=x'])(
    'is not chosen by what leads out of it: %s',
    (query) => {
      const { plan: search } = plan('Patient', query);
      expect(() => beside(PATIENTS).matching(search)).toThrow(expect.objectContaining({ status: 400 }));
      expect(beside(OBSERVATIONS).matching(search)).toEqual([]);
    },
  );

  it('is neither what it deletes nor what is there already', () => {
    const { changes, resolved } = creations(PATIENTS);
    const found = { id: 'b', version: 1, at: 0 };
    const some = new Beside(
      engine,
      changes,
      [
        { ...(resolved[0] as Resolved), interaction: 'delete' },
        { ...(resolved[1] as Resolved), found },
        resolved[2] as Resolved,
      ],
      NO_NAMES,
    );
    expect(ids(some.matching(plan('Patient', '_id=a,b,c').plan))).toEqual(['c']);
    expect(some.changed('Patient')).toEqual(new Set([keys.rid('Patient', 'a'), keys.rid('Patient', 'c')]));
    expect(some.changed('Observation')).toEqual(new Set());
  });

  it('is found by the references that it will have', () => {
    const resource = { ...(OBSERVATIONS[0] as Stored), subject: { reference: 'urn:uuid:1' } } as Resource;
    const one = new Beside(
      engine,
      [{ interaction: 'create', type: 'Observation', resource }],
      [{ interaction: 'create', type: 'Observation', id: 'x' }],
      (text) => (text === 'urn:uuid:1' ? 'Patient/new' : undefined),
    );
    expect(ids(one.matching(plan('Observation', 'subject=Patient/new').plan))).toEqual(['x']);
  });

  it('is found by its numbers when they are kept to the digit', () => {
    const text = JSON.stringify(OBSERVATIONS[0]).replace('36.5', '36.50');
    const { tree, decimals } = readJson(Buffer.from(text), 64);
    expect(decimals).toBe(true);
    const one = new Beside(
      engine,
      [{ interaction: 'create', type: 'Observation', resource: tree as Resource, decimals }],
      [{ interaction: 'create', type: 'Observation', id: 'x' }],
      NO_NAMES,
    );
    expect(ids(one.matching(plan('Observation', 'value-quantity=36.5').plan))).toEqual(['x']);
  });
});

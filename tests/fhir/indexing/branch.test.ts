import { evalFhirPathTyped, parseFhirPath, toTypedValue } from '@medplum/core';
import { resourceTypes, type SearchParameter, searchParameters } from '../../../src/definitions/index.ts';
import { branches, walk } from '../../../src/fhir/indexing/branch.ts';
import { sample } from './samples.ts';

const SEEDS = [0, 1, 2, 3, 4, 5];

type Found = (resource: object, values: Set<string>) => void;

const walks = new Map<string, readonly Found[]>();

function found(type: string, expression: string, resource: object): ReadonlySet<string> {
  const name = `${type} ${expression}`;
  const add = (value: unknown, values: Set<string>) => values.add(JSON.stringify(value));
  const all = walks.get(name) ?? branches(type, expression).map((branch) => walk<Set<string>>(branch, add));
  walks.set(name, all);
  const values = new Set<string>();
  for (const one of all) one(resource, values);
  return values;
}

const atoms = new Map<string, ReturnType<typeof parseFhirPath>>();

function byEngine(expression: string, resource: object): ReadonlySet<string> {
  const atom = atoms.get(expression) ?? parseFhirPath(expression);
  atoms.set(expression, atom);
  const values = evalFhirPathTyped(atom, [toTypedValue(resource)]);
  return new Set(values.map(({ value }) => JSON.stringify(value)));
}

const searchable = (type: string): readonly SearchParameter[] =>
  [...searchParameters(type).values()].filter((one) => one.type !== 'composite' && one.type !== 'special');

describe('the values that an expression yields', () => {
  it.each(resourceTypes())('are those of a FHIRPath engine for every parameter of %s', (type) => {
    const reached = new Set<string>();
    for (const seed of SEEDS) {
      const resource = sample(type, seed);
      for (const { code, expression } of searchable(type)) {
        const values = found(type, expression, resource);
        if (values.size > 0) reached.add(code);
        expect({ code, seed, values: [...values].sort() }).toEqual({
          code,
          seed,
          values: [...byEngine(expression, resource)].sort(),
        });
      }
    }
    // The samples reach nearly every parameter, so that the comparison is not one of nothing with nothing.
    expect(reached.size).toBeGreaterThanOrEqual(Math.floor(searchable(type).length * 0.75));
  });

  it('do not depend on fields that are absent, empty or null', () => {
    const path = 'Patient.name.family';
    for (const name of [undefined, null, [], [null], [{}], [{ family: null }], {}, 'x', 3]) {
      expect(found('Patient', path, { resourceType: 'Patient', name })).toEqual(new Set());
    }
  });

  it('are none for a contained or conditional reference with resolve(), where the engine guesses a type', () => {
    const path = 'Observation.subject.where(resolve() is Patient)';
    const about = (reference: string) => ({ resourceType: 'Observation', subject: { reference } });
    expect(found('Observation', path, about('#p'))).toEqual(new Set());
    expect(found('Observation', path, about('Patient?identifier=x'))).toEqual(new Set());
    expect(found('Observation', path, about('Group/1'))).toEqual(new Set());
    expect(found('Observation', path, about('Patient/1')).size).toBe(1);
    expect(found('Observation', path, about('Patient/1/_history/2')).size).toBe(1);
    expect(found('Observation', path, about('https://elsewhere.example/fhir/Patient/1')).size).toBe(1);
  });

  it('hold a logical reference whose type is said, which the engine leaves out', () => {
    const subject = { type: 'Patient', identifier: { system: 'urn:s', value: '1' } };
    const path = 'Observation.subject.where(resolve() is Patient)';
    expect(found('Observation', path, { resourceType: 'Observation', subject })).toEqual(
      new Set([JSON.stringify(subject)]),
    );
  });
});

describe('the branches of an expression', () => {
  it('spell out every datatype of a choice', () => {
    const keys = branches('Observation', 'Observation.effective').map(({ steps, datatype }) => [
      steps?.map((step) => (step.kind === 'key' ? step.key : step.kind)).join('.'),
      datatype,
    ]);
    expect(keys).toEqual([
      ['effectiveDateTime', 'dateTime'],
      ['effectivePeriod', 'Period'],
      ['effectiveTiming', 'Timing'],
      ['effectiveInstant', 'instant'],
    ]);
  });

  it('follow a content reference', () => {
    const path = 'Questionnaire.item.item.item.code';
    const resource = { resourceType: 'Questionnaire', item: [{ item: [{ item: [{ code: [{ code: 'c' }] }] }] }] };
    expect(found('Questionnaire', path, resource)).toEqual(new Set(['{"code":"c"}']));
  });

  it('leave out alternatives that start at another type', () => {
    expect(branches('Patient', 'Practitioner.name')).toEqual([]);
    expect(branches('Patient', 'Practitioner.name | Patient.name')).toHaveLength(1);
  });

  it('fall back to the engine for what the definitions do not know', () => {
    expect(branches('Patient', 'Patient.nothing')).toEqual([
      { steps: null, truth: null, expression: 'Patient.nothing', datatype: '', element: null, only: null },
    ]);
    const named = { resourceType: 'Patient', name: [{ family: '山田' }, { family: '高橋' }] };
    expect(found('Patient', 'Patient.name.first().family', named)).toEqual(new Set(['"山田"']));
  });

  it('say whether a patient has died without the engine', () => {
    const path = 'Patient.deceased.exists() and Patient.deceased != false';
    expect(branches('Patient', path)).toEqual([expect.objectContaining({ datatype: 'boolean' })]);
    for (const [fields, died] of [
      [{}, false],
      [{ deceasedBoolean: false }, false],
      [{ deceasedBoolean: true }, true],
      [{ deceasedDateTime: '2024' }, true],
    ] as const) {
      const patient = { resourceType: 'Patient', ...fields };
      expect(found('Patient', path, patient)).toEqual(new Set([String(died)]));
      expect(byEngine(path, patient)).toEqual(new Set([String(died)]));
    }
  });
});

import { validate } from '../../../src/fhir/validation/index.ts';
import { observation, patient, samples } from './samples.ts';

type Json = Record<string, unknown>;

const check = (resource: unknown) => validate(resource).issues.map((i) => [i.expression?.[0], i.code, i.diagnostics]);
const one = (path: string, code: string, why: string) => [[path, code, expect.stringContaining(why)]];
/** Wellness of a copy of the sample after a change. */
const changed = (make: () => Json, change: (copy: Json) => void) => {
  const copy = JSON.parse(JSON.stringify(make())) as Json;
  change(copy);
  return check(copy);
};

describe('valid R4', () => {
  test.each(samples().map((s) => [s.resourceType, s]))('%s has no issue', (_, sample) => {
    expect(validate(sample).issues).toEqual([]);
  });

  test('an empty resource of a type without required elements', () => {
    expect(check({ resourceType: 'Patient' })).toEqual([]);
  });

  test('a primitive with extensions in place of a value', () => {
    const absent = {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
    };
    expect(check({ resourceType: 'Observation', _status: absent, code: { text: 'x' } })).toEqual([]);
    expect(check({ resourceType: 'Patient', _birthDate: absent, _deceasedBoolean: absent })).toEqual([]);
    expect(
      check({
        resourceType: 'Patient',
        name: [
          { _given: [absent] },
          { given: ['a', null], _given: [null, absent] },
          { given: ['a', 'b'], _given: [absent] },
        ],
      }),
    ).toEqual([]);
    expect(check({ resourceType: 'Patient', active: true, _active: { id: 'a' } })).toEqual([]);
  });

  test('numbers that keep their text are numbers', () => {
    class Decimal extends Number {
      text = '1.00';
    }
    expect(
      changed(observation, (o) =>
        Object.assign(o.component as Json[], { 0: { code: { text: 'x' }, valueQuantity: { value: new Decimal(1) } } }),
      ),
    ).toEqual([]);
    expect(
      check({ ...observation(), component: undefined, valueQuantity: { value: new Decimal(1) } }.component),
    ).toHaveLength(1);
    const risk = {
      resourceType: 'RiskAssessment',
      status: 'final',
      subject: { display: 'x' },
      prediction: [{ probabilityDecimal: new Decimal(101) }],
    };
    expect(check(risk)).toEqual(one('RiskAssessment.prediction[0]', 'invariant', 'ras-2'));
  });
});

describe('what is no resource', () => {
  test.each([null, undefined, 1, 'Patient', true, [], [patient()], new Number(1)])('%j', (value) => {
    expect(check(value)).toEqual(one('', 'structure', 'JSON object'));
  });
  test('no resourceType', () =>
    expect(check({})).toEqual(one('resourceType', 'required', 'must name its resourceType')));
  test.each([
    'Doctor',
    'patient',
    'Resource',
    'DomainResource',
    'MetadataResource',
    'HumanName',
    '__proto__',
    'constructor',
    '',
  ])('resourceType %j', (resourceType) => {
    expect(check({ resourceType })).toEqual(one('resourceType', 'value', 'no resource type of R4'));
  });
  test.each([1, null, ['Patient'], {}])('resourceType %j', (resourceType) =>
    expect(check({ resourceType })).toHaveLength(1),
  );
});

describe('an element', () => {
  test('that R4 does not have is named', () => {
    expect(changed(patient, (p) => Object.assign(p, { foo: 1 }))).toEqual(
      one('Patient.foo', 'structure', 'no such element'),
    );
    expect(changed(patient, (p) => Object.assign((p.name as Json[])[1]!, { first: 'a' }))).toEqual(
      one('Patient.name[1].first', 'structure', 'HumanName'),
    );
    expect(changed(observation, (o) => Object.assign((o.component as Json[])[0]!, { status: 'final' }))).toEqual(
      one('Observation.component[0].status', 'structure', 'Observation.component'),
    );
    expect(check({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, value: 'x' })).toEqual(
      one('Observation.value', 'structure', 'no such'),
    );
    expect(check({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, valueAddress: {} })).toEqual(
      one('Observation.valueAddress', 'structure', 'no such'),
    );
    expect(changed(patient, (p) => Object.assign((p.name as Json[])[0]!, { resourceType: 'HumanName' }))).toEqual(
      one('Patient.name[0].resourceType', 'structure', 'no such'),
    );
    for (const key of ['_id', '_name', '_identifier', 'fhir_comments', 'Id']) {
      expect(check({ resourceType: 'Patient', [key]: { id: 'x' } })).toEqual(
        one(`Patient.${key}`, 'structure', 'no such'),
      );
    }
  });

  test('of a strange name is quoted in the path', () => {
    expect(check({ resourceType: 'Patient', 'a b`c': 1 })).toEqual(one('Patient.`“a b?c”`', 'structure', 'no such'));
    const [[path]] = check({ resourceType: 'Patient', [`x\n${'y'.repeat(5000)}`]: 1 }) as [[string]];
    expect(path.length).toBeLessThan(120);
    expect(path).not.toMatch('\n');
  });

  test('that is required is missed', () => {
    expect(check({ resourceType: 'Observation' })).toEqual([
      ['Observation.status', 'required', expect.stringContaining('missing')],
      ['Observation.code', 'required', expect.stringContaining('missing')],
    ]);
    expect(changed(patient, (p) => Object.assign((p.link as Json[])[0]!, { type: undefined, ...{} })).length).toBe(1);
    expect(
      check({ resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { display: 'x' } }),
    ).toEqual(one('MedicationRequest.medication', 'required', 'missing'));
    expect(check({ resourceType: 'Basic', code: { text: 'x' }, extension: [{ valueString: 'x' }] })).toEqual(
      one('Basic.extension[0].url', 'required', 'Extension'),
    );
  });

  test('that repeats is an array, any other is not', () => {
    expect(changed(patient, (p) => Object.assign(p, { name: { text: 'x' } }))).toEqual(
      one('Patient.name', 'structure', 'array'),
    );
    expect(changed(patient, (p) => Object.assign(p, { gender: ['male'] }))).toEqual(
      one('Patient.gender', 'value', 'not an array'),
    );
    expect(changed(patient, (p) => Object.assign(p, { managingOrganization: [{ display: 'x' }] }))).toEqual(
      one('Patient.managingOrganization', 'structure', 'not an array'),
    );
    expect(changed(patient, (p) => Object.assign(p, { name: [[{ text: 'x' }]] }))).toEqual(
      one('Patient.name[0]', 'structure', 'not an array'),
    );
    expect(changed(patient, (p) => Object.assign((p.name as Json[])[0]!, { given: 'a' }))).toEqual(
      one('Patient.name[0].given', 'structure', 'array'),
    );
  });

  test('is never empty', () => {
    expect(changed(patient, (p) => Object.assign(p, { name: [] }))).toEqual(
      one('Patient.name', 'structure', 'empty array'),
    );
    expect(changed(patient, (p) => Object.assign(p, { name: [{}] }))).toEqual(
      one('Patient.name[0]', 'structure', 'ele-1'),
    );
    expect(changed(patient, (p) => Object.assign(p, { maritalStatus: {} }))).toEqual(
      one('Patient.maritalStatus', 'structure', 'ele-1'),
    );
    expect(changed(patient, (p) => Object.assign(p, { maritalStatus: { id: 'a' } }))).toEqual(
      one('Patient.maritalStatus', 'structure', 'ele-1'),
    );
    expect(changed(patient, (p) => Object.assign(p, { maritalStatus: null }))).toEqual(
      one('Patient.maritalStatus', 'structure', 'null'),
    );
    expect(changed(patient, (p) => Object.assign(p, { gender: '' }))).toEqual(
      one('Patient.gender', 'value', 'not empty'),
    );
    expect(
      changed(patient, (p) => Object.assign(p, { birthDate: null, _birthDate: undefined })).length,
    ).toBeGreaterThan(0);
    expect(changed(patient, (p) => Object.assign(p, { name: [null] }))).toEqual(
      one('Patient.name[0]', 'structure', 'null'),
    );
  });

  test('of a data type is an object', () => {
    for (const value of ['x', 1, true])
      expect(changed(patient, (p) => Object.assign(p, { maritalStatus: value }))).toEqual(
        one('Patient.maritalStatus', 'structure', 'JSON object'),
      );
    expect(check({ resourceType: 'Patient', maritalStatus: new Number(1) })).toEqual(
      one('Patient.maritalStatus', 'structure', 'a number'),
    );
  });

  test('has one value of a choice', () => {
    expect(check({ ...patient(), multipleBirthBoolean: true })).toEqual(
      one('Patient.multipleBirth', 'structure', 'one value only'),
    );
    expect(
      check({
        resourceType: 'Patient',
        deceasedBoolean: true,
        _deceasedDateTime: { extension: [{ url: 'http://x', valueCode: 'x' }] },
      }),
    ).toEqual(one('Patient.deceased', 'structure', 'one value only'));
    expect(check({ resourceType: 'Patient', _deceasedBoolean: { id: 'a' }, deceasedBoolean: true })).toEqual([]);
    expect(
      check({
        resourceType: 'Basic',
        code: { text: 'x' },
        extension: [{ url: 'http://x', valueString: 'a', valueCode: 'b' }],
      }),
    ).toEqual(one('Basic.extension[0].value', 'structure', 'valueString, valueCode'));
  });

  test('is named in FHIRPath, whatever its depth', () => {
    expect(
      changed(observation, (o) => Object.assign((o.component as Json[])[0]!, { valueQuantity: { value: 'x' } })),
    ).toEqual(one('Observation.component[0].value.value', 'value', 'JSON number'));
    expect(
      check({
        resourceType: 'Patient',
        contained: [{ resourceType: 'Organization', id: 'a', name: 1 }],
        managingOrganization: { reference: '#a' },
      }),
    ).toEqual(one('Patient.contained[0].name', 'value', 'JSON string'));
    expect(
      check({
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ resource: { resourceType: 'Patient', gender: 1 } }],
      }),
    ).toEqual(one('Bundle.entry[0].resource.gender', 'value', 'JSON string'));
    expect(
      changed(patient, (p) =>
        Object.assign(p, { _birthDate: { extension: [{ url: 'http://x', valueInteger: 1.5 }] } }),
      ),
    ).toEqual(one('Patient.birthDate.extension[0].value', 'value', '32 bits'));
  });
});

describe('extensions of primitives', () => {
  const name = (more: object) => check({ resourceType: 'Patient', name: [{ text: 'x', ...more }] });
  const ext = { extension: [{ url: 'http://x', valueCode: 'x' }] };

  test('null stands only where the other array has something', () => {
    expect(name({ given: ['a', null] })).toEqual(
      one('Patient.name[0].given[1]', 'structure', 'null without an extension'),
    );
    expect(name({ given: ['a', null], _given: [ext, null] })).toEqual(
      one('Patient.name[0].given[1]', 'structure', 'null without'),
    );
    expect(name({ given: [null], _given: [{}] }).length).toBeGreaterThan(0);
    expect(name({ _given: [null, ext] })).toEqual(
      one('Patient.name[0].given', 'structure', 'null where given has no value'),
    );
    expect(name({ given: ['a'], _given: [null] })).toEqual(
      one('Patient.name[0].given', 'structure', 'nothing but null'),
    );
    expect(name({ given: ['a'], _given: [null, ext] })).toEqual(
      one('Patient.name[0].given', 'structure', 'must not be longer'),
    );
  });

  test('are an array exactly where the value is one', () => {
    expect(name({ given: ['a'], _given: ext })).toEqual(one('Patient.name[0].given', 'structure', 'must be an array'));
    expect(name({ given: ['a'], _given: [] })).toEqual(one('Patient.name[0].given', 'structure', 'must be an array'));
    expect(name({ family: 'a', _family: [ext] })).toEqual(one('Patient.name[0].family', 'structure', 'not an array'));
  });

  test('hold id and extension only, and not an id alone', () => {
    expect(name({ _family: { id: 'a' } })).toEqual(one('Patient.name[0].family', 'structure', 'id only'));
    expect(name({ _family: { value: 'a' } })).toEqual(
      one('Patient.name[0].family.value', 'structure', 'no such element'),
    );
    expect(name({ _family: {} })).toEqual(one('Patient.name[0].family', 'structure', 'ele-1'));
    expect(name({ family: 'a', _family: {} })).toEqual(one('Patient.name[0].family', 'structure', 'ele-1'));
    expect(name({ _family: null })).toEqual(one('Patient.name[0].family', 'structure', 'null'));
    expect(name({ _family: 'x' })).toEqual(one('Patient.name[0].family', 'structure', 'JSON object'));
  });
});

describe('many faults', () => {
  test('fifty are reported, and the rest is not looked at', () => {
    const { issues } = validate({ resourceType: 'Patient', name: Array.from({ length: 1000 }, () => ({ foo: 1 })) });
    expect(issues).toHaveLength(50);
    expect(issues.every((i) => i.severity === 'error' && i.expression?.length === 1)).toBe(true);
  });
});

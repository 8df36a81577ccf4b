import fc from 'fast-check';
import { resourceTypes } from '../../../src/definitions/index.ts';
import { clinicalDates } from '../../../src/fhir/indexing/clinical-date.ts';
import { keysOf } from '../../../src/fhir/indexing/keys-of.ts';
import { indexedParameters, sources, targetsOf } from '../../../src/fhir/indexing/parameters.ts';
import { baseUrl, has, index, keys } from './context.ts';
import { sample } from './samples.ts';

const rid = (id: string) => keys.rid('Patient', id);

describe('the patients in whose compartment a resource is', () => {
  test.each<[string, object, string[]]>([
    ['the subject', { resourceType: 'Observation', subject: { reference: 'Patient/1' } }, ['1']],
    [
      'an absolute reference',
      { resourceType: 'Observation', subject: { reference: `${baseUrl}/fhir/Patient/1` } },
      ['1'],
    ],
    ['a versioned reference', { resourceType: 'Observation', subject: { reference: 'Patient/1/_history/3' } }, ['1']],
    [
      'performer too',
      { resourceType: 'Observation', subject: { reference: 'Patient/1' }, performer: [{ reference: 'Patient/2' }] },
      ['1', '2'],
    ],
    [
      'the same patient once',
      { resourceType: 'Observation', subject: { reference: 'Patient/1' }, performer: [{ reference: 'Patient/1' }] },
      ['1'],
    ],
    [
      'every actor',
      {
        resourceType: 'Appointment',
        participant: [{ actor: { reference: 'Patient/1' } }, { actor: { reference: 'Location/2' } }],
      },
      ['1'],
    ],
    ['a group', { resourceType: 'Observation', subject: { reference: 'Group/1' } }, []],
    [
      'another server’s patient',
      { resourceType: 'Observation', subject: { reference: 'https://elsewhere.example/fhir/Patient/1' } },
      [],
    ],
    ['a contained patient', { resourceType: 'Observation', subject: { reference: '#p' } }, []],
    [
      'a reference that is no way into the compartment',
      { resourceType: 'Observation', focus: [{ reference: 'Patient/1' }] },
      [],
    ],
    ['a type without a compartment', { resourceType: 'Organization', name: 'x' }, []],
    [
      'a binary of a patient',
      { resourceType: 'Binary', contentType: 'application/pdf', securityContext: { reference: 'Patient/1' } },
      ['1'],
    ],
    [
      'a binary of another resource',
      { resourceType: 'Binary', contentType: 'application/pdf', securityContext: { reference: 'DocumentReference/1' } },
      [],
    ],
  ])('by %s', (_, resource, ids) => {
    expect(new Set(index(resource).patients)).toEqual(new Set(ids.map(rid)));
  });

  it('is for a Patient itself alone, whatever it links to', () => {
    const link = [{ type: 'seealso', other: { reference: 'Patient/2' } }];
    expect(index({ resourceType: 'Patient', id: '1', link }).patients).toEqual([rid('1')]);
    expect(index({ resourceType: 'Patient', link }).patients).toEqual([]);
  });
});

describe('the clinical date', () => {
  const at = (text: string) => Date.parse(text);

  test.each<[string, object, number | null]>([
    ['a day', { resourceType: 'Observation', effectiveDateTime: '2024-05-01' }, at('2024-04-30T15:00:00Z')],
    [
      'when it was, not when it was issued',
      {
        resourceType: 'DiagnosticReport',
        effectiveDateTime: '2024-05-01T09:00:00+09:00',
        issued: '2024-05-02T09:00:00+09:00',
      },
      at('2024-05-01T00:00:00Z'),
    ],
    [
      'when it was issued, where nothing else is known',
      { resourceType: 'DiagnosticReport', issued: '2024-05-02T09:00:00+09:00' },
      at('2024-05-02T00:00:00Z'),
    ],
    [
      'the start of a period',
      { resourceType: 'Encounter', period: { start: '2024-05-01', end: '2024-06-01' } },
      at('2024-04-30T15:00:00Z'),
    ],
    [
      'the end of a period without a start',
      { resourceType: 'Encounter', period: { end: '2024-05-01' } },
      at('2024-05-01T15:00:00Z') - 1,
    ],
    [
      'onset before record',
      { resourceType: 'Condition', onsetDateTime: '2020', recordedDate: '2024-05-01' },
      at('2019-12-31T15:00:00Z'),
    ],
    ['record without onset', { resourceType: 'Condition', recordedDate: '2024-05-01' }, at('2024-04-30T15:00:00Z')],
    [
      'when an allergy was recorded, not its last occurrence',
      { resourceType: 'AllergyIntolerance', lastOccurrence: '2024', recordedDate: '2001' },
      at('2000-12-31T15:00:00Z'),
    ],
    [
      'the earliest of several',
      { resourceType: 'ServiceRequest', occurrenceTiming: { event: ['2024-06-01', '2024-05-01'] } },
      at('2024-04-30T15:00:00Z'),
    ],
    ['an instant', { resourceType: 'Appointment', start: '2024-05-01T09:00:00+09:00' }, at('2024-05-01T00:00:00Z')],
    [
      'a slot’s start',
      { resourceType: 'Slot', start: '2024-05-01T09:00:00+09:00', end: '2024-05-01T10:00:00+09:00' },
      at('2024-05-01T00:00:00Z'),
    ],
    [
      'a message',
      { resourceType: 'Communication', sent: '2024-05-01T09:00:00+09:00', received: '2024-05-01T10:00:00+09:00' },
      at('2024-05-01T00:00:00Z'),
    ],
    ['a prescription', { resourceType: 'MedicationRequest', authoredOn: '2024-05-01' }, at('2024-04-30T15:00:00Z')],
    ['none', { resourceType: 'Observation', status: 'final' }, null],
    ['none of a person', { resourceType: 'Patient', birthDate: '1950-01-01' }, null],
    ['none of a list of open ends', { resourceType: 'Encounter', period: {} }, null],
  ])('is %s', (_, resource, date) => {
    expect(index(resource).date).toBe(date);
  });

  it('is known for every type by parameters that it has', () => {
    for (const type of resourceTypes()) {
      for (const code of clinicalDates(type)) expect(indexedParameters(type).get(code)?.type).toBe('date');
    }
    const timeless = ['Observation', 'Encounter', 'Task', 'ImagingStudy', 'QuestionnaireResponse', 'Consent'];
    for (const type of timeless) expect(clinicalDates(type)).not.toEqual([]);
  });
});

describe('the index rows of a resource', () => {
  it('are the same each time, and distinct', () => {
    for (const type of resourceTypes()) {
      const resource = sample(type, 3);
      const { keys: found, strings } = index(resource);
      expect(index(resource).keys).toEqual(found);
      expect(new Set(found).size).toBe(found.length);
      expect(new Set(strings.map((row) => `${row.param} ${row.value}`)).size).toBe(strings.length);
    }
  });

  it('have bounds in order, and numbers that PostgreSQL can hold', () => {
    for (const type of resourceTypes()) {
      for (const { low, high } of index(sample(type, 4)).ranges) {
        expect(low).toBeLessThanOrEqual(high);
        expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
      }
    }
  });

  it('hold what a database of another secret does not', () => {
    const patient = { resourceType: 'Patient', gender: 'male' };
    const other = (index(patient).keys as bigint[]).map((key) => key + 1n);
    expect(other).not.toEqual(index(patient).keys);
    expect(has(patient, keysOf.code(keys, 'Patient', 'gender', 'male'))).toBe(true);
  });

  it('are made without throwing of whatever shape a resource has', () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const types = fc.constantFrom(
      'Observation',
      'Patient',
      'Encounter',
      'Bundle',
      'ServiceRequest',
      'Binary',
      'Invoice',
    );
    const names = [
      'subject',
      'code',
      'name',
      'valueQuantity',
      'period',
      'telecom',
      'address',
      'identifier',
      'occurrenceTiming',
      'meta',
      'entry',
      'securityContext',
      'participant',
      'totalNet',
      'valueSampledData',
    ];
    fc.assert(
      fc.property(types, fc.dictionary(fc.constantFrom(...names), anything), (resourceType, fields) => {
        index({ ...fields, resourceType });
      }),
    );
  });

  it('are none for a type that has no parameters', () => {
    expect(index({ resourceType: 'Nothing' })).toEqual({ keys: [], ranges: [], strings: [], patients: [], date: null });
  });
});

describe('the parameters of the index', () => {
  it('are all of R4’s but composite and special ones', () => {
    expect([...indexedParameters('Observation').keys()]).toEqual(
      expect.arrayContaining(['code', 'patient', '_lastUpdated', '_tag']),
    );
    expect(indexedParameters('Observation').has('code-value-quantity')).toBe(false);
    expect(indexedParameters('Location').has('near')).toBe(false);
    expect(indexedParameters('Nothing').size).toBe(0);
  });

  it('share rows where one is the union of others, or the same', () => {
    expect([...sources('Observation', 'combo-code')].sort()).toEqual(['code', 'component-code']);
    expect([...sources('Observation', 'combo-value-quantity')].sort()).toEqual([
      'component-value-quantity',
      'value-quantity',
    ]);
    expect(sources('Patient', 'phonetic')).toEqual(['name']);
    expect(sources('CodeSystem', 'system')).toEqual(['url']);
    expect(sources('Observation', 'code')).toEqual(['code']);
  });

  it('of references never share, for chains and includes walk each by its own salt', () => {
    for (const type of resourceTypes()) {
      for (const { code, type: kind } of indexedParameters(type).values()) {
        if (kind === 'reference') expect(sources(type, code)).toEqual([code]);
        for (const source of sources(type, code)) expect(sources(type, source)).toEqual([source]);
      }
    }
  });

  it('of references lead to the types that their elements allow', () => {
    expect(targetsOf('Observation', 'patient')).toEqual(['Patient']);
    expect([...targetsOf('Observation', 'subject')].sort()).toEqual(['Device', 'Group', 'Location', 'Patient']);
    expect(targetsOf('AllergyIntolerance', 'patient')).toEqual(['Patient']);
    expect(targetsOf('Appointment', 'practitioner')).toEqual(['Practitioner']);
    expect(targetsOf('QuestionnaireResponse', 'questionnaire')).toEqual(['Questionnaire']);
    expect(targetsOf('Observation', 'focus').length).toBeGreaterThan(140);
  });

  it('lead somewhere, each reference of every type', () => {
    for (const type of resourceTypes()) {
      for (const { code, type: kind } of indexedParameters(type).values()) {
        if (kind === 'reference') expect([type, code, targetsOf(type, code).length]).not.toEqual([type, code, 0]);
      }
    }
  });
});

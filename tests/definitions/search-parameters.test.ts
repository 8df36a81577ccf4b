import { parseFhirPath } from '@medplum/core';
import { patientCompartment, resourceTypes, searchParameters, typeDefinition } from '../../src/definitions/index.ts';

describe('search parameters by type', () => {
  test('every type has the common ones, with an expression of its own', () => {
    for (const type of resourceTypes()) {
      const map = searchParameters(type);
      for (const code of ['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source'])
        expect(map.get(code)?.expression).toMatch(new RegExp(`^${type}\\.`));
      for (const code of ['_text', '_content', '_query']) expect(map.has(code)).toBe(false);
    }
  });

  test('a shared parameter keeps only the alternatives of the type', () => {
    expect(searchParameters('Observation').get('patient')).toEqual({
      code: 'patient',
      type: 'reference',
      expression: 'Observation.subject.where(resolve() is Patient)',
      targets: ['Patient'],
      url: 'http://hl7.org/fhir/SearchParameter/clinical-patient',
    });
    expect(searchParameters('AllergyIntolerance').get('code')?.expression).toBe(
      'AllergyIntolerance.code | AllergyIntolerance.reaction.substance',
    );
    expect(searchParameters('MedicationRequest').get('code')?.expression).toBe(
      '(MedicationRequest.medication.ofType(CodeableConcept))',
    );
    expect(searchParameters('Observation').get('value-date')?.expression).toBe(
      '(Observation.value.ofType(dateTime)) | (Observation.value.ofType(Period))',
    );
    expect(searchParameters('InsurancePlan').get('name')?.expression).toBe('InsurancePlan.name | InsurancePlan.alias');
  });

  test('each alternative names its type, parses, and begins with an element that the type has', () => {
    for (const type of resourceTypes()) {
      const names = new Set(typeDefinition(type)?.elements.map((e) => e.name));
      for (const p of searchParameters(type).values()) {
        expect(() => parseFhirPath(p.expression)).not.toThrow();
        const heads = [...p.expression.matchAll(/(?:^|\| )\(*([A-Z]\w+)(?:\.(\w+))?/g)];
        expect(heads.length).toBeGreaterThan(0);
        for (const [, owner, name] of heads) {
          expect(owner).toBe(type);
          if (name) expect([type, p.code, names.has(name)]).toEqual([type, p.code, true]);
        }
      }
    }
  });

  test('targets are types of R4; empty means any', () => {
    for (const type of resourceTypes()) {
      for (const p of searchParameters(type).values())
        for (const target of p.targets) expect(resourceTypes()).toContain(target);
    }
    expect(searchParameters('Observation').get('focus')?.targets).toEqual([]);
  });

  test('a type that is none has no parameters', () => {
    for (const name of ['Bot', 'Resource', '__proto__', 'constructor', 'toString'])
      expect(searchParameters(name).size).toBe(0);
  });
});

describe('the Patient compartment', () => {
  test('is named by search parameters of the type', () => {
    expect(patientCompartment('Observation')).toEqual(['subject', 'performer']);
    expect(patientCompartment('Patient')).toEqual(['link']);
    expect(patientCompartment('Organization')).toEqual([]);
    for (const type of resourceTypes())
      for (const code of patientCompartment(type)) expect(searchParameters(type).get(code)?.type).toBe('reference');
  });
});

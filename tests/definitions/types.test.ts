import { isResourceType, resourceTypes, typeDefinition } from '../../src/definitions/index.ts';

const element = (type: string, name: string) => typeDefinition(type)?.elements.find((e) => e.name === name);

describe('the types are those of R4 4.0.1', () => {
  test('146 concrete resource types, none of R4B, R5 or Medplum', () => {
    expect(resourceTypes()).toHaveLength(146);
    for (const name of ['Patient', 'Parameters', 'Binary', 'Bundle', 'OrganizationAffiliation'])
      expect(isResourceType(name)).toBe(true);
    for (const name of [
      'Resource',
      'DomainResource',
      'MetadataResource',
      'SubscriptionStatus',
      'Bot',
      'Project',
      'HumanName',
      '__proto__',
      'constructor',
      '',
    ]) {
      expect(isResourceType(name)).toBe(false);
    }
  });

  test.each([
    ['Meta', 'project'],
    ['Meta', 'compartment'],
    ['Binary', 'url'],
    ['HealthcareService', 'offeredIn'],
    ['ObservationDefinition', 'publisher'],
    ['DeviceDefinition', 'classification'],
    ['DeviceDefinition', 'bodySite'],
    ['ResearchStudy', 'recruitment'],
    ['ResearchStudy', 'result'],
    ['EvidenceVariable.characteristic', 'definitionByCombination'],
  ])('what Medplum adds is left out: %s.%s', (type, name) => {
    expect(typeDefinition(type)).toBeDefined();
    expect(element(type, name)).toBeUndefined();
  });

  test('what Medplum replaced is restored', () => {
    expect(element('EvidenceVariable.characteristic', 'definition')).toMatchObject({ min: 1, choice: true });
    expect(element('DetectedIssue', 'status')?.binding).toBe('http://hl7.org/fhir/ValueSet/observation-status');
    expect(element('AuditEvent.source', 'observer')?.types[0]?.targets).not.toContain('Bot');
    expect(element('ResearchStudy', 'site')?.types[0]?.targets).toEqual(['Location']);
    expect(element('Bundle.entry.response', 'outcome')?.types[0]?.code).toBe('Resource');
  });

  test('elements that only dataelements.json has under another name stay', () => {
    for (const [type, name] of [
      ['ResearchElementDefinition.characteristic', 'participantEffective'],
      ['MedicinalProductIngredient.specifiedSubstance.strength.referenceStrength', 'strength'],
      ['MedicinalProductPharmaceutical.routeOfAdministration.targetSpecies.withdrawalPeriod', 'tissue'],
      ['MedicationKnowledge.administrationGuidelines.patientCharacteristics', 'characteristic'],
    ] as const) {
      expect(element(type, name)).toBeDefined();
    }
  });
});

describe('a type definition', () => {
  test('has inherited elements first and its own after them', () => {
    const names = typeDefinition('Observation')?.elements.map((e) => e.name) ?? [];
    expect(names.slice(0, 8)).toEqual([
      'id',
      'meta',
      'implicitRules',
      'language',
      'text',
      'contained',
      'extension',
      'modifierExtension',
    ]);
    expect(names).toContain('component');
    expect(new Set(names).size).toBe(names.length);
  });

  test('states cardinality, choice, targets, content reference, binding and profile', () => {
    expect(element('Observation', 'value')).toMatchObject({
      path: 'Observation.value[x]',
      choice: true,
      min: 0,
      max: 1,
    });
    expect(element('Observation', 'value')?.types.map((t) => t.code)).toContain('SampledData');
    expect(element('Observation', 'category')?.max).toBe(Number.POSITIVE_INFINITY);
    expect(element('Observation', 'subject')?.types).toEqual([
      { code: 'Reference', targets: ['Patient', 'Group', 'Device', 'Location'] },
    ]);
    expect(element('Observation', 'focus')?.types).toEqual([{ code: 'Reference' }]);
    expect(element('Observation.component', 'referenceRange')).toMatchObject({
      content: 'Observation.referenceRange',
      types: [],
    });
    expect(element('Observation', 'status')?.binding).toBe('http://hl7.org/fhir/ValueSet/observation-status');
    expect(element('Observation', 'category')?.binding).toBeUndefined();
    expect(element('Observation.referenceRange', 'low')?.types).toEqual([
      { code: 'Quantity', profile: 'SimpleQuantity' },
    ]);
    expect(element('Resource', 'id')?.types).toEqual([{ code: 'id' }]);
    expect(element('Extension', 'url')?.types).toEqual([{ code: 'uri' }]);
  });

  test('has the invariants of its own and of its bases, each once', () => {
    const keys = (type: string) => typeDefinition(type)?.invariants.map((i) => i.key);
    expect(keys('Observation')).toEqual(['dom-2', 'dom-3', 'dom-4', 'dom-5', 'obs-6', 'obs-7']);
    expect(keys('Observation.referenceRange')).toEqual(['ele-1', 'obs-3']);
    expect(keys('Age')).toEqual(['ele-1', 'qty-3', 'age-1']);
    expect(keys('Extension')).toEqual(['ele-1', 'ext-1']);
    expect(element('Organization', 'telecom')?.invariants?.map((i) => i.key)).toEqual(['org-3']);
  });

  test('every type that an element names exists, and every target is a resource type', () => {
    const targets = new Set<string>();
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const e of typeDefinition(name)?.elements ?? []) {
        if (e.types.length === 0 && e.content === undefined) throw new Error(`${e.path} has no type`);
        if (e.content) visit(e.content);
        for (const t of e.types) visit(t.code === 'BackboneElement' || t.code === 'Element' ? e.path : t.code);
        for (const target of e.types.flatMap((t) => t.targets ?? [])) targets.add(target);
      }
    };
    for (const type of resourceTypes()) visit(type);
    expect([...seen].filter((name) => !typeDefinition(name))).toEqual([]);
    expect([...targets].filter((name) => !isResourceType(name))).toEqual([]);
  });

  test('a name that R4 does not have is undefined, whatever it is', () => {
    for (const name of ['__proto__', 'constructor', 'toString', '', 'observation', 'Observation.nothing']) {
      expect(typeDefinition(name)).toBeUndefined();
    }
  });
});

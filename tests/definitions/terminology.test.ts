import { codes, resourceTypes, typeDefinition, withoutVersion } from '../../src/definitions/index.ts';

describe('code lists of required bindings', () => {
  test('hold each code bare and with its system', () => {
    const set = codes('http://hl7.org/fhir/ValueSet/observation-status');
    expect(set?.has('final')).toBe(true);
    expect(set?.has('http://hl7.org/fhir/observation-status|final')).toBe(true);
    expect(set?.has('finished')).toBe(false);
  });

  test('take concepts below others, whole systems, and several systems', () => {
    expect(codes('http://hl7.org/fhir/ValueSet/event-timing')?.has('ACM')).toBe(true);
    expect(codes('http://hl7.org/fhir/ValueSet/event-timing')?.has('http://hl7.org/fhir/event-timing|MORN')).toBe(true);
    expect(codes('http://hl7.org/fhir/ValueSet/resource-types')?.has('Patient')).toBe(true);
    expect(codes('http://hl7.org/fhir/ValueSet/all-types')?.has('Quantity')).toBe(true);
    expect(codes('http://hl7.org/fhir/ValueSet/units-of-time')?.has('min')).toBe(true);
  });

  test('every required binding of R4 can be listed but the four that cannot', () => {
    const open = new Set<string>();
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const e of typeDefinition(name)?.elements ?? []) {
        if (e.binding && !codes(e.binding)) open.add(e.binding);
        for (const t of e.types) visit(t.code === 'BackboneElement' || t.code === 'Element' ? e.path : t.code);
      }
    };
    for (const type of resourceTypes()) visit(type);
    expect([...open].sort()).toEqual([
      'http://hl7.org/fhir/ValueSet/currencies',
      'http://hl7.org/fhir/ValueSet/mimetypes',
      'http://hl7.org/fhir/ValueSet/ucum-units',
      'http://loinc.org/vs/LL379-9',
    ]);
  });

  test('our own value sets are listed too, whole systems and chosen codes', () => {
    const kinds = codes('https://tasuki.example/fhir/ValueSet/institution-kind');
    expect(kinds?.has('https://tasuki.example/fhir/CodeSystem/institution-kind|cooperating-hospital')).toBe(true);
    expect(kinds?.size).toBe(10);
    const purposes = codes('https://tasuki.example/fhir/ValueSet/keycode-purpose');
    expect([...(purposes ?? [])].filter((code) => !code.includes('|'))).toEqual([
      'TREAT',
      'HPAYMT',
      'HOPERAT',
      'CAREMGT',
      'PUBHLTH',
    ]);
  });

  test('an unknown set is undefined', () => {
    expect(codes('http://example.org/ValueSet/none')).toBeUndefined();
    expect(codes('__proto__')).toBeUndefined();
  });

  test('a canonical loses its version', () => {
    expect(withoutVersion('http://x/y|1.2')).toBe('http://x/y');
    expect(withoutVersion('http://x/y')).toBe('http://x/y');
  });
});

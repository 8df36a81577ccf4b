import { validate } from '../../../src/fhir/validation/index.ts';

const check = (resource: object) => validate(resource).issues.map((i) => [i.expression?.[0], i.code]);
const absent = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }];
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const allergy = (clinicalStatus: object) => ({
  resourceType: 'AllergyIntolerance',
  patient: { display: 'x' },
  clinicalStatus,
});

describe('a required binding', () => {
  test('of a code is to a code of the set', () => {
    expect(check({ resourceType: 'Patient', gender: 'female' })).toEqual([]);
    for (const gender of [
      'Female',
      'f',
      '女',
      'constructor',
      '__proto__',
      'http://hl7.org/fhir/administrative-gender|female',
    ]) {
      expect(check({ resourceType: 'Patient', gender })).toEqual([['Patient.gender', 'code-invalid']]);
    }
    expect(validate({ resourceType: 'Patient', gender: 'f' }).issues[0]?.diagnostics).toBe(
      '“f” is not in the required value set http://hl7.org/fhir/ValueSet/administrative-gender',
    );
  });

  test('of a CodeableConcept is kept by one of its codings', () => {
    expect(
      check(
        allergy({
          coding: [
            { system: 'http://x', code: 'y' },
            { system: CLINICAL, code: 'active' },
          ],
        }),
      ),
    ).toEqual([]);
    const path = 'AllergyIntolerance.clinicalStatus';
    expect(check(allergy({ coding: [{ system: CLINICAL, code: 'gone' }] }))).toEqual([[path, 'code-invalid']]);
    expect(check(allergy({ coding: [{ system: 'http://x', code: 'active' }] }))).toEqual([[path, 'code-invalid']]);
    expect(check(allergy({ coding: [{ code: 'active' }] }))).toEqual([[path, 'code-invalid']]);
    expect(check(allergy({ text: 'active' }))).toEqual([[path, 'code-invalid']]);
    expect(check(allergy({ extension: absent }))).toEqual([]);
  });

  test('of a Coding is to system and code', () => {
    const SPECIAL = 'http://terminology.hl7.org/CodeSystem/payeetype';
    const endpoint = (code: unknown, connectionType = { system: SPECIAL, code: 'x' }) => ({
      resourceType: 'Endpoint',
      status: code,
      connectionType,
      payloadType: [{ text: 'x' }],
      address: 'http://x',
    });
    expect(check(endpoint('active'))).toEqual([]); // an extensible binding is not checked
    const signature = (code: object) => ({
      resourceType: 'MessageHeader',
      eventUri: 'http://x',
      source: { endpoint: 'http://x' },
      response: code,
    });
    expect(check(signature({ identifier: 'a', code: 'ok' }))).toEqual([]);
    expect(check(signature({ identifier: 'a', code: 'okay' }))).toEqual([
      ['MessageHeader.response.code', 'code-invalid'],
    ]);
  });

  test('of a media type or a currency is to its grammar', () => {
    const photo = (contentType: string) => ({ resourceType: 'Patient', photo: [{ contentType, url: 'http://x' }] });
    for (const type of ['image/png', 'application/fhir+json', 'text/html; charset=utf-8', 'application/vnd.ms-excel'])
      expect(check(photo(type))).toEqual([]);
    for (const type of ['png', 'image/', '/png', 'image/png/x', 'image /png'])
      expect(check(photo(type))).toEqual([['Patient.photo[0].contentType', 'code-invalid']]);
    const invoice = (currency: string) => ({
      resourceType: 'Invoice',
      status: 'draft',
      totalNet: { value: 1, currency },
    });
    expect(check(invoice('JPY'))).toEqual([]);
    for (const currency of ['yen', 'JPYE', '¥'])
      expect(check(invoice(currency))).toEqual([['Invoice.totalNet.currency', 'code-invalid']]);
    const capabilities = (format: string) => ({
      resourceType: 'CapabilityStatement',
      status: 'draft',
      date: '2026',
      kind: 'requirements',
      description: 'x',
      fhirVersion: '4.0.1',
      format: [format],
      rest: [{ mode: 'server' }],
    });
    for (const format of ['json', 'xml', 'ttl', 'application/fhir+json'])
      expect(check(capabilities(format))).toEqual([]);
    expect(check(capabilities('yaml'))).toEqual([['CapabilityStatement.format[0]', 'code-invalid']]);
  });

  test('is not asked of a value that has extensions only', () => {
    expect(check({ resourceType: 'Patient', _gender: { extension: absent } })).toEqual([]);
  });
});

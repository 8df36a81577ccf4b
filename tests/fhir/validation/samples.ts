/** Synthetic resources, each valid R4; tests change a copy. */
type Json = Record<string, unknown>;

const IDE = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
export const XHTML = 'http://www.w3.org/1999/xhtml';
const UCUM = { system: 'http://unitsofmeasure.org', code: 'mg/dL', unit: 'mg/dL' };

export const patient = (): Json => ({
  resourceType: 'Patient',
  id: 'p1',
  meta: {
    versionId: '1',
    lastUpdated: '2026-01-02T03:04:05.678+09:00',
    tag: [{ system: 'http://example.org/tag', code: 'a' }],
  },
  text: { status: 'generated', div: `<div xmlns="${XHTML}"><p>山田 太郎</p></div>` },
  identifier: [{ use: 'usual', system: 'urn:oid:1.2.392.100495.20.3.51.11310000001', value: '00012345' }],
  active: true,
  name: [
    {
      extension: [{ url: IDE, valueCode: 'IDE' }],
      use: 'official',
      text: '山田 太郎',
      family: '山田',
      given: ['太郎'],
    },
    {
      extension: [{ url: IDE, valueCode: 'SYL' }],
      use: 'official',
      text: 'ヤマダ タロウ',
      family: 'ヤマダ',
      given: ['タロウ'],
    },
  ],
  telecom: [{ system: 'phone', value: '03-0000-0000', rank: 1, period: { start: '2020-01-01', end: '2026' } }],
  gender: 'male',
  birthDate: '1950-02-28',
  _birthDate: {
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1950-02-28T01:02:03+09:00' },
    ],
  },
  multipleBirthInteger: 2,
  address: [{ text: '東京都港区1-1', line: ['1-1'], postalCode: '105-0001', country: 'JP' }],
  contact: [{ relationship: [{ text: '妻' }], name: { text: '山田 花子' } }],
  managingOrganization: { reference: 'Organization/o1', display: 'みなと総合病院' },
  link: [{ other: { reference: 'Patient/p2' }, type: 'seealso' }],
});

export const observation = (): Json => ({
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }], text: '血圧' },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-01-02T03:04:05+09:00',
  issued: '2026-01-02T03:04:05.000Z',
  performer: [{ reference: 'Organization/o1' }, { reference: 'urn:uuid:12345678-1234-1234-1234-123456789abc' }],
  note: [{ text: '安静時', time: '2026-01-02' }],
  referenceRange: [{ low: { value: 0.46, ...UCUM }, high: { value: 1.07, ...UCUM }, text: '0.46–1.07' }],
  component: [
    { code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] }, valueQuantity: { value: 120, unit: 'mmHg' } },
    {
      code: { coding: [{ system: 'http://loinc.org', code: '8462-4' }] },
      dataAbsentReason: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
      },
      referenceRange: [{ high: { value: 90, unit: 'mmHg' } }],
    },
  ],
});

export const serviceRequest = (): Json => ({
  resourceType: 'ServiceRequest',
  contained: [
    { resourceType: 'Practitioner', id: 'dr', name: [{ text: '佐藤 一郎' }] },
    {
      resourceType: 'Condition',
      id: 'why',
      subject: { reference: 'Patient/p1' },
      asserter: { reference: '#dr' },
      code: { text: '腹痛' },
    },
  ],
  identifier: [{ system: 'http://example.org/orders', value: '1' }],
  status: 'active',
  intent: 'order',
  code: { text: '造影CT' },
  subject: { reference: 'Patient/p1', type: 'Patient' },
  requester: { reference: '#dr' },
  reasonReference: [{ reference: '#why' }],
  occurrencePeriod: { start: '2026-12-01T09:00:00+09:00', end: '2026-12-01' },
});

export const questionnaireResponse = (): Json => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  questionnaire: 'http://example.org/Questionnaire/safety|1.0',
  item: [
    {
      linkId: '1',
      item: [
        { linkId: '1.1', answer: [{ valueBoolean: false }] },
        {
          linkId: '1.2',
          answer: [
            { valueDecimal: 1.5 },
            { valueQuantity: { value: 3 } },
            { valueReference: { identifier: { value: 'x' } } },
          ],
        },
      ],
    },
  ],
});

export const medicationRequest = (): Json => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: { text: 'ロキソプロフェン' },
  subject: { reference: 'Patient/p1' },
  dosageInstruction: [
    {
      timing: {
        repeat: {
          boundsDuration: { value: 7, unit: '日', system: UCUM.system, code: 'd' },
          frequency: 3,
          period: 1,
          periodUnit: 'd',
        },
      },
      doseAndRate: [{ doseQuantity: { value: 1, unit: '錠' } }],
    },
  ],
});

const uuid = (n: number) => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`;

export const document = (): Json => ({
  resourceType: 'Bundle',
  identifier: { system: 'http://example.org/documents', value: '1' },
  type: 'document',
  timestamp: '2026-01-02T03:04:05.678+09:00',
  entry: [
    {
      fullUrl: uuid(1),
      resource: {
        resourceType: 'Composition',
        status: 'final',
        type: { coding: [{ system: 'http://loinc.org', code: '57133-1' }] },
        subject: { reference: uuid(2) },
        date: '2026-01-02T03:04:05+09:00',
        author: [{ reference: uuid(3) }],
        title: '診療情報提供書',
        section: [{ title: '紹介目的', text: { status: 'additional', div: `<div xmlns="${XHTML}">精査</div>` } }],
      },
    },
    { fullUrl: uuid(2), resource: { ...patient(), managingOrganization: { reference: uuid(4) }, link: undefined } },
    { fullUrl: uuid(3), resource: { resourceType: 'Practitioner', name: [{ text: '佐藤 一郎' }] } },
    { fullUrl: uuid(4), resource: { resourceType: 'Organization', name: 'さくら診療所' } },
  ],
});

export const parameters = (): Json => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'keycode', valueString: 'X' },
    { name: 'appt-resource', resource: { resourceType: 'Basic', code: { text: 'x' } } },
    {
      name: 'both',
      part: [
        { name: 'a', valueBoolean: true },
        { name: 'b', valueDecimal: 1 },
      ],
    },
  ],
});

/** All of them, freshly made and without `undefined`. */
export const samples = (): readonly Json[] =>
  JSON.parse(
    JSON.stringify([
      patient(),
      observation(),
      serviceRequest(),
      questionnaireResponse(),
      medicationRequest(),
      document(),
      parameters(),
    ]),
  ) as Json[];

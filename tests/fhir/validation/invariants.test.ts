import { validate } from '../../../src/fhir/validation/index.ts';

type Json = Record<string, unknown>;

const text = { text: 'x' };
const coded = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const canonical = { url: 'http://example.org/x', name: 'X', status: 'draft' };
const bundle = (more: Json) => ({ resourceType: 'Bundle', type: 'collection', ...more });
const questionnaire = (...item: Json[]) => ({ resourceType: 'Questionnaire', status: 'draft', item });
const observation = (more: Json) => ({ resourceType: 'Observation', status: 'final', code: text, ...more });
const repeat = (more: Json) => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject: { display: 'x' },
  occurrenceTiming: { repeat: more },
});
const extension = (more: Json) => ({
  resourceType: 'Basic',
  code: text,
  extension: [{ url: 'http://example.org/x', ...more }],
});
const structure = (more: Json) => ({
  resourceType: 'StructureDefinition',
  ...canonical,
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  ...more,
});
const differential = (...element: Json[]) => structure({ differential: { element } });
const root = { id: 'Patient', path: 'Patient' };
const element = (more: Json) => differential(root, { id: 'Patient.a', path: 'Patient.a', ...more });
const terminology = (more: Json) => ({
  resourceType: 'TerminologyCapabilities',
  status: 'draft',
  date: '2026',
  kind: 'requirements',
  description: 'x',
  ...more,
});
const testScript = (more: Json) => ({ resourceType: 'TestScript', ...canonical, ...more });
const assert = (more: Json) => testScript({ test: [{ action: [{ assert: { warningOnly: false, ...more } }] }] });
const operation = (more: Json) => ({ encodeRequestUrl: true, ...more });
const capabilities = (more: Json) => ({
  resourceType: 'CapabilityStatement',
  status: 'draft',
  date: '2026',
  kind: 'requirements',
  description: 'x',
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [{ mode: 'server' }],
  ...more,
});
const appointment = (more: Json) => ({
  resourceType: 'Appointment',
  status: 'proposed',
  participant: [{ actor: { display: 'x' }, status: 'accepted' }],
  ...more,
});
const structureMap = (target: Json) => ({
  resourceType: 'StructureMap',
  ...canonical,
  group: [
    {
      name: 'a',
      typeMode: 'none',
      input: [{ name: 's', mode: 'source' }],
      rule: [{ name: 'r', source: [{ context: 's' }], target: [target] }],
    },
  ],
});

/** Each breaks the invariants that stand before it, and nothing else. */
const BREAKS: readonly (readonly [key: string, resource: Json])[] = [
  ['ele-1', observation({ method: { id: 'a' } })],
  ['ext-1', extension({})],
  ['ext-1', extension({ valueString: 'x', extension: [{ url: 'a', valueString: 'y' }] })],
  ['age-1', extension({ valueAge: { value: 0, code: 'a', system: 'http://unitsofmeasure.org' } })],
  ['qty-3', observation({ valueQuantity: { value: 1, code: 'mg' } })],
  ['sqty-1', observation({ referenceRange: [{ low: { value: 1, comparator: '<' } }] })],
  ['att-1', extension({ valueAttachment: { data: 'aGk=' } })],
  ['cpt-2', { resourceType: 'Patient', telecom: [{ value: '03' }] }],
  ['cnt-3', extension({ valueCount: { value: 1.5, code: '1', system: 'http://unitsofmeasure.org' } })],
  ['dis-1', extension({ valueDistance: { value: 1 } })],
  ['drt-1', extension({ valueDuration: { value: 1, code: 'd', system: 'http://example.org' } })],
  ['per-1', extension({ valuePeriod: { start: '2026-01-02', end: '2025-12' } })],
  ['per-1', extension({ valuePeriod: { start: '2026-01-02T03:00:00Z', end: '2026-01-02T11:59:59+09:00' } })],
  ['rng-2', extension({ valueRange: { low: { value: 2 }, high: { value: 1 } } })],
  ['rat-1', extension({ valueRatio: { numerator: { value: 2 } } })],
  ['ref-1', observation({ subject: { reference: '#none' } })],
  ['dom-3', { ...observation({}), contained: [{ resourceType: 'Patient', id: 'a' }] }],
  [
    'dom-4',
    {
      ...observation({ subject: { reference: '#a' } }),
      contained: [{ resourceType: 'Patient', id: 'a', meta: { versionId: '1' } }],
    },
  ],
  [
    'dom-5',
    {
      ...observation({ subject: { reference: '#a' } }),
      contained: [{ resourceType: 'Patient', id: 'a', meta: { security: [{ code: 'a' }] } }],
    },
  ],
  ['tim-1', repeat({ duration: 1 })],
  ['tim-2', repeat({ period: 1 })],
  ['tim-4', repeat({ duration: -1, durationUnit: 'd' })],
  ['tim-5', repeat({ period: -1, periodUnit: 'd' })],
  ['tim-6', repeat({ periodMax: 1 })],
  ['tim-7', repeat({ durationMax: 1 })],
  ['tim-8', repeat({ countMax: 1 })],
  ['tim-9', repeat({ offset: 1, when: ['C'] })],
  ['tim-10', repeat({ timeOfDay: ['12:00:00'], when: ['MORN'] })],
  ['ait-1', { resourceType: 'AllergyIntolerance', patient: { display: 'x' } }],
  ['app-1', appointment({ participant: [{ status: 'accepted' }] })],
  ['app-2', appointment({ start: '2026-01-02T03:04:05Z' })],
  ['app-3', appointment({ status: 'booked' })],
  ['app-4', appointment({ cancelationReason: text })],
  [
    'sev-1',
    {
      resourceType: 'AuditEvent',
      type: { code: 'rest' },
      recorded: '2026-01-02T03:04:05Z',
      agent: [{ requestor: true }],
      source: { observer: { display: 'x' } },
      entity: [{ name: 'a', query: 'aGk=' }],
    },
  ],
  ['bdl-1', bundle({ total: 1 })],
  ['bdl-2', bundle({ entry: [{ resource: { resourceType: 'Patient' }, search: { mode: 'match' } }] })],
  ['bdl-3', bundle({ type: 'transaction', entry: [{ resource: { resourceType: 'Patient' } }] })],
  ['bdl-4', bundle({ entry: [{ response: { status: '200' } }] })],
  ['bdl-5', bundle({ entry: [{ fullUrl: 'urn:oid:1.2' }] })],
  [
    'bdl-7',
    bundle({
      entry: [
        { fullUrl: 'urn:oid:1.2', resource: { resourceType: 'Patient' } },
        { fullUrl: 'urn:oid:1.2', resource: { resourceType: 'Patient' } },
      ],
    }),
  ],
  ['bdl-8', bundle({ entry: [{ fullUrl: 'http://x/Patient/1/_history/1', resource: { resourceType: 'Patient' } }] })],
  ['bdl-9', bundle({ type: 'document', timestamp: '2026-01-02T03:04:05Z', entry: [composition()] })],
  ['bdl-10', bundle({ type: 'document', identifier: { system: 'http://x', value: '1' }, entry: [composition()] })],
  [
    'bdl-11',
    bundle({
      type: 'document',
      timestamp: '2026-01-02T03:04:05Z',
      identifier: { system: 'http://x', value: '1' },
      entry: [{ resource: { resourceType: 'Patient' } }],
    }),
  ],
  ['bdl-12', bundle({ type: 'message', entry: [{ resource: { resourceType: 'Patient' } }] })],
  ['inv-1', { resourceType: 'Parameters', parameter: [{ name: 'a' }] }],
  [
    'inv-1',
    { resourceType: 'Parameters', parameter: [{ name: 'a', valueString: 'x', resource: { resourceType: 'Patient' } }] },
  ],
  ['inv-1', { resourceType: 'Task', status: 'draft', intent: 'order', authoredOn: '2026-02', lastModified: '2026-01' }],
  ['con-4', { resourceType: 'Condition', subject: { display: 'x' }, abatementString: 'x' }],
  ['ppc-1', { resourceType: 'Consent', status: 'active', scope: text, category: [text] }],
  [
    'ctm-1',
    { resourceType: 'CareTeam', participant: [{ member: { reference: 'Patient/1' }, onBehalfOf: { display: 'x' } }] },
  ],
  ['obs-3', observation({ referenceRange: [{ age: { low: { value: 1 } } }] })],
  ['obs-6', observation({ dataAbsentReason: text, valueString: 'x' })],
  [
    'obs-7',
    observation({
      code: { coding: [{ system: 'a', code: 'b' }] },
      valueString: 'x',
      component: [{ code: { coding: [{ code: 'b', system: 'a' }] } }],
    }),
  ],
  ['org-1', { resourceType: 'Organization', active: true }],
  ['org-2', { resourceType: 'Organization', name: 'x', address: [{ use: 'home' }] }],
  ['org-3', { resourceType: 'Organization', name: 'x', telecom: [{ use: 'home', system: 'phone' }] }],
  ['pat-1', { resourceType: 'Patient', contact: [{ gender: 'male' }] }],
  [
    'prr-1',
    {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { display: 'x' },
      orderDetail: [text],
    },
  ],
  ['que-1', questionnaire({ linkId: '1', type: 'group' })],
  ['que-2', questionnaire({ linkId: '1', type: 'group', item: [{ linkId: '1', type: 'string' }] })],
  [
    'que-7',
    questionnaire({
      linkId: '1',
      type: 'string',
      enableWhen: [{ question: '2', operator: 'exists', answerString: 'x' }],
    }),
  ],
  [
    'que-12',
    questionnaire({
      linkId: '1',
      type: 'string',
      enableWhen: ['a', 'b', 'c'].map((question) => ({ question, operator: '=', answerString: 'x' })),
    }),
  ],
  [
    'qrs-1',
    {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: [{ linkId: '1', item: [{ linkId: '2' }], answer: [{ valueString: 'x' }] }].map((item) => ({ ...item })),
    },
  ],
  [
    'csd-1',
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'b' }] }, { code: 'b' }],
    },
  ],
  ['cpb-9', capabilities({ rest: [{ mode: 'server', resource: [{ type: 'Patient' }, { type: 'Patient' }] }] })],
  [
    'nsd-2',
    {
      resourceType: 'NamingSystem',
      name: 'x',
      status: 'draft',
      kind: 'identifier',
      date: '2026',
      uniqueId: ['a', 'b'].map((value) => ({ type: 'uri', value, preferred: true })),
    },
  ],
  ['eld-1', element({ slicing: { rules: 'open' } })],
  ['eld-2', element({ min: 2, max: '1' })],
  ['eld-3', element({ max: 'many' })],
  ['eld-7', element({ type: [{ code: 'string' }, { code: 'code' }], patternString: 'x' })],
  ['sdf-20', differential({ ...root, slicing: { rules: 'open', description: 'x' } })],
  [
    'sdf-22',
    structure({
      url: 'http://hl7.org/fhir/StructureDefinition/x',
      derivation: 'specialization',
      differential: { element: [{ ...root, defaultValueString: 'x' }] },
    }),
  ],
  ['smp-1', structureMap({ element: 'a' })],
  ['smp-2', structureMap({ context: 'a' })],
  ['tcp-1', terminology({ codeSystem: [{ version: [{ code: 'a' }, { isDefault: true }] }] })],
  ['tst-3', testScript({ variable: [{ name: 'a', expression: 'x', headerField: 'y', path: 'z' }] })],
  ['tst-5 tst-6', assert({ contentType: 'json', expression: 'x' })],
  ['tst-7 tst-8', testScript({ test: [{ action: [{ operation: operation({ type: { code: 'read' } }) }] }] })],
  ['tst-10 tst-11', assert({ compareToSourceId: 'a' })],
  ['tst-12 tst-13', assert({ response: 'okay', direction: 'request' })],
  [
    'vsd-3',
    {
      resourceType: 'ValueSet',
      status: 'draft',
      compose: {
        include: [{ system: 'http://x', concept: [{ code: 'a' }], filter: [{ property: 'a', op: '=', value: 'b' }] }],
      },
    },
  ],
  ['eld-12', element({ binding: { strength: 'required', valueSet: 'x' } })],
  ['eld-14', element({ constraint: ['x', 'x'].map((key) => ({ key, severity: 'error', human: 'x' })) })],
  ['eld-16', element({ sliceName: 'a b' })],
  ['eld-17', element({ type: [{ code: 'string', targetProfile: ['http://x'] }] })],
  ['sdf-4', structure({ baseDefinition: undefined, differential: { element: [root] } })],
  ['sdf-5', structure({ type: 'Extension', differential: { element: [{ id: 'Extension', path: 'Extension' }] } })],
  ['sdf-6', structure({})],
  ['sdf-8a', differential(root, { id: 'a', path: 'Observation.a' })],
  ['sdf-9', differential({ ...root, label: 'x' })],
  ['sdf-8 sdf-11', structure({ snapshot: { element: [{ ...snapshot('Observation') }] } })],
  ['sdf-15', structure({ snapshot: { element: [{ ...snapshot('Patient'), type: [{ code: 'Patient' }] }] } })],
  ['sdf-15a', differential({ ...root, type: [{ code: 'Patient' }] })],
  ['sdf-17', differential(root, { id: 'a', path: 'Patient.a' }, { id: 'a', path: 'Patient.b' })],
  [
    'sdf-19',
    structure({
      url: 'http://hl7.org/fhir/StructureDefinition/x',
      differential: { element: [root, { id: 'a', path: 'Patient.a', type: [{ code: 'http://example.org/Type' }] }] },
    }),
  ],
  [
    'sdf-21 sdf-22',
    structure({
      url: 'http://hl7.org/fhir/StructureDefinition/x',
      differential: { element: [{ ...root, defaultValueString: 'x' }] },
    }),
  ],
  [
    'ait-2',
    {
      resourceType: 'AllergyIntolerance',
      patient: { display: 'x' },
      clinicalStatus: coded('allergyintolerance-clinical', 'active'),
      verificationStatus: coded('allergyintolerance-verification', 'entered-in-error'),
    },
  ],
  [
    'con-5',
    {
      resourceType: 'Condition',
      subject: { display: 'x' },
      clinicalStatus: coded('condition-clinical', 'active'),
      verificationStatus: coded('condition-ver-status', 'entered-in-error'),
    },
  ],
];

function composition(): Json {
  return {
    resource: {
      resourceType: 'Composition',
      status: 'final',
      type: text,
      date: '2026',
      author: [{ display: 'x' }],
      title: 'x',
    },
  };
}

function snapshot(path: string): Json {
  return { id: path, path, definition: 'x', min: 0, max: '*', base: { path, min: 0, max: '*' } };
}

describe('an invariant of R4 that is broken is named, with the element that breaks it', () => {
  test.each(BREAKS)('%s', (key, resource) => {
    const { issues } = validate(JSON.parse(JSON.stringify(resource)));
    expect(issues.map((i) => i.diagnostics.split(/[ :(]/)[0])).toEqual(key.split(' '));
  });
});

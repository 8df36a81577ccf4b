import { validate } from '../../../src/fhir/validation/index.ts';
import { namedType, parseReference } from '../../../src/fhir/validation/references.ts';

const ID64 = 'x'.repeat(64);
const UUID = 'c757873d-ec9a-4326-a141-556f43239520';

describe('the literal of a reference', () => {
  test.each([
    ['Patient/1', { kind: 'relative', type: 'Patient' }],
    [`Patient/${ID64}`, { kind: 'relative', type: 'Patient' }],
    ['Patient/1/_history/2', { kind: 'relative', type: 'Patient' }],
    ['http://a.example/fhir/Patient/1', { kind: 'absolute', type: 'Patient' }],
    ['https://a.example/fhir/Patient/1/_history/2', { kind: 'absolute', type: 'Patient' }],
    ['https://a.example/x', { kind: 'absolute' }],
    ['https://a.example/Doctor/1', { kind: 'absolute' }],
    [`urn:uuid:${UUID}`, { kind: 'urn' }],
    [`urn:uuid:${UUID.toUpperCase()}`, { kind: 'urn' }],
    ['urn:oid:1.2.392.200119', { kind: 'urn' }],
    ['#a', { kind: 'fragment', id: 'a' }],
    ['#', { kind: 'fragment', id: '' }],
    ['Practitioner?identifier=http://x|1', { kind: 'conditional', type: 'Practitioner' }],
  ])('%s', (text, expected) => expect(parseReference(text)).toEqual(expected));

  test.each([
    'Patient',
    'Patient/',
    '/Patient/1',
    'Patient/1/',
    'Patient/1/2',
    'Patient/a b',
    'Patient/あ',
    `Patient/${ID64}x`,
    'Patient/1/_history',
    'patient/1',
    'Doctor/1',
    'Resource/1',
    'DomainResource/1',
    '__proto__/1',
    'constructor/1',
    'Patient?',
    'Patient?a b',
    'Doctor?a=b',
    'http://',
    'http://[',
    'urn:uuid:1',
    'urn:oid:9.1',
    'urn:x:y',
    'ftp://a/Patient/1',
    'javascript:alert(1)',
    ' Patient/1',
    'Patient/1\n',
    '?a=b',
    `http://a/${'x'.repeat(3000)}`,
    '../Patient/1',
  ])('%j is wrong, and it says why', (text) => {
    expect(parseReference(text)).toEqual({ kind: 'wrong', why: expect.stringMatching(/^(?:must|is|names) /) });
  });

  test('Reference.type names a type of R4 bare or as its URL', () => {
    expect(namedType('Patient')).toBe('Patient');
    expect(namedType('http://hl7.org/fhir/StructureDefinition/Patient')).toBe('Patient');
    expect(namedType('http://example.org/StructureDefinition/Patient')).toBeUndefined();
    expect(namedType('HumanName')).toBeUndefined();
  });
});

describe('a Reference in a resource', () => {
  const observation = (subject: object, more: object = {}) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject,
    ...more,
  });
  const messages = (resource: object, options = {}) =>
    validate(resource, options).issues.map((i) => `${i.expression?.[0]}: ${i.diagnostics}`);

  test('must be to a type that its definition allows', () => {
    expect(messages(observation({ reference: 'Group/1' }))).toEqual([]);
    expect(messages(observation({ reference: 'Practitioner/1' }))).toEqual([
      'Observation.subject: A Practitioner is not allowed here; allowed: Patient, Group, Device, Location',
    ]);
    expect(messages(observation({ reference: 'http://x/fhir/Practitioner/1' }))).toHaveLength(1);
    expect(messages(observation({ reference: 'http://x/anything' }))).toEqual([]);
  });

  test('must agree with its type, by which it may also be refused', () => {
    expect(messages(observation({ reference: 'Patient/1', type: 'Patient' }))).toEqual([]);
    expect(
      messages(observation({ reference: 'Patient/1', type: 'http://hl7.org/fhir/StructureDefinition/Patient' })),
    ).toEqual([]);
    expect(messages(observation({ reference: 'Patient/1', type: 'Group' }))).toEqual([
      'Observation.subject: The reference is to a Patient, but Reference.type says Group',
    ]);
    expect(messages(observation({ identifier: { value: '1' }, type: 'Practitioner' }))[0]).toMatch(
      'Reference.type Practitioner is not allowed here',
    );
    expect(messages(observation({ identifier: { value: '1' }, type: 'http://example.org/LogicalModel' }))).toEqual([]);
  });

  test('may be conditional in a transaction only', () => {
    expect(messages(observation({ reference: 'Patient?identifier=1' }))[0]).toMatch('for transactions only');
    expect(messages(observation({ reference: 'Patient?identifier=1' }), { conditionalReferences: true })).toEqual([]);
    expect(
      messages(observation({ reference: 'Practitioner?identifier=1' }), { conditionalReferences: true })[0],
    ).toMatch('is not allowed here');
  });

  test('to the container is for contained resources only', () => {
    expect(messages(observation({ reference: '#' }))[0]).toMatch('for contained resources only');
  });

  test('is found with its path and targets, in the order of the document, contained ones too, fragments not', () => {
    const resource = observation(
      { reference: 'Patient/1' },
      {
        contained: [{ resourceType: 'PractitionerRole', id: 'a', organization: { reference: 'Organization/o' } }],
        performer: [{ reference: '#a' }, { display: 'x' }, { reference: 'Organization/2' }],
        extension: [{ url: 'http://x', valueReference: { reference: 'Basic/3' } }],
        focus: [{ reference: `urn:uuid:${UUID}` }],
      },
    );
    const { issues, references } = validate(resource);
    expect(issues).toEqual([]);
    expect(references).toEqual([
      { path: 'Observation.subject', reference: 'Patient/1', targets: ['Patient', 'Group', 'Device', 'Location'] },
      { path: 'Observation.contained[0].organization', reference: 'Organization/o', targets: ['Organization'] },
      {
        path: 'Observation.performer[2]',
        reference: 'Organization/2',
        targets: expect.arrayContaining(['Organization', 'Patient']),
      },
      { path: 'Observation.extension[0].value', reference: 'Basic/3', targets: [] },
      { path: 'Observation.focus[0]', reference: `urn:uuid:${UUID}`, targets: [] },
    ]);
  });

  test('inside what a Bundle or Parameters carries is not the resource’s own', () => {
    const entry = observation({ reference: 'Patient/1' });
    expect(validate({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: entry }] })).toEqual({
      issues: [],
      references: [],
    });
    expect(validate({ resourceType: 'Parameters', parameter: [{ name: 'a', resource: entry }] })).toEqual({
      issues: [],
      references: [],
    });
    const own = { resourceType: 'Parameters', parameter: [{ name: 'a', valueReference: { reference: 'Patient/1' } }] };
    expect(validate(own).references).toEqual([
      { path: 'Parameters.parameter[0].value', reference: 'Patient/1', targets: [] },
    ]);
  });
});

import { validate } from '../../../src/fhir/validation/index.ts';
import { document, serviceRequest } from './samples.ts';

type Json = Record<string, unknown>;
const check = (resource: unknown) => validate(resource).issues.map((i) => `${i.expression?.[0]}: ${i.diagnostics}`);
const observation = (more: Json) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
const contained = (resources: Json[], more: Json = {}) => observation({ contained: resources, ...more });

describe('a contained resource', () => {
  test('is referred to from the resource, by canonical too, or refers to it', () => {
    expect(check(serviceRequest())).toEqual([]);
    expect(check(contained([{ resourceType: 'Patient', id: 'a' }], { subject: { reference: '#a' } }))).toEqual([]);
    expect(check(contained([observation({ id: 'a', hasMember: [{ reference: '#' }] })]))).toEqual([]);
    const response = {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: '#q',
      contained: [{ resourceType: 'Questionnaire', id: 'q', status: 'draft' }],
    };
    expect(check(response)).toEqual([]);
    expect(check(contained([{ resourceType: 'Patient', id: 'a' }]))).toEqual([
      expect.stringContaining('Observation.contained[0]: dom-3'),
    ]);
    expect(check(contained([{ resourceType: 'Patient' }]))).toEqual([expect.stringContaining('dom-3')]);
  });

  test('is found whatever the order of the properties', () => {
    const subject = { reference: '#a' };
    const patient = [{ resourceType: 'Patient', id: 'a' }];
    expect(
      check({ resourceType: 'Observation', contained: patient, subject, status: 'final', code: { text: 'x' } }),
    ).toEqual([]);
    expect(
      check({ subject, status: 'final', code: { text: 'x' }, contained: patient, resourceType: 'Observation' }),
    ).toEqual([]);
  });

  test('is of a type that the reference allows', () => {
    expect(check(contained([{ resourceType: 'Practitioner', id: 'a' }], { subject: { reference: '#a' } }))).toEqual([
      'Observation.subject: A Practitioner is not allowed here; allowed: Patient, Group, Device, Location',
    ]);
  });

  test('has an id of its own', () => {
    const twice = [
      { resourceType: 'Patient', id: 'a' },
      { resourceType: 'Patient', id: 'a' },
    ];
    expect(check(contained(twice, { subject: { reference: '#a' } }))).toEqual([
      expect.stringContaining('Observation.contained[1]: Two contained'),
    ]);
  });

  test('contains no other', () => {
    const inner = {
      resourceType: 'Patient',
      id: 'a',
      contained: [{ resourceType: 'Organization', id: 'b', name: 'x' }],
      managingOrganization: { reference: '#b' },
    };
    expect(check(contained([inner], { subject: { reference: '#a' } }))[0]).toMatch(
      'Observation.contained[0].contained[0]: dom-2',
    );
  });

  test('is validated like any other', () => {
    expect(
      check(contained([{ resourceType: 'Patient', id: 'a', gender: 'x' }], { subject: { reference: '#a' } }))[0],
    ).toMatch('Observation.contained[0].gender: “x” is not in');
    expect(check(contained([{ resourceType: 'Doctor', id: 'a' }]))[0]).toMatch('Observation.contained[0].resourceType');
    expect(check(contained(['x'] as unknown as Json[]))[0]).toMatch('Observation.contained[0]: must be a JSON object');
    expect(check(contained([{ id: 'a' }]))[0]).toMatch('must name its resourceType');
  });
});

describe('a Bundle', () => {
  const collection = (...resources: Json[]) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  });

  test('that is a document is valid as a whole', () =>
    expect(check(JSON.parse(JSON.stringify(document())))).toEqual([]));

  test('that is a document holds whatever its entries refer to by urn:, of an allowed type', () => {
    const letter = (subject: string) => {
      const copy = JSON.parse(JSON.stringify(document())) as { entry: { resource: Json }[]; type: string };
      copy.entry[0]!.resource.subject = { reference: subject };
      return copy;
    };
    const patient = 'urn:uuid:00000000-0000-4000-8000-000000000002';
    const none = 'urn:uuid:00000000-0000-4000-8000-000000000009';
    const practitioner = 'urn:uuid:00000000-0000-4000-8000-000000000003';
    expect(check(letter(patient))).toEqual([]);
    expect(check(letter('Patient/elsewhere'))).toEqual([]);
    expect(check(letter(none))).toEqual([
      `Bundle.entry[0].resource.subject: The document has no entry whose fullUrl is “${none}”`,
    ]);
    const author = { ...letter(patient) };
    author.entry[1]!.resource.managingOrganization = { reference: practitioner };
    expect(check(author)).toEqual([
      'Bundle.entry[1].resource.managingOrganization: A Practitioner is not allowed here; allowed: Organization',
    ]);
    expect(check({ ...letter(none), type: 'collection' })).toEqual([]);
  });

  test('has its entries validated, each with its own contained resources', () => {
    const a = contained([{ resourceType: 'Patient', id: 'a' }], { subject: { reference: '#a' } });
    expect(check(collection(a, a))).toEqual([]);
    expect(check(collection(a, observation({ subject: { reference: '#a' } })))).toEqual([
      'Bundle.entry[1].resource.subject: ref-1: there is no contained resource with the id “a”',
    ]);
  });

  test('may hold Bundles', () => {
    expect(check(collection(collection(observation({}))))).toEqual([]);
    expect(check(collection(collection({ resourceType: 'Observation', status: 'final' })))).toEqual([
      'Bundle.entry[0].resource.entry[0].resource.code: is required in Observation and is missing',
    ]);
  });

  test('carries any resource as an outcome', () => {
    const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid' }] };
    const bundle = (response: Json) => ({
      resourceType: 'Bundle',
      type: 'transaction-response',
      entry: [{ response }],
    });
    expect(check(bundle({ status: '400', outcome }))).toEqual([]);
    expect(check(bundle({ status: '400', outcome: { ...outcome, issue: [] } }))[0]).toMatch(
      'Bundle.entry[0].response.outcome.issue',
    );
  });
});

describe('an invariant over %resource', () => {
  test('is of the innermost resource', () => {
    const inner = observation({
      id: 'a',
      valueString: 'x',
      code: { coding: [{ code: 'c' }] },
      component: [{ code: { coding: [{ code: 'c' }] } }],
    });
    expect(check(contained([inner], { hasMember: [{ reference: '#a' }] }))).toEqual([
      expect.stringContaining('Observation.contained[0]: obs-7'),
    ]);
    const outer = {
      ...contained([{ ...inner, code: { text: 'x' } }], { hasMember: [{ reference: '#a' }] }),
      code: { coding: [{ code: 'c' }] },
    };
    expect(check(outer)).toEqual([]);
  });
});

import { ownDefinitions } from '../../../src/definitions/index.ts';
import { validate } from '../../../src/fhir/validation/index.ts';
import { matches } from '../../../src/fhir/validation/profiles/check.ts';
import { compileProfile } from '../../../src/fhir/validation/profiles/compile.ts';

type Json = Record<string, unknown>;
const BASE = 'https://tasuki.example/fhir';
const claim = (name: string) => ({ profile: [`${BASE}/StructureDefinition/${name}`] });
const check = (resource: unknown) =>
  validate(JSON.parse(JSON.stringify(resource))).issues.map((i) => `${i.expression?.[0]}: ${i.diagnostics}`);
const found = (path: string, why: string) => [
  expect.stringMatching(new RegExp(`^${path.replaceAll(/[.[\]]/g, '\\$&')}: .*${why}`)),
];

describe('our definitions', () => {
  test('are valid R4 and named by their canonicals', () => {
    const all = ownDefinitions() as Json[];
    expect(all.length).toBeGreaterThanOrEqual(9);
    for (const definition of all) {
      expect(validate(definition).issues).toEqual([]);
      expect(definition.url).toBe(`${BASE}/${definition.resourceType}/${definition.id}`);
    }
  });
});

const IDE = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
const patient = (more: Json = {}) => ({
  resourceType: 'Patient',
  meta: claim('tasuki-patient'),
  identifier: [{ system: 'urn:oid:1.2.3', value: '1' }],
  name: [{ text: '山田 太郎', extension: [{ url: IDE, valueCode: 'IDE' }] }],
  ...more,
});

describe('tasuki-patient', () => {
  test('is kept by a patient with a number and a name of known representation', () => {
    expect(check(patient())).toEqual([]);
    expect(
      check(
        patient({
          name: [
            { text: 'Yamada' },
            {
              text: 'ヤマダ',
              extension: [
                { url: 'http://x', valueCode: 'a' },
                { url: IDE, valueCode: 'SYL' },
              ],
            },
          ],
        }),
      ),
    ).toEqual([]);
  });

  test('asks for both', () => {
    expect(check(patient({ identifier: undefined }))).toEqual(
      found('Patient.identifier', 'at least once \\(profile TasukiPatient\\)'),
    );
    expect(check(patient({ identifier: [{ value: '1' }] }))).toEqual(
      found('Patient.identifier[0].system', 'at least once'),
    );
    expect(check(patient({ identifier: [{ system: 'http://x', value: '1' }, { system: 'http://x' }] }))).toEqual(
      found('Patient.identifier[1].value', 'at least once'),
    );
    expect(check(patient({ name: [{ text: '山田' }] }))).toEqual(found('Patient', 'tasuki-pat-1'));
    expect(check(patient({ name: [{ text: '山田', extension: [{ url: IDE, valueCode: 'ABC' }] }] }))).toEqual(
      found('Patient', 'tasuki-pat-1'),
    );
    expect(check(patient({ name: undefined })).length).toBe(2);
  });

  test('is asked only of who claims it, with or without a version', () => {
    expect(check({ resourceType: 'Patient' })).toEqual([]);
    expect(
      check({ resourceType: 'Patient', meta: { profile: [`${BASE}/StructureDefinition/tasuki-patient|1.0.0`] } })
        .length,
    ).toBeGreaterThan(0);
    expect(
      check({
        resourceType: 'Patient',
        meta: { profile: ['http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient', 'http://example.org/any'] },
      }),
    ).toEqual([]);
    expect(check({ resourceType: 'Organization', name: 'x', meta: claim('tasuki-patient') })).toEqual(
      found('Organization', 'is for Patient'),
    );
  });

  test('is asked of contained resources and of those in a Bundle too', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: patient({ identifier: undefined }) }],
    };
    expect(check(bundle)).toEqual(found('Bundle.entry[0].resource.identifier', 'at least once'));
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: '#a' },
      contained: [patient({ id: 'a', identifier: undefined })],
    };
    expect(check(observation)).toEqual(found('Observation.contained[0].identifier', 'at least once'));
  });

  test('waits until the structure is right', () => {
    expect(check(patient({ identifier: undefined, foo: 1 }))).toEqual(found('Patient.foo', 'no such element'));
  });
});

const INSTITUTION_NO = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';
const institution = (more: Json = {}) => ({
  resourceType: 'Organization',
  meta: claim('tasuki-institution'),
  identifier: [{ system: INSTITUTION_NO, value: '1310000001' }],
  type: [{ coding: [{ system: `${BASE}/CodeSystem/institution-kind`, code: 'medical' }] }],
  name: 'さくら診療所',
  ...more,
});
const kinds = (...codes: string[]) =>
  codes.map((code) => ({ coding: [{ system: `${BASE}/CodeSystem/institution-kind`, code }] }));

describe('tasuki-institution', () => {
  test('is kept by an institution with its number, kind and name, and whatever else it has', () => {
    expect(check(institution())).toEqual([]);
    const more = {
      identifier: [{ value: 'x' }, { system: INSTITUTION_NO, value: '9450000500' }],
      type: [
        { text: 'x' },
        ...kinds('care'),
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov' }] },
      ],
    };
    expect(check(institution(more))).toEqual([]);
  });

  test('knows an institution by one number of ten half-width digits', () => {
    const path = 'Organization.identifier';
    expect(check(institution({ identifier: [{ system: 'http://x', value: '1310000001' }] }))).toEqual(
      found(path, 'at least once of the kind institutionCode'),
    );
    const twice = ['1310000001', '1310000002'].map((value) => ({ system: INSTITUTION_NO, value }));
    expect(check(institution({ identifier: twice }))).toEqual(
      found(path, 'may be there once at most of the kind institutionCode'),
    );
    expect(check(institution({ identifier: [{ system: INSTITUTION_NO }] }))).toEqual(
      found(`${path}[0].value`, 'at least once'),
    );
    for (const value of ['131000000', '13100000011', '１３１０００００００１', '131000000a', '1310000001\n']) {
      expect(check(institution({ identifier: [{ system: INSTITUTION_NO, value }] }))).toEqual(
        found(`${path}[0].value`, 'tasuki-inst-1'),
      );
    }
  });

  test('asks for exactly one kind of ours', () => {
    expect(check(institution({ type: [{ text: 'x' }] }))).toEqual(
      found('Organization.type', 'at least once of the kind kind'),
    );
    expect(check(institution({ type: kinds('medical', 'care') }))).toEqual(
      found('Organization.type', 'once at most of the kind kind'),
    );
    expect(check(institution({ type: kinds('hospital') }))).toEqual(
      found('Organization.type[0].coding[0]', 'is not in the required value set'),
    );
    expect(check(institution({ name: undefined }))).toEqual(found('Organization.name', 'at least once'));
  });
});

const booking = (more: Json = {}) => ({
  resourceType: 'ServiceRequest',
  meta: claim('tasuki-booking'),
  identifier: [{ system: 'http://x', value: '1' }],
  status: 'active',
  intent: 'order',
  code: { text: '造影CT' },
  subject: { reference: 'Patient/1' },
  requester: { reference: 'Organization/1' },
  performer: [{ reference: 'Organization/2' }],
  ...more,
});

describe('tasuki-booking', () => {
  test('is kept by an order from one institution to another', () => {
    expect(check(booking())).toEqual([]);
    expect(
      check(
        booking({
          subject: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
          performer: [{ reference: 'HealthcareService/1' }],
        }),
      ),
    ).toEqual([]);
  });

  test.each([
    ['no number', { identifier: undefined }, 'ServiceRequest.identifier', 'at least once'],
    ['no code', { code: undefined }, 'ServiceRequest.code', 'at least once'],
    ['no requester', { requester: undefined }, 'ServiceRequest.requester', 'at least once'],
    ['no performer', { performer: undefined }, 'ServiceRequest.performer', 'at least once'],
    [
      'a requester by name only',
      { requester: { display: 'x' } },
      'ServiceRequest.requester.reference',
      'at least once',
    ],
    [
      'a subject that is no patient',
      { subject: { reference: 'Group/1' } },
      'ServiceRequest.subject',
      'may be to Patient only',
    ],
    [
      'a performer that cannot perform',
      { performer: [{ reference: 'Patient/1' }] },
      'ServiceRequest.performer[0]',
      'may be to Organization',
    ],
    ['a plan', { intent: 'plan' }, 'ServiceRequest.intent', 'must have "order"'],
    ['what must not be done', { doNotPerform: true }, 'ServiceRequest.doNotPerform', 'must not be there'],
  ])('%s is refused', (_, more, path, why) => expect(check(booking(more))).toEqual(found(path, why)));
});

const coded = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const provision = (more: Json = {}) => ({
  type: 'permit',
  period: { start: '2026-11-22T00:00:00Z', end: '2027-11-22T00:00:00Z' },
  actor: [{ role: coded('v3-ParticipationType', 'IRCP'), reference: { reference: 'Organization/2' } }],
  purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
  ...more,
});
const consent = (more: Json = {}) => ({
  resourceType: 'Consent',
  meta: claim('tasuki-keycode-consent'),
  identifier: [{ system: `${BASE}/keycode-id`, value: 'k1' }],
  status: 'active',
  scope: coded('consentscope', 'patient-privacy'),
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0', display: 'Patient Consent' }] }],
  patient: { reference: 'Patient/1' },
  dateTime: '2026-11-22T00:00:00Z',
  performer: [{ reference: 'Patient/1' }],
  organization: [{ reference: 'Organization/1' }],
  sourceAttachment: { title: 'キーコードの提示' },
  policy: [{ uri: 'https://tasuki.example/policy/timeline/1' }],
  provision: provision(),
  ...more,
});

describe('tasuki-keycode-consent', () => {
  test('is kept by a basic consent of IHE PCF, active or withdrawn', () => {
    expect(check(consent())).toEqual([]);
    expect(
      check(
        consent({
          status: 'inactive',
          category: [{ text: 'x' }, { coding: [{ code: 'x' }, { system: 'http://loinc.org', code: '59284-0' }] }],
        }),
      ),
    ).toEqual([]);
  });

  test.each([
    ['no keycode', { identifier: undefined }, 'Consent.identifier', 'at least once'],
    ['another scope', { scope: coded('consentscope', 'research') }, 'Consent.scope', 'must have'],
    ['another category', { category: [{ text: 'x' }] }, 'Consent.category', 'at least once of the kind consent'],
    ['no patient', { patient: undefined }, 'Consent.patient', 'at least once'],
    ['no time', { dateTime: undefined }, 'Consent.dateTime', 'at least once'],
    [
      'given by a doctor',
      { performer: [{ reference: 'Practitioner/1' }] },
      'Consent.performer[0]',
      'may be to Patient, RelatedPerson only',
    ],
    ['no source', { sourceAttachment: undefined }, 'Consent.source', 'at least once'],
    ['no policy', { policy: undefined, policyRule: { text: 'x' } }, 'Consent.policy', 'at least once'],
    ['a policy without URI', { policy: [{ authority: 'http://x' }] }, 'Consent.policy[0].uri', 'at least once'],
    ['a verification', { verification: [{ verified: true }] }, 'Consent.verification', 'must not be there'],
    ['no provision', { provision: undefined }, 'Consent.provision', 'at least once'],
    ['a denial', { provision: provision({ type: 'deny' }) }, 'Consent.provision.type', 'must have "permit"'],
    [
      'no end',
      { provision: provision({ period: { start: '2026' } }) },
      'Consent.provision.period.end',
      'at least once',
    ],
    [
      'two actors',
      { provision: provision({ actor: [...provision().actor, ...provision().actor] }) },
      'Consent.provision.actor',
      'once at most',
    ],
    [
      'another role',
      { provision: provision({ actor: [{ ...provision().actor[0], role: { text: 'x' } }] }) },
      'Consent.provision.actor[0].role',
      'must have',
    ],
    [
      'a person as actor',
      { provision: provision({ actor: [{ ...provision().actor[0], reference: { reference: 'Practitioner/1' } }] }) },
      'Consent.provision.actor[0].reference',
      'may be to Organization only',
    ],
    [
      'an action',
      { provision: provision({ action: [{ text: 'x' }] }) },
      'Consent.provision.action',
      'must not be there',
    ],
    [
      'a break-glass purpose',
      {
        provision: provision({
          purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG' }],
        }),
      },
      'Consent.provision.purpose[0]',
      'is not in the required value set',
    ],
    [
      'a nested provision',
      { provision: provision({ provision: [{ type: 'deny' }] }) },
      'Consent.provision.provision',
      'must not be there',
    ],
  ])('%s is refused', (_, more, path, why) => expect(check(consent(more))).toEqual(found(path, why)));
});

describe('a pattern', () => {
  test.each([
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [[{ a: 1 }, { b: 2 }], [{ b: 2 }], true],
    [[{ a: 1 }], [{ a: 1 }, { a: 2 }], false],
    ['x', 'x', true],
    ['x', ['x'], false],
    [undefined, 'x', false],
    [new Number(1), 1, true],
  ])('%j has %j: %s', (value, pattern, expected) => expect(matches(value, pattern)).toBe(expected));
});

describe('a profile that cannot be decided is not compiled', () => {
  const profile = (...element: Json[]) =>
    ({ url: 'http://x', name: 'X', type: 'Patient', differential: { element } }) as unknown as Parameters<
      typeof compileProfile
    >[0];

  test('slices without a value at their discriminator', () => {
    const slicing = { discriminator: [{ type: 'value', path: 'system' }] };
    expect(() =>
      compileProfile(
        profile(
          { id: 'Patient.identifier', path: 'Patient.identifier', slicing },
          { id: 'Patient.identifier:a', path: 'Patient.identifier', sliceName: 'a' },
        ),
      ),
    ).toThrow('discriminator');
    expect(() =>
      compileProfile(
        profile(
          { id: 'Patient.identifier', path: 'Patient.identifier' },
          { id: 'Patient.identifier:a', path: 'Patient.identifier', sliceName: 'a' },
        ),
      ),
    ).toThrow('without discriminator');
  });

  test('bindings to a value set that nobody can list', () => {
    const binding = { strength: 'required', valueSet: 'http://example.org/ValueSet/none' };
    expect(() => compileProfile(profile({ id: 'Patient.gender', path: 'Patient.gender', binding }))).toThrow(
      'cannot be listed',
    );
  });
});

test('a resource that has changed since it was validated is looked at anew', () => {
  const resource = patient();
  expect(validate(resource).issues).toEqual([]);
  resource.name = [{ text: '山田 太郎', extension: [{ url: IDE, valueCode: 'ABC' }] }];
  expect(validate(resource).issues).toHaveLength(1);
  resource.name = [{ text: '山田 太郎', extension: [{ url: IDE, valueCode: 'SYL' }] }];
  expect(validate(resource).issues).toEqual([]);
});

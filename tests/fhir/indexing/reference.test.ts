import fc from 'fast-check';
import { keysOf } from '../../../src/fhir/indexing/keys-of.ts';
import { parseReference } from '../../../src/fhir/indexing/reference.ts';
import { baseUrl, has, index, keys } from './context.ts';

describe('a reference', () => {
  test.each([
    ['Patient/1', { type: 'Patient', id: '1' }],
    ['Patient/a-B.9', { type: 'Patient', id: 'a-B.9' }],
    ['Patient/1/_history/2', { type: 'Patient', id: '1', version: '2' }],
    [`${baseUrl}/fhir/Patient/1`, { type: 'Patient', id: '1' }],
    [`${baseUrl}/fhir/Patient/1/_history/2`, { type: 'Patient', id: '1', version: '2' }],
    [`Organization/${'x'.repeat(64)}`, { type: 'Organization', id: 'x'.repeat(64) }],
  ])('to a resource here: %s', (text, expected) => {
    expect(parseReference(text, baseUrl)).toEqual(expected);
  });

  test.each([
    '',
    '1',
    '#p',
    'Patient',
    'Patient/',
    '/Patient/1',
    'Patient/1/',
    'Patient//1',
    'Patient/1/_history',
    'Patient/1/_history/',
    'patient/1',
    'Nothing/1',
    'Resource/1',
    'HumanName/1',
    'Patient/1?x',
    'Patient?identifier=1',
    'Patient/ä',
    'Patient/a b',
    'Patient/1\n',
    `Patient/${'x'.repeat(65)}`,
    'urn:uuid:5e4f7a51-1bfc-4c39-9d0e-7d2e4a8f2f6b',
    'https://elsewhere.example/fhir/Patient/1',
    `${baseUrl}/Patient/1`,
    `${baseUrl}/fhirPatient/1`,
    `${baseUrl}.evil.example/fhir/Patient/1`,
    `x${baseUrl}/fhir/Patient/1`,
    'constructor/1',
    '__proto__/1',
  ])('to none here: %j', (text) => {
    expect(parseReference(text, baseUrl)).toBeNull();
  });

  it('is read without throwing whatever it is, and never as more than it says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = parseReference(text, baseUrl);
        if (found) expect(text).toContain(`${found.type}/${found.id}`);
      }),
    );
  });
});

describe('the keys of a reference parameter', () => {
  const observation = (reference: string) => ({ resourceType: 'Observation', subject: { reference } });
  const subject = (type: string, id: string) => keys.reference('Observation', 'subject', keys.rid(type, id));
  const uri = (text: string) => keysOf.uri(keys, 'Observation', 'subject', text);

  test.each(['Patient/1', 'Patient/1/_history/2', `${baseUrl}/fhir/Patient/1`])(
    'lead to the resource from %s',
    (text) => {
      expect(has(observation(text), subject('Patient', '1'))).toBe(true);
      expect(has(observation(text), subject('Group', '1'))).toBe(false);
      expect(has(observation(text), keys.reference('Observation', 'patient', keys.rid('Patient', '1')))).toBe(true);
    },
  );

  it('name a version too, and only the one that is meant', () => {
    expect(has(observation('Patient/1/_history/2'), uri('Patient/1/_history/2'))).toBe(true);
    expect(has(observation('Patient/1'), uri('Patient/1'))).toBe(false);
  });

  test.each(['urn:uuid:5e4f7a51-1bfc-4c39-9d0e-7d2e4a8f2f6b', 'https://elsewhere.example/fhir/Patient/1'])(
    'are the text of %s',
    (text) => {
      expect(has(observation(text), uri(text))).toBe(true);
      expect(has(observation(text), subject('Patient', '1'))).toBe(false);
    },
  );

  it('of `patient` are for Patients alone', () => {
    const patient = keysOf.present(keys, 'Observation', 'patient');
    expect(has(observation('Group/1'), patient)).toBe(false);
    expect(has(observation('Patient/1'), patient)).toBe(true);
  });

  it('say that there is a value even where nothing can find it', () => {
    const present = keysOf.present(keys, 'Observation', 'subject');
    expect(has(observation('#contained'), present)).toBe(true);
    expect(has({ resourceType: 'Observation', subject: { display: '山田' } }, present)).toBe(true);
    expect(has({ resourceType: 'Observation' }, present)).toBe(false);
  });

  it('name the identifier of a logical reference in the forms of a token', () => {
    const logical = {
      resourceType: 'Observation',
      subject: { type: 'Patient', identifier: { system: 'urn:s', value: '1' } },
    };
    for (const code of ['subject', 'patient']) {
      expect(has(logical, keysOf.identifier(keys, 'Observation', code, 'urn:s', '1'))).toBe(true);
      expect(has(logical, keysOf.identifierValue(keys, 'Observation', code, '1'))).toBe(true);
      expect(has(logical, keysOf.identifierSystem(keys, 'Observation', code, 'urn:s'))).toBe(true);
    }
    const bare = { resourceType: 'Observation', subject: { identifier: { value: '1' } } };
    expect(has(bare, keysOf.identifier(keys, 'Observation', 'subject', '', '1'))).toBe(true);
    expect(has(bare, keysOf.present(keys, 'Observation', 'patient'))).toBe(false);
  });

  it('of a canonical are the text with its version and without', () => {
    const url = 'http://x.example/Questionnaire/q';
    const response = (questionnaire: string) => ({ resourceType: 'QuestionnaireResponse', questionnaire });
    const key = (text: string) => keysOf.uri(keys, 'QuestionnaireResponse', 'questionnaire', text);
    expect(has(response(`${url}|1.0`), key(`${url}|1.0`))).toBe(true);
    expect(has(response(`${url}|1.0`), key(url))).toBe(true);
    expect(has(response(url), key(url))).toBe(true);
    const local = keys.reference('QuestionnaireResponse', 'questionnaire', keys.rid('Questionnaire', 'q'));
    expect(has(response('Questionnaire/q'), local)).toBe(true);
    expect(has(response(`${url}|1.0`), local)).toBe(false);
  });

  it('of a document are its composition’s', () => {
    const entry = [
      { resource: { resourceType: 'Composition', id: 'c' } },
      { resource: { resourceType: 'Patient', id: 'p' } },
    ];
    const bundle = { resourceType: 'Bundle', type: 'document', entry };
    expect(has(bundle, keys.reference('Bundle', 'composition', keys.rid('Composition', 'c')))).toBe(true);
    expect(has(bundle, keys.reference('Bundle', 'composition', keys.rid('Patient', 'p')))).toBe(false);
  });

  it('are not made of what is no reference', () => {
    for (const value of [3, 'Patient/1', {}, { reference: 3 }, { identifier: 'x' }, { identifier: null }]) {
      expect(() => index({ resourceType: 'Observation', subject: value })).not.toThrow();
    }
  });
});

import { keysOf, phoneDigits } from '../../../src/fhir/indexing/keys-of.ts';
import { has, index, keys, stringsOf } from './context.ts';

const token = (type: string, code: string, system: string, value: string) =>
  keysOf.token(keys, type, code, system, value);
const code = (type: string, name: string, value: string) => keysOf.code(keys, type, name, value);
const system = (type: string, name: string, value: string) => keysOf.system(keys, type, name, value);

describe('the keys of a token parameter', () => {
  const loinc = 'http://loinc.org';
  const local = 'urn:oid:1.2.392.1';
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: {
      coding: [
        { system: loinc, code: '2160-0', display: 'Creatinine [Mass/volume]' },
        { system: local, code: 'CRE', display: 'クレアチニン' },
        { code: 'naked' },
        { system: 'urn:nothing-but-a-system' },
      ],
      text: '血清クレアチニン',
    },
  };

  it('name every coding of a concept by system and code, by code, and by system', () => {
    for (const [s, c] of [
      [loinc, '2160-0'],
      [local, 'CRE'],
    ] as const) {
      expect(has(observation, token('Observation', 'code', s, c))).toBe(true);
      expect(has(observation, code('Observation', 'code', c))).toBe(true);
      expect(has(observation, system('Observation', 'code', s))).toBe(true);
    }
    expect(has(observation, token('Observation', 'code', loinc, 'CRE'))).toBe(false);
    expect(has(observation, token('Observation', 'code', '', '2160-0'))).toBe(false);
  });

  it('tell a code without a system from one with', () => {
    expect(has(observation, token('Observation', 'code', '', 'naked'))).toBe(true);
    expect(has(observation, code('Observation', 'code', 'naked'))).toBe(true);
    expect(has(observation, system('Observation', 'code', ''))).toBe(false);
  });

  it('name a coding that has only a system by the system', () => {
    expect(has(observation, system('Observation', 'code', 'urn:nothing-but-a-system'))).toBe(true);
  });

  it('say that the parameter is there, and not that another is', () => {
    expect(has(observation, keysOf.present(keys, 'Observation', 'code'))).toBe(true);
    expect(has(observation, keysOf.present(keys, 'Observation', 'status'))).toBe(true);
    expect(has(observation, keysOf.present(keys, 'Observation', 'category'))).toBe(false);
  });

  it('are kept apart by parameter and by type', () => {
    expect(has(observation, code('Observation', 'category', '2160-0'))).toBe(false);
    expect(has(observation, code('Condition', 'code', '2160-0'))).toBe(false);
  });

  it('leave display and text as strings for :text, but not one that another begins with', () => {
    expect(stringsOf(observation, 'code:text')).toEqual(['creatininemassvolume', 'くれあちにん', '血清くれあちにん']);
    const twice = { resourceType: 'Observation', code: { coding: [{ code: 'a', display: '血清' }], text: '血清Na' } };
    expect(stringsOf(twice, 'code:text')).toEqual(['血清na']);
  });

  test.each([
    ['a code', { resourceType: 'Patient', gender: 'female' }, 'Patient', 'gender', 'female'],
    ['true', { resourceType: 'Patient', active: true }, 'Patient', 'active', 'true'],
    ['false', { resourceType: 'Patient', active: false }, 'Patient', 'active', 'false'],
    ['a string', { resourceType: 'AuditEvent', source: { site: '東' } }, 'AuditEvent', 'site', '東'],
    ['a uri', { resourceType: 'MessageHeader', eventUri: 'urn:e' }, 'MessageHeader', 'event', 'urn:e'],
    ['a Coding', { resourceType: 'Encounter', class: { code: 'AMB' } }, 'Encounter', 'class', 'AMB'],
    ['a tag', { resourceType: 'Basic', meta: { tag: [{ code: 't' }] } }, 'Basic', '_tag', 't'],
    ['a security label', { resourceType: 'Basic', meta: { security: [{ code: 'R' }] } }, 'Basic', '_security', 'R'],
  ])('are made for %s', (_, resource, type, name, value) => {
    expect(has(resource, code(type, name, value))).toBe(true);
    expect(has(resource, token(type, name, '', value))).toBe(true);
  });

  it('are made for an identifier, whose type is text', () => {
    const patient = {
      resourceType: 'Patient',
      identifier: [{ system: 'urn:mrn', value: '0012', type: { text: '患者番号' } }, { value: 'loose' }],
    };
    expect(has(patient, token('Patient', 'identifier', 'urn:mrn', '0012'))).toBe(true);
    expect(has(patient, token('Patient', 'identifier', '', 'loose'))).toBe(true);
    expect(has(patient, token('Patient', 'identifier', '', '0012'))).toBe(false);
    expect(has(patient, code('Patient', 'identifier', '12'))).toBe(false);
    expect(stringsOf(patient, 'identifier:text')).toEqual(['患者番号']);
  });

  test.each([
    [{}, 'false'],
    [{ deceasedBoolean: false }, 'false'],
    [{ deceasedBoolean: true }, 'true'],
    [{ deceasedDateTime: '2024-01-01' }, 'true'],
  ])('say whether a patient %j has died: %s', (fields, value) => {
    const patient = { resourceType: 'Patient', ...fields };
    const other = value === 'true' ? 'false' : 'true';
    expect(has(patient, code('Patient', 'deceased', value))).toBe(true);
    expect(has(patient, code('Patient', 'deceased', other))).toBe(false);
  });

  it('are not made of what is no token', () => {
    for (const gender of [3, {}, [], null]) expect(index({ resourceType: 'Patient', gender }).strings).toEqual([]);
  });
});

describe('the keys of a contact point', () => {
  const patient = {
    resourceType: 'Patient',
    telecom: [
      { system: 'phone', value: '03-1234-5678' },
      { system: 'email', value: 'taro@example.org' },
      { system: 'fax', value: '０３（１２３４）９９９９' },
    ],
  };
  const phone = (name: string, digits: string) => keysOf.phone(keys, 'Patient', name, digits);

  it('are the text as it is, with its system', () => {
    expect(has(patient, token('Patient', 'telecom', 'phone', '03-1234-5678'))).toBe(true);
    expect(has(patient, token('Patient', 'telecom', 'email', 'taro@example.org'))).toBe(true);
  });

  it('are also the digits of telephone and fax', () => {
    expect(has(patient, phone('telecom', '0312345678'))).toBe(true);
    expect(has(patient, phone('telecom', '0312349999'))).toBe(true);
    expect(has(patient, phone('phone', '0312345678'))).toBe(true);
    expect(has(patient, phone('phone', '0312349999'))).toBe(false);
  });

  it('go to the parameter of their system only', () => {
    expect(has(patient, code('Patient', 'email', 'taro@example.org'))).toBe(true);
    expect(has(patient, code('Patient', 'phone', 'taro@example.org'))).toBe(false);
  });

  test.each([
    ['03-1234-5678', '0312345678'],
    ['０３－１２３４－５６７８', '0312345678'],
    ['(03) 1234 5678', '0312345678'],
    ['03ー1234ー5678', '0312345678'],
    ['+81 3 1234 5678', '+81312345678'],
    ['110', '110'],
    ['12', ''],
    ['taro@example.org', ''],
    ['tel:0312345678', ''],
    ['', ''],
  ])('digits of %j', (text, digits) => {
    expect(phoneDigits(text)).toBe(digits);
  });
});

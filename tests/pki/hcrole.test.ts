import type { Certificate } from '../../src/pki/certificate.ts';
import { context, hex, oid, printable, sequence, set, utf8 } from '../../src/pki/der.ts';
import { EXTENSIONS } from '../../src/pki/extensions.ts';
import { hcRoles, writeHcRoles } from '../../src/pki/hcrole.ts';
import { authority, doctor, party } from './authorities.ts';

/** Of a published certificate. */
const PUBLISHED =
  '303430320606288185420001312831263024a0223120a00c060a2a830886910f01060101a2100c0e4d65646963616c20446f63746f72';

const root = authority('Root', undefined);
const withValue = (value: Uint8Array): Certificate =>
  party('x', root, {
    extensions: { raw: [{ oid: EXTENSIONS.subjectDirectoryAttributes, critical: false, value }] },
  }).certificate;

const ACTOR = oid('1.0.17090.0.1');
const CODES = oid('1.2.392.100495.1.6.1.1');
const attribute = (...values: Uint8Array[]) => sequence(sequence(ACTOR, set(...values)));
const coded = (...fields: Uint8Array[]) => sequence(context(0, true, set(...fields)));
const scheme = context(0, true, CODES);
const text = (role: string) => context(2, true, utf8(role));
const value = (role: string) => context(1, true, utf8(role));

describe('the roles of healthcare actors', () => {
  it('are written as published certificates have them', () => {
    expect(hex(writeHcRoles(['Medical Doctor']))).toBe(PUBLISHED);
  });

  it('are read from a published encoding', () => {
    expect(hcRoles(withValue(Buffer.from(PUBLISHED, 'hex')))).toEqual(['Medical Doctor']);
  });

  it('are read back as written', () => {
    expect(hcRoles(doctor(root).certificate)).toEqual(['Medical Doctor']);
    const both = doctor(root, { hcRoles: ['Dentist', 'Medical Doctor'] }).certificate;
    expect(hcRoles(both).toSorted()).toEqual(['Dentist', 'Medical Doctor']);
  });

  it.each([
    ['without the inner set', attribute(coded(scheme, text('Dentist'))), ['Dentist']],
    ['with the role as code value', attribute(set(coded(scheme, value('Dentist')))), ['Dentist']],
    ['with code value and text: the text', attribute(set(coded(scheme, value('7'), text('Dentist')))), ['Dentist']],
    ['as another type of text', attribute(set(coded(scheme, context(2, true, printable('Dentist'))))), ['Dentist']],
    [
      'beside other attributes',
      sequence(
        sequence(oid('1.3.6.1.5.5.7.9.4'), set(printable('JP'))),
        sequence(ACTOR, set(set(coded(scheme, text('Dentist'))))),
      ),
      ['Dentist'],
    ],
    [
      'with regional data',
      attribute(set(sequence(context(0, true, set(scheme, text('Dentist'))), context(1, true, sequence())))),
      ['Dentist'],
    ],
  ])('are read %s', (_, der, roles) => {
    expect(hcRoles(withValue(der))).toEqual(roles);
  });

  it.each([
    ['another scheme of codes', attribute(set(coded(context(0, true, oid('1.2.3')), text('Medical Doctor'))))],
    ['another attribute', sequence(sequence(oid('1.2.3'), set(set(coded(scheme, text('Medical Doctor'))))))],
    ['no scheme', attribute(set(coded(text('Medical Doctor'))))],
    ['no text', attribute(set(coded(scheme)))],
    ['two texts', attribute(set(coded(scheme, text('Dentist'), text('Medical Doctor'))))],
    ['a text where none is due', attribute(utf8('Medical Doctor'))],
    ['a text in another tag', attribute(set(coded(scheme, context(3, true, utf8('Medical Doctor')))))],
    ['sequence in place of set', attribute(set(sequence(context(0, true, sequence(scheme, text('Medical Doctor'))))))],
    ['three sets', attribute(set(set(coded(scheme, text('Medical Doctor')))))],
    [
      'the attribute twice',
      sequence(...[1, 2].map(() => sequence(ACTOR, set(set(coded(scheme, text('Medical Doctor'))))))),
    ],
    ['one good actor and one that is malformed', attribute(set(coded(scheme, text('Medical Doctor')), coded(scheme)))],
    ['nothing', sequence()],
  ])('are none with %s', (_, der) => {
    expect(hcRoles(withValue(der))).toEqual([]);
  });

  it('are none without the extension', () => {
    expect(hcRoles(root.certificate)).toEqual([]);
  });
});

import fc from 'fast-check';
import { agrees, type CheckedPatient } from '../../../../src/services/timeline/keycode/second-check.ts';

const patient: CheckedPatient = {
  birthDate: '1948-02-29',
  identifier: [
    { system: 'urn:hospital', value: '0012345' },
    { use: 'old', system: 'urn:hospital', value: '0000001' },
    { system: 'urn:insurer' },
    { value: '777' },
  ],
};

describe('the birth date', () => {
  it.each([
    ['1948-02-29', true],
    ['1948-02-28', false],
    ['1948-02', false],
    ['1948', false],
    ['', false],
    ['1948-02-29T00:00:00Z', false],
  ])('%s: %s', (birthDate, expected) => {
    expect(agrees({ birthDate }, patient)).toBe(expected);
  });

  it.each(['1948', '1948-02', undefined])('never agrees where the hospital knows only %s', (known) => {
    const vague: CheckedPatient = known === undefined ? {} : { birthDate: known };
    for (const birthDate of ['1948', '1948-02', '1948-02-29', 'undefined', '']) {
      expect(agrees({ birthDate }, vague)).toBe(false);
    }
  });

  it('agrees with itself and with no other day', () => {
    const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    const text = day.map((date) => date.toISOString().slice(0, 10));
    fc.assert(fc.property(text, text, (a, b) => agrees({ birthDate: a }, { birthDate: b }) === (a === b)));
  });
});

describe('an identifier', () => {
  it.each([
    ['that the hospital recorded', { system: 'urn:hospital', value: '0012345' }, true],
    ['typed in full width', { system: 'urn:hospital', value: '　００１２３４５ ' }, true],
    ['without its leading zeros', { system: 'urn:hospital', value: '12345' }, false],
    ['of another system', { system: 'urn:insurer', value: '0012345' }, false],
    ['without a system', { value: '777' }, false],
    ['without a value', { system: 'urn:insurer' }, false],
    ['with an empty value', { system: 'urn:insurer', value: '' }, false],
    ['with a value of spaces', { system: 'urn:insurer', value: '　 ' }, false],
    ['that is old', { system: 'urn:hospital', value: '0000001' }, false],
  ])('%s', (_, identifier, expected) => {
    expect(agrees({ identifier }, patient)).toBe(expected);
  });

  it('never agrees where the hospital recorded none', () => {
    expect(agrees({ identifier: { system: 'urn:hospital', value: '1' } }, {})).toBe(false);
  });
});

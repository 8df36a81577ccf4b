import fc from 'fast-check';
import { checkDigit, institutionCode, nameUid, nameUuid, telephoneCode } from '../../../src/demo/data/identifiers.ts';

/** The check by another road: with its check digit in place, a number's weighted sum ends in 0. */
function endsRight(code: string): boolean {
  const weighted = [...code].reverse().map((digit, i) => Number(digit) * (i % 2 === 1 ? 2 : 1));
  const sum = weighted.flatMap((product) => [...String(product)].map(Number)).reduce((a, b) => a + b, 0);
  return sum % 10 === 0;
}

describe('check digit', () => {
  it.each(['0110113719', '33120015', '06139463', '138057'])('is that of the published number %s', (code) => {
    expect(checkDigit(code.slice(0, -1))).toBe(code.at(-1));
  });

  it('makes the weighted sum of any number end in 0', () => {
    fc.assert(fc.property(fc.stringMatching(/^[0-9]{1,15}$/), (digits) => endsRight(digits + checkDigit(digits))));
  });

  it('finds every single wrong digit', () => {
    const code = fc.stringMatching(/^[0-9]{9}$/).map((digits) => digits + checkDigit(digits));
    fc.assert(
      fc.property(code, fc.nat(9), fc.integer({ min: 1, max: 9 }), (right, at, more) => {
        const wrong = right.slice(0, at) + ((Number(right[at]) + more) % 10) + right.slice(at + 1);
        return !endsRight(wrong);
      }),
    );
  });
});

describe('institution codes', () => {
  it('of a medical institution: prefecture, fee table 1, area, number, check digit', () => {
    expect(institutionCode('14', '99', '0001')).toMatch(/^14199[0-9]{5}$/);
    expect(institutionCode('14', '99', '0001')).toMatch(/^[0-4][0-9][1-3][0-9]{7}$/);
  });

  it('of an institution without one: 9 and the last nine digits of the telephone number', () => {
    expect(telephoneCode('045-000-0500')).toBe('9450000500');
    expect(telephoneCode('03 1234 5678')).toBe('9312345678');
  });
});

describe('name-based identifiers', () => {
  it('are UUIDs of version 5, the same for the same name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(nameUuid(name)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(nameUuid(name)).toBe(nameUuid(name));
      }),
    );
  });

  it('are DICOM UIDs under 2.25, short enough and without a leading zero', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(nameUid(name)).toMatch(/^2\.25\.(0|[1-9][0-9]*)$/);
        expect(nameUid(name).length).toBeLessThanOrEqual(64);
      }),
    );
  });
});

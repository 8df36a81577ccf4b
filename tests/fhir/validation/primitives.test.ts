import fc from 'fast-check';
import { inOrder, isDate, isDateTime, isInstant } from '../../../src/fhir/validation/dates.ts';
import { primitive } from '../../../src/fhir/validation/primitives.ts';

const fault = (type: string, value: unknown) => primitive(type)?.(value);
class Written extends Number {
  readonly text: string;
  constructor(text: string) {
    super(text);
    this.text = text;
  }
}

/** By type: what R4 allows, and what it does not. */
const CASES: Readonly<Record<string, readonly [right: readonly unknown[], wrong: readonly unknown[]]>> = {
  boolean: [
    [true, false],
    ['true', 1, 0, null, [], [true], {}],
  ],
  integer: [
    [0, -1, 2147483647, -2147483648, new Written('7'), new Number(7)],
    [1.5, 2147483648, -2147483649, '1', Number.NaN, null, [1], new Written('1.0'), new Written('1e2')],
  ],
  unsignedInt: [
    [0, 1],
    [-1, 0.5, '0'],
  ],
  positiveInt: [[1], [0, -1, 1.5, '1']],
  decimal: [
    [0, 1.5, -2, 1e10, new Written('1.00'), new Number(1)],
    ['1', Number.POSITIVE_INFINITY, new Written('1e999'), null, true, {}, []],
  ],
  string: [
    ['a', ' a ', '髙橋　太郎', '𠮷', 'a\tb\r\nc', '\u00a0', 'x'.repeat(1024 * 1024)],
    ['', 1, null, true, {}, ['a'], 'a\u0000', '\u001b', '\ud800', 'a\udc00', 'x'.repeat(1024 * 1024 + 1)],
  ],
  markdown: [['# a'], ['', 1, '\u0007']],
  id: [
    ['a', 'A-1.b', 'x'.repeat(64)],
    ['', 'a b', 'a_b', 'あ', 'x'.repeat(65), 1, 'a/b', 'a\n'],
  ],
  code: [
    ['a', 'a b', 'a-b', '<=', '+', '同意'],
    ['', ' a', 'a ', 'a  b', 'a\tb', 'a\nb', 1, 'a\u0000', '\ud800'],
  ],
  uri: [
    ['http://a', 'urn:oid:1.2', 'a', '#a', 'http://例え.jp/ä'],
    ['', ' ', 'http://a b', 'a\n', 1, null, 'a\u3000b', '\ud800', 'a\u0001'],
  ],
  url: [['http://a'], ['a b']],
  canonical: [
    ['http://a|1.0', '#a'],
    ['a b', ''],
  ],
  oid: [
    ['urn:oid:1.2.392.100495', 'urn:oid:2.0'],
    ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1', 'urn:oid:1.'],
  ],
  uuid: [
    ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    ['urn:uuid:C757873D-EC9A-4326-A141-556F43239520', 'c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:x'],
  ],
  date: [
    ['2026', '2026-02', '2026-02-28', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31'],
    [
      '',
      '26',
      '2026-2',
      '2026-13',
      '2026-00',
      '2026-02-29',
      '2026-02-30',
      '1900-02-29',
      '2026-04-31',
      '2026-01-00',
      '0000-01-01',
      '0000',
      '2026-01-01T00:00:00Z',
      ' 2026',
      '２０２６',
      2026,
      null,
    ],
  ],
  dateTime: [
    [
      '2026',
      '2026-02',
      '2026-02-28',
      '2026-02-28T23:59:59Z',
      '2026-02-28T00:00:00+09:00',
      '2016-12-31T23:59:60Z',
      '2026-01-01T00:00:00.123456789-12:00',
      '2026-01-01T00:00:00+14:00',
    ],
    [
      '2026-02-30',
      '2026-02-30T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:00Z',
      '2026-01-01T00:00:00',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:61Z',
      '2026-01-01T00:00:00+14:30',
      '2026-01-01T00:00:00+15:00',
      '2026-01-01T00:00:00+09:60',
      '2026-01-01T00:00:00+0900',
      '2026-01-01 00:00:00Z',
      '2026-01-01T00:00:00.Z',
      '2026-01-01t00:00:00z',
      '2026-01T00:00:00Z',
    ],
  ],
  instant: [
    ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59.000+09:00'],
    ['2026-02-28', '2026', '2026-02-28T23:59Z', '2026-02-31T00:00:00Z', '2026-02-28T23:59:59'],
  ],
  time: [
    ['00:00:00', '23:59:59', '23:59:60', '12:00:00.5'],
    ['24:00:00', '12:00', '12:60:00', '12:00:61', '1:00:00', '12:00:00Z', '12:00:00.'],
  ],
  base64Binary: [
    ['aGk=', 'aGkh', 'YQ==', 'aG kh\n', 'A'.repeat(24 * 1024 * 1024), `${'A'.repeat(4 * 1024 * 1024)}AA==`],
    [
      '',
      'a',
      'aG',
      'aGk',
      'a===',
      '====',
      '==',
      'aGk=aGk=',
      'aG-h',
      '=aaa',
      ' ',
      `${'A'.repeat(4 * 1024 * 1024)}-AAA`,
      1,
    ],
  ],
};

describe.each(Object.entries(CASES))('%s', (type, [right, wrong]) => {
  test.each(right.map((value) => [short(value), value]))('allows %s', (_, value) =>
    expect(fault(type, value)).toBeUndefined(),
  );
  test.each(wrong.map((value) => [short(value), value]))('refuses %s and says why', (_, value) =>
    expect(fault(type, value)).toMatch(/^(?:must|is|has) /),
  );
});

function short(value: unknown): string {
  return value instanceof Number
    ? `number ${(value as Written).text ?? value}`
    : (JSON.stringify(value) ?? String(value)).slice(0, 40);
}

describe('dates', () => {
  const day = fc.record({
    y: fc.integer({ min: 1, max: 9999 }),
    m: fc.integer({ min: 0, max: 13 }),
    d: fc.integer({ min: 0, max: 32 }),
  });
  const pad = (n: number, width = 2) => String(n).padStart(width, '0');

  test('are days that the calendar has, and no others', () => {
    fc.assert(
      fc.property(day, ({ y, m, d }) => {
        const text = `${pad(y, 4)}-${pad(m)}-${pad(d)}`;
        const real = new Date(0);
        real.setUTCFullYear(y, m - 1, d);
        const exists = real.getUTCFullYear() === y && real.getUTCMonth() === m - 1 && real.getUTCDate() === d;
        expect(isDate(text)).toBe(exists);
        expect(isDateTime(text)).toBe(exists);
        expect(isInstant(`${text}T00:00:00Z`)).toBe(exists);
      }),
      { numRuns: 500 },
    );
  });

  test('two instants are in order as their milliseconds are', () => {
    const instant = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        expect(inOrder(a.toISOString(), b.toISOString())).toBe(a <= b);
      }),
    );
  });

  test.each([
    ['2026-01-02', '2026-01', true],
    ['2026-01-02', '2026', true],
    ['2026-01-02', '2025-12', false],
    ['2026-01-02', '2026-01-01', false],
    ['2026-01', '2026-01-01', true],
    ['2026-02', '2026-01-31', false],
    ['2026-12-01T09:00:00+09:00', '2026-12-01', true],
    ['2026-12-03T12:00:00Z', '2026-12-01', false],
    ['2026-12-01', '2026-11-30T23:00:00-12:00', true],
    ['2026-12-01', '2026-11-30T00:00:00Z', false],
    ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.57Z', true],
    ['2026-01-01T00:00:00.58Z', '2026-01-01T00:00:00.57Z', false],
    ['2026-01-01T00:00:00.9Z', '2026-01-01T00:00:00Z', true],
    ['2026-01-01T00:00:00.1234Z', '2026-01-01T00:00:00.1239Z', true],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z', true],
    ['0099-01-01', '0100-01-01', true],
    [undefined, '2026', true],
    ['2026', undefined, true],
  ])('%s to %s: %s', (start, end, expected) => {
    expect(inOrder(start, end)).toBe(expected);
  });
});

test('what is no primitive has no check', () => {
  for (const name of ['xhtml', 'HumanName', '__proto__', 'constructor', '']) expect(primitive(name)).toBeUndefined();
});

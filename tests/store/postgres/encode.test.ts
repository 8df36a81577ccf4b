import fc from 'fast-check';
import type { Database } from '../../../src/store/database.ts';
import { byteaArray, encode, float8Array, int8Array, textArray } from '../../../src/store/postgres/encode.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';

describe('the value of a statement', () => {
  it.each([
    ['text', 'text'],
    [1.5, '1.5'],
    [1e300, '1e+300'],
    [-9223372036854775808n, '-9223372036854775808'],
    [true, 't'],
    [false, 'f'],
    [null, null],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [[], '{}'],
    [[null], '{NULL}'],
    [[1, null, 2.5], '{1,NULL,2.5}'],
    [[true, false], '{t,f}'],
    [['a"b\\', 'NULL', '', null], '{"a\\"b\\\\","NULL","",NULL}'],
    [[new Date(0)], '{"1970-01-01T00:00:00.000Z"}'],
  ])('%p travels as %p', (value, text) => {
    expect(encode(value)).toEqual(text);
  });

  it('a Buffer travels as it is', () => {
    const bytes = Buffer.from([0, 255]);
    expect(encode(bytes)).toBe(bytes);
  });

  it.each([
    ['undefined', undefined],
    ['an object', {}],
    ['a function', () => 1],
    ['a symbol', Symbol.iterator],
    ['nested arrays', [[1], [2]]],
    ['text among bytes', [Buffer.alloc(1), 'a']],
    ['bytes among text', ['a', Buffer.alloc(1)]],
    ['undefined among text', ['a', undefined]],
    ['a number among bigints', [1n, 2]],
    ['a bigint that is too large', [2n ** 63n]],
  ])('%s is refused before anything is sent', (_, value) => {
    expect(() => encode(value)).toThrow();
  });
});

describe('what is sent comes back', () => {
  let clone: Clone;
  let database: Database;
  beforeAll(async () => {
    clone = await cloneDatabase();
    database = await clone.open();
  });
  afterAll(() => clone.drop());

  const echo = async (type: string, value: unknown) => {
    const { rows } = await database.query<{ value: unknown }>(`SELECT $1::${type} AS value`, [value]);
    return rows[0]?.value;
  };
  const law = <T>(values: fc.Arbitrary<T>, type: string, encoded: (value: T) => unknown = (value) => value) =>
    fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect(await echo(type, encoded(value))).toEqual(value);
      }),
      { numRuns: 60 },
    );
  /** Whatever PostgreSQL can hold: no NUL, no lone surrogates. */
  const text = fc.string({ unit: 'binary' }).map((one) => one.replaceAll('\0', ''));
  const int8 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const bytes = fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one));
  const double = fc.double({ noNaN: true }).map((one) => (Object.is(one, -0) ? 0 : one));
  const arrayOf = <T>(one: fc.Arbitrary<T>) => fc.array(fc.option(one, { nil: null }), { maxLength: 20 });

  it('text', () => law(text, 'text'));
  it('int8', () => law(int8, 'int8'));
  it('int4', () => law(fc.integer(), 'int4'));
  it('float8', () => law(double, 'float8'));
  it('boolean', () => law(fc.boolean(), 'boolean'));
  it('bytea', () => law(bytes, 'bytea'));
  it('timestamptz, to the millisecond', () =>
    law(
      fc
        .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
        .map(Number),
      'timestamptz',
      (ms) => new Date(ms),
    ));
  it('jsonb', () =>
    law(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer()), 'jsonb', (value) => JSON.stringify(value)));
  it('uuid', () => law(fc.uuid(), 'uuid'));
  it('int8[]', () => law(arrayOf(int8), 'int8[]'));
  it('int8[] in binary', () => law(arrayOf(int8), 'int8[]', int8Array));
  it('float8[]', () => law(arrayOf(double), 'float8[]'));
  it('float8[] in binary', () => law(arrayOf(double), 'float8[]', float8Array));
  it('text[]', () => law(arrayOf(text), 'text[]'));
  it('text[] in binary', () => law(arrayOf(text), 'text[]', textArray));
  it('bytea[]', () => law(arrayOf(bytes), 'bytea[]'));
  it('bytea[] in binary', () => law(arrayOf(bytes), 'bytea[]', byteaArray));
  it('boolean[]', () => law(arrayOf(fc.boolean()), 'boolean[]'));
  it('uuid[]', () => law(arrayOf(fc.uuid()), 'uuid[]'));
  it('numeric, digit for digit', () =>
    law(
      fc
        .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }))
        .map(([digits, scale]) => decimal(digits, scale)),
      'numeric',
    ));
});

/** `-12345` with scale 3 is `-12.345`. */
function decimal(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const sign = digits < 0n ? '-' : '';
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

import type { Database } from '../../../src/store/database.ts';
import { type Clone, cloneDatabase } from '../../support/database.ts';

describe('a column', () => {
  let clone: Clone;
  let database: Database;
  beforeAll(async () => {
    clone = await cloneDatabase();
    database = await clone.open({ poolSize: 1 });
  });
  afterAll(() => clone.drop());

  const select = async (expression: string) =>
    (await database.query<{ value: unknown }>(`SELECT ${expression} AS value`)).rows[0]?.value;

  it.each([
    ['9223372036854775807::int8', 9223372036854775807n],
    ['(-32768)::int2', -32768],
    ['4294967295::oid', 4294967295],
    ['1.5::float4', 1.5],
    [`'NaN'::float8`, Number.NaN],
    [`'-infinity'::float8`, Number.NEGATIVE_INFINITY],
    ['NULL::int8', null],
    [`''::text`, ''],
    [`'髙橋'::varchar`, '髙橋'],
    [`'a  '::char(3)`, 'a  '],
    [`'c'::"char"`, 'c'],
    [`'n'::name`, 'n'],
    [`'\\x'::bytea`, Buffer.alloc(0)],
    [`'1970-01-01T00:00:00Z'::timestamptz`, 0],
    [`'1969-12-31T23:59:59.999Z'::timestamptz`, -1],
    [`'2026-11-22 09:00:00.123456+09'::timestamptz`, Date.UTC(2026, 10, 22) + 123.456],
    [`'infinity'::timestamptz`, Number.POSITIVE_INFINITY],
    [`'-infinity'::timestamptz`, Number.NEGATIVE_INFINITY],
    [`'2000-01-01 00:00'::timestamp`, Date.UTC(2000, 0, 1)],
    [`'2024-02-29'::date`, '2024-02-29'],
    [`'0001-01-01'::date`, '0001-01-01'],
    [`'infinity'::date`, 'infinity'],
    [`'-infinity'::date`, '-infinity'],
    ['0::numeric', '0'],
    ['0.000::numeric', '0.000'],
    ['0.0001::numeric', '0.0001'],
    ['100000000::numeric', '100000000'],
    ['-12345.6700::numeric', '-12345.6700'],
    [`'NaN'::numeric`, 'NaN'],
    [`'-infinity'::numeric`, '-Infinity'],
    [`'{"a":[1,null]}'::jsonb`, { a: [1, null] }],
    [`'[true]'::json`, [true]],
    [`'6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid`, '6f9619ff-8b86-d011-b42d-00cf4fc964ff'],
    [`'18446744073709551615'::xid8::text`, '18446744073709551615'],
    [`'42'::xid8`, 42n],
    ['ARRAY[]::int8[]', []],
    ['ARRAY[1,NULL]::int4[]', [1, null]],
    [`ARRAY['2024-02-29']::date[]`, ['2024-02-29']],
    [`ARRAY['a',NULL,'']::text[]`, ['a', null, '']],
  ])('%s is %p', async (expression, value) => {
    expect(await select(expression)).toEqual(value);
  });

  it.each(['point(1,2)', `int4range(1,2)`, `ARRAY[[1,2],[3,4]]`, `ARRAY[int4range(1,2)]`])(
    'of a type that has no decoder, %s, fails the statement and not the connection',
    async (expression) => {
      await expect(select(expression)).rejects.toThrow('select its text');
      expect(await select('1')).toBe(1);
    },
  );

  it('that is NULL needs no decoder', async () => {
    expect(await select('NULL::point')).toBeNull();
  });

  it('keeps its bytes when later rows arrive', async () => {
    const { rows } = await database.query<{ i: number; c: Buffer }>(
      `SELECT i, decode(repeat(lpad(to_hex(i), 4, '0'), 700), 'hex') AS c FROM generate_series(1, 2000) i`,
    );
    expect(rows).toHaveLength(2000);
    const wrong = rows.filter(({ i, c }) => !c.equals(Buffer.from(i.toString(16).padStart(4, '0').repeat(700), 'hex')));
    expect(wrong).toEqual([]);
  });

  it('of many megabytes arrives whole, with what stands before and after it', async () => {
    const { rows } = await database.query<{ a: bigint; c: Buffer; z: string }>(
      `SELECT 1::int8 AS a, decode(repeat('0102', 6000000), 'hex') AS c, 'end' AS z`,
    );
    expect(rows[0]?.c).toHaveLength(12_000_000);
    expect(rows[0]?.c.readUInt16BE(11_999_998)).toBe(0x0102);
    expect(rows[0]).toMatchObject({ a: 1n, z: 'end' });
  });
});

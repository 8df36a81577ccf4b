/**
 * Column values in PostgreSQL's binary format, read straight from the bytes that the socket delivered.
 *
 * | PostgreSQL | here |
 * |---|---|
 * | int8, xid8 | bigint |
 * | int2, int4, oid, float4, float8 | number |
 * | boolean | boolean |
 * | bytea | Buffer that shares memory with what was received: copy it to keep it for long |
 * | text, varchar, name, char, "char", uuid, date, numeric | string |
 * | timestamptz, timestamp (as UTC) | number: epoch milliseconds, with a fraction where there are microseconds |
 * | json, jsonb | the parsed value |
 * | arrays of these, of one dimension | array, NULL as null |
 *
 * Of any other type a statement must select the text: `column::text`.
 */
export type Decoder = (bytes: Buffer, start: number, end: number) => unknown;

const text: Decoder = (bytes, start, end) => bytes.toString('utf8', start, end);
const int4: Decoder = (bytes, start) => bytes.readInt32BE(start);
const int8: Decoder = (bytes, start) => bytes.readBigInt64BE(start);
const json =
  (offset: number): Decoder =>
  (bytes, start, end) =>
    JSON.parse(bytes.toString('utf8', start + offset, end));

/** Microseconds from 1970 to PostgreSQL's epoch, the year 2000. */
const EPOCH = 946_684_800_000_000n;
const INFINITY = 0x7fff_ffff_ffff_ffffn;

const timestamp: Decoder = (bytes, start) => {
  const microseconds = bytes.readBigInt64BE(start);
  if (microseconds === INFINITY) return Number.POSITIVE_INFINITY;
  if (microseconds === -INFINITY - 1n) return Number.NEGATIVE_INFINITY;
  const since1970 = microseconds + EPOCH;
  return Number(since1970 / 1000n) + Number(since1970 % 1000n) / 1000;
};

const date: Decoder = (bytes, start) => {
  const days = bytes.readInt32BE(start);
  if (Math.abs(days) >= 0x7fff_ffff) return days > 0 ? 'infinity' : '-infinity';
  return new Date(Date.UTC(2000, 0, 1) + days * 86_400_000).toISOString().replace(/T.*/, '');
};

const uuid: Decoder = (bytes, start, end) =>
  bytes.toString('hex', start, end).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Groups of four decimal digits: how many, the power of 10,000 of the first, sign, digits after the point. */
const numeric: Decoder = (bytes, start) => {
  const groups = bytes.readInt16BE(start);
  const weight = bytes.readInt16BE(start + 2);
  const sign = bytes.readUInt16BE(start + 4);
  const scale = bytes.readUInt16BE(start + 6);
  if (sign >= 0xc000) return sign === 0xc000 ? 'NaN' : sign === 0xd000 ? 'Infinity' : '-Infinity';
  const group = (i: number) => String(i >= 0 && i < groups ? bytes.readInt16BE(start + 8 + 2 * i) : 0).padStart(4, '0');
  let whole = '';
  for (let i = 0; i <= weight; i++) whole += group(i);
  let fraction = '';
  for (let i = weight + 1; fraction.length < scale; i++) fraction += group(i);
  return `${sign === 0x4000 ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`;
};

const array: Decoder = (bytes, start) => {
  const dimensions = bytes.readInt32BE(start);
  if (dimensions === 0) return [];
  if (dimensions > 1) throw new TypeError('an array of more than one dimension: select its text');
  const element = decoder(bytes.readInt32BE(start + 8));
  const values: unknown[] = new Array(bytes.readInt32BE(start + 12));
  let offset = start + 20;
  for (let i = 0; i < values.length; i++) {
    const length = bytes.readInt32BE(offset);
    offset += 4;
    values[i] = length < 0 ? null : element(bytes, offset, offset + length);
    offset += Math.max(length, 0);
  }
  return values;
};

/** By type oid, fixed in PostgreSQL's catalogue (pg_type.dat). */
const decoders: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [16, (bytes, start) => bytes[start] === 1],
  [17, (bytes, start, end) => bytes.subarray(start, end)],
  [18, text],
  [19, text],
  [20, int8],
  [21, (bytes, start) => bytes.readInt16BE(start)],
  [23, int4],
  [25, text],
  [26, (bytes, start) => bytes.readUInt32BE(start)],
  [114, json(0)],
  [700, (bytes, start) => bytes.readFloatBE(start)],
  [701, (bytes, start) => bytes.readDoubleBE(start)],
  [705, text],
  [1042, text],
  [1043, text],
  [1082, date],
  [1114, timestamp],
  [1184, timestamp],
  [1700, numeric],
  [2278, () => null],
  [2950, uuid],
  [3802, json(1)],
  [5069, int8],
  ...[
    1000, 1001, 1002, 1003, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1115, 1182, 1185, 1231, 2951, 199, 3807,
    271,
  ].map((oid): [number, Decoder] => [oid, array]),
]);

/** Throws a TypeError for a type that has no place in this table. */
export function decoder(oid: number): Decoder {
  const found = decoders.get(oid);
  if (!found) throw new TypeError(`no decoder for PostgreSQL type ${oid}: select its text`);
  return found;
}

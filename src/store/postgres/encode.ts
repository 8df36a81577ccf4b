/**
 * Values of a statement as PostgreSQL's extended protocol takes them: a string travels in text format, a Buffer in binary
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html, Bind). Null is NULL.
 */
export type Encoded = string | Buffer | null;

const INT8 = 20;
const BYTEA = 17;
const TEXT = 25;
const FLOAT8 = 701;

/**
 * A JavaScript value as a parameter. Numbers, bigints, booleans and strings go as text, which PostgreSQL reads as whatever type
 * the statement gives the parameter; a Buffer is bytea; a Date is an ISO instant. An array of bigint or Buffer is int8[] or
 * bytea[] in binary, so the statement must give it exactly that type; any other array is an array literal. Throws a TypeError
 * for what has no place in a statement (undefined, NaN in disguise of an object, functions, plain objects).
 */
export function encode(value: unknown): Encoded {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'object':
      if (value === null) return null;
      if (Buffer.isBuffer(value)) return value;
      if (value instanceof Date) return value.toISOString();
      if (Array.isArray(value)) return array(value);
  }
  throw new TypeError(`a ${typeof value} cannot be the value of a statement`);
}

function array(values: readonly unknown[]): Encoded {
  const first = values.find((value) => value !== null);
  if (typeof first === 'bigint') return int8Array(values as (bigint | null)[]);
  if (Buffer.isBuffer(first)) return byteaArray(values as (Buffer | null)[]);
  return `{${values.map(element).join(',')}}`;
}

function element(value: unknown): string {
  const text = encode(value);
  if (text === null) return 'NULL';
  if (Buffer.isBuffer(text) || Array.isArray(value))
    throw new TypeError('an array of mixed or nested values cannot be the value of a statement');
  return typeof value === 'number' || typeof value === 'boolean' ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `int8[]` in binary: about five times as fast as a literal for PostgreSQL to read. */
export function int8Array(values: readonly (bigint | null)[]): Buffer {
  return binaryArray(
    INT8,
    values,
    () => 8,
    (buffer, value, offset) => buffer.writeBigInt64BE(value, offset),
  );
}

/** `float8[]` in binary. */
export function float8Array(values: readonly (number | null)[]): Buffer {
  return binaryArray(
    FLOAT8,
    values,
    () => 8,
    (buffer, value, offset) => buffer.writeDoubleBE(value, offset),
  );
}

/** `text[]` in binary; for any other type of strings (uuid[], "char"[]) hand over the plain array. */
export function textArray(values: readonly (string | null)[]): Buffer {
  return binaryArray(
    TEXT,
    values,
    (value) => Buffer.byteLength(value),
    (buffer, value, offset) => buffer.write(value, offset),
  );
}

/** `bytea[]` in binary: the bytes as they are, where a literal would take two characters for each. */
export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  return binaryArray(
    BYTEA,
    values,
    (value) => value.length,
    (buffer, value, offset) => value.copy(buffer, offset),
  );
}

/** Dimensions, whether there are NULLs, element type, then length and lower bound of the one dimension, then the elements. */
function binaryArray<T>(
  type: number,
  values: readonly (T | null)[],
  size: (value: T) => number,
  write: (buffer: Buffer, value: T, offset: number) => unknown,
): Buffer {
  if (values.length === 0) {
    const empty = Buffer.alloc(12);
    empty.writeInt32BE(type, 8);
    return empty;
  }
  const sizes = values.map((value) => (value === null ? -1 : size(value)));
  const buffer = Buffer.allocUnsafe(sizes.reduce((sum, one) => sum + 4 + Math.max(one, 0), 20));
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(sizes.includes(-1) ? 1 : 0, 4);
  buffer.writeInt32BE(type, 8);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let offset = 20;
  for (const [i, value] of values.entries()) {
    const length = sizes[i] as number;
    buffer.writeInt32BE(length, offset);
    offset += 4;
    if (value === null) continue;
    write(buffer, value, offset);
    offset += length;
  }
  return buffer;
}

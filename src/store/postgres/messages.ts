import type { Encoded } from './encode.ts';

/**
 * The frontend messages that the session sends
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html): a letter, the length of what follows, the body.
 */

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);
const EXECUTE = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0]);

export interface Batch {
  /** Prepared statements to close first. */
  readonly close: readonly string[];
  readonly name: string;
  /** The text, when the statement is to be parsed and described. */
  readonly text: string | null;
  readonly values: readonly Encoded[];
}

/** Close, Parse, Describe (each where needed), Bind, Execute and Sync in one buffer; results are asked for in binary. */
export function batch({ close, name, text, values }: Batch): Buffer {
  const sizes = new Array<number>(values.length);
  let bound = name.length + 14 + 6 * values.length;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Encoded;
    const size = value === null ? -1 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    sizes[i] = size;
    if (size > 0) bound += size;
  }
  const parsed = text === null ? 0 : name.length + Buffer.byteLength(text) + 9 + name.length + 7;
  const closed = close.reduce((sum, one) => sum + one.length + 7, 0);
  const out = Buffer.allocUnsafe(closed + parsed + bound + 1 + EXECUTE.length + SYNC.length);
  let offset = 0;
  for (const one of close) offset = named(out, offset, 0x43, one);
  if (text !== null) {
    const length = name.length + Buffer.byteLength(text) + 8;
    offset = out.writeInt32BE(length, out.writeUInt8(0x50, offset));
    offset = cstring(out, offset, name);
    offset = cstring(out, offset, text);
    offset = out.writeInt16BE(0, offset);
    offset = named(out, offset, 0x44, name);
  }
  offset = out.writeInt32BE(bound, out.writeUInt8(0x42, offset));
  out[offset++] = 0;
  offset = cstring(out, offset, name);
  offset = out.writeInt16BE(values.length, offset);
  for (const value of values) offset = out.writeInt16BE(value !== null && typeof value !== 'string' ? 1 : 0, offset);
  offset = out.writeInt16BE(values.length, offset);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as Encoded;
    offset = out.writeInt32BE(sizes[i] as number, offset);
    if (typeof value === 'string') offset += out.write(value, offset);
    else if (value !== null) offset += value.copy(out, offset);
  }
  offset = out.writeInt32BE(0x0001_0001, offset);
  offset += EXECUTE.copy(out, offset);
  SYNC.copy(out, offset);
  return out;
}

/** Query: the simple protocol, which takes several statements and no values. */
export function simpleQuery(text: string): Buffer {
  const length = Buffer.byteLength(text) + 5;
  const out = Buffer.allocUnsafe(1 + length);
  cstring(out, out.writeInt32BE(length, out.writeUInt8(0x51, 0)), text);
  return out;
}

/** Close or Describe of a prepared statement. */
function named(out: Buffer, start: number, code: number, name: string): number {
  let offset = out.writeInt32BE(name.length + 6, out.writeUInt8(code, start));
  out[offset++] = 0x53;
  return cstring(out, offset, name);
}

function cstring(out: Buffer, start: number, text: string): number {
  const end = start + out.write(text, start);
  out[end] = 0;
  return end + 1;
}

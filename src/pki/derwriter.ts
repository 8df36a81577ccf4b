/** Writers of DER: each gives one whole element. Wrong arguments are the programmer's, so they throw RangeError. */
import { TAGS } from './tlv.ts';

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function base(number: number): number[] {
  const digits = [number % 128];
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift((rest % 128) | 0x80);
  return digits;
}

function length(size: number): number[] {
  if (size < 0x80) return [size];
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function write(bits: number, tag: number, parts: readonly Uint8Array[]): Uint8Array {
  if (!Number.isInteger(tag) || tag < 0 || tag >= 2 ** 28) throw new RangeError(`no tag number: ${tag}`);
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const identifier = tag < 0x1f ? [bits | tag] : [bits | 0x1f, ...base(tag)];
  return concat(Uint8Array.from([...identifier, ...length(size)]), ...parts);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => write(0x20, TAGS.SEQUENCE, parts);

/** In the order in which DER has the members of a SET OF (X.690 §11.6). */
export const derOrder = (members: readonly Uint8Array[]): readonly Uint8Array[] =>
  members.toSorted((left, right) => Buffer.compare(left, right));

/** SET OF, its members put in order. */
export const set = (...parts: readonly Uint8Array[]): Uint8Array => write(0x20, TAGS.SET, derOrder(parts));

/** Context-specific. Primitive and constructed alike take the content in parts: IMPLICIT a content, EXPLICIT an element. */
export const context = (tag: number, constructed: boolean, ...parts: readonly Uint8Array[]): Uint8Array =>
  write(constructed ? 0xa0 : 0x80, tag, parts);

export function oid(dotted: string): Uint8Array {
  if (!/^[012](?:\.(?:0|[1-9]\d*))+$/.test(dotted)) throw new RangeError(`no object identifier: ${dotted}`);
  const arcs = dotted.split('.').map(BigInt);
  if (arcs[0]! < 2n && arcs[1]! > 39n) throw new RangeError(`no object identifier: ${dotted}`);
  const content = [arcs[0]! * 40n + arcs[1]!, ...arcs.slice(2)].flatMap((arc) => {
    const digits = [Number(arc & 0x7fn)];
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 0x7fn) | 0x80);
    return digits;
  });
  return write(0, TAGS.OBJECT_IDENTIFIER, [Uint8Array.from(content)]);
}

function twosComplement(value: bigint): Uint8Array {
  const magnitude = value < 0n ? -value - 1n : value;
  const digits = magnitude.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = Buffer.from(Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even, 'hex');
  return value < 0n ? bytes.map((byte) => ~byte) : bytes;
}

export const integer = (value: bigint | number): Uint8Array => write(0, TAGS.INTEGER, [twosComplement(BigInt(value))]);
export const enumerated = (value: number): Uint8Array => write(0, TAGS.ENUMERATED, [twosComplement(BigInt(value))]);
export const octets = (bytes: Uint8Array): Uint8Array => write(0, TAGS.OCTET_STRING, [bytes]);
export const boolean = (value: boolean): Uint8Array => write(0, TAGS.BOOLEAN, [Uint8Array.of(value ? 0xff : 0)]);
export const nil = (): Uint8Array => write(0, TAGS.NULL, []);

/** BIT STRING. `unused` bits at the end of the last byte are written as zeros. */
export function bits(bytes: Uint8Array, unused = 0): Uint8Array {
  if (unused < 0 || unused > 7 || (unused > 0 && bytes.length === 0)) throw new RangeError(`no unused bits: ${unused}`);
  const padded = Uint8Array.from(bytes);
  if (unused > 0) padded[padded.length - 1]! &= 0xff << unused;
  return write(0, TAGS.BIT_STRING, [Uint8Array.of(unused), padded]);
}

/** A named bit list, such as KeyUsage: no zero bits at the end (X.690 §11.2.2). Bit 0 is the first. */
export function namedBits(...positions: readonly number[]): Uint8Array {
  if (positions.length === 0) return bits(new Uint8Array());
  const last = Math.max(...positions);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const position of positions) bytes[Math.floor(position / 8)]! |= 0x80 >> (position % 8);
  return bits(bytes, 7 - (last % 8));
}

export const utf8 = (text: string): Uint8Array =>
  write(0, TAGS.UTF8_STRING, [Buffer.from(text.toWellFormed(), 'utf8')]);

export function printable(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,./:=?-]*$/.test(text)) throw new RangeError(`not of PrintableString: ${text}`);
  return write(0, TAGS.PRINTABLE_STRING, [Buffer.from(text, 'latin1')]);
}

export function ia5(text: string): Uint8Array {
  if ([...text].some((character) => character > '\x7f')) throw new RangeError(`not of IA5String: ${text}`);
  return write(0, TAGS.IA5_STRING, [Buffer.from(text, 'latin1')]);
}

const digits = (ms: number): string => {
  const iso = new Date(ms).toISOString();
  if (iso.length !== 24) throw new RangeError(`beyond the years 0 to 9999: ${iso}`);
  return iso.slice(0, 19).replaceAll(/[-:T]/g, '');
};

/** Time of RFC 5280 §4.1.2.5: UTCTime from 1950 until 2049, else GeneralizedTime; what is less than a second is dropped. */
export function time(ms: number): Uint8Array {
  const text = digits(ms);
  if (text < '1950' || text >= '2050') return generalizedTime(ms);
  return write(0, TAGS.UTC_TIME, [Buffer.from(`${text.slice(2)}Z`, 'latin1')]);
}

/** Whole seconds, or with `fraction` to the millisecond as X.690 §11.7 writes it. */
export function generalizedTime(ms: number, fraction = false): Uint8Array {
  const rest = fraction ? ((ms % 1000) + 1000) % 1000 : 0;
  const decimals = rest === 0 ? '' : `.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
  return write(0, TAGS.GENERALIZED_TIME, [Buffer.from(`${digits(ms)}${decimals}Z`, 'latin1')]);
}

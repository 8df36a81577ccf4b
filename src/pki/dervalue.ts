/**
 * Readers of the universal types: each checks the tag and that the content is in the one form that DER allows, else DerError.
 * `implicit` is the number of the context-specific tag that stands in the type's place (IMPLICIT), where there is one.
 */
import { DerError, hex, TAGS, type Tlv } from './tlv.ts';

export const isUniversal = (tlv: Tlv, tag: number): boolean => tlv.tagClass === 0 && tlv.tag === tag;

/** Of a context-specific tag; without `tag`, of any. */
export const isContext = (tlv: Tlv, tag?: number): boolean =>
  tlv.tagClass === 2 && (tag === undefined || tlv.tag === tag);

/** @throws DerError unless it is of this type. */
export function expectType(tlv: Tlv | undefined, tag: number, name: string, implicit?: number): Tlv {
  if (tlv === undefined) throw new DerError(`${name} is missing`, 0);
  const right = implicit === undefined ? isUniversal(tlv, tag) : isContext(tlv, implicit);
  const constructed = tag === TAGS.SEQUENCE || tag === TAGS.SET;
  if (!right || tlv.constructed !== constructed) throw new DerError(`not ${name}`, tlv.offset);
  return tlv;
}

export function readOid(tlv: Tlv, implicit?: number): string {
  const { content, offset } = expectType(tlv, TAGS.OBJECT_IDENTIFIER, 'an OBJECT IDENTIFIER', implicit);
  if (content.length === 0 || content.length > 128)
    throw new DerError('an object identifier of no usable length', offset);
  if (content[content.length - 1]! >= 0x80) throw new DerError('an object identifier without its end', offset);
  const arcs: (number | bigint)[] = [];
  for (let at = 0; at < content.length; at += 1) {
    if (content[at] === 0x80) throw new DerError('an arc with leading zeros', offset);
    let arc: number | bigint = content[at]! & 0x7f;
    for (; content[at]! >= 0x80; at += 1) {
      const next: number = content[at + 1]! & 0x7f;
      arc = typeof arc === 'number' && arc < 2 ** 45 ? arc * 128 + next : BigInt(arc) * 128n + BigInt(next);
    }
    arcs.push(arc);
  }
  const [first, ...rest] = arcs as [number | bigint, ...(number | bigint)[]];
  const root = first < 40 ? 0 : first < 80 ? 1 : 2;
  const second = typeof first === 'bigint' ? first - BigInt(root * 40) : first - root * 40;
  return [root, second, ...rest].join('.');
}

function checkInteger({ content, offset }: Tlv): void {
  if (content.length === 0) throw new DerError('an integer without content', offset);
  if (content.length > 8192) throw new DerError('an integer that is too large', offset);
  if (content.length === 1) return;
  if ((content[0] === 0 && content[1]! < 0x80) || (content[0] === 0xff && content[1]! >= 0x80)) {
    throw new DerError('an integer not in as few bytes as can be', offset);
  }
}

const asBigInt = (content: Uint8Array): bigint => BigInt.asIntN(content.length * 8, BigInt(`0x${hex(content)}`));

export function readInteger(tlv: Tlv, implicit?: number): bigint {
  checkInteger(expectType(tlv, TAGS.INTEGER, 'an INTEGER', implicit));
  return asBigInt(tlv.content);
}

/** An INTEGER or, with `tag`, an ENUMERATED that is neither negative nor beyond `most`. */
export function readSmallInteger(tlv: Tlv, most = 0x7fff_ffff, implicit?: number): number {
  const value = readInteger(tlv, implicit);
  if (value < 0n || value > BigInt(most)) throw new DerError(`an integer beyond 0 to ${most}`, tlv.offset);
  return Number(value);
}

export function readEnumerated(tlv: Tlv, implicit?: number): number {
  checkInteger(expectType(tlv, TAGS.ENUMERATED, 'an ENUMERATED', implicit));
  if (tlv.content.length > 4) throw new DerError('an enumerated value that is too large', tlv.offset);
  return Number(asBigInt(tlv.content));
}

export const readOctets = (tlv: Tlv, implicit?: number): Uint8Array =>
  expectType(tlv, TAGS.OCTET_STRING, 'an OCTET STRING', implicit).content;

export interface Bits {
  readonly bytes: Uint8Array;
  /** At the end of the last byte. */
  readonly unused: number;
}

export function readBits(tlv: Tlv, implicit?: number): Bits {
  const { content, offset } = expectType(tlv, TAGS.BIT_STRING, 'a BIT STRING', implicit);
  const unused = content[0];
  if (unused === undefined || unused > 7) throw new DerError('a bit string without its count of unused bits', offset);
  if (unused > 0 && content.length === 1) throw new DerError('unused bits of no byte', offset);
  if ((content[content.length - 1]! & ((1 << unused) - 1)) !== 0 && content.length > 1) {
    throw new DerError('unused bits that are not zero', offset);
  }
  return { bytes: content.subarray(1), unused };
}

/** A BIT STRING of whole bytes: signatures and keys. */
export function readWholeBits(tlv: Tlv, implicit?: number): Uint8Array {
  const { bytes, unused } = readBits(tlv, implicit);
  if (unused !== 0) throw new DerError('a bit string that does not end with a byte', tlv.offset);
  return bytes;
}

/** The positions of the set bits of a named bit list, which ends with a set bit (X.690 §11.2.2). */
export function readNamedBits(tlv: Tlv, implicit?: number): ReadonlySet<number> {
  const { bytes, unused } = readBits(tlv, implicit);
  if (bytes.length > 0 && (bytes[bytes.length - 1]! & (1 << unused)) === 0) {
    throw new DerError('a named bit list with zeros at its end', tlv.offset);
  }
  if (bytes.length > 32) throw new DerError('a named bit list that is too long', tlv.offset);
  const positions = new Set<number>();
  for (let at = 0; at < bytes.length * 8; at += 1) if (bytes[at >> 3]! & (0x80 >> (at & 7))) positions.add(at);
  return positions;
}

export function readBoolean(tlv: Tlv, implicit?: number): boolean {
  const { content, offset } = expectType(tlv, TAGS.BOOLEAN, 'a BOOLEAN', implicit);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) {
    throw new DerError('a truth value that is neither 00 nor FF', offset);
  }
  return content[0] === 0xff;
}

export function readNull(tlv: Tlv, implicit?: number): null {
  const { content, offset } = expectType(tlv, TAGS.NULL, 'a NULL', implicit);
  if (content.length !== 0) throw new DerError('a NULL with content', offset);
  return null;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** IA5String; with `implicit` as in GeneralName. */
export function readIa5(tlv: Tlv, implicit?: number): string {
  const { content, offset } = expectType(tlv, TAGS.IA5_STRING, 'an IA5String', implicit);
  if (content.some((byte) => byte >= 0x80 || byte === 0)) throw new DerError('not a text of its type', offset);
  return latin1(content);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(tlv: Tlv): string | undefined {
  const { content } = tlv;
  switch (tlv.tag) {
    case TAGS.UTF8_STRING:
      try {
        return strictUtf8.decode(content);
      } catch (cause) {
        throw new DerError('a text that is not UTF-8', tlv.offset, cause);
      }
    case TAGS.PRINTABLE_STRING:
      // `*`, `&` and `@` are no part of it, but certificates have them.
      return /^[A-Za-z0-9 '()+,./:=?*&@-]*$/.test(latin1(content)) ? latin1(content) : undefined;
    case TAGS.NUMERIC_STRING:
      return /^[0-9 ]*$/.test(latin1(content)) ? latin1(content) : undefined;
    case TAGS.IA5_STRING:
    case TAGS.VISIBLE_STRING:
      return content.every((byte) => byte < 0x80) ? latin1(content) : undefined;
    case TAGS.TELETEX_STRING:
      // As everyone reads it: ISO 8859-1, not T.61.
      return latin1(content);
    case TAGS.BMP_STRING: {
      const units = content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : '\ud800';
      return units.isWellFormed() ? units : undefined;
    }
    default:
      return undefined;
  }
}

/** UTF8String, PrintableString, NumericString, IA5String, VisibleString, BMPString or TeletexString. */
export function readText(tlv: Tlv): string {
  const found = tlv.tagClass === 0 ? text(tlv) : undefined;
  if (found === undefined) throw new DerError('not a text of its type', tlv.offset);
  if (found.includes('\0')) throw new DerError('a text with NUL', tlv.offset);
  return found;
}

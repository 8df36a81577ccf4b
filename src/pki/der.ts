/**
 * ASN.1 in its distinguished encoding (ITU-T X.690 §8, §10, §11), read strictly: what has two encodings is refused in all but one, so
 * that what was hashed is what was understood. Views on the bytes given, never copies. Everything malformed is a DerError.
 */
import { expectType } from './dervalue.ts';
import { DerError, TAGS, type Tlv } from './tlv.ts';

export * from './dertime.ts';
export * from './dervalue.ts';
export * from './derwriter.ts';
export { DerError, hex, sameBytes, TAGS, type TagClass, type Tlv } from './tlv.ts';

export interface DerLimits {
  /** Of the whole, in bytes. */
  readonly bytes?: number;
  /** Elements within elements. */
  readonly depth?: number;
  /** Elements in all: each costs at least two bytes, but far more once it is an object. */
  readonly nodes?: number;
}

/** Room for a revocation list of 100,000 entries; nothing that a card, an authority or a letter makes comes near the depth. */
export const DER_LIMITS: Required<DerLimits> = Object.freeze({ bytes: 32 * 1024 * 1024, depth: 32, nodes: 1_000_000 });

class Element implements Tlv {
  readonly source: Uint8Array;
  readonly tagByte: number;
  readonly tag: number;
  readonly offset: number;
  readonly start: number;
  readonly end: number;

  constructor(source: Uint8Array, tagByte: number, tag: number, offset: number, start: number, end: number) {
    this.source = source;
    this.tagByte = tagByte;
    this.tag = tag;
    this.offset = offset;
    this.start = start;
    this.end = end;
  }

  get tagClass(): 0 | 1 | 2 | 3 {
    return (this.tagByte >> 6) as 0 | 1 | 2 | 3;
  }

  get constructed(): boolean {
    return (this.tagByte & 0x20) !== 0;
  }

  get bytes(): Uint8Array {
    return this.source.subarray(this.offset, this.end);
  }

  get content(): Uint8Array {
    return this.source.subarray(this.start, this.end);
  }
}

/**
 * The one element that `bytes` is, with every element in it checked for form: definite lengths and tags in as few bytes as can be,
 * nothing beyond the element that holds it, the right one of primitive and constructed for each universal type. Contents are checked
 * when they are read. Walks without recursion, so depth costs nothing but is bounded all the same.
 */
export function readDer(bytes: Uint8Array, limits: DerLimits = {}): Tlv {
  const root = readDerPrefix(bytes, limits);
  if (root.bytes.length !== bytes.length) throw new DerError('bytes after the element', root.bytes.length);
  return root;
}

/** As readDer, of what may be followed by other bytes: the caller must look at those. */
export function readDerPrefix(bytes: Uint8Array, limits: DerLimits = {}): Tlv {
  const { bytes: most, depth, nodes } = { ...DER_LIMITS, ...limits };
  // A Buffer's subarray is a Buffer, and slower.
  const source = Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  const root = element(source, 0, source.length);
  if (root.end > most) throw new DerError(`more than ${most} bytes`, 0);
  if (root.constructed) walk(root, depth, nodes);
  return root;
}

function walk(root: Element, depth: number, nodes: number): void {
  const ends = [root.end];
  let end = root.end;
  let at = root.start;
  let count = 1;
  for (;;) {
    while (at === end) {
      ends.pop();
      if (ends.length === 0) return;
      end = ends[ends.length - 1]!;
    }
    const next = element(root.source, at, end);
    count += 1;
    if (count > nodes) throw new DerError(`more than ${nodes} elements`, at);
    if ((next.tagByte & 0x20) === 0) {
      at = next.end;
      continue;
    }
    if (ends.length >= depth) throw new DerError(`deeper than ${depth}`, at);
    ends.push(next.end);
    end = next.end;
    at = next.start;
  }
}

/** The elements in a constructed one, in their order. */
export function children(parent: Tlv): readonly Tlv[] {
  if (!(parent instanceof Element && parent.constructed)) {
    throw new DerError('a primitive element has no elements in it', parent.offset);
  }
  const { source, start, end } = parent;
  const found: Tlv[] = [];
  for (let at = start; at < end; ) {
    const next = element(source, at, end);
    found.push(next);
    at = next.end;
  }
  return found;
}

/** The elements of a SEQUENCE or SEQUENCE OF. */
export const readSequence = (tlv: Tlv | undefined, implicit?: number): readonly Tlv[] =>
  children(expectType(tlv, TAGS.SEQUENCE, 'a SEQUENCE', implicit));

/** The elements of a SET OF, which DER has in the order of their bytes (X.690 §11.6). */
export function readSetOf(tlv: Tlv | undefined, implicit?: number): readonly Tlv[] {
  const members = children(expectType(tlv, TAGS.SET, 'a SET', implicit));
  for (let at = 1; at < members.length; at += 1) {
    if (Buffer.compare(members[at - 1]!.bytes, members[at]!.bytes) > 0) {
      throw new DerError('a SET OF that is not in order', members[at]!.offset);
    }
  }
  return members;
}

function element(source: Uint8Array, offset: number, end: number): Element {
  if (offset >= end) throw new DerError('an element was expected', offset);
  const tagByte = source[offset]!;
  let at = offset + 1;
  let tag = tagByte & 0x1f;
  if (tag === 0x1f) {
    tag = 0;
    for (let more = true; more; at += 1) {
      if (at >= end) throw new DerError('a tag without its end', offset);
      const byte = source[at]!;
      if (tag === 0 && byte === 0x80) throw new DerError('a tag with leading zeros', offset);
      if (tag >= 2 ** 21) throw new DerError('a tag number that is too large', offset);
      tag = tag * 128 + (byte & 0x7f);
      more = (byte & 0x80) !== 0;
    }
    if (tag < 0x1f) throw new DerError('a tag in the long form that fits the short one', offset);
  }
  if (tagByte < 0x40) checkUniversal(tag, (tagByte & 0x20) !== 0, offset);

  if (at >= end) throw new DerError('an element without length', offset);
  let length = source[at]!;
  at += 1;
  if (length >= 0x80) {
    const size = length & 0x7f;
    if (size === 0) throw new DerError('an indefinite length', offset);
    if (size > 4) throw new DerError('a length that is too large', offset);
    if (at + size > end) throw new DerError('a length without its end', offset);
    length = 0;
    for (const last = at + size; at < last; at += 1) length = length * 256 + source[at]!;
    if (length < 0x80 || length < 256 ** (size - 1))
      throw new DerError('a length not in as few bytes as can be', offset);
  }
  if (length > end - at) throw new DerError('a length beyond the end', offset);
  return new Element(source, tagByte, tag, offset, at, at + length);
}

/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING are constructed and, in DER, nothing else (X.690 §8, §10.2). */
function checkUniversal(tag: number, constructed: boolean, offset: number): void {
  if (tag === 0) throw new DerError('end-of-contents has no place in DER', offset);
  const mustBe =
    tag === TAGS.SEQUENCE || tag === TAGS.SET || tag === TAGS.EXTERNAL || tag === TAGS.EMBEDDED_PDV || tag === 29;
  if (constructed !== mustBe) {
    throw new DerError(`a universal type ${tag} that is ${constructed ? 'constructed' : 'primitive'}`, offset);
  }
}

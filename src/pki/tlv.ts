/** What an element of DER is (ITU-T X.690 §8.1), its types, and how what is not DER is refused. */

/** 0 universal, 1 application, 2 context-specific, 3 private. */
export type TagClass = 0 | 1 | 2 | 3;

export interface Tlv {
  readonly tagClass: TagClass;
  readonly constructed: boolean;
  readonly tag: number;
  /** Tag, length and content: what is hashed. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
  /** In the bytes that were given to readDer. */
  readonly offset: number;
}

/** Malformed or unexpected: of DER, and of every format that is read from it. */
export class DerError extends Error {
  /** Of the element at fault, in the bytes that were given to readDer. */
  readonly offset: number;

  constructor(message: string, offset: number, cause?: unknown) {
    super(`${message} (at ${offset})`, cause === undefined ? undefined : { cause });
    this.name = 'DerError';
    this.offset = offset;
  }
}

/** Universal tag numbers (X.680 §8.6). */
export const TAGS = Object.freeze({
  BOOLEAN: 1,
  INTEGER: 2,
  BIT_STRING: 3,
  OCTET_STRING: 4,
  NULL: 5,
  OBJECT_IDENTIFIER: 6,
  EXTERNAL: 8,
  ENUMERATED: 10,
  EMBEDDED_PDV: 11,
  UTF8_STRING: 12,
  SEQUENCE: 16,
  SET: 17,
  NUMERIC_STRING: 18,
  PRINTABLE_STRING: 19,
  TELETEX_STRING: 20,
  IA5_STRING: 22,
  UTC_TIME: 23,
  GENERALIZED_TIME: 24,
  VISIBLE_STRING: 26,
  BMP_STRING: 30,
});

export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && Buffer.compare(left, right) === 0;

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

import { PdfError } from './findings.ts';
import type { PdfName, PdfNumber, PdfReference, PdfString } from './values.ts';

/**
 * The tokens of PDF (ISO 32000-1 §7.2 and §7.3), as narrow as files are that may be believed. What different readers are known to read
 * differently is refused: NUL and form feed as white space, comments, ordinary characters behind #xx.
 */

/** Bytes in a name, and in a literal string. */
const LONGEST_NAME = 4_096;
const LONGEST_LITERAL = 65_536;

/** What the names that mean something are made of. Writers escape other characters, too, where they need not: `/text#2Bxml`. */
const ORDINARY = /[0-9A-Za-z._-]/;

const REGULAR = 0;
const SPACE = 1;
const DELIMITER = 2;
const FORBIDDEN = 3;

const CLASS = new Uint8Array(256);
CLASS.fill(FORBIDDEN, 0, 0x20);
CLASS[0x7f] = FORBIDDEN;
for (const c of [0x09, 0x0a, 0x0d, 0x20]) CLASS[c] = SPACE;
for (const c of '()<>[]{}/%') CLASS[c.charCodeAt(0)] = DELIMITER;

const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  HEX[i.toString(16).charCodeAt(0)] = i;
  HEX[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

const ESCAPES: Readonly<Record<number, number>> = Object.freeze({
  110: 0x0a,
  114: 0x0d,
  116: 0x09,
  98: 0x08,
  102: 0x0c,
  40: 0x28,
  41: 0x29,
  92: 0x5c,
});

const digit = (c: number): boolean => c >= 0x30 && c <= 0x39;

export const isSpace = (c: number | undefined): boolean => c !== undefined && CLASS[c] === SPACE;

/** Reads from `at` onwards and never at or beyond `end`. Throws PdfError. */
export class Lexer {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly #view: Buffer;
  at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.#view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.end = end;
  }

  /** The byte ahead, or -1 at the end. */
  peek(ahead = 0): number {
    const at = this.at + ahead;
    return at < this.end ? this.bytes[at]! : -1;
  }

  fail(what: string): never {
    throw new PdfError('MALFORMED', `${what} at ${this.at}`);
  }

  space(): void {
    while (CLASS[this.peek()] === SPACE) this.at++;
    if (this.peek() === 0x25 && !this.looksAt('%%EOF')) throw new PdfError('FOREIGN_COMMENT', `comment at ${this.at}`);
  }

  looksAt(word: string): boolean {
    if (this.at + word.length > this.end) return false;
    for (let i = 0; i < word.length; i++) if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  /** Takes a keyword that ends where the word ends. */
  keyword(word: string): void {
    if (!this.looksAt(word)) this.fail(`${word} expected`);
    this.at += word.length;
    this.#boundary();
  }

  /** One end-of-line marker: CR LF, LF or CR. */
  endOfLine(): void {
    if (this.peek() === 0x0d && this.peek(1) === 0x0a) this.at += 2;
    else if (this.peek() === 0x0d || this.peek() === 0x0a) this.at += 1;
    else this.fail('end of line expected');
  }

  /** A decimal number without sign and leading zeros. */
  natural(): number {
    const start = this.at;
    const value = this.#digits();
    if (value < 0 || (this.at - start > 1 && this.bytes[start] === 0x30)) this.fail('natural number expected');
    this.#boundary();
    return value;
  }

  name(): PdfName {
    const start = this.at;
    if (this.peek() !== 0x2f) this.fail('name expected');
    this.at++;
    let value = '';
    for (let c = this.peek(); c >= 0 && CLASS[c] === REGULAR; c = this.peek()) {
      value += String.fromCharCode(c === 0x23 ? this.#escapedCharacter() : c);
      this.at++;
      if (this.at - start > LONGEST_NAME) this.fail('name too long');
    }
    this.#boundary();
    return { kind: 'name', value, start, end: this.at };
  }

  number(): PdfNumber {
    const start = this.at;
    while (this.at - start < 32 && this.peek() >= 0 && CLASS[this.peek()] === REGULAR) this.at++;
    const text = this.text(start, this.at);
    const integer = /^[+-]?\d{1,15}$/.test(text);
    if (!integer && !/^[+-]?(?:\d+\.\d*|\.\d+)$/.test(text)) {
      this.at = start;
      this.fail('value expected');
    }
    this.#boundary();
    return { kind: 'number', value: Number(text), integer, start, end: this.at };
  }

  reference(): PdfReference | undefined {
    const start = this.at;
    const number = this.#digits();
    const between = this.#spaces();
    const generation = this.#digits();
    const after = this.#spaces();
    const next = this.peek(1);
    const found =
      number >= 0 &&
      between &&
      generation >= 0 &&
      after &&
      this.peek() === 0x52 &&
      (next < 0 || CLASS[next]! !== REGULAR);
    if (!found) {
      this.at = start;
      return undefined;
    }
    this.at++;
    return { kind: 'reference', number, generation, start, end: this.at };
  }

  hexadecimal(): PdfString {
    const start = this.at++;
    const close = this.bytes.subarray(0, this.end).indexOf(0x3e, this.at);
    if (close < 0) this.fail('hexadecimal string without end');
    const bytes = new Uint8Array((close - this.at + 1) >> 1);
    let digits = 0;
    for (; this.at < close; this.at++) {
      const c = this.bytes[this.at]!;
      if (CLASS[c] === SPACE) continue;
      if (HEX[c]! < 0) this.fail('hexadecimal digit expected');
      bytes[digits >> 1]! |= HEX[c]! << (digits % 2 ? 0 : 4);
      digits++;
    }
    this.at = close + 1;
    return { kind: 'string', bytes: bytes.subarray(0, (digits + 1) >> 1), start, end: this.at };
  }

  literal(): PdfString {
    const start = this.at++;
    const bytes: number[] = [];
    for (let open = 1; ; this.at++) {
      let c = this.peek();
      if (c < 0) this.fail('string without end');
      if (c === 0x28) open++;
      else if (c === 0x29 && --open === 0) break;
      else if (c === 0x5c) c = this.#escape();
      else if (c === 0x0d) {
        if (this.peek(1) === 0x0a) this.at++;
        c = 0x0a;
      }
      if (c >= 0) bytes.push(c);
      if (bytes.length > LONGEST_LITERAL) this.fail('string too long');
    }
    this.at++;
    return { kind: 'string', bytes: Uint8Array.from(bytes), start, end: this.at };
  }

  #boundary(): void {
    const c = this.peek();
    if (c >= 0 && CLASS[c] !== SPACE && CLASS[c] !== DELIMITER) this.fail('unexpected character');
  }

  text(start: number, end: number): string {
    return this.#view.toString('latin1', start, end);
  }

  /** Up to ten digits as a number; -1 when there are none. */
  #digits(): number {
    const start = this.at;
    let value = 0;
    for (let c = this.peek(); digit(c) && this.at - start < 10; c = this.peek()) {
      value = value * 10 + c - 0x30;
      this.at++;
    }
    return this.at === start ? -1 : value;
  }

  #spaces(): boolean {
    const start = this.at;
    while (isSpace(this.peek())) this.at++;
    return this.at > start;
  }

  /** Undoes #xx and stands on its last digit. */
  #escapedCharacter(): number {
    const high = HEX[this.peek(1)] ?? -1;
    const low = HEX[this.peek(2)] ?? -1;
    const c = high * 16 + low;
    if (high < 0 || low < 0 || c === 0) this.fail('bad #xx in a name');
    if (c < 0x7f && ORDINARY.test(String.fromCharCode(c))) {
      throw new PdfError('ESCAPED_NAME', `needless #xx in a name at ${this.at}`);
    }
    this.at += 2;
    return c;
  }

  /** Stands on the last byte of the escape; -1 for a line that goes on. */
  #escape(): number {
    this.at++;
    const c = this.peek();
    if (c in ESCAPES) return ESCAPES[c]!;
    if (c === 0x0a) return -1;
    if (c === 0x0d) {
      if (this.peek(1) === 0x0a) this.at++;
      return -1;
    }
    if (c < 0x30 || c > 0x37) return c < 0 ? this.fail('string without end') : c;
    let code = 0;
    let length = 0;
    while (length < 3 && this.peek(length) >= 0x30 && this.peek(length) <= 0x37) {
      code = code * 8 + this.peek(length++) - 0x30;
    }
    this.at += length - 1;
    return code & 0xff;
  }
}

import { PdfError } from './findings.ts';
import { isSpace, Lexer } from './lexer.ts';
import type { PdfArray, PdfDictionary, PdfObject, PdfValue } from './values.ts';

const DEPTH = 48;
/** Values in one file: arrays, dictionaries and what is in them. */
const VALUES = 500_000;
const OBJECTS = 100_000;

/** What reading may still cost; one for the whole file. */
export class Budget {
  #values = VALUES;
  #objects = OBJECTS;

  value(): void {
    if (--this.#values < 0) throw new PdfError('TOO_MANY_OBJECTS', `more than ${VALUES} values`);
  }

  object(): void {
    if (--this.#objects < 0) throw new PdfError('TOO_MANY_OBJECTS', `more than ${OBJECTS} objects`);
  }
}

/** The objects of PDF (ISO 32000-1 §7.3): a key that occurs twice is refused, and a stream whose length is not written at its place. */
export class Syntax extends Lexer {
  readonly #budget: Budget;

  constructor(bytes: Uint8Array, at: number, end: number, budget: Budget) {
    super(bytes, at, end);
    this.#budget = budget;
  }

  value(depth = 0): PdfValue {
    if (depth > DEPTH) throw new PdfError('TOO_DEEP', `nested deeper than ${DEPTH} at ${this.at}`);
    this.#budget.value();
    const start = this.at;
    switch (this.peek()) {
      case 0x2f:
        return this.name();
      case 0x28:
        return this.literal();
      case 0x5b:
        return this.#array(depth);
      case 0x3c:
        return this.peek(1) === 0x3c ? this.dictionary(depth) : this.hexadecimal();
      case 0x74:
        this.keyword('true');
        return { kind: 'boolean', value: true, start, end: this.at };
      case 0x66:
        this.keyword('false');
        return { kind: 'boolean', value: false, start, end: this.at };
      case 0x6e:
        this.keyword('null');
        return { kind: 'null', start, end: this.at };
      default:
        return this.reference() ?? this.number();
    }
  }

  dictionary(depth = 0): PdfDictionary {
    const start = this.at;
    if (!this.looksAt('<<')) this.fail('dictionary expected');
    this.at += 2;
    const entries = new Map<string, PdfValue>();
    for (this.space(); !this.looksAt('>>'); this.space()) {
      const key = this.name();
      if (entries.has(key.value)) throw new PdfError('DUPLICATE_KEY', `a key occurs twice at ${key.start}`);
      this.space();
      entries.set(key.value, this.value(depth + 1));
    }
    this.at += 2;
    return { kind: 'dictionary', entries, start, end: this.at };
  }

  /** ISO 32000-1 §7.3.10 and, for streams, §7.3.8. */
  object(): PdfObject {
    this.#budget.object();
    const start = this.at;
    const number = this.natural();
    this.#gap();
    const generation = this.natural();
    this.#gap();
    this.keyword('obj');
    this.space();
    const value = this.value();
    this.space();
    const stream = value.kind === 'dictionary' && this.looksAt('stream') ? this.#stream(value) : undefined;
    this.keyword('endobj');
    return { number, generation, value, start, end: this.at, ...(stream && { stream }) };
  }

  #array(depth: number): PdfArray {
    const start = this.at++;
    const items: PdfValue[] = [];
    for (this.space(); this.peek() !== 0x5d; this.space()) items.push(this.value(depth + 1));
    this.at++;
    return { kind: 'array', items, start, end: this.at };
  }

  #gap(): void {
    if (!isSpace(this.peek())) this.fail('white space expected');
    this.space();
  }

  #stream(dictionary: PdfDictionary): { readonly start: number; readonly end: number } {
    const length = dictionary.entries.get('Length');
    if (length?.kind === 'reference')
      throw new PdfError('FOREIGN_STREAM_LENGTH', `indirect /Length at ${length.start}`);
    if (length?.kind !== 'number' || !length.integer || length.value < 0) {
      throw new PdfError('STREAM_LENGTH', `stream without /Length at ${this.at}`);
    }
    this.at += 'stream'.length;
    if (this.peek() === 0x0d && this.peek(1) !== 0x0a) this.fail('line feed expected');
    this.endOfLine();
    const start = this.at;
    const end = start + length.value;
    if (end > this.end) throw new PdfError('STREAM_LENGTH', `stream at ${start} is longer than the file`);
    this.at = end;
    if (this.peek() === 0x0d || this.peek() === 0x0a) this.endOfLine();
    if (!this.looksAt('endstream')) throw new PdfError('STREAM_LENGTH', `stream at ${start} does not end at ${end}`);
    this.keyword('endstream');
    this.space();
    return { start, end };
  }
}

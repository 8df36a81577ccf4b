import fc from 'fast-check';
import type { Encoded } from '../../../src/store/postgres/encode.ts';
import { batch, simpleQuery } from '../../../src/store/postgres/messages.ts';

/** A frontend message: its letter, and a reader of its body. */
class Message {
  readonly code: string;
  readonly body: Buffer;
  #offset = 0;

  constructor(code: string, body: Buffer) {
    this.code = code;
    this.body = body;
  }

  int16(): number {
    this.#offset += 2;
    return this.body.readInt16BE(this.#offset - 2);
  }

  int32(): number {
    this.#offset += 4;
    return this.body.readInt32BE(this.#offset - 4);
  }

  cstring(): string {
    const end = this.body.indexOf(0, this.#offset);
    const text = this.body.toString('utf8', this.#offset, end);
    this.#offset = end + 1;
    return text;
  }

  bytes(length: number): Buffer {
    this.#offset += length;
    return this.body.subarray(this.#offset - length, this.#offset);
  }

  get read(): boolean {
    return this.#offset === this.body.length;
  }
}

/** Cuts at the lengths, as the server does; a length that does not fit ends in the wrong place and fails. */
function messages(bytes: Buffer): Message[] {
  const found: Message[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const end = offset + 1 + bytes.readInt32BE(offset + 1);
    found.push(new Message(String.fromCharCode(bytes[offset] as number), bytes.subarray(offset + 5, end)));
    offset = end;
  }
  expect(offset).toBe(bytes.length);
  return found;
}

const codes = (bytes: Buffer) =>
  messages(bytes)
    .map(({ code }) => code)
    .join('');

const text = fc.string({ unit: 'binary' }).map((one) => one.replaceAll('\0', '').toWellFormed());
const values: fc.Arbitrary<Encoded[]> = fc.array(
  fc.oneof(
    fc.constant(null),
    text,
    fc.uint8Array({ maxLength: 100 }).map((one) => Buffer.from(one)),
  ),
  { maxLength: 12 },
);

describe('a batch', () => {
  it('binds and executes a statement that is prepared, and prepares one that is not', () => {
    expect(codes(batch({ close: [], name: 's1', text: null, values: [] }))).toBe('BES');
    expect(codes(batch({ close: [], name: 's1', text: 'SELECT 1', values: [] }))).toBe('PDBES');
    expect(codes(batch({ close: ['s7', 's8'], name: 's9', text: 'SELECT 1', values: ['1'] }))).toBe('CCPDBES');
  });

  it('parses the text under the name without types, and describes the statement', () =>
    fc.assert(
      fc.property(text, (sql) => {
        const [parse, describeMessage] = messages(batch({ close: [], name: 's12', text: sql, values: [] })) as [
          Message,
          Message,
        ];
        expect([parse.cstring(), parse.cstring(), parse.int16(), parse.read]).toEqual(['s12', sql, 0, true]);
        expect(describeMessage.body.toString()).toBe('Ss12\0');
      }),
    ));

  it('closes prepared statements', () => {
    const [close] = messages(batch({ close: ['s7'], name: 's8', text: 'SELECT 1', values: [] })) as [Message];
    expect(close.body.toString()).toBe('Ss7\0');
  });

  it('carries text as text, bytes as bytes and null as null, and asks for binary', () =>
    fc.assert(
      fc.property(values, (given) => {
        const bind = messages(batch({ close: [], name: 's1', text: null, values: given }))[0] as Message;
        expect([bind.cstring(), bind.cstring()]).toEqual(['', 's1']);
        const formats = Array.from({ length: bind.int16() }, () => bind.int16());
        expect(formats).toEqual(given.map((value) => (Buffer.isBuffer(value) ? 1 : 0)));
        const carried = Array.from({ length: bind.int16() }, (_, i) => {
          const length = bind.int32();
          const bytes = length < 0 ? null : bind.bytes(length);
          return bytes && formats[i] === 0 ? bytes.toString('utf8') : bytes;
        });
        expect(carried).toEqual(given);
        expect([bind.int16(), bind.int16(), bind.read]).toEqual([1, 1, true]);
      }),
    ));
});

describe('a simple query', () => {
  it('is its text', () =>
    fc.assert(
      fc.property(text, (sql) => {
        const [query, ...rest] = messages(simpleQuery(sql)) as [Message];
        expect(query.code).toBe('Q');
        expect([query.cstring(), query.read, rest]).toEqual([sql, true, []]);
      }),
    ));
});

import fc from 'fast-check';
import { nameToken } from '../../src/pdf/append.ts';
import { PdfError } from '../../src/pdf/findings.ts';
import { Budget, Syntax } from '../../src/pdf/syntax.ts';
import { type PdfValue, same } from '../../src/pdf/values.ts';

const syntax = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return new Syntax(bytes, 0, bytes.length, new Budget());
};
const read = (text: string): PdfValue => syntax(text).value();

/** As plain data; strings as latin-1 behind a quote, names behind a slash. */
function plain(value: PdfValue): unknown {
  switch (value.kind) {
    case 'null':
      return null;
    case 'boolean':
    case 'number':
      return value.value;
    case 'name':
      return `/${value.value}`;
    case 'string':
      return `'${Buffer.from(value.bytes).toString('latin1')}`;
    case 'reference':
      return `${value.number} ${value.generation} R`;
    case 'array':
      return value.items.map(plain);
    default:
      return Object.fromEntries([...value.entries].map(([key, item]) => [key, plain(item)]));
  }
}

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof PdfError) return error.code;
    throw error;
  }
  return 'OK';
}

describe('the values of PDF (ISO 32000-1 §7.3)', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['false', false],
    ['42', 42],
    ['-17', -17],
    ['+3', 3],
    ['3.14', 3.14],
    ['-.5', -0.5],
    ['4.', 4],
    ['/Name', '/Name'],
    ['/', '/'],
    ['/A#20B#23', '/A B#'],
    ['/application#2Fjson', '/application/json'],
    ['(plain)', "'plain"],
    ['()', "'"],
    ['(a(b)c)', "'a(b)c"],
    ['(\\(\\)\\\\)', "'()\\"],
    ['(\\n\\r\\t\\b\\f)', "'\n\r\t\b\f"],
    ['(\\101\\1012\\7)', "'AA2\x07"],
    ['(\\x)', "'x"],
    ['(a\\\r\nb)', "'ab"],
    ['(a\r\nb\rc)', "'a\nb\nc"],
    ['<48656C6c6F>', "'Hello"],
    ['<48 65\n6>', "'He`"],
    ['<>', "'"],
    ['[1 2 R 3]', ['1 2 R', 3]],
    ['[1 2 0 R 3]', [1, '2 0 R', 3]],
    ['[1(a)/b<63>[]<<>>]', [1, "'a", '/b', "'c", [], {}]],
    ['<</A 1/B<</C[null]>>>>', { A: 1, B: { C: [null] } }],
  ])('%j', (text, expected) => {
    expect(plain(read(text))).toEqual(expected);
  });

  it.each([
    ['a word', 'nil', 'MALFORMED'],
    ['two signs', '--1', 'MALFORMED'],
    ['two points', '1.2.3', 'MALFORMED'],
    ['an exponent', '1e9', 'MALFORMED'],
    ['a number of thirty digits', '1'.repeat(30), 'MALFORMED'],
    ['a word that goes on', 'truely', 'MALFORMED'],
    ['a key that is no name', '<<1 2>>', 'MALFORMED'],
    ['a key without value', '<</A>>', 'MALFORMED'],
    ['a key twice', '<</A 1/A 1>>', 'DUPLICATE_KEY'],
    ['a key twice, once escaped', '<</A 1/#41 1>>', 'ESCAPED_NAME'],
    ['a key twice, both escaped', '<</#20 1/#20 1>>', 'DUPLICATE_KEY'],
    ['an escape of one digit', '/A#4', 'MALFORMED'],
    ['an escape of NUL', '/A#00', 'MALFORMED'],
    ['a control character in a name', '/A\x01', 'MALFORMED'],
    ['a comment', '[1 %x\n2]', 'FOREIGN_COMMENT'],
    ['NUL as white space', '[1\x002]', 'MALFORMED'],
    ['braces', '{1}', 'MALFORMED'],
    ['a string without end', '(a', 'MALFORMED'],
    ['an escape without end', '(a\\', 'MALFORMED'],
    ['digits without end', '<41', 'MALFORMED'],
    ['letters among the digits', '<4G>', 'MALFORMED'],
    ['nothing', '', 'MALFORMED'],
    ['a long string', `(${'a'.repeat(70_000)})`, 'MALFORMED'],
    ['a long name', `/${'a'.repeat(5_000)}`, 'MALFORMED'],
    ['nested arrays', '['.repeat(1_000_000), 'TOO_DEEP'],
  ])('refuses %s', (_, text, code) => {
    expect(codeOf(() => read(text))).toBe(code);
  });

  it('an object is read with its stream, and what is behind it is left', () => {
    const reader = syntax('7 0 obj\n<</Length 9>>\nstream\r\nendstream\r\nendstream\nendobj\n8 0 obj');
    const object = reader.object();
    expect(object).toMatchObject({ number: 7, generation: 0, start: 0 });
    expect(object.stream!.end - object.stream!.start).toBe(9);
    expect(reader.peek()).toBe(0x0a);
  });

  it.each([
    ['zeros before the number', '07 0 obj null endobj', 'MALFORMED'],
    ['no end', '7 0 obj null', 'MALFORMED'],
    ['two values', '7 0 obj null null endobj', 'MALFORMED'],
    ['a carriage return alone behind stream', '7 0 obj<</Length 1>>stream\rx\nendstream endobj', 'MALFORMED'],
    ['a length that is real', '7 0 obj<</Length 1.0>>stream\nx\nendstream endobj', 'STREAM_LENGTH'],
    ['a length below zero', '7 0 obj<</Length -1>>stream\nx\nendstream endobj', 'STREAM_LENGTH'],
  ])('an object with %s is refused', (_, text, code) => {
    expect(codeOf(() => syntax(text).object())).toBe(code);
  });
});

/** Trees of values, and how they are written. */
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '12 0 R'),
    fc.integer().map(String),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value.toFixed(3)),
    fc.string({ unit: 'binary-ascii', maxLength: 8 }).map((name) => nameToken(name.replaceAll('\0', ''))),
    fc.uint8Array({ maxLength: 8 }).map((bytes) => `<${Buffer.from(bytes).toString('hex')}>`),
    fc.array(tie('tree'), { maxLength: 4 }).map((items) => `[ ${items.join(' ')} ]`),
    fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z]{1,4}$/), tie('tree')), {
        maxLength: 4,
        selector: ([key]) => key,
      })
      .map((entries) => `<< ${entries.map(([key, value]) => `/${key} ${value}`).join('\n')} >>`),
  ),
}));

describe('laws of reading', () => {
  it('white space does not count, and the extent is that of the value', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(' ', '\n', '\r\n', '\t '), (text, space) => {
        const value = read(text);
        expect(value.end).toBe(text.length);
        expect(same(value, read(text.replaceAll(/[ \n]/g, space)))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 60 }), (text) => {
        expect(typeof codeOf(() => syntax(`1 0 obj${text}endobj`).object())).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('different values are not the same', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        const equal = JSON.stringify(sorted(plain(read(a)))) === JSON.stringify(sorted(plain(read(b))));
        if (!equal) expect(same(read(a), read(b))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

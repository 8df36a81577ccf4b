import fc from 'fast-check';
import { Decimal, readJson } from '../../src/fhir/json.ts';
import { FhirError } from '../../src/http/errors.ts';

const read = (text: string | Buffer, depth = 64) => readJson(Buffer.from(text as string), depth);
const again = (text: string) => JSON.stringify(read(text).tree);

function refusal(text: string | Buffer, depth = 64): FhirError {
  try {
    read(text, depth);
  } catch (error) {
    if (error instanceof FhirError) return error;
    throw error;
  }
  throw new Error(`${text} was not refused`);
}

describe('numbers come back to the digit', () => {
  it.each([
    '1.00',
    '0.10',
    '-0',
    '-0.0',
    '0.0',
    '1e3',
    '1E+3',
    '1.5e-7',
    '0.0000001',
    '0.00000012',
    '-0.00000000000000000001',
    '12345678901234567890',
    '3.14159265358979323846',
    '0.1000000000000000055511151231257827',
    '1e400',
    '-1e400',
    '9007199254740993',
    '100000000000000000000000',
    '1.7976931348623157e308',
  ])('%s, which the parser alone would not keep', (number) => {
    for (const text of [`{"value":${number}}`, `[${number}]`, `[1,${number},"x"]`, `{"a":[${number},${number}]}`]) {
      const found = read(text);
      expect(found.decimals).toBe(true);
      expect(JSON.stringify(found.tree)).toBe(text);
    }
  });

  it.each(['0', '1', '-1', '36.5', '0.001', '-0.5', '123456789012345', '0.000001', '100', '1.01', '70', '-270.15'])(
    '%s, which stays a plain number',
    (number) => {
      const found = read(`{"value":${number}}`);
      expect(found.decimals).toBe(false);
      expect(found.tree).toStrictEqual({ value: Number(number) });
      expect(JSON.stringify(found.tree)).toBe(`{"value":${number}}`);
    },
  );

  it('with white space around them', () => {
    expect(again('{ "a" :\n 1.50 ,\t"b" : [ 2.0\r\n] }')).toBe('{"a":1.50,"b":[2.0]}');
  });

  it('and no others become Decimals beside them', () => {
    const { tree } = read('{"a":1.50,"b":1.5,"c":20}') as { tree: Record<string, unknown> };
    expect(tree.a).toBeInstanceOf(Decimal);
    expect([tree.b, tree.c]).toStrictEqual([1.5, 20]);
  });

  it('but digits in a text are no number', () => {
    const found = read('{"value":"1.00","note":"[1.0]","x":":2.50,"}');
    expect(found.tree).toStrictEqual({ value: '1.00', note: '[1.0]', x: ':2.50,' });
    expect(again('{"note":"[1.0]"}')).toBe('{"note":"[1.0]"}');
  });
});

describe('a Decimal', () => {
  it('counts and compares as a number', () => {
    const value = new Decimal('1.50');
    expect(Number(value)).toBe(1.5);
    expect(value.valueOf() + 1).toBe(2.5);
    expect((value as unknown as number) > 1.49).toBe(true);
    expect(`${value}`).toBe('1.5');
  });

  it('is written with its own text', () => {
    expect(JSON.stringify({ value: new Decimal('1.50'), list: [new Decimal('2E0')] })).toBe(
      '{"value":1.50,"list":[2E0]}',
    );
  });
});

describe('a body is refused with 400', () => {
  it.each([
    '',
    ' ',
    '{',
    '{"a":}',
    '[1,]',
    "{'a':1}",
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":1}{"b":2}',
    '{"a":"b',
    '{"a":"b\\"}',
    '// a\n{}',
    ']',
  ])('when it is not JSON: %j', (text) => {
    expect(refusal(text)).toMatchObject({ status: 400, issues: [{ code: 'structure' }] });
  });

  it.each([
    ['a byte that begins nothing', [0x22, 0xff, 0x22]],
    ['a character that is cut off', [0x22, 0xe3, 0x81, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
    ['half of a surrogate pair as CESU-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ])('when it is not UTF-8: %s', (_, bytes) => {
    expect(refusal(Buffer.from(bytes))).toMatchObject({ status: 400, message: expect.stringContaining('UTF-8') });
  });

  it('when it nests too deep, and names the limit', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(read(nested(8), 8).tree).toEqual(JSON.parse(nested(8)));
    expect(refusal(nested(9), 8)).toMatchObject({ status: 400, message: expect.stringContaining('8 levels') });
    expect(refusal(`{"a":${nested(8)}}`, 8).issues[0]?.code).toBe('too-costly');
  });

  it('when it nests a million levels deep, before anything walks it', () => {
    for (const text of ['['.repeat(1_000_000), '{"a":'.repeat(1_000_000), `${'['.repeat(1e6)}${']'.repeat(1e6)}`])
      expect(refusal(text).issues[0]?.code).toBe('too-costly');
  });

  it('counts depth only outside of texts', () => {
    expect(read(JSON.stringify({ a: '[[[[{{{{"\\"[[[[' }), 1).tree).toEqual({ a: '[[[[{{{{"\\"[[[[' });
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":{"b":1,"c":[{"d":1,"d":2}]}}',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
  ])('when an object has a member twice: %s', (text) => {
    expect(refusal(text)).toMatchObject({ status: 400, message: expect.stringContaining('twice') });
  });

  it.each([
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\uDFFF"',
    '"\\ud83d x"',
    '"\\ude00\\ud83d"',
    '"\\uD83D\\uD83D\\uDE00"',
  ])('when a text cannot be stored: %s', (text) => {
    for (const body of [`{"a":${text}}`, `{"a":["x",{"b":${text}}]}`, `{${text}:1}`, `[1.50,${text}]`])
      expect(refusal(body)).toMatchObject({ status: 400, issues: [{ code: 'value' }] });
  });
});

describe('texts come back to the code point', () => {
  it.each([
    ['a surrogate pair in escapes', '"\\ud83d\\ude00"', '😀'],
    ['the same written out', '"😀"', '😀'],
    ['an escaped backslash before u0000', '"\\\\u0000"', '\\u0000'],
    ['a rare kanji', '"𠮷野家"', '𠮷野家'],
    ['variation selectors and joiners', '"葛󠄀👩‍⚕️"', '葛󠄀👩‍⚕️'],
    ['half-width and full-width', '"ﾔﾏﾀﾞ　ヤマダ"', 'ﾔﾏﾀﾞ　ヤマダ'],
    ['what NFC would change', '"がÅ"', 'がÅ'],
  ])('%s', (_, text, value) => {
    expect(read(`{"a":${text}}`).tree).toStrictEqual({ a: value });
  });

  it('a byte order mark is no part of the body', () => {
    expect(read('\ufeff{"a":1}').tree).toStrictEqual({ a: 1 });
  });

  it('a member called __proto__ is a member and changes nothing', () => {
    const { tree } = read('{"__proto__":{"polluted":true},"value":1.0}');
    expect(Object.getPrototypeOf(tree)).toBe(Object.prototype);
    expect(Object.hasOwn(tree as object, '__proto__')).toBe(true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(JSON.stringify(tree)).toBe('{"__proto__":{"polluted":true},"value":1.0}');
  });
});

/** JSON as text, together with the same without white space. */
interface Written {
  readonly loose: string;
  readonly tight: string;
}

const digits = fc.stringMatching(/^(0|[1-9]\d{0,22})$/);
const number: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,20}$/)),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.stringMatching(/^[eE][-+]?\d{1,3}$/) },
    ),
  )
  .map((parts) => parts.join(''));
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((s) => s.isWellFormed() && !s.includes('\0'));
const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n  ');

const written = fc.letrec<{ any: Written; leaf: Written; array: Written; object: Written }>((tie) => ({
  any: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('array'), tie('object')),
  leaf: fc
    .oneof(
      number,
      text.map((s) => JSON.stringify(s)),
      fc.constantFrom('true', 'false', 'null'),
    )
    .map((s) => ({ loose: s, tight: s })),
  array: fc.tuple(fc.array(tie('any'), { maxLength: 5 }), space).map(([items, gap]) => ({
    loose: `[${items.map(({ loose }) => `${gap}${loose}${gap}`).join(',') || gap}]`,
    tight: `[${items.map(({ tight }) => tight).join(',')}]`,
  })),
  object: fc
    .tuple(
      // Names that look like array indices come first in any JavaScript object; FHIR has none.
      fc.uniqueArray(
        fc.tuple(
          text.filter((s) => !/^\d+$/.test(s)),
          tie('any'),
        ),
        { maxLength: 5, selector: ([name]) => name },
      ),
      space,
    )
    .map(([members, gap]) => ({
      loose: `{${members.map(([name, { loose }]) => `${gap}${JSON.stringify(name)}${gap}:${gap}${loose}${gap}`).join(',') || gap}}`,
      tight: `{${members.map(([name, { tight }]) => `${JSON.stringify(name)}:${tight}`).join(',')}}`,
    })),
})).any;

describe('any JSON', () => {
  it('that is read and written is the same to the digit and the code point', () => {
    fc.assert(
      fc.property(written, ({ loose, tight }) => {
        expect(again(`{"a":${loose}}`)).toBe(`{"a":${tight}}`);
      }),
      { numRuns: 500 },
    );
  });

  it('says whether it holds Decimals', () => {
    const holds = (node: unknown): boolean =>
      node instanceof Decimal || (!!node && typeof node === 'object' && Object.values(node).some(holds));
    fc.assert(
      fc.property(written, ({ loose }) => {
        const { tree, decimals } = read(`{"a":${loose}}`);
        if (holds(tree)) expect(decimals).toBe(true);
      }),
    );
  });

  it('has the values that the plain parser reads', () => {
    fc.assert(
      fc.property(written, ({ loose }) => {
        const plain = (node: unknown): unknown =>
          node instanceof Decimal
            ? Number(node)
            : Array.isArray(node)
              ? node.map(plain)
              : node && typeof node === 'object'
                ? Object.fromEntries(Object.entries(node).map(([name, value]) => [name, plain(value)]))
                : node;
        expect(plain(read(`[${loose}]`).tree)).toEqual(JSON.parse(`[${loose}]`));
      }),
    );
  });

  it('is refused with 400 or read, whatever bytes come', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.string().map((s) => Buffer.from(s)),
        ),
        (bytes) => {
          try {
            readJson(Buffer.from(bytes), 10);
          } catch (error) {
            expect(error).toMatchObject({ status: 400 });
          }
        },
      ),
    );
  });
});

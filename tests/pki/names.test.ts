import fc from 'fast-check';
import { DerError, ia5, oid, printable, readDer, sequence, set, utf8 } from '../../src/pki/der.ts';
import {
  appendRdn,
  attributeOf,
  commonName,
  formatName,
  isWithin,
  type Name,
  type NameParts,
  readName,
  sameName,
  writeName,
} from '../../src/pki/names.ts';

const read = (parts: NameParts): Name => readName(readDer(writeName(parts)));
const common = (value: string | Uint8Array): Name => read([['CN', value]]);

describe('the text of a name (RFC 4514)', () => {
  it('has the most specific part first', () => {
    expect(
      formatName(
        read([
          ['C', 'JP'],
          ['O', '試験病院'],
          ['CN', '試験 太郎'],
          ['serialNumber', '0012'],
        ]),
      ),
    ).toBe('serialNumber=0012,CN=試験 太郎,O=試験病院,C=JP');
  });

  it.each([
    ['a,b', 'CN=a\\,b'],
    ['a+b="c"', 'CN=a\\+b=\\"c\\"'],
    ['#a', 'CN=\\#a'],
    [' a ', 'CN=\\ a\\ '],
    ['a\\b<c>;', 'CN=a\\\\b\\<c\\>\\;'],
    ['a\nb', 'CN=a\\0ab'],
    // Right-to-left override: it would show another name than there is.
    ['a\u202eb', 'CN=a\\e2\\80\\aeb'],
  ])('escapes %j', (value, text) => {
    expect(formatName(common(value))).toBe(text);
  });

  it('shows what is not text, and types without a name, as hex', () => {
    expect(formatName(common(sequence()))).toBe('2.5.4.3=#3000');
    expect(formatName(read([['1.2.3', 'x']]))).toBe('1.2.3=#0c0178');
  });

  it('joins the attributes of one part by +', () => {
    const der = sequence(set(sequence(oid('2.5.4.3'), utf8('a')), sequence(oid('2.5.4.5'), printable('1'))));
    expect(formatName(readName(readDer(der)))).toBe('CN=a+serialNumber=1');
  });
});

describe('comparison (RFC 5280 §7.1)', () => {
  it.each([
    ['case', 'Test CA', 'TEST ca'],
    ['white space', ' Test   CA ', 'Test CA'],
    ['the type of text', printable('Test CA'), utf8('test ca')],
    ['full width', 'ＴＥＳＴ　ＣＡ', 'test ca'],
  ])('does not regard %s', (_, left, right) => {
    expect(sameName(common(left), common(right))).toBe(true);
  });

  it.each([
    ['other text', common('Test CA'), common('Test CB')],
    ['no white space', common('Test CA'), common('TestCA')],
    ['another attribute', common('a'), read([['O', 'a']])],
    ['another type of text, that is compared by its bytes', common(ia5('a')), common('a')],
    [
      'one more part',
      common('a'),
      read([
        ['C', 'JP'],
        ['CN', 'a'],
      ]),
    ],
    [
      'another order',
      read([
        ['O', 'a'],
        ['CN', 'b'],
      ]),
      read([
        ['CN', 'b'],
        ['O', 'a'],
      ]),
    ],
    ['a value that looks like the bytes of another', common('#1601'), common(ia5('\x01'))],
    ['髙 and 高', common('髙'), common('高')],
    ['nothing', read([]), common('a')],
  ])('regards %s', (_, left, right) => {
    expect(sameName(left, right)).toBe(false);
    expect(sameName(right, left)).toBe(false);
  });

  it('does not regard the order within a part', () => {
    const rdn = (...members: Uint8Array[]) => readName(readDer(sequence(set(...members))));
    const [a, b, c] = [
      ['2.5.4.3', 'a'],
      ['2.5.4.5', 'b'],
      ['2.5.4.3', 'B'],
    ].map(([type, text]) => sequence(oid(type!), utf8(text!)));
    expect(sameName(rdn(a!, b!), rdn(b!, a!))).toBe(true);
    expect(sameName(rdn(a!, b!), rdn(a!, c!))).toBe(false);
  });

  it('is an equivalence that survives writing and reading', () => {
    const parts = fc.array(fc.tuple(fc.constantFrom('CN', 'O', 'OU'), fc.stringMatching(/^[a-zＡ-Ｚぁ-ん ]{1,6}$/u)), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(parts, (given) => {
        const name = read(given);
        expect(sameName(name, read(given))).toBe(true);
        expect(sameName(name, read(given.map(([type, text]) => [type, `${text.toUpperCase()} `])))).toBe(true);
        expect(sameName(name, read([...given, ['CN', 'x']]))).toBe(false);
        expect(isWithin(read([...given, ['CN', 'x']]), name)).toBe(true);
      }),
    );
  });
});

describe('parts', () => {
  const name = read([
    ['C', 'JP'],
    ['O', 'outer'],
    ['O', 'inner'],
    ['CN', 'x'],
  ]);

  it('finds the most specific of a type', () => {
    expect([attributeOf(name, 'O'), attributeOf(name, '2.5.4.6'), commonName(name)]).toEqual(['inner', 'JP', 'x']);
    expect(attributeOf(name, 'OU')).toBeUndefined();
  });

  it('tells the subtree from its neighbours', () => {
    expect(isWithin(name, read([]))).toBe(true);
    expect(isWithin(name, name)).toBe(true);
    expect(
      isWithin(
        name,
        read([
          ['C', 'JP'],
          ['O', 'OUTER'],
        ]),
      ),
    ).toBe(true);
    expect(isWithin(name, read([['O', 'outer']]))).toBe(false);
    expect(isWithin(read([['C', 'JP']]), name)).toBe(false);
  });

  it('appends a relative name', () => {
    const member = readDer(sequence(oid('2.5.4.3'), utf8('SARL')));
    expect(formatName(appendRdn(read([['C', 'JP']]), [member], 0))).toBe('CN=SARL,C=JP');
    expect(
      sameName(
        appendRdn(read([['C', 'JP']]), [member], 0),
        read([
          ['C', 'JP'],
          ['CN', 'sarl'],
        ]),
      ),
    ).toBe(true);
  });
});

describe('what is malformed', () => {
  const cn = (value: Uint8Array) => sequence(oid('2.5.4.3'), value);
  it.each([
    ['an empty part', sequence(set())],
    ['a part that is not a set', sequence(cn(utf8('a')))],
    ['an attribute without value', sequence(set(sequence(oid('2.5.4.3'))))],
    ['an attribute with two values', sequence(set(sequence(oid('2.5.4.3'), utf8('a'), utf8('b'))))],
    ['text that is not UTF-8', sequence(set(cn(Uint8Array.of(0x0c, 1, 0xff))))],
    ['text with NUL', sequence(set(cn(Uint8Array.of(0x0c, 1, 0))))],
    ['too many parts', sequence(...new Array(65).fill(set(cn(utf8('a')))))],
  ])('refuses %s', (_, der) => {
    expect(() => readName(readDer(der))).toThrow(DerError);
  });
});

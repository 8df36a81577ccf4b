import fc from 'fast-check';
import { resourceTypes, searchParameters } from '../../../src/definitions/index.ts';
import { alternatives, parseExpression } from '../../../src/fhir/indexing/expression.ts';

const field = (name: string) => ({ kind: 'field', name });

describe('the expressions of search parameters', () => {
  test.each([
    ['a path', 'Patient.name.family', [[field('Patient'), field('name'), field('family')]]],
    [
      'a union',
      'A.b | A.c',
      [
        [field('A'), field('b')],
        [field('A'), field('c')],
      ],
    ],
    ['a cast in brackets', '(A.b as Quantity)', [[field('A'), field('b'), { kind: 'cast', type: 'Quantity' }]]],
    ['a cast without brackets', 'A.b as Period', [[field('A'), field('b'), { kind: 'cast', type: 'Period' }]]],
    ['ofType()', 'A.b.ofType(Age)', [[field('A'), field('b'), { kind: 'cast', type: 'Age' }]]],
    ['as()', 'A.b.as(Age)', [[field('A'), field('b'), { kind: 'cast', type: 'Age' }]]],
    [
      'a path after a bracket',
      '(A.b as CodeableConcept).text',
      [[field('A'), field('b'), { kind: 'cast', type: 'CodeableConcept' }, field('text')]],
    ],
    [
      'a path after a union in brackets',
      '(A.b | A.c).d',
      [
        [field('A'), field('b'), field('d')],
        [field('A'), field('c'), field('d')],
      ],
    ],
    [
      'the type of what is referred to',
      'A.b.where(resolve() is Patient)',
      [[field('A'), field('b'), { kind: 'refersTo', type: 'Patient' }]],
    ],
    [
      'a value that must be there',
      "A.b.where(system='phone')",
      [[field('A'), field('b'), { kind: 'where', name: 'system', value: 'phone' }]],
    ],
    [
      'an extension',
      "A.extension('http://x.example/y').value",
      [[field('A'), field('extension'), { kind: 'where', name: 'url', value: 'http://x.example/y' }, field('value')]],
    ],
    [
      'an index',
      'Bundle.entry[0].resource',
      [[field('Bundle'), field('entry'), { kind: 'at', index: 0 }, field('resource')]],
    ],
  ])('are read: %s', (_, text, paths) => {
    expect(parseExpression(text)).toEqual(paths);
  });

  test.each([
    'A.b.exists() and A.b != false',
    'A.b.where(c > 1)',
    'A.b.first()',
    "A.b.where(c='it\\'s')",
    'A.b |',
    '(A.b',
    'A.b)',
    'A..b',
    '',
    'A.b[x]',
    'A.b.where(resolve() is )',
  ])('are left to the FHIRPath engine otherwise: %s', (text) => {
    expect(parseExpression(text)).toBeNull();
  });

  it('are read without throwing whatever they are', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseExpression(text)));
    const words = fc.constantFrom(
      'A',
      '.',
      'b',
      '(',
      ')',
      '|',
      'as',
      'where',
      "'x'",
      '=',
      '[',
      '0',
      ']',
      'resolve',
      'is',
    );
    fc.assert(fc.property(fc.array(words, { maxLength: 20 }), (parts) => void parseExpression(parts.join(' '))));
  });

  it('are nearly all read without the engine', () => {
    const left = resourceTypes().flatMap((type) =>
      [...searchParameters(type).values()]
        .filter((one) => one.type !== 'composite' && one.type !== 'special' && !parseExpression(one.expression))
        .map((one) => `${type}.${one.code}`),
    );
    expect(left).toEqual(['Patient.deceased']);
  });
});

describe('the alternatives of an expression', () => {
  test.each([
    ['A.b', ['A.b']],
    ['A.b | A.c', ['A.b', 'A.c']],
    ['(A.b | A.c).d | A.e', ['(A.b | A.c).d', 'A.e']],
    ['(A.b as Age)|(A.b as Range)', ['(A.b as Age)', '(A.b as Range)']],
  ])('of %s', (text, parts) => {
    expect(alternatives(text)).toEqual(parts);
  });
});

import { bigints, Values } from '../../src/store/sql.ts';

describe('the values of a statement', () => {
  it('are numbered in the order in which they come', () => {
    const values = new Values();
    expect(values.add('a')).toBe('$1');
    expect(values.add(2, 'int')).toBe('$2::int');
    expect(values.add(null, 'bigint[]')).toBe('$3::bigint[]');
    expect(values.list).toEqual(['a', 2, null]);
  });

  it('are added anew each time, also when they are equal', () => {
    const values = new Values();
    expect([values.add('a'), values.add('a')]).toEqual(['$1', '$2']);
  });

  it('are added once under a name, whatever comes later', () => {
    const values = new Values();
    expect(values.once('organization', 1n, 'bigint')).toBe('$1::bigint');
    expect(values.add('x')).toBe('$2');
    expect(values.once('organization', 2n, 'bigint')).toBe('$1::bigint');
    expect(values.list).toEqual([1n, 'x']);
  });

  it.each(['constructor', '__proto__', 'toString', ''])('know the name %j only when it was given', (name) => {
    const values = new Values();
    expect(values.once(name, 'first')).toBe('$1');
    expect(values.once(name, 'second')).toBe('$1');
    expect(values.list).toEqual(['first']);
  });

  it('do not share names with another statement', () => {
    const [one, other] = [new Values(), new Values()];
    one.once('organization', 1n);
    expect(other.once('organization', 2n)).toBe('$1');
    expect(other.list).toEqual([2n]);
  });
});

describe('keys as an array literal', () => {
  it.each([
    [[], '{}'],
    [[0n], '{0}'],
    [[1n, -1n], '{1,-1}'],
    [[2n ** 63n - 1n, -(2n ** 63n)], '{9223372036854775807,-9223372036854775808}'],
  ] as [bigint[], string][])('%p is %s', (list, literal) => {
    expect(bigints(list)).toBe(literal);
  });
});

import { Asked } from '../../src/fhir/asked.ts';
import type { Resource } from '../../src/fhir/engine.ts';

const ZONE = 'Asia/Tokyo';
const of = (...parameter: readonly object[]) =>
  new Asked('do', { resourceType: 'Parameters', parameter } as Resource, [], ['a', 'b']);
const refused = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as { status?: number }).status;
  }
  return undefined;
};

describe('the parameters of an operation', () => {
  it('may be none', () => {
    const none = new Asked('do', undefined, [], ['a']);
    expect([
      none.text('a', 10),
      none.values('a'),
      none.flag('a'),
      none.integer('a', 0, 9),
      none.time('a', ZONE),
    ]).toEqual([undefined, [], false, undefined, undefined]);
    expect(refused(() => none.needed('a', 10))).toBe(400);
  });

  it('come from the body and from the query', () => {
    const asked = new Asked(
      'do',
      undefined,
      [
        ['a', ' x '],
        ['_format', 'json'],
      ],
      ['a'],
    );
    expect(asked.text('a', 10)).toBe('x');
  });

  it('have known names only, and stand in a Parameters resource', () => {
    expect(refused(() => of({ name: 'c', valueString: 'x' }))).toBe(400);
    expect(refused(() => of({ valueString: 'x' }))).toBe(400);
    expect(refused(() => new Asked('do', { resourceType: 'Patient' }, [], []))).toBe(400);
    expect(refused(() => new Asked('do', undefined, [['__proto__', 'x']], ['a']))).toBe(400);
  });

  it.each([[null], ['text'], [[null, 3]], [{}]])('%j in the place of a list is as good as none', (parameter) => {
    const asked = new Asked('do', { resourceType: 'Parameters', parameter } as Resource, [], ['a']);
    expect(asked.text('a', 10)).toBeUndefined();
  });
});

describe('a text', () => {
  it('is trimmed, and counted in code points', () => {
    expect(of({ name: 'a', valueString: ' 𠮷𠮷 ' }).text('a', 2)).toBe('𠮷𠮷');
    expect(refused(() => of({ name: 'a', valueString: '𠮷𠮷𠮷' }).text('a', 2))).toBe(400);
  });

  it.each([
    [{ name: 'a' }],
    [{ name: 'a', valueString: ' ' }],
    [{ name: 'a', valueInteger: 3 }],
    [{ name: 'a', part: [] }],
  ])('is refused as %j', (parameter) => {
    expect(refused(() => of(parameter).text('a', 10))).toBe(400);
  });

  it('is given once', () => {
    const twice = of({ name: 'a', valueString: 'x' }, { name: 'a', valueString: 'y' });
    expect(refused(() => twice.text('a', 10))).toBe(400);
    expect(twice.values('a')).toEqual(['x', 'y']);
  });
});

describe('a code, a flag and a number', () => {
  it('are what they may be', () => {
    expect(of({ name: 'a', valueCode: 'x' }).code('a', ['x', 'y'])).toBe('x');
    expect(of({ name: 'a', valueBoolean: true }).flag('a')).toBe(true);
    expect(new Asked('do', undefined, [['a', 'false']], ['a']).flag('a')).toBe(false);
    expect(of({ name: 'a', valueInteger: 7 }).integer('a', 1, 9)).toBe(7);
    expect(new Asked('do', undefined, [['a', '7']], ['a']).integer('a', 1, 9)).toBe(7);
  });

  it('and nothing else', () => {
    expect(refused(() => of({ name: 'a', valueCode: 'toString' }).code('a', ['x']))).toBe(400);
    expect(refused(() => of({ name: 'a', valueString: 'yes' }).flag('a'))).toBe(400);
    for (const value of [0, 10, 1.5, '1e1', '-1', ' 1', null, {}])
      expect(refused(() => of({ name: 'a', valueInteger: value }).integer('a', 1, 9))).toBe(400);
  });
});

describe('a time', () => {
  it('is all the instants that it may mean', () => {
    const day = of({ name: 'a', valueDate: '2026-12-05' }).time('a', ZONE);
    expect(day).toEqual({
      low: Date.parse('2026-12-05T00:00:00+09:00'),
      high: Date.parse('2026-12-06T00:00:00+09:00') - 1,
    });
  });

  it.each(['2026-02-30', 'tomorrow', '0999-01-01', '', 3, null])('is not %j', (value) => {
    expect(refused(() => of({ name: 'a', valueDate: value }).time('a', ZONE))).toBe(400);
  });
});

describe('a period', () => {
  const period = (value: unknown) => of({ name: 'a', valuePeriod: value }).period('a', ZONE);

  it('of days ends after its last day, of times at its end', () => {
    expect(period({ start: '2026-12-05', end: '2026-12-05' })).toEqual({
      starts: Date.parse('2026-12-05T00:00:00+09:00'),
      ends: Date.parse('2026-12-06T00:00:00+09:00'),
    });
    expect(period({ start: '2026-12-05T22:00:00+09:00', end: '2026-12-06T07:00:00+09:00' })).toEqual({
      starts: Date.parse('2026-12-05T22:00:00+09:00'),
      ends: Date.parse('2026-12-06T07:00:00+09:00'),
    });
  });

  it('may be open, or one instant that is its start', () => {
    expect(period({ start: '2026-12-05' })?.ends).toBeNull();
    expect(period({ end: '2026-12-05' })?.starts).toBeNull();
    expect(of({ name: 'a', valueDateTime: '2026-12-05T22:00:00Z' }).period('a', ZONE)).toEqual({
      starts: Date.parse('2026-12-05T22:00:00Z'),
      ends: null,
    });
    expect(of().period('a', ZONE)).toBeUndefined();
  });

  it.each([3, null, { start: 'x' }, { end: {} }, { start: '2026-12-06', end: '2026-12-05' }])('is not %j', (value) => {
    expect(refused(() => period(value))).toBe(400);
  });
});

describe('references', () => {
  it('are ids of one type, as Reference or as text', () => {
    const asked = of(
      { name: 'a', valueReference: { reference: 'Organization/x-1' } },
      { name: 'a', valueString: 'Organization/y' },
    );
    expect(asked.references('a', 'Organization')).toEqual(['x-1', 'y']);
  });

  it.each([
    'Patient/x',
    'Organization/',
    'Organization/x/_history/1',
    'http://x/Organization/x',
    '',
    {},
    { reference: 3 },
    null,
  ])('are not %j', (value) => {
    expect(refused(() => of({ name: 'a', valueReference: value }).references('a', 'Organization'))).toBe(400);
  });
});

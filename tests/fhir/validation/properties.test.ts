import fc from 'fast-check';
import { validate } from '../../../src/fhir/validation/index.ts';
import { anyResourceType, arbitraryResource } from './arbitrary.ts';
import { samples } from './samples.ts';

type Json = Record<string, unknown>;
const issuesOf = (resource: unknown) =>
  validate(resource)
    .issues.map((i) => `${i.expression?.[0]} ${i.diagnostics}`)
    .sort();

/** The same JSON with the properties of every object in another order. */
function shuffled(value: unknown, order: (n: number) => number): unknown {
  if (Array.isArray(value)) return value.map((v) => shuffled(v, order));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, v]) => [key, shuffled(v, order)] as const);
  for (let i = entries.length - 1; i > 0; i--) {
    const j = order(i);
    [entries[i], entries[j]] = [entries[j]!, entries[i]!];
  }
  return Object.fromEntries(entries);
}

describe('the order of properties', () => {
  test('changes nothing: a valid sample stays valid', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples()), fc.infiniteStream(fc.nat()), (sample, stream) => {
        expect(issuesOf(shuffled(sample, (i) => stream.next().value % (i + 1)))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('nor does it for random resources, whatever invariants they break', () => {
    fc.assert(
      fc.property(
        anyResourceType.chain((type) => arbitraryResource(type, 3)),
        fc.infiniteStream(fc.nat()),
        ({ resource }, stream) => {
          const before = issuesOf(resource);
          if (before.length < 50)
            expect(issuesOf(shuffled(resource, (i) => stream.next().value % (i + 1)))).toEqual(before);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('random resources by the definitions', () => {
  test('have the structure that the validator asks for: only invariants are broken', () => {
    fc.assert(
      fc.property(
        anyResourceType.chain((type) => arbitraryResource(type, 4)),
        ({ resource }) => {
          expect(validate(resource).issues.filter((i) => i.code !== 'invariant')).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Places in a value: every object and array entry, with a setter. */
function places(
  value: unknown,
  out: [parent: Json | unknown[], key: string | number][] = [],
): [Json | unknown[], string | number][] {
  if (typeof value !== 'object' || value === null) return out;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    out.push([value as Json, key]);
    places((value as Json)[key], out);
  }
  return out;
}

/** Changes of one place, each of which makes any valid resource invalid. */
const CORRUPTIONS: Readonly<Record<string, (value: unknown, key: string | number) => unknown>> = {
  'null instead of it': () => null,
  'an empty object': () => ({}),
  'an empty array': () => [],
  'wrapped in two arrays': (value) => [[value]],
  'a string for an object, an object for a string': (value) => (typeof value === 'object' ? 'x' : { x: value }),
  'a control character': (value) => (typeof value === 'string' ? `${value}\u0000` : { '\u0000': value }),
  'a lone surrogate': (value) => (typeof value === 'string' ? `${value}\ud800` : { '\ud800': value }),
  'an unknown element': (value) =>
    typeof value === 'object' && !Array.isArray(value) ? { ...value, nonesuch: 1 } : { nonesuch: 1 },
};

describe('a single corruption of a valid sample', () => {
  test.each(Object.entries(CORRUPTIONS))('%s is found, wherever it is', (_, corrupt) => {
    fc.assert(
      fc.property(fc.constantFrom(...samples()), fc.nat(), (sample, at) => {
        const copy = JSON.parse(JSON.stringify(sample)) as Json;
        const all = places(copy);
        const [parent, key] = all[at % all.length]!;
        (parent as Json)[key] = corrupt((parent as Json)[key], key);
        const { issues } = validate(copy);
        if (issues.length === 0)
          throw new Error(`not found at ${String(key)}: ${JSON.stringify(parent).slice(0, 300)}`);
        for (const issue of issues) {
          expect(issue.severity).toBe('error');
          expect(issue.diagnostics.length).toBeGreaterThan(10);
          expect(issue.diagnostics.length).toBeLessThan(600);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('an unknown property is found in every object', () => {
    for (const sample of samples()) {
      const count = places(sample).filter(([parent, key]) => isPlain((parent as Json)[key])).length;
      for (let at = 0; at < count; at++) {
        const copy = JSON.parse(JSON.stringify(sample)) as Json;
        const [parent, key] = places(copy).filter(([p, k]) => isPlain((p as Json)[k]))[at]!;
        ((parent as Json)[key] as Json).nonesuch = true;
        expect(validate(copy).issues.some((i) => i.expression?.[0]?.endsWith('.nonesuch'))).toBe(true);
      }
    }
  });
});

const isPlain = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

import { evalFhirPathTyped, parseFhirPath, toTypedValue } from '@medplum/core';
import fc from 'fast-check';
import { type Invariant, resourceTypes, typeDefinition } from '../../../src/definitions/index.ts';
import { nativeOf } from '../../../src/fhir/validation/invariants/index.ts';
import { arbitraryElement, arbitraryResource, type Json } from './arbitrary.ts';

const parsed = new Map<string, ReturnType<typeof parseFhirPath>>();

/** What @medplum/core says: true only when the expression is true. */
function fhirPath({ expression }: Invariant, node: Json, resource: Json): boolean {
  if (!parsed.has(expression)) parsed.set(expression, parseFhirPath(expression));
  const typed = toTypedValue(resource);
  const ucum = { type: 'string', value: 'http://unitsofmeasure.org' };
  const variables = { '%resource': typed, '%rootResource': typed, '%context': toTypedValue(node), '%ucum': ucum };
  const [result] = evalFhirPathTyped(parsed.get(expression)!, [toTypedValue(node)], variables);
  return result?.value === true;
}

/** Where the native differs from the expression on purpose; docs/decisions/001-own-structure-validator.md says why. */
const ON_PURPOSE: Readonly<Record<string, (node: Json) => boolean>> = {
  // MessageDefinition.focus.max is optional; the expression has no answer without it.
  'md-1': (node) => node.max === undefined,
  // @medplum/core's descendants() finds no elements below a group, so that it sees no nested concept and no item.
  'csd-1': ({ concept }) => (concept as Json[] | undefined)?.some((c) => c.concept !== undefined) === true,
  'que-2': () => true,
  // Nor does its children() find snapshot and differential.
  'sdf-9': () => true,
  // Quantities without a common unit have no order.
  'rng-2': ({ low, high }) => {
    const [a, b] = [low, high] as Json[];
    return (
      a?.value === undefined ||
      b?.value === undefined ||
      a.unit !== b.unit ||
      a.code !== b.code ||
      a.system !== b.system
    );
  },
};

/** Broken too rarely by chance: invariants.test.ts breaks them. */
const RARE = [
  'ait-2',
  'bdl-7',
  'bdl-8',
  'con-5',
  'cpb-9',
  'csd-1',
  'eld-12',
  'eld-14',
  'eld-7',
  'nsd-2',
  'obs-7',
  'que-12',
  'sdf-22',
  'sdf-5',
];

/** Every type that has invariants: resources, data types and groups. */
function typesWithInvariants(): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const element of typeDefinition(name)?.elements ?? []) {
      for (const { code } of element.types)
        visit(code === 'BackboneElement' || code === 'Element' ? element.path : code);
    }
  };
  for (const type of resourceTypes()) visit(type);
  return [...found].filter((name) => typeDefinition(name)?.invariants.some((i) => nativeOf(name, i.key)));
}

describe('each native invariant says what its FHIRPath says', () => {
  const broken = new Set<string>();
  const kept = new Set<string>();

  function compare(type: string, node: Json, resource: Json): void {
    for (const invariant of typeDefinition(type)?.invariants ?? []) {
      const native = nativeOf(type, invariant.key);
      if (!native || ON_PURPOSE[invariant.key]?.(node)) continue;
      const ours = native(node, resource);
      (ours ? kept : broken).add(invariant.key);
      if (ours !== fhirPath(invariant, node, resource)) {
        throw new Error(`${invariant.key} (${invariant.expression}): native ${ours} for ${JSON.stringify(node)}`);
      }
    }
  }

  test('on random elements of every type that has invariants', () => {
    for (const type of typesWithInvariants().filter((name) => typeDefinition(name)?.kind !== 'resource')) {
      fc.assert(
        fc.property(arbitraryElement(type), (node) => compare(type, node, node)),
        { numRuns: 100, seed: 20261122 },
      );
    }
  });

  test('on random resources and everything in them', () => {
    for (const type of typesWithInvariants().filter((name) => typeDefinition(name)?.kind === 'resource')) {
      fc.assert(
        fc.property(arbitraryResource(type, 3), ({ resource, nodes }) => {
          for (const { type: name, node } of nodes) compare(name, node, resource);
        }),
        { numRuns: 50, seed: 20261122 },
      );
    }
  });

  test('and the elements were such that nearly every invariant was kept by some and broken by others', () => {
    // R4's expressions of ppc-2 to ppc-5 name the system 'something': nothing breaks them.
    const never = ['ppc-2', 'ppc-3', 'ppc-4', 'ppc-5', ...RARE];
    expect([...kept].filter((key) => !broken.has(key)).filter((key) => !never.includes(key))).toEqual([]);
    expect([...broken].filter((key) => !kept.has(key))).toEqual([]);
    expect(kept.size).toBeGreaterThan(140);
  });
});

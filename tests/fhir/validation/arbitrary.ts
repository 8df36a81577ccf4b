import fc, { type Arbitrary, type GeneratorValue } from 'fast-check';
import {
  codes,
  type ElementDef,
  type ElementType,
  resourceTypes,
  type TypeDefinition,
  typeDefinition,
} from '../../../src/definitions/index.ts';

export type Json = Record<string, unknown>;

/** An element of a generated resource with the type that defines it. */
export interface Typed {
  readonly type: string;
  readonly node: Json;
}

export interface Generated {
  readonly resource: Json;
  /** The resource and every element in it that is an object. */
  readonly nodes: readonly Typed[];
}

/** Few, so that what must be distinct sometimes is not. */
const word = fc.constantFrom('a', 'b', '1', '2', '*', '山田', 'A.b');
const day = fc
  .record({
    y: fc.integer({ min: 1900, max: 2100 }),
    m: fc.integer({ min: 1, max: 12 }),
    d: fc.integer({ min: 1, max: 28 }),
  })
  .map(({ y, m, d }) => `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`);

const PRIMITIVES: Readonly<Record<string, Arbitrary<unknown>>> = {
  boolean: fc.boolean(),
  integer: fc.integer({ min: -5, max: 5 }),
  unsignedInt: fc.integer({ min: 0, max: 5 }),
  positiveInt: fc.integer({ min: 1, max: 5 }),
  decimal: fc.integer({ min: -2000, max: 2000 }).map((n) => n / 10),
  string: word,
  markdown: word,
  id: fc.constantFrom('a', 'b', 'a-1.2'),
  code: fc.constantFrom('a', '1', '%', 'Reference'),
  uri: fc.constantFrom('http://example.org/a', 'urn:iso:std:iso:4217', 'http://unitsofmeasure.org'),
  url: fc.constant('http://example.org/b'),
  canonical: fc.constant('http://example.org/c|1.0'),
  oid: fc.constant('urn:oid:1.2.392'),
  uuid: fc.constant('urn:uuid:12345678-1234-1234-1234-123456789abc'),
  date: day,
  dateTime: day,
  instant: day.map((d) => `${d}T00:00:00Z`),
  time: fc.constantFrom('00:00:00', '23:59:59.5'),
  base64Binary: fc.constantFrom('aGk=', 'aGkh'),
};

/**
 * Resources of a type, each element by the type definition: required ones always, the others now and then, no deeper than `depth`. Their
 * structure is right; invariants between elements may be broken.
 */
export function arbitraryResource(type: string, depth = 4): Arbitrary<Generated> {
  return fc.gen().map((g) => {
    const nodes: Typed[] = [];
    const resource = { resourceType: type, ...object(typeDefinition(type)!, g, depth, nodes) };
    nodes.unshift({ type, node: resource });
    return { resource, nodes };
  });
}

/** An element of a type, as an object by itself. */
export function arbitraryElement(type: string, depth = 2): Arbitrary<Json> {
  return fc.gen().map((g) => object(typeDefinition(type)!, g, depth, []));
}

export const anyResourceType = fc.constantFrom(
  ...resourceTypes().filter((type) => type !== 'Bundle' && type !== 'Parameters'),
);

const SKIPPED = new Set(['contained', 'extension', 'modifierExtension', 'text', 'div']);

function object(type: TypeDefinition, g: GeneratorValue, depth: number, nodes: Typed[]): Json {
  const node: Json = {};
  for (const element of type.elements) {
    if (SKIPPED.has(element.name) && element.min === 0) continue;
    if (element.min === 0 && (depth <= 0 || g(fc.nat, 2) > 0)) continue;
    const types = element.content ? [{ code: element.content }] : element.types;
    const chosen = types[g(fc.nat, types.length - 1)]!;
    if (chosen.code === 'Resource') continue;
    const key = element.choice
      ? `${element.name}${chosen.code[0]!.toUpperCase()}${chosen.code.slice(1)}`
      : element.name;
    const one = () => value(element, chosen, g, depth - 1, nodes);
    node[key] = element.max === 1 ? one() : Array.from({ length: 1 + g(fc.nat, 1) }, one);
  }
  if (Object.keys(node).every((key) => key === 'id') && type.kind !== 'resource')
    node.extension = [{ url: 'http://example.org/x', valueCode: 'x' }];
  return node;
}

function value(element: ElementDef, type: ElementType, g: GeneratorValue, depth: number, nodes: Typed[]): unknown {
  const set = element.binding ? [...(codes(element.binding) ?? [])] : [];
  if (set.length > 0 && type.code !== 'Quantity') {
    const [system, code] = pick(
      set.filter((c) => c.includes('|')),
      g,
    ).split('|') as [string, string];
    if (type.code === 'CodeableConcept') return { coding: [{ system, code }] };
    if (type.code === 'Coding') return { system, code };
    return code;
  }
  const primitive = PRIMITIVES[type.code];
  if (element.binding?.endsWith('/mimetypes')) return 'text/plain';
  if (element.binding?.endsWith('/currencies')) return 'JPY';
  if (primitive) return g(() => primitive);
  if (type.code === 'xhtml') return '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';
  if (type.code === 'Reference') return { reference: `${pick(type.targets ?? ['Patient', 'Device'], g)}/1` };
  const name = type.code === 'BackboneElement' || type.code === 'Element' ? element.path : type.code;
  const node = object(typeDefinition(name)!, g, depth, nodes);
  nodes.push({ type: name, node });
  return node;
}

const pick = (items: readonly string[], g: GeneratorValue): string => items[g(fc.nat, items.length - 1)]!;

/** R4's types: resources, data types, primitives, and the backbone elements inside them (named by their path). */
import { load } from './load.ts';

export interface ElementType {
  /** A data type's name, `Reference`; `Resource` for contained and Bundle.entry.resource; `BackboneElement` or `Element` for a group. */
  readonly code: string;
  /** Resource types that a Reference may point to; absent means any. */
  readonly targets?: readonly string[];
  /** `SimpleQuantity` or `MoneyQuantity`: R4's profiles of Quantity, whose invariants hold too. */
  readonly profile?: string;
}

export interface Invariant {
  readonly key: string;
  /** FHIRPath, true for a valid element. */
  readonly expression: string;
  readonly human: string;
}

export interface ElementDef {
  /** `Observation.value[x]`. For a group (BackboneElement) also the name of the type that defines its children. */
  readonly path: string;
  /** Without `[x]`: `value`. */
  readonly name: string;
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
  /** Empty when `content` is set. */
  readonly types: readonly ElementType[];
  readonly choice: boolean;
  /** contentReference: path of the element whose children this one takes. */
  readonly content?: string;
  /** Canonical, without version, of the value set of a *required* binding. */
  readonly binding?: string;
  /** Invariants of this use of the type, beyond the type's own; their context is the element. */
  readonly invariants?: readonly Invariant[];
}

export interface TypeDefinition {
  /** `Observation`, `HumanName`, `string`, or for a group its path, `Observation.component`. */
  readonly name: string;
  readonly kind: 'resource' | 'complex' | 'primitive' | 'backbone';
  readonly base?: string;
  readonly abstract: boolean;
  /** All elements, inherited ones first. */
  readonly elements: readonly ElementDef[];
  /** Own and inherited invariants of severity error; their context is the type. */
  readonly invariants: readonly Invariant[];
}

type Rule = readonly [key: string, expression: string, human: string];
interface Compact {
  readonly kind: TypeDefinition['kind'];
  readonly base?: string;
  readonly abstract?: true;
  readonly elements: readonly string[];
  readonly invariants?: readonly Rule[];
  readonly on?: Readonly<Record<string, readonly Rule[]>>;
}

const compact = new Map(Object.entries(load<Record<string, Compact>>('r4/types.json')));
const made = new Map<string, TypeDefinition>();

const concrete = Object.freeze(
  [...compact].filter(([, type]) => type.kind === 'resource' && !type.abstract).map(([name]) => name),
);
const concreteSet: ReadonlySet<string> = new Set(concrete);

/** The concrete resource types of R4, sorted. */
export function resourceTypes(): readonly string[] {
  return concrete;
}

export function isResourceType(name: string): boolean {
  return concreteSet.has(name);
}

/** The definition of a resource, data type, primitive or group (by its path); undefined for a name that R4 does not have. */
export function typeDefinition(name: string): TypeDefinition | undefined {
  const known = made.get(name);
  if (known) return known;
  const source = compact.get(name);
  if (!source) return undefined;
  const base = source.base === undefined ? undefined : typeDefinition(source.base);
  const definition: TypeDefinition = Object.freeze({
    name,
    kind: source.kind,
    ...(source.base !== undefined && { base: source.base }),
    abstract: source.abstract === true,
    elements: [...(base?.elements ?? []), ...source.elements.map((text) => element(name, text, source.on))],
    invariants: [...(base?.invariants ?? []), ...(source.invariants ?? []).map(invariant)],
  });
  made.set(name, definition);
  return definition;
}

const invariant = ([key, expression, human]: Rule): Invariant => ({ key, expression, human });

/** Reads one line as scripts/definitions.ts writes it: `subject 0..1 Reference(Patient|Group) [@content] [=binding]`. */
function element(parent: string, text: string, on: Compact['on']): ElementDef {
  const [label = '', range = '', ...rest] = text.split(' ');
  const [min = '', max = ''] = range.split('..');
  const choice = label.endsWith('[x]');
  const content = rest.find((word) => word.startsWith('@'));
  const binding = rest.find((word) => word.startsWith('='));
  const rules = on?.[label];
  return Object.freeze({
    path: `${parent}.${label}`,
    name: choice ? label.slice(0, -3) : label,
    min: Number(min),
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    types: rest.filter((word) => word !== content && word !== binding).map(type),
    choice,
    ...(content && { content: content.slice(1) }),
    ...(binding && { binding: binding.slice(1) }),
    ...(rules && { invariants: rules.map(invariant) }),
  });
}

function type(word: string): ElementType {
  const [, code = word, targets, profile] = /^(\w+)(?:\((.*)\))?(?:<(.*)>)?$/.exec(word) ?? [];
  return { code, ...(targets && { targets: targets.split('|') }), ...(profile && { profile }) };
}

/** From the differential of a StructureDefinition to a tree of constraints. */
import { type Invariant, withoutVersion } from '../../../definitions/index.ts';
import { bindingCheck } from '../bindings.ts';
import { type Rule, ruleOf } from '../invariants/index.ts';
import { type Check, isObject } from '../object.ts';
import type { Node } from '../run.ts';

/** What a profile asks of one element; absent properties ask nothing. */
export interface Constraint {
  /** Name in FHIRPath, without `[x]`. */
  readonly name: string;
  readonly choice: boolean;
  readonly min: number;
  readonly max: number;
  /** `fixed[x]`: equal; `pattern[x]`: at least this. */
  readonly fixed?: unknown;
  readonly pattern?: unknown;
  readonly binding?: Check;
  /** Resource types that a Reference may point to. */
  readonly targets?: readonly string[];
  readonly rules: readonly Rule[];
  readonly children: readonly Constraint[];
  readonly slices: readonly Slice[];
}

/** Entries of a repeating element that have something in common, and what is asked of them alone. */
export interface Slice extends Constraint {
  readonly sliceName: string;
  /** What an entry of the slice has: at each path of the discriminator at least the pattern. */
  readonly discriminators: readonly { readonly path: readonly string[]; readonly pattern: unknown }[];
}

export interface Profile {
  readonly url: string;
  readonly name: string;
  readonly type: string;
  readonly root: Constraint;
}

interface ElementDefinition {
  readonly id: string;
  readonly path: string;
  readonly sliceName?: string;
  readonly slicing?: { readonly discriminator?: readonly { readonly type: string; readonly path: string }[] };
  readonly min?: number;
  readonly max?: string;
  readonly type?: readonly { readonly code: string; readonly targetProfile?: readonly string[] }[];
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
  readonly constraint?: readonly (Invariant & { readonly severity: string })[];
}
export interface StructureDefinition {
  readonly url: string;
  readonly name: string;
  readonly type: string;
  readonly differential: { readonly element: readonly ElementDefinition[] };
}

/** Compiles a profile of ours. Throws for slicing that it cannot decide: a profile must not seem to be enforced when it is not. */
export function compileProfile(definition: StructureDefinition): Profile {
  const elements = definition.differential.element;
  const root = elements.find((e) => e.id === definition.type) ?? { id: definition.type, path: definition.type };
  return { url: definition.url, name: definition.name, type: definition.type, root: constraint(root, elements) };
}

function constraint(element: ElementDefinition, all: readonly ElementDefinition[]): Constraint {
  const label = element.path.slice(element.path.lastIndexOf('.') + 1);
  const choice = label.endsWith('[x]');
  const [reference] = element.type?.filter((t) => t.code === 'Reference') ?? [];
  const fixed = pinnedValue(element, 'fixed');
  const pattern = pinnedValue(element, 'pattern');
  return {
    name: choice ? label.slice(0, -3) : label,
    choice,
    min: element.min ?? 0,
    max: element.max === undefined || element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max),
    ...(fixed !== undefined && { fixed }),
    ...(pattern !== undefined && { pattern }),
    ...(element.binding?.strength === 'required' &&
      element.binding.valueSet && { binding: binding(element.binding.valueSet) }),
    ...(reference?.targetProfile && {
      targets: reference.targetProfile.map((url) => url.slice(url.lastIndexOf('/') + 1)),
    }),
    rules: (element.constraint ?? []).filter((c) => c.severity === 'error').map((c) => ruleOf('', c, false)),
    children: childrenOf(element.id, all).map((child) => constraint(child, all)),
    slices: all
      .filter((e) => e.sliceName !== undefined && e.id === `${element.id}:${e.sliceName}`)
      .map((e) => slice(e, element, all)),
  };
}

/** The check of a required binding, whatever the type of the value. */
function binding(valueSet: string): Check {
  const url = withoutVersion(valueSet);
  const [code, coding, concept] = ['code', 'Coding', 'CodeableConcept'].map((type) => bindingCheck(url, type));
  if (!code || !coding || !concept) throw new TypeError(`The value set ${url} cannot be listed`);
  return (value, run) => {
    const check = !isObject(value) ? code : 'coding' in value || 'text' in value ? concept : coding;
    check(value, run);
  };
}

/** Elements one level below an id. One that the differential skips (`a.b.c` without `a.b`) is made up, asking nothing. */
function childrenOf(id: string, all: readonly ElementDefinition[]): readonly ElementDefinition[] {
  const names = new Set(
    all.filter((e) => e.id.startsWith(`${id}.`)).map((e) => e.id.slice(id.length + 1).split(/[.:]/)[0] ?? ''),
  );
  return [...names].map(
    (name) => all.find((e) => e.id === `${id}.${name}`) ?? { id: `${id}.${name}`, path: `${id}.${name}` },
  );
}

function slice(element: ElementDefinition, sliced: ElementDefinition, all: readonly ElementDefinition[]): Slice {
  const discriminators = (sliced.slicing?.discriminator ?? []).map(({ type, path }) => {
    const pinned = path === '$this' ? element : all.find((e) => e.id === `${element.id}.${path}`);
    const pattern = pinned && (pinnedValue(pinned, 'fixed') ?? pinnedValue(pinned, 'pattern'));
    if ((type !== 'value' && type !== 'pattern') || pattern === undefined) {
      throw new TypeError(`${element.id}: the slice has no value at its discriminator ${type} ${path}`);
    }
    return { path: path === '$this' ? [] : path.split('.'), pattern };
  });
  if (discriminators.length === 0) throw new TypeError(`${element.id}: slicing without discriminator`);
  return { ...constraint(element, all), sliceName: element.sliceName ?? '', discriminators };
}

/** `fixedUri`, `patternCodeableConcept` …: the value of `fixed[x]` or `pattern[x]`. */
function pinnedValue(element: object, prefix: 'fixed' | 'pattern'): unknown {
  const key = Object.keys(element).find((name) => name.startsWith(prefix));
  return key === undefined ? undefined : (element as Node)[key];
}

import { evalFhirPathTyped, parseFhirPath, toTypedValue } from '@medplum/core';
import { type ElementDef, isResourceType, typeDefinition } from '../../definitions/index.ts';
import { type Path, parseExpression, type Step } from './expression.ts';

/**
 * One way from a resource to values of one datatype. An expression becomes a list of branches with every choice of type spelled out:
 * `Observation.effective` is four branches, `effectiveDateTime` to `effectiveInstant`.
 */
export interface Branch {
  /** Steps over JSON; null where the expression is not a path. */
  readonly steps: readonly JsonStep[] | null;
  /** Where the value is whether one of these has another value than false; null for all others, which a FHIRPath engine must follow. */
  readonly truth: readonly Branch[] | null;
  readonly expression: string;
  /** Datatype of the values; empty where it is known only at run time. */
  readonly datatype: string;
  /** The element that the values are of. */
  readonly element: ElementDef | null;
  /** The resource type to which `.where(resolve() is X)` restricts references. */
  readonly only: string | null;
}

export type JsonStep =
  | { readonly kind: 'key'; readonly key: string; readonly at?: number }
  | { readonly kind: 'where'; readonly key: string; readonly value: string }
  | { readonly kind: 'refersTo'; readonly type: string; readonly pattern: RegExp };

/** The branches of an expression over a resource type. Alternatives that start at another type are dropped. */
export function branches(type: string, expression: string): readonly Branch[] {
  const paths = parseExpression(expression);
  const found = paths && all(paths.map((path) => follow(type, path)));
  if (found) return found.flat();
  const [, path] = TRUTH.exec(expression) ?? [];
  const truth = path === undefined ? null : branches(type, path);
  return [{ steps: null, truth, expression, datatype: truth ? 'boolean' : '', element: null, only: null }];
}

/** The one expression of R4 that is no path: `Patient.deceased.exists() and Patient.deceased != false`. */
const TRUTH = /^([A-Z][\w.]*)\.exists\(\) and \1 != false$/;

function all<T>(items: readonly (T | null)[]): readonly T[] | null {
  return items.every((item) => item !== null) ? items : null;
}

interface State {
  readonly steps: readonly JsonStep[];
  /** Name of the definition that holds the children. */
  readonly node: string;
  readonly datatype: string;
  readonly element: ElementDef | null;
  readonly only: string | null;
}

/** Null if the definitions do not know a step. */
function follow(type: string, path: Path): readonly Branch[] | null {
  const [first, ...rest] = path;
  let steps: readonly Step[] = path;
  if (first?.kind === 'field' && /^[A-Z]/.test(first.name)) {
    if (first.name !== type && first.name !== 'Resource' && first.name !== 'DomainResource') return [];
    steps = rest;
  }
  let states: readonly State[] = [{ steps: [], node: type, datatype: type, element: null, only: null }];
  for (const step of steps) {
    const next = states.map((state) => advance(state, step)).filter((result) => result !== null);
    if (next.length === 0) return null;
    states = next.flat();
  }
  return states.map(({ node: _, ...state }) => ({ ...state, truth: null, expression: '' }));
}

function advance(state: State, step: Step): readonly State[] | null {
  switch (step.kind) {
    case 'field': {
      const element = elementOf(state.node, step.name);
      return element ? children(state, element) : null;
    }
    case 'cast':
      return state.datatype === step.type ? [state] : [];
    case 'where':
      return [{ ...state, steps: [...state.steps, { kind: 'where', key: step.name, value: step.value }] }];
    case 'refersTo': {
      if (!isResourceType(step.type)) return null;
      const pattern = new RegExp(`(?:^|/)${step.type}/[A-Za-z0-9.-]+(?:/_history/[A-Za-z0-9.-]+)?$`);
      return [{ ...state, only: step.type, steps: [...state.steps, { kind: 'refersTo', type: step.type, pattern }] }];
    }
    case 'at': {
      const last = state.steps.at(-1);
      if (last?.kind !== 'key') return null;
      return [{ ...state, steps: [...state.steps.slice(0, -1), { ...last, at: step.index }] }];
    }
  }
}

function children(state: State, element: ElementDef): readonly State[] {
  const make = (key: string, datatype: string, node: string): State => ({
    ...state,
    steps: [...state.steps, { kind: 'key', key }],
    datatype,
    node,
    element,
  });
  if (element.content) return [make(element.name, 'BackboneElement', element.content)];
  const codes = [...new Set(element.types.map((type) => type.code))];
  return codes.map((code) => {
    const key = element.choice ? element.name + code.charAt(0).toUpperCase() + code.slice(1) : element.name;
    return make(key, code, code === 'BackboneElement' || code === 'Element' ? element.path : code);
  });
}

const elementsByName = new Map<string, ReadonlyMap<string, ElementDef>>();

function elementOf(node: string, name: string): ElementDef | undefined {
  let elements = elementsByName.get(node);
  if (!elements) {
    elements = new Map(typeDefinition(node)?.elements.map((element) => [element.name, element]));
    elementsByName.set(node, elements);
  }
  return elements.get(name);
}

/** Calls `leaf` with every value that the branch finds in the node, and its datatype. */
export type Walk<Out> = (node: unknown, out: Out) => void;

export function walk<Out>(branch: Branch, leaf: (value: unknown, out: Out, datatype: string) => void): Walk<Out> {
  if (branch.truth) {
    const found = { true: false };
    const walks = branch.truth.map((one) =>
      walk<{ true: boolean }>(one, (value, out) => (out.true ||= value !== false)),
    );
    return (node, out) => {
      found.true = false;
      for (const one of walks) one(node, found);
      leaf(found.true, out, 'boolean');
    };
  }
  if (!branch.steps) {
    const atom = parseFhirPath(branch.expression);
    return (node, out) => {
      for (const { type, value } of evalFhirPathTyped(atom, [toTypedValue(node)])) leaf(value, out, type);
    };
  }
  const { datatype } = branch;
  return branch.steps.reduceRight<Walk<Out>>(through, (value, out) => leaf(value, out, datatype));
}

function through<Out>(next: Walk<Out>, step: JsonStep): Walk<Out> {
  switch (step.kind) {
    case 'key': {
      const { key, at } = step;
      return (node, out) => {
        const value = (node as Readonly<Record<string, unknown>>)[key];
        if (value === undefined || value === null) return;
        if (!Array.isArray(value)) next(value, out);
        else if (at !== undefined) {
          if (value[at] !== undefined && value[at] !== null) next(value[at], out);
        } else for (const item of value) if (item !== null) next(item, out);
      };
    }
    case 'where': {
      const { key, value: wanted } = step;
      return (node, out) => {
        if ((node as Readonly<Record<string, unknown>>)[key] === wanted) next(node, out);
      };
    }
    case 'refersTo': {
      // A logical reference (identifier only) says by `type` what it refers to.
      const { pattern, type } = step;
      return (node, out) => {
        const { reference, type: named } = node as { reference?: unknown; type?: unknown };
        if (typeof reference === 'string' ? pattern.test(reference) : named === type) next(node, out);
      };
    }
  }
}

/** Holds a resource, whose structure is right, to a compiled profile. */
import { choice as choiceOf, hasChoice } from '../invariants/nodes.ts';
import { isObject } from '../object.ts';
import { parseReference } from '../references.ts';
import type { Node, Run } from '../run.ts';
import type { Constraint, Profile, Slice } from './compile.ts';

/** Reports what the profile asks and the resource does not keep. The run stands at the resource. */
export function checkProfile(profile: Profile, resource: Node, run: Run): void {
  new Check(profile, run).value(profile.root, resource);
}

class Check {
  readonly #profile: Profile;
  readonly #run: Run;

  constructor(profile: Profile, run: Run) {
    this.#profile = profile;
    this.#run = run;
  }

  /** One value of an element. */
  value(constraint: Constraint, value: unknown): void {
    const run = this.#run;
    if (run.full) return;
    if (constraint.fixed !== undefined && !(matches(value, constraint.fixed) && matches(constraint.fixed, value))) {
      this.#fails('value', `must be ${JSON.stringify(constraint.fixed)}`);
    }
    if (constraint.pattern !== undefined && !matches(value, constraint.pattern))
      this.#fails('value', `must have ${JSON.stringify(constraint.pattern)}`);
    constraint.binding?.(value, run);
    if (constraint.targets && isObject(value)) this.#target(value, constraint.targets);
    for (const rule of constraint.rules) rule(value as Node, run);
    if (isObject(value)) for (const child of constraint.children) this.element(child, value);
  }

  /** An element of a parent: how often it is there, its values, its slices. */
  element(constraint: Constraint, parent: Node): void {
    const run = this.#run;
    const repeats = Array.isArray(parent[constraint.name]);
    const values = valuesOf(constraint, parent);
    run.enter(constraint.name);
    this.#count(constraint, values.length, '');
    values.forEach((value, i) => {
      if (repeats) run.enter(i);
      if (value !== null) this.value(constraint, value);
      for (const slice of constraint.slices) if (isIn(slice, value)) this.value(slice, value);
      if (repeats) run.leave();
    });
    // An element that is missing altogether has been reported.
    for (const slice of values.length < constraint.min ? [] : constraint.slices) {
      this.#count(slice, values.filter((value) => isIn(slice, value)).length, ` of the kind ${slice.sliceName}`);
    }
    run.leave();
  }

  #count({ min, max }: Constraint, count: number, kind: string): void {
    if (count < min)
      this.#fails('required', `must be there ${min === 1 ? 'at least once' : `${min} times at least`}${kind}`);
    if (count > max)
      this.#fails(
        'structure',
        max === 0 ? `must not be there${kind}` : `may be there ${max === 1 ? 'once' : `${max} times`} at most${kind}`,
      );
  }

  #target({ reference }: Node, targets: readonly string[]): void {
    const literal = parseReference(typeof reference === 'string' ? reference : '#');
    if (literal.kind === 'wrong' || literal.kind === 'fragment' || literal.type === undefined) return;
    if (!targets.includes(literal.type)) this.#fails('value', `may be to ${targets.join(', ')} only`);
  }

  #fails(code: 'required' | 'structure' | 'value', why: string): void {
    this.#run.violation(code, `${why} (profile ${this.#profile.name})`);
  }
}

/** The values of an element; extensions in place of a primitive's value are null, since only its presence counts. */
function valuesOf({ name, choice }: Constraint, parent: Node): readonly unknown[] {
  if (choice) return hasChoice(parent, name) ? [choiceOf(parent, name) ?? null] : [];
  const value = parent[name];
  if (Array.isArray(value)) return value;
  if (value !== undefined) return [value];
  const sibling = parent[`_${name}`];
  return sibling === undefined ? [] : Array.isArray(sibling) ? sibling.map(() => null) : [null];
}

const isIn = (slice: Slice, value: unknown): boolean =>
  slice.discriminators.every(({ path, pattern }) => follow([value], path).some((found) => matches(found, pattern)));

function follow(values: readonly unknown[], path: readonly string[]): readonly unknown[] {
  return path.reduce<readonly unknown[]>(
    (found, name) =>
      found.flatMap((value) => (isObject(value) ? value[name] : undefined)).filter((v) => v !== undefined),
    values,
  );
}

/** Whether a value has everything that a pattern has (https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_). */
export function matches(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) return Array.isArray(value) && pattern.every((p) => value.some((v) => matches(v, p)));
  if (isObject(pattern)) return isObject(value) && Object.entries(pattern).every(([key, p]) => matches(value[key], p));
  return value?.valueOf() === pattern?.valueOf();
}

/** Invariants evaluated as FHIRPath by @medplum/core: those that no native stands for, and those of profiles. */
import { type AtomContext, evalFhirPathTyped, parseFhirPath, toTypedValue } from '@medplum/core';
import type { Invariant } from '../../../definitions/index.ts';
import type { Node, Run } from '../run.ts';

type Parsed = ReturnType<typeof parseFhirPath>;

const UCUM = { type: 'string', value: 'http://unitsofmeasure.org' };

/**
 * The rule of an invariant: kept only when its expression is true. An empty result is a breach, as in HL7's own validator, and so is an
 * expression that cannot be evaluated: nothing is let through because it could not be checked.
 */
export function fhirPathRule(invariant: Invariant): (element: Node, run: Run) => boolean {
  let parsed: Parsed | undefined;
  return (element, run) => {
    const scope = run.scope?.resource ?? element;
    const resource = toTypedValue(plain(run.resource ?? scope, run));
    const variables: AtomContext['variables'] = {
      '%resource': resource,
      '%rootResource': toTypedValue(plain(scope, run)),
      '%ucum': UCUM,
    };
    try {
      parsed ??= parseFhirPath(invariant.expression);
      const [result] = evalFhirPathTyped(parsed, [toTypedValue(plain(element, run))], variables);
      return result?.value === true;
    } catch {
      return false;
    }
  };
}

/** The element with plain numbers: FHIRPath does not know one that keeps its text. Made once for each object of a run. */
function plain<T>(value: T, run: Run): T {
  if (value instanceof Number) return value.valueOf() as T;
  if (typeof value !== 'object' || value === null) return value;
  const known = run.plain.get(value);
  if (known) return known as T;
  const copy = Array.isArray(value)
    ? value.map((entry) => plain(entry, run))
    : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry, run)]));
  run.plain.set(value, copy);
  return copy as T;
}

/** What a Reference element must be beyond its structure: syntax, known type, allowed target, agreement with Reference.type. */

import { namedType, parseReference } from './references.ts';
import type { Node, Run } from './run.ts';
import { quote } from './run.ts';

/**
 * The rule of a Reference whose definition allows `targets` (empty: any). It notes the reference in the run: `#id` for the resource's end,
 * any other for the server, unless it stands in a Bundle's entry.
 */
export function referenceRule(targets: readonly string[]): (value: unknown, run: Run) => void {
  const allowed = targets.length > 0 ? new Set(targets) : undefined;
  return (value, run) => {
    const { reference, type: stated } = value as Node;
    const claimed = typeof stated === 'string' ? namedType(stated) : undefined;
    if (allowed && claimed !== undefined && !allowed.has(claimed)) {
      run.violation('value', `Reference.type ${claimed} is not allowed here; allowed: ${targets.join(', ')}`);
    }
    if (typeof reference !== 'string') return;
    const literal = parseReference(reference);
    if (literal.kind === 'wrong') {
      run.violation('value', `The reference ${quote(reference)} ${literal.why}`);
      return;
    }
    if (literal.kind === 'fragment') {
      fragment(literal.id, targets, run);
      return;
    }
    if (literal.kind === 'conditional' && !run.options.conditionalReferences) {
      run.violation('value', 'A conditional reference (Type?query) is for transactions only; use Type/id');
      return;
    }
    const { type } = literal;
    if (type !== undefined && claimed !== undefined && type !== claimed) {
      run.violation('value', `The reference is to a ${type}, but Reference.type says ${claimed}`);
    }
    if (allowed && type !== undefined && !allowed.has(type)) {
      run.violation('value', `A ${type} is not allowed here; allowed: ${targets.join(', ')}`);
    }
    if (!run.scope) return;
    if (!run.scope.outer) run.references.push({ path: run.path(), reference, targets });
    else if (literal.kind === 'urn') run.scope.outer.carried.push({ path: run.path(), id: reference, targets });
  };
}

function fragment(id: string, targets: readonly string[], run: Run): void {
  const { scope } = run;
  if (!scope) return;
  if (id === '') {
    // `#` is the container itself: it has a meaning in a contained resource only.
    if (scope.inside < 0) run.violation('value', 'The reference “#” (the container) is for contained resources only');
    else scope.selfish.add(scope.inside);
    return;
  }
  scope.mentioned.add(id);
  scope.fragments.push({ path: run.path(), id, targets });
}

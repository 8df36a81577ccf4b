/** From an invariant of a definition to the rule that a checked element is held to. */
import type { Invariant } from '../../../definitions/index.ts';
import type { Node, Run } from '../run.ts';
import { administrative } from './administrative.ts';
import { clinical } from './clinical.ts';
import { datatypes } from './datatypes.ts';
import { definitional } from './definitional.ts';
import { fhirPathRule } from './fhirpath.ts';
import type { Native } from './native.ts';

/** Reports what the element breaks; the run stands at the element. */
export type Rule = (element: Node, run: Run) => void;

const natives: ReadonlyMap<string, Native> = new Map(
  Object.entries({ ...datatypes, ...clinical, ...administrative, ...definitional }),
);

/** Checked where structure, narrative, references and contained resources are: see structure.ts, xhtml.ts and resource.ts. */
export const STRUCTURAL: ReadonlySet<string> = new Set([
  'ele-1',
  'txt-1',
  'txt-2',
  'ref-1',
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
]);

/** The native of an invariant on a type, if there is one. Where one key stands for different rules the type comes first: `Task:inv-1`. */
export function nativeOf(type: string, key: string): Native | undefined {
  return natives.get(`${type}:${key}`) ?? natives.get(key);
}

export function rulesOf(type: string, invariants: readonly Invariant[]): readonly Rule[] {
  return invariants.filter(({ key }) => !STRUCTURAL.has(key)).map((invariant) => ruleOf(type, invariant));
}

/** The rule of one invariant, always by FHIRPath when it comes from a profile (`native` false). */
export function ruleOf(type: string, invariant: Invariant, native = true): Rule {
  const code = native ? nativeOf(type, invariant.key) : undefined;
  const keeps = code ? (element: Node, run: Run) => code(element, run.resource ?? element) : fhirPathRule(invariant);
  const message = `${invariant.key}: ${invariant.human.replace(/[.\s]*$/, '')}`;
  return (element, run) => {
    if (!keeps(element, run)) run.violation('invariant', message);
  };
}

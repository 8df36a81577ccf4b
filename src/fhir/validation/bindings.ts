/** Required bindings (https://hl7.org/fhir/R4/terminologies.html#required): the code must be of the value set. */
import { codes } from '../../definitions/index.ts';
import { list } from './invariants/nodes.ts';
import { type Node, quote, type Run } from './run.ts';

type Check = (value: unknown, run: Run) => void;

/** Value sets that cannot be listed, by the grammar of their codes. UCUM units and LOINC answers are left unchecked. */
const GRAMMARS: ReadonlyMap<string, RegExp> = new Map([
  ['http://hl7.org/fhir/ValueSet/currencies', /^[A-Z]{3}$/],
  [
    'http://hl7.org/fhir/ValueSet/mimetypes',
    /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}(?:\s*;.{0,255})?$/,
  ],
]);

/** R4's media types include those without a slash that older parts of the standard use for FHIR itself. */
const SHORT_MEDIA_TYPES: ReadonlySet<string> = new Set(['xml', 'json', 'ttl', 'html/json', 'html/xml']);

/** The check of a required binding on an element of a type; undefined where there is nothing to check. The value's structure is right. */
export function bindingCheck(valueSet: string, type: string): Check | undefined {
  const set = codes(valueSet);
  const grammar = GRAMMARS.get(valueSet);
  if (!set && !grammar) return undefined;
  const has = (code: string) => (set ? set.has(code) : grammar?.test(code) || SHORT_MEDIA_TYPES.has(code));
  const inSet = (coding: Node) =>
    typeof coding.code === 'string' && has(set ? `${coding.system ?? ''}|${coding.code}` : coding.code);
  switch (type) {
    case 'CodeableConcept':
      return (value, run) => {
        const concept = value as Node;
        const codings = list(concept, 'coding');
        if (codings.some(inSet)) return;
        if (codings.length === 0 && concept.text === undefined) return; // extensions stand in for it
        report(codings[0]?.code, `none of its codings is in the required value set ${valueSet}`, run);
      };
    case 'Coding':
    case 'Quantity':
      return (value, run) => {
        const coding = value as Node;
        if (
          inSet(coding) ||
          (coding.code === undefined && coding.system === undefined && coding.extension !== undefined)
        )
          return;
        if (type === 'Quantity' && coding.code === undefined) return;
        report(coding.code, `is not in the required value set ${valueSet} (system and code must both be right)`, run);
      };
    default:
      return (value, run) => {
        // An entry `system|code` of the set is no code.
        if ((value as string).includes('|') || !has(value as string))
          report(value, `is not in the required value set ${valueSet}`, run);
      };
  }
}

function report(code: unknown, why: string, run: Run): void {
  run.violation('code-invalid', typeof code === 'string' ? `${quote(code)} ${why}` : why);
}

/**
 * The form of FHIR's JSON (https://hl7.org/fhir/R4/json.html) by R4's definitions: each type is compiled once, when it is first met,
 * into a table from JSON property to check; a check of a value is one walk over its properties.
 */
import {
  type ElementDef,
  type ElementType,
  type Invariant,
  type TypeDefinition,
  typeDefinition,
} from '../../definitions/index.ts';
import { bindingCheck } from './bindings.ts';
import { rulesOf } from './invariants/index.ts';
import { type Check, checkObject, type ObjectType, type Property } from './object.ts';
import { primitive } from './primitives.ts';
import { referenceRule } from './reference-rule.ts';
import { xhtmlFault } from './xhtml.ts';

const made = new Map<string, ObjectType>();

/** The compiled type of a name that R4 has: `Observation`, `HumanName`, `Observation.component`. */
export function objectType(name: string): ObjectType {
  const known = made.get(name);
  if (known) return known;
  const definition = typeDefinition(name);
  if (!definition) throw new TypeError(`R4 has no type ${name}`);
  const type = compile(definition);
  made.set(name, type);
  return type;
}

function compile(definition: TypeDefinition): ObjectType {
  const properties = new Map<string, Property>();
  const bits: string[] = [];
  let required = 0;
  for (const element of definition.elements) {
    const bit = element.min > 0 || element.choice ? 1 << bits.length : 0;
    if (bit) bits.push(element.name);
    if (element.min > 0) required |= bit;
    for (const type of element.content ? [{ code: element.content }] : element.types) {
      const key = element.choice ? `${element.name}${type.code[0]?.toUpperCase()}${type.code.slice(1)}` : element.name;
      const isPrimitive = typeDefinition(type.code)?.kind === 'primitive' && type.code !== 'xhtml';
      const common = { name: element.name, array: element.max !== 1, max: element.max, bit, choice: element.choice };
      properties.set(key, { ...common, key, primitive: isPrimitive, sibling: false, check: checkOf(element, type) });
      // R4 gives no extensions to the ids of resources and elements, to Extension.url and to the narrative.
      if (!isPrimitive || element.name === 'id' || element.path === 'Extension.url') continue;
      properties.set(`_${key}`, { ...common, key, primitive: false, sibling: true, check: checkSibling });
    }
  }
  if (bits.length > 31) throw new RangeError(`${definition.name} has more than 31 required elements and choices`);
  const resource = definition.kind === 'resource';
  return {
    name: definition.name,
    resource,
    properties,
    required,
    bits,
    rules: rulesOf(definition.name, definition.invariants),
  };
}

function checkOf(element: ElementDef, type: ElementType): Check {
  const base = typeCheck(element, type);
  const extra: Check[] = [];
  if (type.code === 'Reference') extra.push(referenceRule(type.targets ?? []));
  const bound = element.binding ? bindingCheck(element.binding, type.code) : undefined;
  if (bound) extra.push(bound);
  for (const rule of rulesOf(element.path, [...profileInvariants(type), ...(element.invariants ?? [])]))
    extra.push(rule as Check);
  if (extra.length === 0) return base;
  return (value, run) => {
    const { broken } = run;
    base(value, run);
    if (run.broken === broken) for (const check of extra) check(value, run);
  };
}

/** What SimpleQuantity adds to Quantity. */
function profileInvariants(type: ElementType): readonly Invariant[] {
  const own = typeDefinition(type.code)?.invariants ?? [];
  return (
    (type.profile ? typeDefinition(type.profile)?.invariants : undefined)?.filter(
      (i) => !own.some((j) => j.key === i.key),
    ) ?? []
  );
}

function typeCheck(element: ElementDef, type: ElementType): Check {
  const simple = primitive(type.code);
  if (simple) return primitiveCheck(simple, type.code);
  if (type.code === 'xhtml') return checkNarrative;
  if (type.code === 'Resource') return (value, run) => run.checkInner(value, run, element.path);
  const group = type.code === 'BackboneElement' || type.code === 'Element';
  const name = group ? element.path : type.code;
  let compiled: ObjectType | undefined;
  return (value, run) => {
    compiled ??= objectType(name);
    checkObject(compiled, value, run);
  };
}

function primitiveCheck(simple: (value: unknown) => string | undefined, code: string): Check {
  // What a canonical, uri or url names by `#id` counts as mentioned (dom-3).
  const mentions = code === 'canonical' || code === 'uri' || code === 'url';
  return (value, run) => {
    const fault = simple(value);
    if (fault) run.fault('value', fault);
    else if (mentions && (value as string).startsWith('#')) run.scope?.mentioned.add((value as string).slice(1));
  };
}

const checkNarrative: Check = (value, run) => {
  const fault = xhtmlFault(value);
  if (fault) run.fault('structure', `The narrative ${fault}`);
};

let element: ObjectType | undefined;
/** `_key`: only id and extensions. */
const checkSibling: Check = (value, run) => {
  element ??= objectType('Element');
  checkObject(element, value, run, true);
};

/** The walk over a JSON object by its compiled type: what FHIR's JSON allows (https://hl7.org/fhir/R4/json.html). */
import type { Rule } from './invariants/index.ts';
import { type Node, quote, type Run } from './run.ts';

export type Check = (value: unknown, run: Run) => void;

export interface Property {
  /** Name in FHIRPath: `value` for `valueString`. */
  readonly name: string;
  readonly key: string;
  readonly array: boolean;
  readonly max: number;
  /** This element in the sets `seen` and `required`; 0 when it is neither required nor a choice. */
  readonly bit: number;
  readonly choice: boolean;
  readonly primitive: boolean;
  /** A property `_key`: id and extensions of the primitive `key`. */
  readonly sibling: boolean;
  readonly check: Check;
}

/** A type, compiled. */
export interface ObjectType {
  readonly name: string;
  readonly resource: boolean;
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: number;
  /** Element by its bit, for messages. */
  readonly bits: readonly string[];
  readonly rules: readonly Rule[];
}

const MAX_DEPTH = 100;

/** Checks a JSON object against its type. The run stands at the object. */
export function checkObject(type: ObjectType, value: unknown, run: Run, contentless = false): void {
  if (!isObject(value)) {
    run.fault('structure', notAnObject(type, value));
    return;
  }
  if (run.depth >= MAX_DEPTH) {
    run.fault('structure', `nests deeper than ${MAX_DEPTH} levels`);
    return;
  }
  run.depth++;
  const { broken } = run;
  let seen = 0;
  let children = 0;
  for (const key of Object.keys(value)) {
    if (run.full) break;
    if (key !== 'id') children++;
    const property = type.properties.get(key);
    if (property === undefined) {
      if (key !== 'resourceType' || !type.resource) unknown(key, type, run);
      continue;
    }
    run.enter(property.name);
    if (property.choice && (seen & property.bit) !== 0) checkOneChoice(type, property, value, run);
    seen |= property.bit;
    if (property.sibling) checkSiblings(property, value, run);
    else if (property.array) checkArray(property, value[key], value, run);
    else property.check(value[key], run);
    run.leave();
  }
  if ((type.required & ~seen) !== 0 && !run.full) reportMissing(type, seen, run);
  if (children === 0 && !type.resource && !(contentless && value.id !== undefined))
    run.fault('structure', 'ele-1: an element must have a value or children');
  if (run.broken === broken) for (const rule of type.rules) rule(value, run);
  run.depth--;
}

export const isObject = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);

function notAnObject(type: ObjectType, value: unknown): string {
  if (value === null) return 'must not be null; leave the element out';
  if (Array.isArray(value)) return 'must be a JSON object, not an array: it cannot repeat';
  return `must be a JSON object (${type.name}), not a ${value instanceof Number ? 'number' : typeof value}`;
}

function unknown(key: string, type: ObjectType, run: Run): void {
  run.enter(/^[A-Za-z_]\w{0,63}$/.test(key) ? key : `\`${quote(key).replaceAll('`', '?')}\``);
  run.fault('structure', `${type.name} has no such element in R4; use an extension for anything that R4 does not have`);
  run.leave();
}

function reportMissing(type: ObjectType, seen: number, run: Run): void {
  type.bits.forEach((name, i) => {
    if (((type.required & ~seen) >> i) & 1) {
      run.enter(name);
      run.fault('required', `is required in ${type.name} and is missing`);
      run.leave();
    }
  });
}

/** The property is a second one of its choice element: fine only as the pair `valueString` and `_valueString`. */
function checkOneChoice(type: ObjectType, property: Property, value: Node, run: Run): void {
  const others = Object.keys(value).filter((key) => type.properties.get(key)?.name === property.name);
  if (others.every((key) => type.properties.get(key)?.key === property.key)) return;
  run.fault('structure', `may have one value only, but has ${others.slice(0, 4).join(', ')}`);
}

function checkArray(property: Property, value: unknown, owner: Node, run: Run): void {
  if (!Array.isArray(value)) {
    run.fault('structure', 'must be a JSON array: it can repeat');
    return;
  }
  if (value.length === 0) {
    run.fault('structure', 'is an empty array; leave the element out');
    return;
  }
  if (value.length > property.max) {
    run.fault('structure', `may be there ${property.max} times at most`);
    return;
  }
  for (let i = 0; i < value.length && !run.full; i++) {
    run.enter(i);
    if (value[i] === null && property.primitive) {
      const siblings = owner[`_${property.key}`];
      if (!Array.isArray(siblings) || !isObject(siblings[i]))
        run.fault('structure', `is null without an extension in _${property.key}`);
    } else {
      property.check(value[i], run);
    }
    run.leave();
  }
}

/** The properties `_key`: an id alone, without extensions, needs a value beside it. */
function checkSiblings(property: Property, owner: Node, run: Run): void {
  const value = owner[`_${property.key}`];
  const main = owner[property.key];
  if (!property.array) {
    checkSibling(property, value, main, run);
    return;
  }
  const fault = misaligned(property, value, main);
  if (fault !== undefined || !Array.isArray(value)) {
    run.fault('structure', `_${property.key} ${fault}`);
    return;
  }
  for (let i = 0; i < value.length && !run.full; i++) {
    if (value[i] === null) continue;
    run.enter(i);
    checkSibling(property, value[i], Array.isArray(main) ? main[i] : undefined, run);
    run.leave();
  }
}

function misaligned(property: Property, value: unknown, main: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return `must be an array, aligned with ${property.key}`;
  if (value.every((entry) => entry === null)) return 'holds nothing but null; leave it out';
  if (value.length > (Array.isArray(main) ? main.length : property.max)) {
    return `must not be longer than ${property.key}; fill the latter with null`;
  }
  return !Array.isArray(main) && value.includes(null) ? `holds null where ${property.key} has no value` : undefined;
}

function checkSibling(property: Property, value: unknown, main: unknown, run: Run): void {
  property.check(value, run);
  if (
    (main === undefined || main === null) &&
    isObject(value) &&
    value.extension === undefined &&
    value.id !== undefined
  ) {
    run.fault('structure', 'ele-1: an element must have a value or children; this has an id only');
  }
}

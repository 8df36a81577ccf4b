/** R4's search parameters and the Patient compartment, by resource type. */
import { load } from './load.ts';

export interface SearchParameter {
  /** The name in a URL: `patient`, `_lastUpdated`. */
  readonly code: string;
  readonly type: 'token' | 'string' | 'date' | 'reference' | 'number' | 'quantity' | 'uri' | 'composite' | 'special';
  /** FHIRPath from the resource; only the alternatives of the published union that apply to this type, joined by ` | `. */
  readonly expression: string;
  /** Resource types that a reference may point to; empty means any. The expression does not always say so itself. */
  readonly targets: readonly string[];
  /** Canonical of the published SearchParameter. */
  readonly url: string;
}

type Row = readonly [code: string, type: SearchParameter['type'], expression: string, targets: string, id: string];

const rows = load<Record<string, readonly Row[]>>('r4/search-parameters.json');
const made = new Map<string, ReadonlyMap<string, SearchParameter>>();
const none: ReadonlyMap<string, SearchParameter> = new Map();
const compartment = new Map(Object.entries(load<Record<string, readonly string[]>>('r4/patient-compartment.json')));

/**
 * The search parameters of a concrete resource type by code, with those that every resource has (`_id`, `_lastUpdated`, `_tag`,
 * `_profile`, `_security`, `_source`; not `_text`, `_content`, `_query`, which have no expression). Empty for any other name.
 */
export function searchParameters(type: string): ReadonlyMap<string, SearchParameter> {
  const known = made.get(type);
  if (known) return known;
  if (!Object.hasOwn(rows, type)) return none;
  const map = new Map<string, SearchParameter>();
  for (const [code, kind, expression, targets, id] of rows[type] ?? []) {
    const url = `http://hl7.org/fhir/SearchParameter/${id}`;
    map.set(code, Object.freeze({ code, type: kind, expression, targets: targets ? targets.split('|') : [], url }));
  }
  made.set(type, map);
  return map;
}

/** Codes of the search parameters by which a type enters the Patient compartment (https://hl7.org/fhir/R4/compartmentdefinition-patient.html); Patient has `link`. */
export function patientCompartment(type: string): readonly string[] {
  return compartment.get(type) ?? [];
}

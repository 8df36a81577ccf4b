import type { Keys } from '../../store/keys.ts';
import type { IndexRows } from '../../store/rows.ts';
import { BEGINNING, END } from './date.ts';
import { dayKeys } from './days.ts';
import { Rows } from './leaf.ts';
import { indexPlan } from './plan.ts';
import { parseReference } from './reference.ts';

export { fold } from './fold.ts';
export { keysOf } from './keys-of.ts';
export { type LocalReference, parseReference } from './reference.ts';

export interface IndexContext {
  readonly keys: Keys;
  /** `http://host:8080`; references below its `/fhir/` are to this server. */
  readonly baseUrl: string;
  /** IANA time zone of dates without a time, `Asia/Tokyo`. */
  readonly zone: string;
}

export interface Indexed extends IndexRows {
  /** Resource keys of the Patients in whose compartment the resource is; of a Patient its own. */
  readonly patients: readonly bigint[];
  /** Epoch milliseconds at which what the resource tells of happened, or began; null if it does not say. */
  readonly date: number | null;
}

/** Index rows of a resource that has been validated and, if it is a Patient, has its id. Pure; throws for no content. */
export function indexResource(resource: object, { keys, baseUrl, zone }: IndexContext): Indexed {
  const { resourceType: type, id } = resource as { resourceType: string; id?: string };
  const plan = indexPlan(type, keys);
  const rows = new Rows(zone, baseUrl);
  for (const walk of plan.walks) walk(resource, rows);
  for (const [param, values] of rows.dates) for (const key of dayKeys(keys, param, values)) rows.key(key);

  const patients = new Set<bigint>();
  const enter = (reference: unknown): void => {
    const text = (reference as { reference?: unknown }).reference;
    const local = typeof text === 'string' ? parseReference(text, baseUrl) : null;
    if (local?.type === 'Patient') patients.add(keys.rid('Patient', local.id));
  };
  if (type === 'Patient') {
    if (id !== undefined) patients.add(keys.rid('Patient', id));
  } else if (type === 'Binary') {
    const { securityContext } = resource as { securityContext?: unknown };
    if (securityContext) enter(securityContext);
  } else for (const walk of plan.compartment) walk(resource, enter);

  return { ...rows.done(), patients: [...patients], date: dateOf(rows, plan.dates) };
}

/** The lower bound of the earliest value of the first parameter that has one; of a period without a start, its end. */
function dateOf(rows: Rows, dates: readonly bigint[]): number | null {
  for (const param of dates) {
    let earliest = Number.POSITIVE_INFINITY;
    for (const row of rows.ranges) {
      if (row.param === param) earliest = Math.min(earliest, row.low === BEGINNING ? row.high : row.low);
    }
    if (earliest < END) return earliest;
  }
  return null;
}

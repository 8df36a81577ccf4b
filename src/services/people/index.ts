import type { Service } from '../../fhir/engine.ts';
import type { People } from '../../identity/people/index.ts';

/** The people of an institution, as its administrators look after them. */
export function peopleService(_people: People): Service {
  return { name: 'people', operations: [], rules: [] };
}

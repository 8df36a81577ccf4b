import type { Json, Resource } from './engine.ts';

/** The first parameter of a Parameters resource by its name (https://hl7.org/fhir/R4/parameters.html). */
export function parameter(body: Resource | undefined, name: string): Json | undefined {
  if (body?.resourceType !== 'Parameters' || !Array.isArray(body.parameter)) return undefined;
  return (body.parameter as unknown[]).find(
    (one): one is Json => !!one && typeof one === 'object' && (one as Json).name === name,
  );
}

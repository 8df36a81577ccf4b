import { FhirError, type Issue, refuse } from '../http/errors.ts';
import type { Change } from './engine.ts';
import { type FoundReference, validate } from './validation/index.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * Structure, cardinality, invariants and profiles of what a change wants to store, and that it is what the URL says. Answers the
 * references found. In a Bundle each issue is named by its entry.
 */
export function checkResource(change: Change, entry?: number): readonly FoundReference[] {
  if (change.interaction === 'delete') return [];
  const { resource, type } = change;
  if (!resource || typeof resource !== 'object' || Array.isArray(resource))
    throw refuse.badRequest('The body must be a resource', undefined, 'structure');
  if (resource.resourceType !== type) {
    throw refuse.badRequest(
      `The resource is of type ${String(resource.resourceType).slice(0, 64)}, the URL names ${type}`,
      'resourceType',
    );
  }
  if (change.id !== undefined && resource.id !== change.id) {
    throw refuse.badRequest(`An update must carry the id of its URL in the resource (${change.id})`, `${type}.id`);
  }
  const { issues, references } = validate(resource, { conditionalReferences: true });
  const errors = issues.filter((issue) => issue.severity === 'error' || issue.severity === 'fatal');
  if (errors.length > 0)
    throw refuse.invalid(entry === undefined ? errors : errors.map((issue) => inEntry(issue, entry)));
  return references;
}

export const isId = (text: string) => ID.test(text);

export const inEntry = (issue: Issue, entry: number): Issue => ({
  ...issue,
  expression: issue.expression?.map((path) => {
    const [type = '', ...rest] = path.split('.');
    const resource = `Bundle.entry[${entry}].resource`;
    return [/^[A-Z]/.test(type) ? `${resource}.ofType(${type})` : `${resource}.${type}`, ...rest].join('.');
  }) ?? [`Bundle.entry[${entry}]`],
});

/** The same error, each of its issues named by the entry. */
export function errorInEntry(error: unknown, entry: number): unknown {
  if (!(error instanceof FhirError)) return error;
  return new FhirError(
    error.status,
    error.issues.map((issue) => inEntry(issue, entry)),
    error.headers,
    error,
  );
}

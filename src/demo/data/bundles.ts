import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { nameUuid } from './identifiers.ts';

/** The `urn:uuid:` by which entries of one Bundle refer to each other: the same for the same name. */
export function urn(name: string): string {
  return `urn:uuid:${nameUuid(name)}`;
}

/** A transaction entry that creates; with `ifNoneExist` only where the search finds nothing. */
export function creation(fullUrl: string, resource: Resource, ifNoneExist?: string): BundleEntry {
  return {
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType, ...(ifNoneExist && { ifNoneExist }) },
  };
}

export function transaction(entry: BundleEntry[]): Bundle {
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

/** `identifier=system|value`, ready for a query string. */
export function byIdentifier({ system, value }: { readonly system: string; readonly value: string }): string {
  return `identifier=${encodeURIComponent(`${system}|${value}`)}`;
}

import { indexResource } from '../../../src/fhir/indexing/index.ts';
import { Keys } from '../../../src/store/keys.ts';

export const keys = new Keys('a secret that is only good enough for tests');
export const baseUrl = 'https://tasuki.example';
export const zone = 'Asia/Tokyo';

interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

export const index = (resource: object, inZone = zone) => indexResource(resource, { keys, baseUrl, zone: inZone });

/** The folded strings of a parameter, sorted. */
export function stringsOf(resource: Resource, code: string): readonly string[] {
  const param = keys.param(resource.resourceType, code);
  return index(resource)
    .strings.filter((row) => row.param === param)
    .map((row) => row.value)
    .sort();
}

/** The ranges of a parameter, without its number. */
export function rangesOf(resource: Resource, code: string, inZone = zone) {
  const param = keys.param(resource.resourceType, code);
  return index(resource, inZone)
    .ranges.filter((row) => row.param === param)
    .map(({ low, high, unit }) => ({ low, high, unit }));
}

export const has = (resource: object, key: bigint): boolean => index(resource).keys.includes(key);

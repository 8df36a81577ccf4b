import { isResourceType } from '../../definitions/index.ts';
import { keysOf, withoutVersion } from './keys-of.ts';
import type { Leaf, Param, Rows } from './leaf.ts';

/** A reference to a resource on this server. */
export interface LocalReference {
  readonly type: string;
  readonly id: string;
  readonly version?: string;
}

const LOCAL = /^([A-Z][A-Za-z]{0,63})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/;

/**
 * Reads `Type/id`, `Type/id/_history/version`, or the same below `baseUrl` + `/fhir/`. Null for everything else: other servers, `urn:`,
 * contained resources, conditional references, names that are no R4 type.
 */
export function parseReference(text: string, baseUrl: string): LocalReference | null {
  const absolute = text.startsWith(baseUrl) && text.startsWith('/fhir/', baseUrl.length);
  const match = LOCAL.exec(absolute ? text.slice(baseUrl.length + 6) : text);
  const [, type = '', id = '', version] = match ?? [];
  if (!match || !isResourceType(type)) return null;
  return version === undefined ? { type, id } : { type, id, version };
}

/** Index rows of a reference parameter (R4 §3.1.1.4.12) for a value of this datatype, or null where it refers to nothing. */
export function referenceLeaf(datatype: string, param: Param): Leaf | null {
  const add = LEAVES[datatype];
  return add ? (value, rows) => add(value, param, rows) : null;
}

type Add = (value: unknown, param: Param, rows: Rows) => void;

/** A versioned reference is found by the resource, and by its own text. */
function reference(text: string, { keys, type, code, param }: Param, rows: Rows): void {
  const local = parseReference(text, rows.baseUrl);
  if (local) rows.key(param ^ keys.rid(local.type, local.id));
  if (local?.version !== undefined) {
    rows.key(keysOf.uri(keys, type, code, `${local.type}/${local.id}/_history/${local.version}`));
  } else if (!local && !text.startsWith('#')) rows.key(keysOf.uri(keys, type, code, text));
}

const ofReference: Add = (value, param, rows) => {
  const { reference: text, identifier } = value as {
    reference?: unknown;
    identifier?: { system?: unknown; value?: unknown };
  };
  if (typeof text === 'string') reference(text, param, rows);
  if (!identifier) return;
  const { keys, type, code } = param;
  const { system, value: number } = identifier;
  if (typeof number === 'string') {
    rows.key(keysOf.identifier(keys, type, code, typeof system === 'string' ? system : '', number));
    rows.key(keysOf.identifierValue(keys, type, code, number));
  }
  if (typeof system === 'string') rows.key(keysOf.identifierSystem(keys, type, code, system));
};

/** A canonical is found with its version and without. */
const ofCanonical: Add = (value, param, rows) => {
  if (typeof value !== 'string') return;
  reference(value, param, rows);
  const bare = withoutVersion(value);
  if (bare !== value) reference(bare, param, rows);
};

/** The resource itself, inside a Bundle: found by its type and id. */
const ofResource: Add = (value, { keys, param }, rows) => {
  const { resourceType, id } = value as { resourceType?: unknown; id?: unknown };
  if (typeof resourceType === 'string' && typeof id === 'string') rows.key(param ^ keys.rid(resourceType, id));
};

const LEAVES: Readonly<Record<string, Add>> = {
  Reference: ofReference,
  canonical: ofCanonical,
  uri: ofCanonical,
  Resource: ofResource,
};

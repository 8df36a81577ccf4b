import { keysOf, withoutVersion } from './keys-of.ts';
import type { Leaf, Param } from './leaf.ts';

const DATATYPES: ReadonlySet<string> = new Set(['uri', 'url', 'canonical', 'oid', 'uuid']);

/** Index rows of a uri parameter (R4 §3.1.1.4.14): the text to the character; a canonical with a version also without it. */
export function uriLeaf(datatype: string, { keys, type, code }: Param): Leaf | null {
  if (!DATATYPES.has(datatype)) return null;
  return (value, rows) => {
    if (typeof value !== 'string') return;
    rows.key(keysOf.uri(keys, type, code, value));
    if (datatype === 'canonical') rows.key(keysOf.uri(keys, type, code, withoutVersion(value)));
  };
}

/** How a native invariant looks at an element whose structure has been found right. */
import type { Node } from '../run.ts';

/** `name.exists()`: a value, or extensions in place of one. */
export const has = (node: Node, name: string): boolean => node[name] !== undefined || node[`_${name}`] !== undefined;

/** `value.exists()` for `value[x]`. */
export function hasChoice(node: Node, name: string): boolean {
  for (const key in node) if (isChoice(key, name)) return true;
  return false;
}

/** The value of `value[x]`; undefined when it has none of its own. */
export function choice(node: Node, name: string): unknown {
  for (const key in node) if (key[0] !== '_' && isChoice(key, name)) return node[key];
  return undefined;
}

function isChoice(key: string, name: string): boolean {
  const start = key[0] === '_' ? 1 : 0;
  const initial = key.charCodeAt(start + name.length);
  return initial >= 0x41 && initial <= 0x5a && key.startsWith(name, start);
}

/** The entries of an element that repeats; empty when it is not there. */
export const list = (node: Node | undefined, name: string): readonly Node[] =>
  (node?.[name] as readonly Node[] | undefined) ?? [];

/** The entries of a primitive that repeats, without those that have extensions only. */
export const values = (node: Node, name: string): readonly string[] =>
  list(node, name).filter((v) => v !== null) as unknown as readonly string[];

export const child = (node: Node, name: string): Node | undefined => node[name] as Node | undefined;

export const text = (node: Node | undefined, name: string): string | undefined => node?.[name] as string | undefined;

/** A number, also one that keeps its text. */
export const number = (node: Node | undefined, name: string): number | undefined =>
  node?.[name]?.valueOf() as number | undefined;

/** Whether one of a CodeableConcept's codings is `system|code`. */
export const coded = (concept: Node | undefined, system: string, ...codes: readonly string[]): boolean =>
  list(concept, 'coding').some((coding) => coding.system === system && codes.includes(coding.code as string));

/** `isDistinct()`, in linear time. */
export const distinct = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

/** Every node at `children` below, at any depth: `item.item.item…`. */
export function* descend(node: Node, children: string): Generator<Node> {
  for (const entry of list(node, children)) {
    yield entry;
    yield* descend(entry, children);
  }
}

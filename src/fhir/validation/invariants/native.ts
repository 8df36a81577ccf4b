import type { Node } from '../run.ts';

/**
 * An invariant as code: true when the element keeps it. It is called only with an element whose structure has been found right, so it may
 * take every element to be of its type. `resource` is FHIRPath's %resource.
 */
export type Native = (element: Node, resource: Node) => boolean;

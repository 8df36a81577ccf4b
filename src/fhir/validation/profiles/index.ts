import type { Node, Run } from '../run.ts';

/** Holds a resource to the profiles of ours that it claims. */
export function checkProfiles(_type: string, _resource: Node, _run: Run): void {}

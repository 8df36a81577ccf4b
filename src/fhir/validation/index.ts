/**
 * Validation of a resource against R4 4.0.1 and the profiles of ours that it claims. No database is asked: that a reference exists is the
 * caller's to check, with the references found.
 */
import type { Issue } from '../../http/errors.ts';
import { checkInner, checkRoot } from './resource.ts';
import { type FoundReference, type Options, Run } from './run.ts';

export type { FoundReference, Options } from './run.ts';

export interface Validated {
  /** At most fifty, each of severity error with the FHIRPath of its element; empty for a valid resource. */
  readonly issues: readonly Issue[];
  /**
   * Every Reference.reference of the resource itself in the order of the document, contained resources included; not `#id` ones, and not
   * those of resources that a Bundle or Parameters carries.
   */
  readonly references: readonly FoundReference[];
}

/** Checks a parsed JSON value. Never throws, whatever the value; its time is linear in the value's size. */
export function validate(resource: unknown, options: Options = {}): Validated {
  const run = new Run(options, checkInner);
  checkRoot(resource, run);
  return { issues: run.issues, references: run.references };
}

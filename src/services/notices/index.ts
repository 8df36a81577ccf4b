import type { Service } from '../../fhir/engine.ts';
import { correctOperations, withdrawOperations } from './change.ts';
import { publishOperations } from './publish.ts';
import { readingOperations } from './reading.ts';
import { noticeRule } from './rule.ts';

export { type Announce, announce, lateReason } from './announce.ts';
export { STATUS_KINDS } from './kinds.ts';

/**
 * The information function: what the operator tells everyone or some, and a hospital its network.
 *
 * @param changed  is called when a notice was published, corrected or withdrawn
 */
export function noticesService(changed: () => void): Service {
  return {
    name: 'notices',
    operations: [
      ...publishOperations(changed),
      ...correctOperations(changed),
      ...withdrawOperations(changed),
      ...readingOperations,
    ],
    rules: [noticeRule],
  };
}

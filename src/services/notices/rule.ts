import type { Prepared, Resource, Rule } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { CONTRACT_NOTICE_SYSTEM, NOTICE_SYSTEM, STANDING_NOTICE_SYSTEM } from './kinds.ts';

const RESERVED = new Set([NOTICE_SYSTEM, CONTRACT_NOTICE_SYSTEM, STANDING_NOTICE_SYSTEM]);

/**
 * What looks like a notice is one: its category is written by the service alone, so that nobody forges the operator's word, changes it, or
 * takes it away.
 */
export const noticeRule: Rule = {
  types: ['Communication'],
  before: async ({ access }, change) => {
    if (access.isSystem) return;
    if (isNotice(change.resource) || (await wasNotice(change)))
      throw refuse.unprocessable(
        'Notices are made by $publish-notice, and changed by $correct-notice and $withdraw-notice',
        'Communication.category',
      );
  },
};

const wasNotice = async (change: Prepared) =>
  change.current !== undefined && isNotice(change.current.deleted ? undefined : await change.previous());

function isNotice(resource: Resource | undefined): boolean {
  const categories = Array.isArray(resource?.category) ? resource.category : [];
  return categories.some(
    ({ coding }: { coding?: unknown }) =>
      Array.isArray(coding) && coding.some(({ system }: { system?: string }) => RESERVED.has(system ?? '')),
  );
}

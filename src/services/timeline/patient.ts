import { Access } from '../../access/access.ts';
import { auditOfDecision } from '../../fhir/audit.ts';
import type { Rule } from '../../fhir/engine.ts';
import { insertAudit } from '../../store/audit.ts';
import { grantsOf, removeGrant } from '../../store/grant.ts';
import { revokeKeycode } from '../../store/keycode.ts';
import { lock } from '../../store/read.ts';
import { endConsent } from './end-consent.ts';

/**
 * With a Patient that is deleted ends what the patient had opened: keycode, Consents and grants, in one transaction. What is stored
 * under the same id later opens nothing to anybody.
 */
export const patientRule: Rule = {
  types: ['Patient'],
  on: ['delete'],
  after: async ({ engine, access, transaction }, { rid }) => {
    const now = engine.now();
    if (access.caller) await revokeKeycode(access, transaction, rid, new Date(now));
    const consents = await lock(access, transaction, await grantsOf(access, transaction, rid), ['Consent']);
    const system = Access.system('the Patient was deleted', access.behalf);
    for (const consent of consents.values()) {
      await removeGrant(access, transaction, consent.rid);
      const { ended } = await endConsent(engine, system, transaction, consent);
      if (!ended) continue;
      await insertAudit(access, transaction, [
        auditOfDecision(access, now, 'withdraw-consent', rid, consent, 0, 'the Patient was deleted'),
      ]);
    }
  },
};

import { Access } from '../../access/access.ts';
import { auditOfDecision } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { stillAsked } from '../../fhir/still-standing.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import { removeGrant } from '../../store/grant.ts';
import { lock } from '../../store/read.ts';
import { endConsent } from './end-consent.ts';

/**
 * `Consent/[id]/$withdraw`: the hospital ends what a keycode opened, as the patient asked. Consent, grant and audit change in one
 * transaction; every request that starts after the answer finds nothing. Withdrawn twice is withdrawn.
 */
export const withdrawOperation: Operation = {
  name: 'withdraw',
  types: ['Consent'],
  level: 'instance',
  methods: ['POST'],
  kinds: ['cooperating-hospital'],
  roles: ['physician', 'nurse', 'coordinator', 'clerk'],
  permission: 'u',
  documentation: 'Withdraws a consent given by keycode, from this moment. In: reason. Out: the Consent, inactive.',
  run: async ({ engine, access, id, body: parameters }) => {
    const rid = engine.keys.rid('Consent', id as string);
    const reason = parameter(parameters, 'reason')?.valueString;
    const now = engine.now();
    const body = await engine.database.transaction(async (transaction) => {
      const consent = (await lock(access, transaction, [rid])).get(rid);
      if (!consent?.seen || consent.deleted) throw refuse.notFound();
      await stillAsked(access, transaction);
      if (consent.owner !== access.caller?.organization)
        throw refuse.unprocessable(
          'A consent is withdrawn by the hospital whose patient gave it',
          'Consent.organization',
        );
      await removeGrant(access, transaction, rid);
      const system = Access.system('a consent was withdrawn', access.caller);
      const { bytes, ended } = await endConsent(engine, system, transaction, consent);
      if (!ended) return bytes;
      const detail = typeof reason === 'string' ? reason.slice(0, 500) : null;
      await insertAudit(access, transaction, [
        auditOfDecision(access, now, 'withdraw-consent', consent.patient, { rid, id: consent.id }, 0, detail),
      ]);
      return bytes;
    });
    return { status: 200, body };
  },
};

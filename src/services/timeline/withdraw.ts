import { Access } from '../../access/access.ts';
import { auditOfDecision } from '../../fhir/audit.ts';
import { commit } from '../../fhir/commit.ts';
import type { Operation, Resource } from '../../fhir/engine.ts';
import { parameter } from '../../fhir/parameters.ts';
import { refuse } from '../../http/errors.ts';
import { insertAudit } from '../../store/audit.ts';
import { removeGrant } from '../../store/grant.ts';
import { content, lock } from '../../store/read.ts';

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
  permission: 'u',
  documentation: 'Withdraws a consent given by keycode, from this moment. In: reason. Out: the Consent, inactive.',
  run: async ({ engine, access, id, body }) => {
    const rid = engine.keys.rid('Consent', id as string);
    const reason = parameter(body, 'reason')?.valueString;
    const now = engine.now();
    const bytes = await engine.database.transaction(async (transaction) => {
      const consent = (await lock(access, transaction, [rid])).get(rid);
      if (!consent?.seen || consent.deleted) throw refuse.notFound();
      if (consent.owner !== access.caller?.organization)
        throw refuse.unprocessable(
          'A consent is withdrawn by the hospital whose patient gave it',
          'Consent.organization',
        );
      const current = (await content(access, transaction, rid, consent.version)) as Buffer;
      const resource = JSON.parse(String(current)) as Resource;
      await removeGrant(access, transaction, rid);
      if (resource.status === 'inactive') return current;
      const change = {
        interaction: 'update',
        type: 'Consent',
        id: consent.id,
        resource: { ...resource, status: 'inactive' },
      } as const;
      const [withdrawn] = await commit(engine, Access.system('a consent was withdrawn', access.caller), [change], {
        within: transaction,
      });
      const detail = typeof reason === 'string' ? reason.slice(0, 500) : null;
      await insertAudit(access, transaction, [
        auditOfDecision(access, now, 'withdraw-consent', consent.patient, { rid, id: consent.id }, 0, detail),
      ]);
      return withdrawn?.content;
    });
    return bytes ? { status: 200, body: bytes } : { status: 200 };
  },
};

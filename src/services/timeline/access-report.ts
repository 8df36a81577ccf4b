import { auditOfSearch } from '../../fhir/audit.ts';
import type { Operation } from '../../fhir/engine.ts';
import { auditBundle } from '../../fhir/interactions/search-audit.ts';
import { permitScope } from '../../fhir/permit.ts';
import { refuse } from '../../http/errors.ts';
import { searchAudit } from '../../store/audit-search.ts';
import { referenced } from '../../store/read.ts';

const MOST = 1000;

/**
 * `Patient/[id]/$access-report`: who did what with this patient's data, when and for what purpose, newest first, for the hospital
 * that manages the patient. For older rows than the latest thousand, search AuditEvent by patient and date.
 */
export const accessReportOperation: Operation = {
  name: 'access-report',
  types: ['Patient'],
  level: 'instance',
  methods: ['GET', 'POST'],
  kinds: ['cooperating-hospital'],
  permission: 'r',
  documentation:
    'The AuditEvents about a patient, for the hospital that manages the patient. Out: a searchset, newest first.',
  run: async ({ engine, access, id, query }) => {
    permitScope(access, 'AuditEvent', 's');
    const unknown = query.find(([name]) => name !== '_format')?.[0];
    if (unknown !== undefined) {
      throw refuse.badRequest(
        `$access-report takes no parameters; search AuditEvent by patient, date, agent or action, not ${unknown.slice(0, 64)}`,
        undefined,
        'not-supported',
      );
    }
    const patient = engine.keys.rid('Patient', id as string);
    const known = (await referenced(access, engine.database, [patient])).get(patient);
    if (known?.owner !== access.caller?.organization || known?.id !== id) throw refuse.notFound();
    const found = await searchAudit(access, engine.database, {
      patients: [patient],
      newestFirst: true,
      limit: MOST + 1,
    });
    const more = found.length > MOST;
    if (more) found.length = MOST;
    await engine.audits.add(
      auditOfSearch(access, engine.now(), 'operation', 'Patient', '$access-report', [{ patient, patients: null }]),
    );
    return {
      status: 200,
      body: auditBundle(engine, found, more ? undefined : found.length, `patient=Patient/${id}`, undefined),
    };
  },
};

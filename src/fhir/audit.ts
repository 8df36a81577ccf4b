import type { Access } from '../access/access.ts';
import { type Act, type AuditRow, actRow, timeUuid } from '../store/audit.ts';
import type { AuditWord } from '../store/audit-words.ts';
import type { FoundRow } from '../store/search.ts';
import type { Put } from '../store/write.ts';

const INTERACTIONS = { c: 'create', u: 'update', d: 'delete' } as const;

/** What is the same in every row of one interaction. */
function row(access: Access, at: number, interaction: AuditWord): AuditRow {
  const caller = access.behalf;
  return actRow(at, interaction, {
    organization: caller?.organization ?? null,
    person: caller?.person?.id ?? null,
    client: caller?.clientId ?? null,
    purpose: caller?.purpose ?? null,
    outcome: 0,
    request: caller?.requestId ?? null,
    detail: access.reason,
  });
}

/** One row for each patient, one without where there is none. */
function each(rows: AuditRow, patients: readonly (bigint | null)[]): AuditRow[] {
  if (patients.length < 2) return [{ ...rows, patient: patients[0] ?? null }];
  return patients.map((patient) => ({ ...rows, id: timeUuid(rows.at), patient }));
}

/** The rows of a write, stored in its transaction. */
export function auditOf(access: Access, put: Put): AuditRow[] {
  const base = {
    ...row(access, put.updated, INTERACTIONS[put.interaction]),
    type: put.type,
    resource: put.rid,
    resourceId: put.id,
    version: put.version,
  };
  return each(base, put.patients);
}

export interface ReadEntry {
  readonly interaction: 'read' | 'vread' | 'history-instance';
  readonly type: string;
  readonly id: string;
  readonly rid: bigint;
  readonly version: number | null;
  readonly patients: readonly bigint[];
  readonly outcome: 0 | 4;
}

/** A read of one resource; one that found nothing names no patient. */
export function auditOfRead(access: Access, at: number, entry: ReadEntry): AuditRow[] {
  const base = {
    ...row(access, at, entry.interaction),
    type: entry.type,
    resource: entry.rid,
    resourceId: entry.id,
    version: entry.version,
    outcome: entry.outcome,
  };
  return each(base, entry.patients);
}

/** A query: one row for each patient in the result (BALP), one without a patient for a result without any. */
export function auditOfSearch(
  access: Access,
  at: number,
  interaction: AuditWord,
  type: string,
  query: string,
  found: readonly Pick<FoundRow, 'patient' | 'patients'>[],
): AuditRow[] {
  const patients = new Set(found.flatMap((r) => r.patients ?? (r.patient === null ? [] : [r.patient])));
  return each({ ...row(access, at, interaction), type, detail: query.slice(0, 2000) }, [...patients]);
}

/** A decision on consent, in the transaction of the Consent. */
export function auditOfDecision(
  access: Access,
  at: number,
  interaction: AuditWord,
  patient: bigint | null,
  consent: { rid: bigint; id: string } | null,
  outcome: 0 | 4,
  detail: string | null,
): AuditRow {
  return {
    ...row(access, at, interaction),
    patient,
    type: 'Consent',
    resource: consent?.rid ?? null,
    resourceId: consent?.id ?? null,
    outcome,
    detail,
  };
}

/**
 * An act that is no interaction with a resource's content: `suspend`, `contract-accepted`, `disclosure` … Store it with insertAudit() in the
 * transaction of what was done. Who acted is the caller, unless `act` says otherwise; what it was done to goes into `type`, `resource` (rid)
 * and `resourceId`. `detail` is for people to read; it never holds a secret, and of a patient no more than ids.
 */
export function auditOfAct(access: Access, at: number, interaction: AuditWord, act: Act): AuditRow {
  return { ...row(access, at, interaction), ...act };
}

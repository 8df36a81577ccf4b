import type { Access } from '../access/access.ts';
import { overseesAudit, seesQueries } from '../access/oversight.ts';
import { extentOf } from '../access/sight.ts';
import { type AuditRow, timeOfUuid } from './audit.ts';
import type { Queryable } from './database.ts';
import { bigints, Values } from './sql.ts';

/** An audit row with the names that its rendering needs. */
export interface AuditRecord extends Omit<AuditRow, 'interaction'> {
  /** As it was written; an earlier release may have known other words. */
  readonly interaction: string;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly patientId: string | null;
  /** Of the account as it is now; null where there is none any more. */
  readonly personName: string | null;
  readonly practitionerId: string | null;
  readonly roles: readonly string[] | null;
}

/** What must hold of a row: one of each list that is given. */
export interface AuditCriteria {
  readonly ids?: readonly string[];
  readonly patients?: readonly bigint[];
  readonly organizations?: readonly bigint[];
  readonly resources?: readonly bigint[];
  /** rids of Practitioners whose accounts acted. */
  readonly practitioners?: readonly bigint[];
  /** Accounts that acted, UUIDs. */
  readonly persons?: readonly string[];
  readonly interactions?: readonly string[];
  /** The interaction is one of `exact`, or begins with one of `beginnings` and is none of `except`; with `others`, it is none of that. */
  readonly words?: {
    readonly exact: readonly string[];
    readonly beginnings: readonly string[];
    readonly except: readonly string[];
    readonly others: boolean;
  };
  readonly outcomes?: readonly number[];
  /** Conditions on the time of recording, epoch milliseconds; a disjunction of conjunctions. */
  readonly at?: readonly (readonly { readonly op: '<' | '<=' | '>' | '>='; readonly value: number }[])[];
}

export interface AuditQuery extends AuditCriteria {
  /** Each of these must hold too. */
  readonly also?: readonly AuditCriteria[];
  readonly newestFirst: boolean;
  readonly limit: number;
  /** `read` where rows are asked for by their ids; `search` unless told. */
  readonly leg?: 'read' | 'search';
  /** Where the last page ended. */
  readonly after?: { readonly at: number; readonly id: string };
}

/**
 * Audit rows that the caller may see: of patients whose hospital it is, and of what it did itself; the operator sees what touched no
 * patient.
 */
export async function searchAudit(access: Access, database: Queryable, query: AuditQuery): Promise<AuditRecord[]> {
  const values = new Values();
  const where = conditions(access, query, values);
  const direction = query.newestFirst ? 'DESC' : 'ASC';
  if (query.after) {
    where.push(
      `(a.at, a.id) ${query.newestFirst ? '<' : '>'} (to_timestamp(${values.add(query.after.at, 'float8')} / 1000), ${values.add(query.after.id, 'uuid')})`,
    );
  }
  const { rows } = await database.query(
    `SELECT a.id::text, extract(epoch FROM a.at)::float8 * 1000 AS at, a.interaction, a.organization, a.person::text, a.client, a.purpose, a.patient, a.type, a.resource,
       a.resource_id AS "resourceId", a.version, a.outcome, a.request, ${shownDetail(access, values)} AS detail,
       i.id AS "organizationId", i.name AS "organizationName", p.id AS "patientId", w.name AS "personName", w.practitioner_id AS "practitionerId", w.roles
     FROM audit a LEFT JOIN institution i ON i.rid = a.organization LEFT JOIN resource p ON p.rid = a.patient LEFT JOIN person w ON w.id = a.person
     WHERE ${where.join(' AND ')} ORDER BY a.at ${direction}, a.id ${direction} LIMIT ${values.add(query.limit, 'int')}`,
    values.list,
  );
  return rows as unknown as AuditRecord[];
}

export async function countAudit(access: Access, database: Queryable, query: AuditQuery): Promise<number> {
  const values = new Values();
  const { rows } = await database.query(
    `SELECT count(*)::float8 AS total FROM audit a LEFT JOIN resource p ON p.rid = a.patient WHERE ${conditions(access, query, values).join(' AND ')}`,
    values.list,
  );
  return rows[0]?.total as number;
}

function conditions(access: Access, query: AuditQuery, values: Values): string[] {
  return [
    visibleAudit(access, values, query.leg ?? 'search'),
    ...[query, ...(query.also ?? [])].flatMap((one) => criteria(one, values)),
  ];
}

function criteria(query: AuditCriteria, values: Values): string[] {
  const where: string[] = [];
  const any = (column: string, list: readonly bigint[] | undefined) =>
    list && where.push(`${column} = ANY(${values.add(bigints(list), 'bigint[]')})`);
  any('a.patient', query.patients);
  any('a.organization', query.organizations);
  any('a.resource', query.resources);
  if (query.practitioners)
    where.push(
      `a.person IN (SELECT id FROM person WHERE practitioner = ANY(${values.add(bigints(query.practitioners), 'bigint[]')}))`,
    );
  if (query.persons) where.push(`a.person = ANY(${values.add(query.persons, 'uuid[]')})`);
  if (query.words) {
    const { exact, beginnings, except, others } = query.words;
    const listed = `(a.interaction = ANY(${values.add(exact, 'text[]')}) OR (a.interaction LIKE ANY(${values.add(
      beginnings.map((one) => `${one}%`),
      'text[]',
    )}) AND a.interaction <> ALL(${values.add(except, 'text[]')})))`;
    where.push(others ? `NOT ${listed}` : listed);
  }
  if (query.ids) {
    const at = query.ids.map((id) => new Date(timeOfUuid(id)));
    where.push(`a.id = ANY(${values.add(query.ids, 'uuid[]')}) AND a.at = ANY(${values.add(at, 'timestamptz[]')})`);
  }
  if (query.interactions) where.push(`a.interaction = ANY(${values.add(query.interactions, 'text[]')})`);
  if (query.outcomes) where.push(`a.outcome = ANY(${values.add(query.outcomes, 'smallint[]')})`);
  if (query.at) {
    const ranges = query.at.map(
      (all) =>
        `(${all.map(({ op, value }) => `a.at ${op} to_timestamp(${values.add(value, 'float8')} / 1000)`).join(' AND ') || 'TRUE'})`,
    );
    where.push(`(${ranges.join(' OR ') || 'FALSE'})`);
  }
  return where;
}

function visibleAudit(access: Access, values: Values, leg: 'read' | 'search'): string {
  if (!access) throw new Error('an audit search without an Access');
  const { caller } = access;
  if (!caller) return 'TRUE';
  const organization = values.once('organization', caller.organization, 'bigint');
  const scoped = withinScopes(access, values, leg);
  if (!overseesAudit(access))
    return `(a.person = ${values.once('person', caller.person?.id, 'uuid')} AND a.organization = ${organization} AND a.interaction <> 'refuse-keycode' AND ${scoped})`;
  if (caller.kind === 'operator') return `((a.patient IS NULL OR a.organization = ${organization}) AND ${scoped})`;
  // A refused keycode names its patient to the patient's hospital alone: whoever tried must not learn whom a code belongs to.
  return `((p.owner = ${organization} OR (a.organization = ${organization} AND a.interaction <> 'refuse-keycode')) AND ${scoped})`;
}

/** What the scopes leave: all, or the rows of the patient of the launch. No scope with a query speaks of AuditEvents. */
function withinScopes(access: Access, values: Values, leg: 'read' | 'search'): string {
  const extent = extentOf(access, 'AuditEvent', leg);
  if (extent === 'all') return 'TRUE';
  if (extent === 'none') return 'FALSE';
  const patients = extent.flatMap(({ patient, query }) => (patient !== null && query === null ? [patient] : []));
  return `a.patient = ANY(${values.add(bigints(patients), 'bigint[]')})`;
}

/**
 * What a query asked for names people. It is shown to who asked, and to the hospital of whom it found; not to the operator, and not where it
 * found patients of several hospitals, for then it may name to each the others'.
 */
function shownDetail(access: Access, values: Values): string {
  if (access.isSystem) return 'a.detail';
  const queries = "a.interaction IN ('search-type', 'operation')";
  if (!seesQueries(access)) return `CASE WHEN NOT ${queries} THEN a.detail END`;
  const organization = values.once('organization', access.caller?.organization, 'bigint');
  const shared = `EXISTS (SELECT 1 FROM audit b JOIN resource q ON q.rid = b.patient
    WHERE b.organization = a.organization AND b.at = a.at AND b.request = a.request AND q.owner <> ${organization})`;
  return `CASE WHEN a.organization = ${organization} OR NOT ${queries}
    OR (a.patient IS NOT NULL AND NOT ${shared}) THEN a.detail END`;
}

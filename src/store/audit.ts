import { randomUUID } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { AuditWord } from './audit-words.ts';
import type { Queryable } from './database.ts';
import { type Column, rowset } from './rowset.ts';
import { Values } from './sql.ts';

/** UUID version 7 (RFC 9562): the time in milliseconds, then random bits. */
export function timeUuid(at: number): string {
  const time = Math.floor(at).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** The time that a UUID of version 7 begins with, epoch milliseconds. */
export const timeOfUuid = (id: string): number => Number.parseInt(id.slice(0, 13).replace('-', ''), 16);

/** One row of the audit: an interaction, and one patient that it touched. */
export interface AuditRow {
  /** UUID version 7: its first 48 bits are `at`, by which it is found. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Code of http://hl7.org/fhir/restful-interaction, or a plain word (`issue-token`, `log-in`, `suspend` …): audit/kinds.ts lists them. */
  readonly interaction: AuditWord;
  /** rid of the institution that acted; null for the system, and for callers who could not be told. */
  readonly organization: bigint | null;
  /** Account of the person who acted, a UUID; null for a system on its own. */
  readonly person: string | null;
  readonly client: string | null;
  readonly purpose: string | null;
  readonly patient: bigint | null;
  readonly type: string | null;
  readonly resource: bigint | null;
  readonly resourceId: string | null;
  readonly version: number | null;
  /** Codes of http://terminology.hl7.org/CodeSystem/audit-event-outcome: 0 success, 4 refused, 8 failed. */
  readonly outcome: 0 | 4 | 8;
  readonly request: string | null;
  /** The query of a search, the consent of a decision. Never a keycode, a token or a body. */
  readonly detail: string | null;
}

const COLUMNS: readonly Column<AuditRow>[] = [
  { name: 'id', type: 'uuid', of: (r) => r.id },
  { name: 'at', type: 'float8', of: (r) => Math.floor(r.at) },
  { name: 'interaction', type: 'text', of: (r) => r.interaction },
  { name: 'organization', type: 'bigint', of: (r) => r.organization },
  { name: 'person', type: 'uuid', of: (r) => r.person },
  { name: 'client', type: 'text', of: (r) => r.client },
  { name: 'purpose', type: 'text', of: (r) => r.purpose },
  { name: 'patient', type: 'bigint', of: (r) => r.patient },
  { name: 'type', type: 'text', of: (r) => r.type },
  { name: 'resource', type: 'bigint', of: (r) => r.resource },
  { name: 'resource_id', type: 'text', of: (r) => r.resourceId },
  { name: 'version', type: 'int', of: (r) => r.version },
  { name: 'outcome', type: 'smallint', of: (r) => r.outcome },
  { name: 'request', type: 'text', of: (r) => r.request },
  { name: 'detail', type: 'text', of: (r) => r.detail },
];
const NAMES = COLUMNS.map(({ name }) => name).join(', ');

/** What may be said of an act beside when and what; what is left out is null. */
export type Act = Partial<Omit<AuditRow, 'id' | 'at' | 'interaction' | 'outcome'>> & Pick<AuditRow, 'outcome'>;

/**
 * A row of what is not done to a resource by a Caller: a log-in, a suspension, a job. Whoever has a Caller takes auditOfAct() of
 * fhir/audit.ts instead. `detail` never holds a password, a token, a keycode or a body.
 *
 * @param at  epoch milliseconds
 */
export function actRow(at: number, interaction: AuditWord, act: Act): AuditRow {
  return {
    id: timeUuid(at),
    at,
    interaction,
    organization: null,
    person: null,
    client: null,
    purpose: null,
    patient: null,
    type: null,
    resource: null,
    resourceId: null,
    version: null,
    request: null,
    detail: null,
    ...act,
  };
}

/** What may name somebody, of a column that is only kept while what it is about is there. */
const CONTENT = ['resource_id', 'request', 'detail'];
const SELECTED = COLUMNS.map(({ name }) => {
  if (name === 'at') return 'to_timestamp(at / 1000)';
  return CONTENT.includes(name) ? `CASE WHEN gone THEN NULL ELSE ${name} END` : name;
}).join(', ');
const GONE = 'EXISTS (SELECT FROM erased_resource e WHERE e.rid = ANY (ARRAY[u.resource, u.patient]))';
/** Of one query there are several rows. */
const QUERIES: readonly AuditWord[] = ['search-type', 'operation'];
/** What was asked together with something that is gone. */
const GONE_WITH = `CASE WHEN u.interaction IN (${QUERIES.map((word) => `'${word}'`).join(', ')})
  THEN bool_or(${GONE}) OVER (PARTITION BY u.request, u.at, u.organization) ELSE ${GONE} END`;

/**
 * The INSERT as text, to stand alone or in the statement of a write. Of what is about something that was erased nothing is kept but that it was
 * done: a read that began before it went, or whoever still asks for it by its id, does not bring its name back (docs/audit.md).
 */
export function auditInsert(rows: readonly AuditRow[], values: Values): string {
  const from = rowset(rows, COLUMNS, values);
  const together = rows.length > 1 && rows.some(({ interaction }) => QUERIES.includes(interaction));
  const gone = together ? GONE_WITH : GONE;
  return `INSERT INTO audit (${NAMES}) SELECT ${SELECTED} FROM (SELECT u.*, ${gone} AS gone FROM ${from}) u`;
}

export async function insertAudit(access: Access, database: Queryable, rows: readonly AuditRow[]): Promise<void> {
  if (!access) throw new Error('insertAudit() without an Access');
  if (rows.length === 0) return;
  const values = new Values();
  const text = auditInsert(rows, values);
  await database.query(text, values.list);
}

/** A token was issued: the row names the client's institution. */
export async function insertTokenAudit(
  access: Access,
  database: Queryable,
  clientId: string,
  scope: string,
  at: number,
  id: string,
): Promise<void> {
  if (!access) throw new Error('insertTokenAudit() without an Access');
  await database.query(
    `INSERT INTO audit (id, at, interaction, organization, client, outcome, detail)
     SELECT $1::uuid, to_timestamp($2::float8 / 1000), 'issue-token', institution, id, 0, $4::text FROM client WHERE id = $3::text`,
    [id, at, clientId, scope],
  );
}

import type { Access } from '../access/access.ts';
import type { PolicyClass } from '../access/policy.ts';
import { type AuditRow, auditInsert } from './audit.ts';
import type { Queryable } from './database.ts';
import type { IndexRows, RangeRow, StringRow } from './rows.ts';
import { type Column, rowset } from './rowset.ts';
import { bigints, Values } from './sql.ts';

/** One version of one resource, ready to be stored. */
export interface Put {
  readonly rid: bigint;
  readonly type: string;
  readonly id: string;
  readonly class: PolicyClass;
  readonly interaction: 'c' | 'u' | 'd';
  /** 1 for a new resource, otherwise one more than the version that was locked. */
  readonly version: number;
  readonly owner: bigint;
  /** Owner of the one patient it is about. */
  readonly home: bigint | null;
  readonly patients: readonly bigint[];
  /** Main clinical date, epoch milliseconds. */
  readonly date: number | null;
  /** Epoch milliseconds. */
  readonly updated: number;
  /** A deletion is as sealed as what it deletes. */
  readonly sealed: boolean;
  readonly rows: IndexRows;
  /** The bytes that will be sent; null for a deletion. */
  readonly content: Buffer | null;
}

/**
 * Stores the versions, their index rows and their audit rows in one statement: one INSERT a table, whatever the number of
 * resources. Alone it is a transaction of its own. A new resource whose key is taken fails with unique_violation (23505).
 */
export async function write(
  access: Access,
  database: Queryable,
  puts: readonly Put[],
  audit: readonly AuditRow[],
): Promise<void> {
  if (!access) throw new Error('write() without an Access');
  const values = new Values();
  const indexed = puts.map((put) => ({ ...put, replaces: put.version > 1 }));
  const parts = [...resourceParts(access, puts, values), ...indexParts(indexed, values)];
  if (audit.length > 0) parts.push(`audited AS (${auditInsert(audit, values)})`);
  await database.query(`WITH ${parts.join(',\n')} SELECT 1`, values.list);
}

const one = ({ patients }: Pick<Put, 'patients'>) => (patients.length === 1 ? (patients[0] ?? null) : null);
const several = ({ patients }: Put) => (patients.length > 1 ? patients : null);

const COLUMNS: readonly Column<Put>[] = [
  { name: 'rid', type: 'bigint', of: (p) => p.rid },
  { name: 'type', type: 'text', of: (p) => p.type },
  { name: 'id', type: 'text', of: (p) => p.id },
  { name: 'class', type: '"char"', of: (p) => p.class },
  { name: 'interaction', type: '"char"', of: (p) => p.interaction },
  { name: 'version', type: 'int', of: (p) => p.version },
  { name: 'owner', type: 'bigint', of: (p) => p.owner },
  { name: 'home', type: 'bigint', of: (p) => p.home },
  { name: 'patient', type: 'bigint', of: one },
  { name: 'patients', type: 'bigint[]', of: several },
  { name: 'date', type: 'float8', of: (p) => p.date },
  { name: 'updated', type: 'float8', of: (p) => p.updated },
  { name: 'sealed', type: 'boolean', of: (p) => p.sealed },
  { name: 'keys', type: 'bigint[]', of: (p) => p.rows.keys },
  { name: 'content', type: 'bytea', of: (p) => p.content },
  { name: 'place', type: 'int', of: (_, place) => place },
];

function resourceParts(access: Access, puts: readonly Put[], values: Values): string[] {
  const rows = rowset(puts, COLUMNS, values);
  const author = values.add(access.behalf?.organization ?? null, 'bigint');
  // A single row is cheaper written out in each part than through a common table expression.
  const from = puts.length === 1 ? rows : 'put';
  // A writer that waited for the row may have drawn its transaction number before the one it waited for: a version comes no earlier in
  // the commit order than the one before it. The horizon up to which the order is read is never past a transaction that runs.
  const tx = puts.some((p) => p.version > 1)
    ? `greatest(pg_current_xact_id(), (SELECT o.tx FROM resource_version o WHERE o.rid = u.rid AND o.version = u.version - 1))`
    : 'pg_current_xact_id()';
  const versions = `versions AS (INSERT INTO resource_version (rid, version, tx, organization, patient, patients, at, place, interaction, content)
    SELECT rid, version, ${tx}, ${author}, patient, patients::bigint[], updated, place, interaction, content FROM ${puts.length === 1 ? rows : 'put u'})`;
  const created = `created AS (INSERT INTO resource (rid, type, id, class, version, owner, home, patient, patients, date, updated, deleted, sealed, keys)
    SELECT rid, type, id, class, version, owner, home, patient, patients::bigint[], date, updated, false, sealed, keys::bigint[] FROM ${from} WHERE version = 1)`;
  const updated = `updated AS (UPDATE resource r SET version = u.version, home = u.home, patient = u.patient, patients = u.patients::bigint[], date = u.date,
    updated = u.updated, deleted = u.interaction = 'd', sealed = CASE WHEN u.interaction = 'd' THEN r.sealed ELSE u.sealed END, keys = u.keys::bigint[]
    FROM ${puts.length === 1 ? rows : 'put u'} WHERE r.rid = u.rid AND u.version > 1)`;
  return [
    ...(puts.length === 1 ? [] : [`put AS MATERIALIZED (SELECT * FROM ${rows})`]),
    versions,
    ...(puts.some((p) => p.version === 1) ? [created] : []),
    ...(puts.some((p) => p.version > 1) ? [updated] : []),
  ];
}

/** What the index rows of a resource hang on. */
type Owner = Pick<Put, 'rid' | 'patients' | 'rows'> & { readonly replaces: boolean };
type Indexed<T> = T & { readonly put: Owner };

const INDEX_COLUMNS = <T extends { readonly param: bigint }>(
  own: readonly Column<Indexed<T>>[],
): Column<Indexed<T>>[] => [
  { name: 'rid', type: 'bigint', of: ({ put }) => put.rid },
  { name: 'param', type: 'bigint', of: ({ param }) => param },
  ...own,
  { name: 'patient', type: 'bigint', of: ({ put }) => one(put) },
];

const RANGE_COLUMNS = INDEX_COLUMNS<RangeRow>([
  { name: 'low', type: 'float8', of: (row) => row.low },
  { name: 'high', type: 'float8', of: (row) => row.high },
  { name: 'unit', type: 'bigint', of: (row) => row.unit },
]);

const STRING_COLUMNS = INDEX_COLUMNS<StringRow>([{ name: 'value', type: 'text', of: (row) => row.value }]);

/** The parts of a statement that write index rows, in the place of those that were there. */
export function indexParts(puts: readonly Owner[], values: Values): string[] {
  const ranges = puts.flatMap((put) => put.rows.ranges.map((row) => ({ ...row, put })));
  const strings = puts.flatMap((put) => put.rows.strings.map((row) => ({ ...row, put })));
  const replaced = puts.filter((put) => put.replaces).map((put) => put.rid);
  const parts: string[] = [];
  if (replaced.length > 0) {
    const rids = values.add(bigints(replaced), 'bigint[]');
    parts.push(
      `old_ranges AS (DELETE FROM range WHERE rid = ANY(${rids}))`,
      `old_strings AS (DELETE FROM string WHERE rid = ANY(${rids}))`,
    );
  }
  const insert = <T>(table: string, rows: readonly T[], columns: readonly Column<T>[]) => {
    if (rows.length === 0) return;
    const names = columns.map(({ name }) => name).join(', ');
    parts.push(
      `new_${table} AS (INSERT INTO ${table} (${names}) SELECT ${names} FROM ${rowset(rows, columns, values)})`,
    );
  };
  insert('range', ranges, RANGE_COLUMNS);
  insert('string', strings, STRING_COLUMNS);
  return parts;
}

/** Takes an advisory lock for each name until the end of the transaction, in one order for everybody. */
export async function lockNames(access: Access, transaction: Queryable, names: readonly bigint[]): Promise<void> {
  if (!access) throw new Error('lockNames() without an Access');
  const ordered = [...new Set(names)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (ordered.length === 0) return;
  await transaction.query(
    'SELECT pg_advisory_xact_lock(name) FROM unnest($1::bigint[]) WITH ORDINALITY AS n(name, place) ORDER BY place',
    [bigints(ordered)],
  );
}

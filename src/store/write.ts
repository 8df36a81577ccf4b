import type { Access } from '../access/access.ts';
import type { PolicyClass } from '../access/policy.ts';
import { type AuditRow, auditInsert } from './audit.ts';
import type { Queryable } from './database.ts';
import type { IndexRows } from './rows.ts';
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
  const parts = [...resourceParts(access, puts, values), ...indexParts(puts, values)];
  if (audit.length > 0) parts.push(`audited AS (${auditInsert(audit, values)})`);
  await database.query(`WITH ${parts.join(',\n')} SELECT 1`, values.list);
}

function resourceParts(access: Access, puts: readonly Put[], values: Values): string[] {
  const column = (cast: string, of: (put: Put) => unknown) => values.add(puts.map(of), cast);
  const one = (put: Put) => (put.patients.length === 1 ? put.patients[0] : null);
  const several = (put: Put) => (put.patients.length > 1 ? bigints(put.patients) : null);
  const put = `put AS MATERIALIZED (SELECT * FROM unnest(
    ${column('bigint[]', (p) => p.rid)}, ${column('text[]', (p) => p.type)}, ${column('text[]', (p) => p.id)}, ${column('"char"[]', (p) => p.class)},
    ${column('"char"[]', (p) => p.interaction)}, ${column('int[]', (p) => p.version)}, ${column('bigint[]', (p) => p.owner)},
    ${column('bigint[]', (p) => p.home)}, ${column('bigint[]', one)}, ${column('text[]', several)}, ${column('float8[]', (p) => p.date)},
    ${column('float8[]', (p) => p.updated)}, ${column('boolean[]', (p) => p.sealed)}, ${column('text[]', (p) => bigints(p.rows.keys))},
    ${column('bytea[]', (p) => p.content)})
    WITH ORDINALITY AS u(rid, type, id, class, interaction, version, owner, home, patient, patients, date, updated, sealed, keys, content, place))`;
  const author = access.behalf?.organization ?? null;
  const versions = `versions AS (INSERT INTO resource_version (rid, version, organization, patient, patients, at, place, interaction, content)
    SELECT rid, version, ${values.add(author, 'bigint')}, patient, patients::bigint[], updated, place, interaction, content FROM put)`;
  const created = `created AS (INSERT INTO resource (rid, type, id, class, version, owner, home, patient, patients, date, updated, deleted, sealed, keys)
    SELECT rid, type, id, class, version, owner, home, patient, patients::bigint[], date, updated, false, sealed, keys::bigint[] FROM put WHERE version = 1)`;
  const updated = `updated AS (UPDATE resource r SET version = p.version, home = p.home, patient = p.patient, patients = p.patients::bigint[], date = p.date,
    updated = p.updated, deleted = p.interaction = 'd', sealed = p.sealed, keys = p.keys::bigint[]
    FROM put p WHERE r.rid = p.rid AND p.version > 1)`;
  const some = (test: (put: Put) => boolean, part: string) => (puts.some(test) ? [part] : []);
  return [put, versions, ...some((p) => p.version === 1, created), ...some((p) => p.version > 1, updated)];
}

function indexParts(puts: readonly Put[], values: Values): string[] {
  const ranges = puts.flatMap((put) => put.rows.ranges.map((row) => ({ ...row, put })));
  const strings = puts.flatMap((put) => put.rows.strings.map((row) => ({ ...row, put })));
  const one = (put: Put) => (put.patients.length === 1 ? put.patients[0] : null);
  const parts: string[] = [];
  const replaced = puts.filter((put) => put.version > 1).map((put) => put.rid);
  if (replaced.length > 0) {
    const rids = values.add(bigints(replaced), 'bigint[]');
    parts.push(
      `old_ranges AS (DELETE FROM range WHERE rid = ANY(${rids}))`,
      `old_strings AS (DELETE FROM string WHERE rid = ANY(${rids}))`,
    );
  }
  if (ranges.length > 0) {
    parts.push(`ranges AS (INSERT INTO range (rid, param, low, high, unit, patient) SELECT * FROM unnest(
      ${values.add(
        ranges.map((row) => row.put.rid),
        'bigint[]',
      )}, ${values.add(
        ranges.map((row) => row.param),
        'bigint[]',
      )},
      ${values.add(
        ranges.map((row) => row.low),
        'float8[]',
      )}, ${values.add(
        ranges.map((row) => row.high),
        'float8[]',
      )},
      ${values.add(
        ranges.map((row) => row.unit),
        'bigint[]',
      )}, ${values.add(
        ranges.map((row) => one(row.put)),
        'bigint[]',
      )}))`);
  }
  if (strings.length > 0) {
    parts.push(`strings AS (INSERT INTO string (rid, param, value, patient) SELECT * FROM unnest(
      ${values.add(
        strings.map((row) => row.put.rid),
        'bigint[]',
      )}, ${values.add(
        strings.map((row) => row.param),
        'bigint[]',
      )},
      ${values.add(
        strings.map((row) => row.value),
        'text[]',
      )}, ${values.add(
        strings.map((row) => one(row.put)),
        'bigint[]',
      )}))`);
  }
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

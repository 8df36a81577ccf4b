import type { Access } from '../access/access.ts';
import { live } from './compile.ts';
import type { Queryable } from './database.ts';
import type { FoundRow } from './search.ts';
import { bigints, Values } from './sql.ts';
import { visible } from './visible.ts';

export interface TimelineQuery {
  readonly patient: bigint;
  readonly types: readonly string[];
  /** Institutions whose entries are wanted; all without it. */
  readonly owners?: readonly bigint[];
  /** Only entries changed at or after this time, epoch milliseconds. */
  readonly since?: number;
  readonly limit: number;
  /** Where the last page ended: clinical date (null for entries without one) and rid. */
  readonly after?: { readonly date: number | null; readonly rid: bigint };
}

/** Entries about the patient alone, or about several of whom the patient is one. */
const about = (patient: string) => `(r.patient = ${patient} OR r.patients @> ARRAY[${patient}])`;

export type TimelineRow = FoundRow & { readonly date: number | null };

/** Visible entries about one patient, newest clinical date first, those without a date last. */
export async function timeline(access: Access, database: Queryable, query: TimelineQuery): Promise<TimelineRow[]> {
  const values = new Values();
  const where = [
    about(values.once('patient', query.patient, 'bigint')),
    live('r', query.types, values, true),
    visible('r', access, values, query.types, 'read'),
  ];
  if (query.owners) where.push(`r.owner = ANY(${values.add(bigints(query.owners), 'bigint[]')})`);
  if (query.since !== undefined) where.push(`r.updated >= ${values.add(query.since, 'float8')}`);
  if (query.after) where.push(older(query.after, values));
  const { rows } = await database.query(
    `SELECT 'match' AS mode, r.rid, r.type, r.id, r.version, r.updated, r.patient, r.patients, r.date, v.content
     FROM resource r JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
     WHERE ${where.join(' AND ')} ORDER BY r.date DESC NULLS LAST, r.rid LIMIT ${values.add(query.limit, 'int')}`,
    values.list,
  );
  return rows as unknown as TimelineRow[];
}

/** Entries after the one where a page ended; those without a date come after all others. */
function older({ date, rid }: NonNullable<TimelineQuery['after']>, values: Values): string {
  const last = values.add(rid, 'bigint');
  if (date === null) return `r.date IS NULL AND r.rid > ${last}`;
  const day = values.add(date, 'float8');
  return `(r.date < ${day} OR (r.date = ${day} AND r.rid > ${last}) OR r.date IS NULL)`;
}

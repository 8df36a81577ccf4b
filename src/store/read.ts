import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { bigints, Values } from './sql.ts';
import { openPatient, visible, visibleVersion } from './visible.ts';

export interface StoredVersion {
  readonly rid: bigint;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly interaction: 'c' | 'u' | 'd';
  readonly patient: bigint | null;
  readonly patients: readonly bigint[] | null;
  /** The bytes as stored; null for a deletion. */
  readonly content: Buffer | null;
}

const VERSION =
  'r.rid, r.type, r.id, v.version, v.at, v.interaction::text AS interaction, v.patient, v.patients, v.content';
/** Whether it comes before a deletion: then it is not served to anybody any more, also where the resource has come back. */
const GONE =
  "EXISTS (SELECT 1 FROM resource_version d WHERE d.rid = v.rid AND d.version > v.version AND d.interaction = 'd')";
const SERVED = VERSION.replace('v.content', `CASE WHEN ${GONE} THEN NULL ELSE v.content END AS content`);

/** The current version of a resource that the caller may see, a deletion included; undefined when absent or invisible. */
export async function read(
  access: Access,
  database: Queryable,
  type: string,
  id: string,
  rid: bigint,
): Promise<StoredVersion | undefined> {
  const values = new Values();
  const { rows } = await database.query(
    `SELECT ${VERSION} FROM resource r JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
     WHERE r.rid = ${values.add(rid, 'bigint')} AND r.id = ${values.add(id, 'text')} AND ${visible('r', access, values, [type], 'read')}`,
    values.list,
  );
  return rows[0] as unknown as StoredVersion | undefined;
}

/** As `read`, for several resources of these types at once; those that are absent or invisible are missing. */
export async function readMany(
  access: Access,
  database: Queryable,
  types: readonly string[],
  rids: readonly bigint[],
): Promise<StoredVersion[]> {
  const values = new Values();
  const { rows } = await database.query(
    `SELECT ${VERSION} FROM resource r JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
     WHERE r.rid = ANY(${values.add(rids, 'bigint[]')}) AND ${visible('r', access, values, types, 'read')}`,
    values.list,
  );
  return rows as unknown as StoredVersion[];
}

/**
 * One version; undefined when absent or invisible. The versions before a deletion are kept but not served: a deletion is one for every
 * reader, and for good. They come without content, as the deletion does.
 */
export async function readVersion(
  access: Access,
  database: Queryable,
  type: string,
  id: string,
  rid: bigint,
  version: number,
): Promise<StoredVersion | undefined> {
  const found = await readVersions(access, database, [type], [rid], [version]);
  return found[0]?.id === id ? found[0] : undefined;
}

/** As `readVersion`, for several resources of these types at once, `versions` beside `rids`. */
export async function readVersions(
  access: Access,
  database: Queryable,
  types: readonly string[],
  rids: readonly bigint[],
  versions: readonly number[],
): Promise<StoredVersion[]> {
  const values = new Values();
  const { rows } = await database.query(
    `SELECT ${SERVED} FROM unnest(${values.add(rids, 'bigint[]')}, ${values.add(versions, 'int[]')}) wanted(rid, version)
     JOIN resource r ON r.rid = wanted.rid JOIN resource_version v ON v.rid = wanted.rid AND v.version = wanted.version
     WHERE ${visible('r', access, values, types, 'read')} AND ${visibleVersion('v', 'r', access, values, types)}`,
    values.list,
  );
  return rows as unknown as StoredVersion[];
}

export interface HistoryQuery {
  readonly type: string;
  readonly id: string;
  readonly rid: bigint;
  readonly count: number;
  /** Only versions older than this one: where the last page ended. */
  readonly before?: number;
  /** Only versions made at or after this time, epoch milliseconds. */
  readonly since?: number;
}

/** The versions of one resource, newest first. Undefined when the resource is absent or invisible, or no version may be seen. */
export async function history(
  access: Access,
  database: Queryable,
  query: HistoryQuery,
): Promise<{ versions: StoredVersion[]; total: number } | undefined> {
  const values = new Values();
  const of = `r.rid = ${values.add(query.rid, 'bigint')} AND r.id = ${values.add(query.id, 'text')} AND ${visible('r', access, values, [query.type], 'read')} AND ${visibleVersion('v', 'r', access, values, [query.type])}`;
  const since = query.since === undefined ? '' : ` AND v.at >= ${values.add(query.since, 'float8')}`;
  const before = query.before === undefined ? '' : ` WHERE version < ${values.add(query.before, 'int')}`;
  const { rows } = await database.query(
    `WITH seen AS (SELECT ${VERSION} FROM resource r JOIN resource_version v ON v.rid = r.rid
      WHERE ${of}${since} AND NOT ${GONE}),
      page AS (SELECT * FROM seen${before} ORDER BY version DESC LIMIT ${values.add(query.count, 'int')})
     SELECT page.*, (SELECT count(*)::float8 FROM seen) AS total FROM page ORDER BY version DESC`,
    values.list,
  );
  if (rows.length === 0) return (await exists(access, database, query)) ? { versions: [], total: 0 } : undefined;
  return { versions: rows as unknown as StoredVersion[], total: rows[0]?.total as number };
}

async function exists(access: Access, database: Queryable, query: HistoryQuery): Promise<boolean> {
  return (await read(access, database, query.type, query.id, query.rid)) !== undefined;
}

/** What a write needs to know of a resource that another one refers to. */
export interface Referenced {
  readonly rid: bigint;
  readonly type: string;
  readonly id: string;
  readonly owner: bigint;
  /** For a Patient: whether the caller may add to the timeline, see `openPatient`. */
  readonly open: boolean;
}

/**
 * Those of the resources that exist and are visible; an invisible one is missing from the answer as if it were not there.
 *
 * @param types  of the resources, where the caller knows them: see `visible`
 */
export async function referenced(
  access: Access,
  database: Queryable,
  rids: readonly bigint[],
  types?: readonly string[],
): Promise<Map<bigint, Referenced>> {
  if (rids.length === 0) return new Map();
  const values = new Values();
  const { rows } = await database.query(
    `SELECT r.rid, r.type, r.id, r.owner, (r.type = 'Patient' AND ${openPatient('r', access, values)}) AS open FROM resource r
     WHERE r.rid = ANY(${values.add(rids, 'bigint[]')}) AND NOT r.deleted AND ${visible('r', access, values, types, 'name')}`,
    values.list,
  );
  return new Map((rows as unknown as Referenced[]).map((row) => [row.rid, row]));
}

/** Institutions among these Organizations: they may be named although the caller does not see them yet (affiliation). */
export async function institutions(
  access: Access,
  database: Queryable,
  rids: readonly bigint[],
): Promise<Map<bigint, { rid: bigint; kind: string; active: boolean }>> {
  if (!access) throw new Error('institutions() without an Access');
  const { rows } = await database.query('SELECT rid, kind, active FROM institution WHERE rid = ANY($1::bigint[])', [
    bigints(rids),
  ]);
  return new Map((rows as unknown as { rid: bigint; kind: string; active: boolean }[]).map((row) => [row.rid, row]));
}

export interface Locked {
  readonly rid: bigint;
  readonly type: string;
  readonly id: string;
  readonly owner: bigint;
  readonly home: bigint | null;
  readonly patient: bigint | null;
  readonly patients: readonly bigint[] | null;
  readonly version: number;
  readonly deleted: boolean;
  /** Whether the caller may see it: an invisible resource is as good as absent. */
  readonly seen: boolean;
}

/**
 * Locks the rows until the end of the transaction, in one order for everybody, and answers them as the last commit left them. Rows
 * that the caller may not see are locked and returned too, with `seen` false: a new resource must not take their place.
 *
 * @param types  as for `referenced`
 */
export async function lock(
  access: Access,
  transaction: Queryable,
  rids: readonly bigint[],
  types?: readonly string[],
): Promise<Map<bigint, Locked>> {
  if (rids.length === 0) return new Map();
  const values = new Values();
  const { rows } = await transaction.query(
    `SELECT r.rid, r.type, r.id, r.owner, r.home, r.patient, r.patients, r.version, r.deleted, ${visible('r', access, values, types, 'change')} AS seen
     FROM resource r WHERE r.rid = ANY(${values.add(rids, 'bigint[]')}) ORDER BY r.rid FOR UPDATE`,
    values.list,
  );
  return new Map((rows as unknown as Locked[]).map((row) => [row.rid, row]));
}

/** The bytes of one version of a resource that the caller has already been shown or has locked. */
export async function content(
  access: Access,
  database: Queryable,
  rid: bigint,
  version: number,
): Promise<Buffer | undefined> {
  if (!access) throw new Error('content() without an Access');
  const { rows } = await database.query(
    'SELECT content FROM resource_version WHERE rid = $1::bigint AND version = $2::int',
    [rid, version],
  );
  return (rows[0]?.content as Buffer | null) ?? undefined;
}

/** Ids of resources that the caller has reached otherwise. */
export async function idsOf(
  access: Access,
  database: Queryable,
  rids: readonly bigint[],
): Promise<Map<bigint, string>> {
  if (!access) throw new Error('idsOf() without an Access');
  const { rows } = await database.query<{ rid: bigint; id: string }>(
    'SELECT rid, id FROM resource WHERE rid = ANY($1::bigint[])',
    [bigints(rids)],
  );
  return new Map(rows.map(({ rid, id }) => [rid, id]));
}

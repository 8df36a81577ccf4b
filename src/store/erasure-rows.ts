import { createHash } from 'node:crypto';
import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { countErased, type Erasure } from './erasure.ts';
import { GOES, type PlainErasure } from './erasure-plan.ts';
import { bigints } from './sql.ts';

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('only the system erases');
}

/** The chain after a batch: of one table, the hashes of what went, in their order. */
function chained(hash: Buffer, table: string, digests: readonly string[]): Buffer {
  if (digests.length === 0) return hash;
  const next = createHash('sha256').update(hash).update(table);
  for (const digest of [...digests].sort()) next.update(`\n${digest}`);
  return next.digest();
}

export interface Batch {
  readonly hash: Buffer;
  /** How many rows of its table went. */
  readonly rows: number;
}

/** Erases rows of a table, at most so many. */
export async function erasePlain(
  access: Access,
  transaction: Queryable,
  { id, institution, hash }: Erasure,
  { table, where }: PlainErasure,
  limit: number,
): Promise<Batch> {
  bySystem(access);
  const { rows } = await transaction.query<{ digest: string }>(
    `DELETE FROM "${table}" t WHERE t.ctid = ANY (ARRAY(SELECT t.ctid FROM "${table}" t WHERE ${where} LIMIT $2::int))
     RETURNING encode(sha256(convert_to(t::text, 'UTF8')), 'hex') AS digest`,
    [institution, limit],
  );
  await countErased(access, transaction, id, table, new Map([['', rows.length]]));
  return {
    hash: chained(
      hash,
      table,
      rows.map(({ digest }) => digest),
    ),
    rows: rows.length,
  };
}

/** SHA-256 in the text of a verification's record, hexadecimal. */
const NAMED = "regexp_matches(v.record::text, '[0-9a-f]{64}', 'g')";

/** Before its letters go: notes on which bytes they stand, and that no verification stands. */
export async function noteEvidence(
  access: Access,
  transaction: Queryable,
  { id, institution }: Erasure,
): Promise<void> {
  bySystem(access);
  await transaction.query(
    `INSERT INTO erasure_evidence (erasure, sha256)
     SELECT $1::uuid, s FROM (
       SELECT l.issued AS s FROM letter l WHERE l.organization = $2::bigint
       UNION SELECT f FROM letter_verification v JOIN letter l ON l.id = v.letter, unnest(ARRAY[v.file, v.certificate]) f WHERE l.organization = $2::bigint
       UNION SELECT decode(m[1], 'hex') FROM letter_verification v JOIN letter l ON l.id = v.letter, ${NAMED} m WHERE l.organization = $2::bigint
     ) its WHERE s IS NOT NULL ON CONFLICT DO NOTHING`,
    [id, institution],
  );
  await transaction.query('UPDATE letter SET verification = NULL WHERE organization = $1::bigint', [institution]);
}

/**
 * Goes through the verifications that are left, and keeps the bytes on which one of them stands.
 *
 * @param after  the last that was looked at
 * @returns where to go on; null at the end
 */
export async function spareEvidence(
  access: Access,
  transaction: Queryable,
  erasure: string,
  after: bigint,
  look: number,
): Promise<bigint | null> {
  bySystem(access);
  const { rows } = await transaction.query<{ last: bigint | null }>(
    `WITH seen AS (SELECT v.* FROM letter_verification v WHERE v.id > $2::bigint ORDER BY v.id LIMIT $3::int),
     used AS (SELECT unnest(ARRAY[v.file, v.certificate]) AS s FROM seen v UNION SELECT decode(m[1], 'hex') FROM seen v, ${NAMED} m),
     spared AS (DELETE FROM erasure_evidence e USING used u WHERE e.erasure = $1::uuid AND e.sha256 = u.s)
     SELECT max(id) AS last FROM seen`,
    [erasure, after, look],
  );
  return rows[0]?.last ?? null;
}

/**
 * Erases the bytes that nobody stands on. Nobody else keeps or looks for any meanwhile, so that nobody comes to stand on what goes.
 *
 * @param after  up to where `spareEvidence` has looked
 */
export async function eraseEvidence(
  access: Access,
  transaction: Queryable,
  { id, hash }: Erasure,
  after: bigint,
  limit: number,
): Promise<Batch> {
  bySystem(access);
  await transaction.query('LOCK TABLE evidence IN ACCESS EXCLUSIVE MODE');
  for (let next: bigint | null = after; next !== null; )
    next = await spareEvidence(access, transaction, id, next, 1000);
  await transaction.query(
    'DELETE FROM erasure_evidence e WHERE e.erasure = $1::uuid AND EXISTS (SELECT FROM letter l WHERE l.issued = e.sha256)',
    [id],
  );
  const { rows } = await transaction.query<{ digest: string }>(
    `WITH taken AS (DELETE FROM erasure_evidence e WHERE e.ctid = ANY (ARRAY(
       SELECT ctid FROM erasure_evidence WHERE erasure = $1::uuid LIMIT $2::int)) RETURNING sha256),
     gone AS (DELETE FROM evidence v USING taken s WHERE v.sha256 = s.sha256 RETURNING v.sha256)
     SELECT encode(s.sha256, 'hex') AS digest FROM taken s LEFT JOIN gone g ON g.sha256 = s.sha256`,
    [id, limit],
  );
  await countErased(access, transaction, id, 'evidence', new Map([['', rows.length]]));
  return {
    hash: chained(
      hash,
      'evidence',
      rows.map(({ digest }) => digest),
    ),
    rows: rows.length,
  };
}

/** What hangs on the rids of resources that go. */
const HANGING = [
  ['range', 'rid'],
  ['string', 'rid'],
  ['party', 'rid'],
  ['party', 'via'],
  ['grant', 'patient'],
  ['notice', 'rid'],
  ['notice_read', 'rid'],
  ['affiliation', 'rid'],
] as const;

export interface ResourceBatch extends Batch {
  /** rid up to which all were looked at; null at the end. */
  readonly after: bigint | null;
}

/** Looks at so many resources, in the order of their keys, and erases those that go, with all versions and index rows. */
export async function eraseResources(
  access: Access,
  transaction: Queryable,
  { id, institution, hash: before }: Erasure,
  after: bigint | null,
  look: number,
): Promise<ResourceBatch> {
  bySystem(access);
  const looked = await transaction.query<{ last: bigint | null; rids: readonly bigint[] | null }>(
    `WITH seen AS (SELECT r.* FROM resource r WHERE $2::bigint IS NULL OR r.rid > $2::bigint ORDER BY r.rid LIMIT $3::int)
     SELECT (SELECT max(rid) FROM seen) AS last, (SELECT array_agg(r.rid) FROM seen r WHERE ${GOES}) AS rids`,
    [institution, after, look],
  );
  const { last = null, rids } = looked.rows[0] ?? {};
  if (!rids || rids.length === 0) return { hash: before, rows: 0, after: last };
  const list = bigints(rids);
  // Whoever is writing another version has written it when the rows are locked, and finds none of them afterwards.
  await transaction.query('SELECT FROM resource r WHERE r.rid = ANY ($1::bigint[]) ORDER BY r.rid FOR UPDATE', [list]);
  await transaction.query('INSERT INTO erased_resource (rid) SELECT unnest($1::bigint[]) ON CONFLICT DO NOTHING', [
    list,
  ]);
  const versions = await transaction.query<{ digest: string }>(
    `DELETE FROM resource_version v WHERE v.rid = ANY ($1::bigint[])
     RETURNING v.rid || '/' || v.version || ' ' || encode(sha256(coalesce(v.content, '')), 'hex') AS digest`,
    [list],
  );
  let hash = chained(
    before,
    'resource_version',
    versions.rows.map(({ digest }) => digest),
  );
  await countErased(access, transaction, id, 'resource_version', new Map([['', versions.rows.length]]));
  for (const [table, column] of HANGING) {
    const { count } = await transaction.query(`DELETE FROM "${table}" WHERE ${column} = ANY ($1::bigint[])`, [list]);
    await countErased(access, transaction, id, table, new Map([['', count]]));
  }
  const resources = await transaction.query<{ type: string; name: string }>(
    `DELETE FROM resource r WHERE r.rid = ANY ($1::bigint[]) RETURNING r.type, r.type || '/' || r.id AS name`,
    [list],
  );
  const byType = new Map<string, number>();
  for (const { type } of resources.rows) byType.set(type, (byType.get(type) ?? 0) + 1);
  await countErased(access, transaction, id, 'resource', byType);
  hash = chained(
    hash,
    'resource',
    resources.rows.map(({ name }) => name),
  );
  return { hash, rows: rids.length, after: last };
}

/** Of a resource all versions but the last. */
export async function eraseEarlierVersions(
  access: Access,
  transaction: Queryable,
  { id, hash }: Erasure,
  rid: bigint,
): Promise<Batch> {
  bySystem(access);
  const { rows } = await transaction.query<{ digest: string }>(
    `DELETE FROM resource_version v USING resource r WHERE v.rid = $1::bigint AND r.rid = v.rid AND v.version < r.version
     RETURNING v.rid || '/' || v.version || ' ' || encode(sha256(coalesce(v.content, '')), 'hex') AS digest`,
    [rid],
  );
  await countErased(access, transaction, id, 'resource_version', new Map([['', rows.length]]));
  return {
    hash: chained(
      hash,
      'resource_version',
      rows.map(({ digest }) => digest),
    ),
    rows: rows.length,
  };
}

/** Gives the space of dead rows back, so that it is overwritten. Not in a transaction. */
export async function vacuum(access: Access, database: Queryable, table: string): Promise<void> {
  bySystem(access);
  await database.query(`VACUUM (TRUNCATE false, SKIP_LOCKED) "${table}"`);
}

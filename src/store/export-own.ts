import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { Values } from './sql.ts';
import { visible } from './visible.ts';

/** A current version, as it is stored. */
export interface OwnVersion {
  readonly rid: bigint;
  readonly patient: bigint | null;
  readonly patients: bigint[] | null;
  readonly content: Buffer;
}

/**
 * What an institution owns outside the timelines of other hospitals: what goes when it is erased. In the order of keys, at most so many and, but for the
 * first, so many bytes.
 */
export async function ownVersions(
  access: Access,
  database: Queryable,
  institution: bigint,
  { after, limit, bytes }: { readonly after: bigint | null; readonly limit: number; readonly bytes: number },
): Promise<readonly OwnVersion[]> {
  const values = new Values();
  const owner = values.add(institution, 'bigint');
  const from = values.add(after, 'bigint');
  const { rows } = await database.query<OwnVersion>(
    `WITH page AS (
       SELECT r.rid, r.patient, r.patients, r.version, sum(octet_length(v.content)) OVER (ORDER BY r.rid) - octet_length(v.content) AS before
       FROM (SELECT r.* FROM resource r WHERE r.owner = ${owner} AND (r.home IS NULL OR r.home = ${owner}) AND NOT r.deleted
         AND (${from} IS NULL OR r.rid > ${from}) AND ${visible('r', access, values)} ORDER BY r.rid LIMIT ${values.add(limit, 'int')}) r
       JOIN resource_version v ON v.rid = r.rid AND v.version = r.version)
     SELECT p.rid, p.patient, p.patients, v.content FROM page p JOIN resource_version v ON v.rid = p.rid AND v.version = p.version
     WHERE p.before <= ${values.add(bytes, 'int')} ORDER BY p.rid`,
    values.list,
  );
  return rows;
}

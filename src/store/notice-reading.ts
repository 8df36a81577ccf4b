import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { isShown, MILLISECONDS } from './notice-sql.ts';
import { Values } from './sql.ts';

export interface NoticesAsked {
  readonly unread: boolean;
  readonly kind: string | null;
  /** rid of the last that was shown before; one that is not shown to the caller is followed by none. */
  readonly after?: bigint | null;
  readonly limit: number;
}

export interface ShownNotice {
  readonly id: string;
  readonly content: Buffer;
  /** When the caller read it, epoch milliseconds; null: not yet. */
  readonly read: number | null;
}

/**
 * The notices that are shown to the caller, newest first, also to people whose role opens no messages. A person has read what the person has
 * read; for a system it is enough that somebody of its institution has.
 */
export async function noticesTo(
  access: Access,
  database: Queryable,
  { unread, kind, after = null, limit }: NoticesAsked,
): Promise<ShownNotice[]> {
  const { caller } = access;
  if (!caller) throw new Error('noticesTo() without a caller');
  const values = new Values();
  const organization = values.once('organization', caller.organization, 'bigint');
  const person = caller.person ? ` AND m.person = ${values.add(caller.person.id, 'uuid')}` : '';
  const { rows } = await database.query<ShownNotice>(
    `SELECT n.id, v.content, ${MILLISECONDS('x.at')} AS read FROM notice n
     JOIN resource r ON r.rid = n.rid JOIN resource_version v ON v.rid = r.rid AND v.version = r.version
     LEFT JOIN LATERAL (SELECT min(m.at) AS at FROM notice_read m WHERE m.rid = n.rid AND m.institution = ${organization}${person}) x ON true
     WHERE ${isShown('n', caller, values)} AND NOT r.deleted
     ${unread ? 'AND x.at IS NULL AND n.withdrawn IS NULL' : ''}
     ${
       after === null
         ? ''
         : `AND EXISTS (SELECT FROM notice l WHERE l.rid = ${values.add(after, 'bigint')} AND ${isShown('l', caller, values)}
       AND (n.published < l.published OR n.published = l.published AND n.rid > l.rid))`
     }
     ${kind === null ? '' : `AND n.kind = ${values.add(kind, 'text')}`}
     ORDER BY n.published DESC, n.rid LIMIT ${values.add(limit, 'int')}`,
    values.list,
  );
  return rows;
}

/** The caller has read a notice that is shown to it; undefined where none is. The first time counts; `first`: it is this one. */
export async function markRead(
  access: Access,
  database: Queryable,
  rid: bigint,
  now: number,
): Promise<{ readonly at: number; readonly first: boolean } | undefined> {
  const { caller } = access;
  if (!caller) throw new Error('markRead() without a caller');
  const values = new Values();
  const { rows } = await database.query<{ at: number; first: boolean }>(
    `INSERT INTO notice_read AS m (rid, institution, person, at)
     SELECT n.rid, ${values.once('organization', caller.organization, 'bigint')}, ${values.add(caller.person?.id ?? null, 'uuid')},
       ${values.add(new Date(now), 'timestamptz')}
     FROM notice n WHERE n.rid = ${values.add(rid, 'bigint')} AND ${isShown('n', caller, values)}
     ON CONFLICT (rid, institution, person) DO UPDATE SET at = m.at
     RETURNING ${MILLISECONDS('m.at')} AS at, m.xmax = 0 AS first`,
    values.list,
  );
  return rows[0];
}

export interface Readers {
  readonly institution: string;
  readonly name: string;
  /** When its first reader read it, epoch milliseconds; null: nobody has. */
  readonly first: number | null;
  readonly people: number;
}

/** Whom a notice reaches now, and who of them has read it; for its publisher. */
export async function readersOf(
  access: Access,
  database: Queryable,
  rid: bigint,
  after: string,
  limit: number,
): Promise<Readers[]> {
  if (!access) throw new Error('readersOf() without an Access');
  const { rows } = await database.query<Readers>(
    `SELECT i.id AS institution, i.name, ${MILLISECONDS('min(m.at)')} AS first, count(m.person)::int AS people
     FROM notice n JOIN institution i ON i.active AND i.kind <> 'operator' AND i.rid <> n.publisher
       AND (n.everyone OR n.institutions @> ARRAY[i.rid] OR n.networks @> ARRAY[i.rid]
         OR EXISTS (SELECT FROM affiliation a WHERE a.member = i.rid AND a.hospital = ANY(n.networks) AND a.active
           AND a.starts <= now() AND a.ends > now()))
     LEFT JOIN notice_read m ON m.rid = n.rid AND m.institution = i.rid
     WHERE n.rid = $1::bigint AND i.id > $2 GROUP BY i.id, i.name ORDER BY i.id LIMIT $3::int`,
    [rid, after, limit],
  );
  return rows;
}

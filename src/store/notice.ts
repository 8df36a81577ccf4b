import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';
import { MILLISECONDS } from './notice-sql.ts';
import { bigints } from './sql.ts';

/** To whom a notice is addressed. */
export interface Audience {
  readonly everyone: boolean;
  /** Hospitals (rids): they and the members of their networks, whoever these are when they look. */
  readonly networks: readonly bigint[];
  /** rids. */
  readonly institutions: readonly bigint[];
}

/** What is said, in Japanese and perhaps in English. */
export interface NoticeText {
  readonly title: string;
  readonly body: string;
  readonly titleEn: string | null;
  readonly bodyEn: string | null;
}

/** What a notice announces, and when it is shown. Times in epoch milliseconds. */
export interface Announcement extends NoticeText {
  readonly kind: string;
  readonly published: number;
  readonly starts: number | null;
  readonly ends: number | null;
  /** Whether the service does not answer from `starts` until `ends`. */
  readonly stops: boolean;
  /** Why it came later than the rule wants. */
  readonly override: string | null;
}

export interface NoticeRow extends Announcement, Audience {
  readonly rid: bigint;
  /** Of the Communication. */
  readonly id: string;
  readonly publisher: bigint;
  readonly withdrawn: number | null;
}

const COLUMNS = `n.rid, n.id, n.publisher, n.kind, n.everyone, n.networks, n.institutions, ${MILLISECONDS('n.published')} AS published,
  ${MILLISECONDS('n.starts')} AS starts, ${MILLISECONDS('n.ends')} AS ends, n.stops, ${MILLISECONDS('n.withdrawn')} AS withdrawn,
  n.override, n.title, n.body, n.title_en AS "titleEn", n.body_en AS "bodyEn"`;

const instant = (at: number | null) => (at === null ? null : new Date(at));

function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('notices are written by the system alone');
}

/**
 * Registers a notice in the transaction of its Communication. Naming somebody on that makes no party of it: who reads a notice, and from when,
 * is decided here alone.
 */
export async function insertNotice(access: Access, transaction: Queryable, one: NoticeRow): Promise<void> {
  bySystem(access);
  await transaction.query(
    `INSERT INTO notice (rid, id, publisher, kind, everyone, networks, institutions, published, starts, ends, stops, override, title, body, title_en, body_en)
     VALUES ($1::bigint, $2, $3::bigint, $4, $5, $6::bigint[], $7::bigint[], $8::timestamptz, $9::timestamptz, $10::timestamptz, $11, $12, $13, $14, $15, $16)`,
    [
      one.rid,
      one.id,
      one.publisher,
      one.kind,
      one.everyone,
      bigints(one.networks),
      bigints(one.institutions),
      instant(one.published),
      instant(one.starts),
      instant(one.ends),
      one.stops,
      one.override,
      one.title,
      one.body,
      one.titleEn,
      one.bodyEn,
    ],
  );
  await dropParties(transaction, one.rid);
}

/** Corrects a notice, in the transaction of the new version; its kind and whom it is for stay. Who had read it has not read this. */
export async function correctNotice(
  access: Access,
  transaction: Queryable,
  rid: bigint,
  one: Announcement,
): Promise<void> {
  bySystem(access);
  await transaction.query(
    `UPDATE notice SET published = $2::timestamptz, starts = $3::timestamptz, ends = $4::timestamptz, stops = $5, override = $6, title = $7, body = $8,
       title_en = $9, body_en = $10 WHERE rid = $1::bigint`,
    [
      rid,
      instant(one.published),
      instant(one.starts),
      instant(one.ends),
      one.stops,
      one.override,
      one.title,
      one.body,
      one.titleEn,
      one.bodyEn,
    ],
  );
  await transaction.query('DELETE FROM notice_read WHERE rid = $1::bigint', [rid]);
  await dropParties(transaction, rid);
}

/** Withdraws it: it says so to those who could read it; one that was not yet shown never is. */
export async function withdrawNotice(access: Access, transaction: Queryable, rid: bigint, now: number): Promise<void> {
  bySystem(access);
  await transaction.query(
    `UPDATE notice SET withdrawn = $2::timestamptz, stops = false,
       published = CASE WHEN published > $2::timestamptz THEN 'infinity' ELSE published END WHERE rid = $1::bigint`,
    [rid, new Date(now)],
  );
  await dropParties(transaction, rid);
}

const dropParties = (transaction: Queryable, rid: bigint) =>
  transaction.query('DELETE FROM party WHERE rid = $1::bigint', [rid]);

/** A notice that is locked until the end of the transaction: its publisher's business. */
export async function lockNotice(access: Access, transaction: Queryable, rid: bigint): Promise<NoticeRow | undefined> {
  if (!access) throw new Error('lockNotice() without an Access');
  const { rows } = await transaction.query<NoticeRow>(
    `SELECT ${COLUMNS} FROM notice n WHERE n.rid = $1::bigint FOR UPDATE`,
    [rid],
  );
  return rows[0];
}

/** Institutions that a notice can be addressed to, with their kinds. */
export async function addressees(
  access: Access,
  database: Queryable,
  rids: readonly bigint[],
): Promise<Map<bigint, string>> {
  if (!access) throw new Error('addressees() without an Access');
  const { rows } = await database.query<{ rid: bigint; kind: string }>(
    `SELECT rid, kind FROM institution WHERE rid = ANY($1::bigint[]) AND active AND kind <> 'operator'`,
    [bigints(rids)],
  );
  return new Map(rows.map(({ rid, kind }) => [rid, kind]));
}

/** Which of these institutions are in a hospital's network now. */
export async function membersAmong(
  access: Access,
  database: Queryable,
  hospital: bigint,
  rids: readonly bigint[],
): Promise<Set<bigint>> {
  if (!access) throw new Error('membersAmong() without an Access');
  const { rows } = await database.query<{ member: bigint }>(
    `SELECT DISTINCT member FROM affiliation WHERE hospital = $1::bigint AND member = ANY($2::bigint[]) AND active
     AND starts <= now() AND ends > now()`,
    [hospital, bigints(rids)],
  );
  return new Set(rows.map(({ member }) => member));
}

/** What stands on the status page: what everyone was told of these kinds or stops the service, newest first, so far as it is not long over. */
export async function publicNotices(
  access: Access,
  database: Queryable,
  kinds: readonly string[],
  { now, since }: { readonly now: number; readonly since: number },
): Promise<NoticeRow[]> {
  bySystem(access);
  const { rows } = await database.query<NoticeRow>(
    `SELECT ${COLUMNS} FROM notice n WHERE n.everyone AND (n.kind = ANY($1::text[]) OR n.stops) AND n.withdrawn IS NULL AND n.published <= $2::timestamptz
     AND coalesce(n.ends, CASE WHEN n.starts > $2::timestamptz THEN n.starts ELSE n.published END) >= $3::timestamptz
     ORDER BY n.stops DESC, n.published DESC, n.rid LIMIT 200`,
    [`{${kinds.join(',')}}`, new Date(now), new Date(since)],
  );
  return rows;
}

/** How many jobs have failed the last time, and how many there are. */
export async function jobsFailing(access: Access, database: Queryable): Promise<number> {
  bySystem(access);
  const { rows } = await database.query<{ failing: number }>(
    'SELECT count(*)::int AS failing FROM job WHERE failures > 0',
  );
  return rows[0]?.failing ?? 0;
}

/** What stops the service at this moment, in the order of the keys. */
export async function stopsNow(access: Access, database: Queryable, now: number): Promise<NoticeRow[]> {
  bySystem(access);
  const { rows } = await database.query<NoticeRow>(
    `SELECT ${COLUMNS} FROM notice n WHERE n.stops AND n.withdrawn IS NULL AND n.published <= $1::timestamptz
     AND n.starts <= $1::timestamptz AND n.ends > $1::timestamptz ORDER BY n.rid`,
    [new Date(now)],
  );
  return rows;
}

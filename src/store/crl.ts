import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** A certificate revocation list as it came. Instants are epoch milliseconds. */
export interface ArchivedCrl {
  /** Of `der`. */
  readonly sha256: Buffer;
  readonly der: Buffer;
  /** RFC 4514. */
  readonly issuer: string;
  readonly number: bigint | null;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Null: from a file. */
  readonly url: string | null;
  /** When it came first. */
  readonly fetchedAt: number;
}

/** A place where lists are fetched. */
export interface CrlSource {
  readonly url: string;
  /** SHA-256 of the latest list that was accepted. */
  readonly crl: Buffer | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** When it last answered well. */
  readonly checkedAt: number | null;
  /** Nobody asks before. */
  readonly dueAt: number;
  /** In a row. */
  readonly failures: number;
  readonly failure: string | null;
}

/** Lists belong to no institution: only the system keeps them. */
function bySystem(access: Access): void {
  if (!access?.isSystem) throw new Error('revocation lists need the Access of the system');
}

/** Keeps a list for good; one that is there already stays as it is. */
export async function archiveCrl(access: Access, database: Queryable, crl: ArchivedCrl): Promise<void> {
  bySystem(access);
  await database.query(
    `INSERT INTO crl (sha256, der, issuer, number, this_update, next_update, url, fetched_at)
     VALUES ($1::bytea, $2::bytea, $3::text, $4::numeric, $5::timestamptz, $6::timestamptz, $7::text, $8::timestamptz)
     ON CONFLICT (sha256) DO NOTHING`,
    [
      crl.sha256,
      crl.der,
      crl.issuer,
      crl.number,
      new Date(crl.thisUpdate),
      new Date(crl.nextUpdate),
      crl.url,
      new Date(crl.fetchedAt),
    ],
  );
}

/** The lists of these digests that are in the archive, in no order. */
export async function archivedCrls(
  access: Access,
  database: Queryable,
  sha256: readonly Buffer[],
): Promise<ArchivedCrl[]> {
  bySystem(access);
  if (sha256.length === 0) return [];
  const { rows } = await database.query<Omit<ArchivedCrl, 'number'> & { number: string | null }>(
    `SELECT sha256, der, issuer, number, this_update AS "thisUpdate", next_update AS "nextUpdate", url, fetched_at AS "fetchedAt"
     FROM crl WHERE sha256 = ANY ($1::bytea[])`,
    [sha256],
  );
  return rows.map((row) => ({
    ...row,
    sha256: Buffer.from(row.sha256),
    der: Buffer.from(row.der),
    number: row.number === null ? null : BigInt(row.number),
  }));
}

/** What is known of these places; nothing of those that were never asked. */
export async function crlSources(access: Access, database: Queryable, urls: readonly string[]): Promise<CrlSource[]> {
  bySystem(access);
  if (urls.length === 0) return [];
  const { rows } = await database.query<CrlSource>(`SELECT ${SOURCE} FROM crl_source WHERE url = ANY ($1::text[])`, [
    urls,
  ]);
  return rows.map(copied);
}

/**
 * Takes the turn to ask a place, when it is due: of all processes one gets it, and until `until` no other. Returns what was known,
 * undefined for those who did not get it.
 */
export async function claimCrlSource(
  access: Access,
  database: Queryable,
  url: string,
  { now, until, force = false }: { now: number; until: number; force?: boolean },
): Promise<CrlSource | undefined> {
  bySystem(access);
  const { rows } = await database.query<CrlSource>(
    `INSERT INTO crl_source AS s (url, due_at) VALUES ($1::text, $3::timestamptz)
     ON CONFLICT (url) DO UPDATE SET due_at = EXCLUDED.due_at WHERE s.due_at <= $2::timestamptz OR $4::boolean
     RETURNING ${SOURCE}`,
    [url, new Date(now), new Date(until), force],
  );
  return rows.map(copied)[0];
}

/** What an answer of a place leaves behind. */
export interface CrlAnswer {
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly checkedAt: number;
  readonly dueAt: number;
}

/**
 * The place has answered well: with a list, which is archived by then, or without one where it still has the same. Never puts
 * an older list in the place of a newer one of the same issuer, which another process has brought meanwhile; false when it would have.
 */
export async function crlFetched(
  access: Access,
  database: Queryable,
  url: string,
  sha256: Buffer | null,
  { etag, lastModified, checkedAt, dueAt }: CrlAnswer,
): Promise<boolean> {
  bySystem(access);
  const { count } = await database.query(
    `UPDATE crl_source s SET crl = coalesce($2::bytea, s.crl), etag = $3::text, last_modified = $4::text,
       checked_at = $5::timestamptz, due_at = $6::timestamptz, failures = 0, failure = NULL
     WHERE s.url = $1::text AND NOT EXISTS (
       SELECT FROM crl was JOIN crl now ON now.sha256 = $2::bytea
       WHERE was.sha256 = s.crl AND was.issuer = now.issuer AND was.this_update > now.this_update)`,
    [url, sha256, etag, lastModified, new Date(checkedAt), new Date(dueAt)],
  );
  return count === 1;
}

/** The place did not answer, or not with what can be used. What was accepted before stays. */
export async function crlFailed(
  access: Access,
  database: Queryable,
  url: string,
  failure: string,
  dueAt: number,
): Promise<void> {
  bySystem(access);
  await database.query(
    'UPDATE crl_source SET failures = failures + 1, failure = $2::text, due_at = $3::timestamptz WHERE url = $1::text',
    [url, failure, new Date(dueAt)],
  );
}

const SOURCE = `url, crl, etag, last_modified AS "lastModified", checked_at AS "checkedAt", due_at AS "dueAt", failures, failure`;

/** A bytea shares memory with what was received. */
const copied = (row: CrlSource): CrlSource => ({ ...row, crl: row.crl && Buffer.from(row.crl) });

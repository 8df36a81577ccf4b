import type { Access } from '../access/access.ts';
import type { Queryable } from './database.ts';

/** One version of the terms of use. Times in epoch milliseconds. */
export interface TermsVersion {
  /** `2021-10-01` or another name that the operator gave it; never used twice. */
  readonly version: string;
  readonly published: number;
  readonly effective: number;
  /** Over the service specification, where the two differ (Art. 27, 2). */
  readonly prevails: boolean;
  /** Why it was published later than a month before it takes effect. */
  readonly override: string | null;
  readonly title: string;
  readonly body: string;
  readonly titleEn: string | null;
  readonly bodyEn: string | null;
  /** Id of the DocumentReference. */
  readonly document: string;
  /** Id of the Communication that announced it. */
  readonly notice: string | null;
}

const MILLISECONDS = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;
const COLUMNS = `version, ${MILLISECONDS('published')} AS published, ${MILLISECONDS('effective')} AS effective, prevails, override,
  title, body, title_en AS "titleEn", body_en AS "bodyEn", document, notice`;
/** Of two that take effect at the same time the one that was published later. */
const NEWEST = 'effective DESC, published DESC, version DESC';

export async function insertTerms(access: Access, transaction: Queryable, one: TermsVersion): Promise<void> {
  if (!access) throw new Error('insertTerms() without an Access');
  await transaction.query(
    `INSERT INTO terms (version, published, effective, prevails, override, title, body, title_en, body_en, document, notice)
     VALUES ($1, $2::timestamptz, $3::timestamptz, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      one.version,
      new Date(one.published),
      new Date(one.effective),
      one.prevails,
      one.override,
      one.title,
      one.body,
      one.titleEn,
      one.bodyEn,
      one.document,
      one.notice,
    ],
  );
}

/** What is in force at an instant; undefined where no terms have ever been published. */
export async function currentTerms(
  access: Access,
  database: Queryable,
  now: number,
): Promise<TermsVersion | undefined> {
  if (!access) throw new Error('currentTerms() without an Access');
  const { rows } = await database.query<TermsVersion>(
    `SELECT ${COLUMNS} FROM terms WHERE effective <= $1::timestamptz ORDER BY ${NEWEST} LIMIT 1`,
    [new Date(now)],
  );
  return rows[0];
}

/** All of them, newest first. */
export async function allTerms(access: Access, database: Queryable): Promise<TermsVersion[]> {
  if (!access) throw new Error('allTerms() without an Access');
  return (await database.query<TermsVersion>(`SELECT ${COLUMNS} FROM terms ORDER BY ${NEWEST}`)).rows;
}

/** Whoever publishes terms waits for others who do. */
export async function lockTerms(access: Access, transaction: Queryable): Promise<void> {
  if (!access) throw new Error('lockTerms() without an Access');
  await transaction.query('LOCK TABLE terms IN SHARE ROW EXCLUSIVE MODE');
}

/** Whether there are terms in force that the person has not accepted. */
export async function termsDue(access: Access, database: Queryable, person: string, now: number): Promise<boolean> {
  if (!access) throw new Error('termsDue() without an Access');
  const { rows } = await database.query<{ due: boolean }>(
    `SELECT coalesce((SELECT NOT EXISTS (SELECT FROM terms_accepted a WHERE a.person = $1::uuid AND a.version = t.version)
       FROM terms t WHERE t.effective <= $2::timestamptz ORDER BY ${NEWEST} LIMIT 1), false) AS due`,
    [person, new Date(now)],
  );
  return rows[0]?.due ?? false;
}

/** False where the person had accepted this version before; the first time counts. */
export async function acceptTerms(
  access: Access,
  transaction: Queryable,
  { person, version, at }: { readonly person: string; readonly version: string; readonly at: number },
): Promise<boolean> {
  if (!access) throw new Error('acceptTerms() without an Access');
  const { count } = await transaction.query(
    `INSERT INTO terms_accepted (person, version, at) SELECT id, $2, $3::timestamptz FROM person WHERE id = $1::uuid
     ON CONFLICT DO NOTHING`,
    [person, version, new Date(at)],
  );
  return count === 1;
}

export interface Acceptance {
  readonly person: string;
  readonly name: string;
  readonly login: string;
  readonly institution: string;
  readonly institutionName: string;
  /** Null: not accepted. */
  readonly at: number | null;
}

/** Who of the people that may come in has accepted a version, and who has not; of one institution or of all. */
export async function acceptances(
  access: Access,
  database: Queryable,
  { version, institution, after, limit }: AcceptancesAsked,
): Promise<Acceptance[]> {
  if (!access) throw new Error('acceptances() without an Access');
  const { rows } = await database.query<Acceptance>(
    `SELECT p.id AS person, p.name, p.login, i.id AS institution, i.name AS "institutionName", ${MILLISECONDS('a.at')} AS at
     FROM person p JOIN institution i ON i.rid = p.institution LEFT JOIN terms_accepted a ON a.person = p.id AND a.version = $1
     WHERE (p.active OR a.at IS NOT NULL) AND ($2::bigint IS NULL OR p.institution = $2::bigint) AND p.login > $3
     ORDER BY p.login LIMIT $4::int`,
    [version, institution, after, limit],
  );
  return rows;
}

export interface AcceptancesAsked {
  readonly version: string;
  /** rid; null: of all. */
  readonly institution: bigint | null;
  /** Login after which the page begins. */
  readonly after: string;
  readonly limit: number;
}

/** Whether the notice with this id announced a version of the terms. */
export async function announcesTerms(access: Access, database: Queryable, notice: string): Promise<boolean> {
  if (!access) throw new Error('announcesTerms() without an Access');
  const { rows } = await database.query('SELECT 1 AS found FROM terms WHERE notice = $1', [notice]);
  return rows.length > 0;
}
